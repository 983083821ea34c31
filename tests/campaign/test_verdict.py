import math
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from logicsim.board import load as load_board
from logicsim.campaign import load, read, run
from logicsim.campaign.file import VerdictTable
from logicsim.campaign.verdict import Curve, Standard, Verdict, of_accuracies, of_errors
from logicsim.event.simulation import Simulation
from logicsim.training.run import plan
from tests.campaign.campaigns import written

TABLE = VerdictTable()
STEPS = 200

Floats = NDArray[np.float64]


def learning(seed: int, floor: float = -4.0, at: int = 60) -> Floats:
    """Errors that fall from 1 V^2 to a floor, which is noisy."""
    draw = np.random.default_rng(seed)
    level = np.maximum(floor, floor * np.arange(STEPS) / at)
    errors: Floats = 10 ** (level + draw.normal(scale=0.4, size=STEPS))
    errors[0] = 1.0
    return errors


GOLDEN = [of_errors(learning(seed)) for seed in (1, 2, 3)]


def verdict(
    curve: Curve, golden: Sequence[Curve], onset: int, table: VerdictTable = TABLE
) -> Verdict:
    return Standard.of(golden, onset, table).judge(curve)


def test_what_is_like_the_golden_runs_is_masked() -> None:
    found = verdict(of_errors(learning(9)), GOLDEN, 1)
    assert found.name == "masked"
    assert 0.2 < found.raised < 5


def test_harm_that_passes_is_relearned_after_its_length() -> None:
    errors = learning(9)
    errors[99:139] = 1.0  # steps 100 to 139
    found = verdict(of_errors(errors), GOLDEN, 100)
    assert found.name == "relearned"
    # A median of 30 is back once half of them are: 15 or 16 steps after the harm of 40.
    assert found.after == pytest.approx(55, abs=2)


def test_a_floor_that_stays_raised_is_degraded_by_its_factor() -> None:
    found = verdict(of_errors(learning(9, floor=-2.0, at=30)), GOLDEN, 1)
    assert found.name == "degraded"
    assert found.raised == pytest.approx(100, rel=0.7)


@pytest.mark.parametrize("error", [1.0, 40.0, math.nan, math.inf])
def test_what_learns_nothing_is_broken(error: float) -> None:
    found = verdict(of_errors(np.full(STEPS, error)), GOLDEN, 1)
    assert found.name == "broken"
    assert found.raised > 1000


def test_what_was_before_the_onset_does_not_count() -> None:
    errors = learning(9)
    errors[:120] = 50.0
    assert verdict(of_errors(errors), GOLDEN, 121).name == "masked"
    errors[-3:] = 50.0
    assert verdict(of_errors(errors), GOLDEN, STEPS - 2).name == "broken"


def test_accuracy_is_judged_by_what_is_lost() -> None:
    def flat(accuracy: float) -> Curve:
        return of_accuracies(np.full(STEPS, accuracy), classes=3)

    golden = [flat(0.95), flat(0.96)]
    for accuracy, name in ((0.9, "masked"), (0.8, "degraded"), (0.4, "broken"), (0.1, "broken")):
        assert verdict(flat(accuracy), golden, 1).name == name
    assert verdict(flat(0.8), golden, 1).raised == pytest.approx(0.155)


ERRORS = st.lists(st.floats(1e-9, 1e3), min_size=5, max_size=60).map(np.array)


@given(ERRORS, st.data())
def test_a_golden_run_is_masked_among_itself(errors: Floats, data: st.DataObject) -> None:
    onset = data.draw(st.integers(1, len(errors)))
    found = verdict(of_errors(errors), [of_errors(errors)], onset)
    assert found.name == "masked"
    assert found.raised == 1


@given(ERRORS, st.floats(1, 1e6), st.data())
def test_more_error_is_never_judged_better(
    errors: Floats, factor: float, data: st.DataObject
) -> None:
    order = ("masked", "relearned", "degraded", "broken")
    golden = data.draw(st.lists(st.floats(1e-9, 1e3), min_size=len(errors), max_size=len(errors)))
    known = [of_errors(golden)]
    one, other = (verdict(of_errors(each), known, 1) for each in (errors, errors * factor))
    assert order.index(one.name) <= order.index(other.name)
    assert one.raised <= other.raised * (1 + 1e-9)


@given(ERRORS, st.floats(1e-3, 1e3))
def test_the_unit_of_the_error_does_not_matter(errors: Floats, unit: float) -> None:
    known = errors[::-1]
    one = verdict(of_errors(errors), [of_errors(known)], 1)
    other = verdict(of_errors(errors * unit), [of_errors(known * unit)], 1)
    assert one.raised == pytest.approx(other.raised, rel=1e-6)


@pytest.mark.parametrize("task", ["ii", "iii", "iv", "v"])
def test_the_thresholds_hold_on_golden_runs_themselves(task: str) -> None:
    board = load_board("twin16")
    curves = [
        of_errors(
            [
                step.error
                for step in chain.from_iterable(Simulation(board, seed).train(plan(board, [task])))
            ]
        )
        for seed in (1, 2, 3)
    ]
    for onset in (1, 50, 150, 290):
        for place, curve in enumerate(curves):
            others = [other for other in curves if other is not curve]
            assert verdict(curve, others, onset).name == "masked", (onset, place)


def test_verdicts_of_a_campaign_are_in_its_table(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    path = written(
        tmp_path,
        """
        board = "divider"
        task = "1 V"
        steps = 60
        seeds = 2
        onset = 31
        faults = ["cut:edge1", "stuck-at-0:edge1.digipot_free.cs", "stuck-at-1:edge1.k"]
    """,
    )
    run(load(path), tmp_path)
    runs = read(tmp_path)
    table = runs.to_pandas()
    assert len(table) == len(runs)
    cut = table[table.fault == "cut:edge1@31"]
    assert set(cut.verdict) == {"broken"}  # the output falls to 0 V, and stays there
    assert set(cut.kind) == {"cut"}
    assert [errors[-1] for errors in cut.errors] == pytest.approx([1.0, 1.0])
    unseen = table[table.verdict == "undetectable"]
    assert list(unseen.seed) == [1, 2]
    assert set(unseen.row) == {0}
    share = runs.counts("kind")["cut"]["broken"]
    assert (share.count, share.of, share.high) == (2, 2, 1.0)
    assert set(table[table.fault == ""].verdict) == {"masked"}
