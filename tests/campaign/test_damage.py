import pytest

from logicsim.campaign import load
from logicsim.campaign.execute import outcome
from logicsim.campaign.expansion import expand
from logicsim.paper import fig5


@pytest.mark.parametrize("seed", [1, 3, 5])
def test_the_damage_campaign_gives_the_curves_of_figure_five(seed: int) -> None:
    loaded = load("damage")
    found = fig5.experiment(seed)
    cuts = " + ".join(f"cut:edge{edge}@{100 * place + 1}"
                      for place, edge in enumerate(found.cut, start=1))  # fmt: skip
    expansion = expand(loaded.campaign, loaded.board)
    golden, damaged = [
        next(row for row in rows if row.seed == seed and row.fault == fault)
        for rows, fault in ((expansion.golden, ""), (expansion.rounds[0], cuts))
    ]
    for row, training in ((golden, found.whole), (damaged, found.damaged)):
        assert outcome(loaded.board, row).errors.tolist() == training.errors.tolist()
