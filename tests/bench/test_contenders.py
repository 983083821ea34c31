"""What contenders really do in a turn."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from logicsim.bench.cholmod_loop import cholmod_loop
from logicsim.bench.contenders import _LANES, _engine, _lanes, _stepped
from logicsim.bench.digital import icarus, verilator
from logicsim.board import Board, load
from logicsim.core.errors import SimulationError
from logicsim.tasks.allostery import Allostery
from tests.export.oracles import NEEDS_ICARUS, NEEDS_VERILATOR


def test_steps_that_come_in_blocks_are_all_counted(tmp_path: Path) -> None:
    def blocks(board: Board) -> Iterator[int]:
        assert board.name == "divider"
        while True:
            yield 7

    run_steps = _stepped(blocks)("divider", tmp_path)
    assert [run_steps(steps).steps for steps in (1, 7, 8, 30)] == [7, 7, 14, 35]


@pytest.mark.parametrize("name", ["event", "vector"])
def test_an_engine_makes_what_it_is_asked_for(name: str, tmp_path: Path) -> None:
    run_steps = _engine(name)("divider", tmp_path)  # type: ignore[arg-type]  # one of the two
    turn = run_steps(30)
    assert turn.steps >= 30
    assert turn.rate == turn.steps / turn.seconds > 0


def test_lanes_make_whole_steps_of_all_machines(tmp_path: Path) -> None:
    run_steps = _lanes("divider", tmp_path)
    assert [run_steps(steps).steps for steps in (1, 3000)] == [_LANES, 3 * _LANES]


def test_the_cholmod_loop_solves_the_free_network() -> None:
    pytest.importorskip("cvxopt")
    board = load("grid:14x14")
    (task, *_), pot = board.tasks, board.parts.digipot
    assert isinstance(task, Allostery)
    laplacian = np.zeros((board.network.nodes, board.network.nodes))
    for a, b in board.network.edges:
        ends = np.ix_([a - 1, b - 1], [a - 1, b - 1])
        laplacian[ends] += np.array([[1, -1], [-1, 1]]) / (pot.end_to_end / 2 + pot.wiper)
    unknown = [node for node in range(board.network.nodes) if node + 1 not in task.inputs]
    loop = cholmod_loop(board)
    next(loop)
    solved = np.array(next(loop))
    currents = laplacian[np.ix_(unknown, unknown)] @ solved
    assert solved.shape == (len(unknown), 3)
    assert currents.ravel() == pytest.approx(np.linspace(0, 1e-4, solved.size), abs=1e-12)


@NEEDS_ICARUS
def test_icarus_runs_for_any_number_of_steps(tmp_path: Path) -> None:
    run_steps = icarus("grid:3x3", tmp_path)
    assert [run_steps(steps).steps for steps in (1, 2000)] == [1, 2000]


@pytest.mark.slow
@NEEDS_VERILATOR
def test_verilator_is_built_once_and_run_for_any_number_of_steps(tmp_path: Path) -> None:
    run_steps = verilator("grid:3x3", tmp_path)
    built = (tmp_path / "made" / "Vbench").stat().st_mtime_ns
    assert [run_steps(steps).steps for steps in (1, 2000)] == [1, 2000]
    assert (tmp_path / "made" / "Vbench").stat().st_mtime_ns == built


@NEEDS_ICARUS
def test_a_program_that_fails_is_named_with_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("logicsim.bench.digital.export_rtl", lambda _board: "module bench; oops")
    with pytest.raises(SimulationError, match="iverilog fails: "):
        icarus("divider", tmp_path)
