import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from logicsim.bench.compare import Race, _Runner, race
from logicsim.bench.contenders import ENGINES, OTHERS, Contender
from logicsim.bench.numpy_loop import numpy_loop
from logicsim.bench.speed import Speed, crossing
from logicsim.bench.subprocess_runner import in_subprocess
from logicsim.bench.turn import Turn
from logicsim.board import load
from logicsim.core.errors import BoardError

LINE = [Speed(10, 1000.0), Speed(100, 100.0), Speed(1000, 1.0)]


def test_a_line_crosses_the_pace_where_a_ruler_on_the_logarithms_says() -> None:
    assert crossing(LINE, 10.0) == pytest.approx(math.sqrt(100 * 1000))
    assert crossing(LINE, 0.5) == math.inf
    assert crossing([], 4.0) == math.inf


def test_ratios_are_of_engines_over_all_others_where_both_were_measured() -> None:
    engine, other = ENGINES[0].name, OTHERS[0].name
    outcome = Race({engine: LINE, other: [Speed(100, 50.0)]})
    assert outcome.ratios() == {engine: {other: {100: 2.0}}}


QUICK = [other for other in OTHERS if other.name in {"numpy loop", "Icarus, digital part"}]


@pytest.mark.parametrize(
    "others", [QUICK, pytest.param(OTHERS, marks=pytest.mark.slow)], ids=["quick", "all"]
)
def test_a_race_measures_every_entrant_on_the_sizes_asked_for(
    others: Sequence[Contender], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("logicsim.bench.compare.OTHERS", others)
    seen: list[tuple[int, int]] = []
    outcome = race([16, 17], 0.02, lambda done, of: seen.append((done, of)))
    assert seen == [(0, 1)]
    present = {contender.name for contender in (*ENGINES, *others) if contender.present}
    assert set(outcome.speeds) == present
    for line in outcome.speeds.values():
        assert [speed.edges for speed in line] == [16]
        assert all(0 < speed.steps_per_s < math.inf for speed in line)


def test_who_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    program = replace(OTHERS[0], name="far", program=("no-such-program", "-V"))
    package = replace(OTHERS[0], name="away", package="no_such_package")
    monkeypatch.setattr("logicsim.bench.compare.OTHERS", (program, package))
    outcome = race([16], 0.01)
    assert list(outcome.speeds) == [engine.name for engine in ENGINES]
    assert outcome.as_json()["not_installed"] == ["far", "away"]


def test_turns_grow_until_a_program_s_start_costs_little() -> None:
    def program(steps: int) -> Turn:
        return Turn(steps, 2e-3 + 1e-6 * steps)

    runner = _Runner("any", program, 1.0)
    for _ in range(5):
        runner.run()
    assert len(runner.rates) == 5
    assert runner.rates == pytest.approx([1e6] * 5, rel=0.02)


def test_what_an_entrant_refuses_is_raised_here(tmp_path: Path) -> None:
    with (
        pytest.raises(BoardError, match="no generator 'gird'"),
        in_subprocess(ENGINES[0].name, "gird:3x3", tmp_path),
    ):
        pytest.fail("there is no such board")


def test_the_plain_loop_learns() -> None:
    board = load("divider")
    codes = [list(codes) for codes in islice(numpy_loop(board), 40)]
    first, second = np.array(codes[-1]) * 100e3 / 128 + 50
    (task,) = board.tasks[:1]
    ((_, wanted),) = task.outputs.items()  # type: ignore[union-attr]  # allostery
    assert 5 * second / (first + second) == pytest.approx(wanted, abs=0.1)
