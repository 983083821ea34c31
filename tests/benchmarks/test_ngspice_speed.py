"""The emulator against ngspice on the netlist it exports: the same steps, the same codes.

The figure for ngspice is of its whole run, from reading the netlist to printing the codes;
`extra_info` has steps/s of both and their ratio.
"""

import shutil
import statistics
import subprocess
import time
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from logicsim.board import Board, load
from logicsim.event.simulation import Simulation
from logicsim.export.spice import export_spice
from tests.bed import plan

PROGRAM = shutil.which("ngspice") or ""
pytestmark = pytest.mark.skipif(not PROGRAM, reason="needs ngspice")

STEPS = 1000
ROUNDS = 5


def emulate(board: Board) -> None:
    for _ in Simulation(board, seed=1).train(plan(board, STEPS, ["iv"])):
        pass


def seconds_in_ngspice(board: Board, folder: Path) -> float:
    _, task = board.task("iv")
    (folder / "board.cir").write_text(export_spice(board, task, STEPS, seed=1))
    begun = time.perf_counter()
    done = subprocess.run(
        [PROGRAM, "-n", "-b", "board.cir"],
        check=True, cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    taken = time.perf_counter() - begun
    assert "code_clamped 16 " in done.stdout
    return taken


def test_the_machine_against_ngspice(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    board = load("twin16", {"parts.comparator.noise": 0})
    taken = []

    def before_each_round() -> None:  # in turn, so that both meet the same load
        taken.append(seconds_in_ngspice(board, tmp_path))

    benchmark.pedantic(emulate, args=(board,), setup=before_each_round, rounds=ROUNDS)
    if benchmark.stats is not None:  # it is None where benchmarks are switched off
        emulator = STEPS / benchmark.stats.stats.median
        ngspice = STEPS / statistics.median(taken)
        benchmark.extra_info |= {
            "steps/s": round(emulator),
            "ngspice steps/s": round(ngspice),
            "ratio": round(emulator / ngspice, 1),
        }
