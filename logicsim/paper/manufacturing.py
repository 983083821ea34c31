"""Past the paper: the share of boards that still learn when their parts are imperfect."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from logicsim.board import Board, load
from logicsim.core.intervals import wilson
from logicsim.core.noise import Purpose, Stream
from logicsim.figures.style import COLOURS
from logicsim.paper.axes import PAGE, letter
from logicsim.paper.claim import Claim, proportion
from logicsim.paper.study import Study
from logicsim.paper.training import plateau_fall, train

_TASK: Final = "iv"
_BOARDS: Final = 40
_LEARNED: Final = 2.0  # orders, as in Fig. 4

# The spread quantity and its sizes: sigma of R_AB and of offsets, number of dead edges.
_SPREADS: Final[Mapping[str, tuple[float, ...]]] = {
    "R_AB": (0.0, 0.01, 0.02, 0.05, 0.1, 0.2),
    "offset": (0.0, 1e-3, 2e-3, 5e-3, 10e-3, 20e-3),
    "dead edges": (0, 1, 2, 3, 4, 5, 6),
}
_LABELS: Final = {
    "R_AB": ("sigma of $R_{AB}$ (%)", 100.0),
    "offset": ("sigma of offsets (mV)", 1000.0),
    "dead edges": ("dead edges of 16", 1.0),
}


class Case(NamedTuple):
    """A board, by number, with one kind of imperfection."""

    spread: str
    amount: float
    board: int


def manufactured(case: Case) -> Board:
    """The twin board as manufactured; dead edges are cut before the first step."""
    settings: dict[str, Any] = {}
    if case.spread == "R_AB":
        settings["parts.digipot.tolerance"] = case.amount
    elif case.spread == "offset":
        settings["parts.comparator.offset_sigma"] = case.amount
    else:
        board = load("twin16")
        table = board.task(_TASK)[1].model_dump()
        order = np.argsort(
            Stream(case.board, Purpose.RESISTANCE).uniforms(len(board.network.edges))
        )
        settings["tasks"] = [table | {"cut": {1: (order[: int(case.amount)] + 1).tolist()}}]
    return load("twin16", settings)


def experiment(case: Case) -> float:
    """Orders from the first error to the median of the last 30; NaN if an output is isolated."""
    return plateau_fall(train(manufactured(case), case.board, [_TASK]).errors)


def _learned(outcomes: Mapping[Case, float], spread: str, amount: float) -> tuple[int, int]:
    falls = [fall for case, fall in outcomes.items() if case[:2] == (spread, amount)]
    return sum(fall >= _LEARNED for fall in falls), len(falls)


def claims(outcomes: Mapping[Case, float]) -> list[Claim]:
    """The share of boards that learn; nearly all do with the datasheets' spreads."""
    rows = [
        proportion(f"boards that learn iv by 2 orders; {words}", "robust to manufacturing errors",
                   *_learned(outcomes, spread, amount), at_least=0.9)
        for spread, amount, words in (
            ("R_AB", 0.1, "sigma of R_AB 10 %, a third of the datasheet's limit"),
            ("offset", 1e-3, "sigma of offsets 1 mV, the datasheet's"),
        )
    ]  # fmt: skip
    words = {"R_AB": "sigma of R_AB {:g} %", "offset": "sigma of offsets {:g} mV",
             "dead edges": "dead edges: {:g} of 16"}  # fmt: skip
    shown = {"R_AB": (0.2,), "offset": (5e-3, 20e-3), "dead edges": (1, 3, 5)}
    return rows + [
        proportion("boards that learn iv by 2 orders; "
                   + words[spread].format(_LABELS[spread][1] * amount),
                   "robust to manufacturing errors", *_learned(outcomes, spread, amount))
        for spread, amounts in shown.items()
        for amount in amounts
    ]  # fmt: skip


def draw(outcomes: Mapping[Case, float]) -> Figure:
    """Draw the share of boards that learn against each spread, with 95 % intervals."""
    figure = Figure(figsize=(PAGE, 2.6), dpi=300, layout="constrained")
    panels: Sequence[Axes] = figure.subplots(1, len(_SPREADS), sharey=True)
    for axes, spread, colour, name in zip(panels, _SPREADS, COLOURS, "ABC", strict=False):
        label, scale = _LABELS[spread]
        amounts = sorted({case.amount for case in outcomes if case.spread == spread})
        counts = [_learned(outcomes, spread, amount) for amount in amounts]
        shares = np.array([100 * count / of for count, of in counts])
        intervals = 100 * np.array([wilson(count, of) for count, of in counts])
        places = np.arange(len(amounts))
        axes.errorbar(places, shares, abs(intervals.T - shares), fmt="o-", color=colour,
                      markersize=4, capsize=2.5, linewidth=1.1)  # fmt: skip
        axes.set_xticks(places, [f"{scale * amount:g}" for amount in amounts])
        axes.set_xlabel(label)
        axes.set_ylim(-3, 105)
        letter(axes, name)
    panels[0].set_ylabel("boards that learn (%)")
    return figure


STUDY: Final = Study(
    "manufacturing",
    "How many boards still learn",
    [
        Case(spread, amount, board)
        for spread, amounts in _SPREADS.items()
        for amount in amounts
        for board in range(1, _BOARDS + 1)
    ],
    experiment,
    draw,
    claims,
)
