"""The contenders: each prepares a board, and then trains it for a given number of steps."""

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from math import ceil
from pathlib import Path
from typing import Final

from logicsim.bench.cholmod_loop import cholmod_loop
from logicsim.bench.digital import called, icarus, verilator
from logicsim.bench.numpy_loop import numpy_loop
from logicsim.bench.turn import RunSteps, Turn
from logicsim.board import Board, load
from logicsim.export.spice import export_spice
from logicsim.training.engines import EngineName, power_up
from logicsim.training.run import plan
from logicsim.vector import lanes
from logicsim.vector.lane import Lane

SEED: Final = 1
_FOREVER: Final = 10**9  # steps
_LANES: Final = 1024


@dataclass(frozen=True, slots=True)
class Contender:
    """One contender.

    `ready` prepares a board, given its name and a folder for files. Boards of more than `most`
    edges take too long. `program` is the command that prints the version of the needed program,
    `package` a needed Python package. `environment` is set in its process.
    """

    name: str
    ready: Callable[[str, Path], RunSteps]
    most: int
    program: tuple[str, str] | None = None
    package: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def present(self) -> bool:
        """Whether what it needs is installed."""
        return (self.program is None or shutil.which(self.program[0]) is not None) and (
            self.package is None or find_spec(self.package) is not None
        )


def _engine(name: EngineName) -> Callable[[str, Path], RunSteps]:
    def train(board: Board) -> Iterator[int]:
        return map(len, power_up(board, SEED, name).train(plan(board, steps=_FOREVER)))

    return _stepped(train)


def _loop(steps: Callable[[Board], Iterator[object]]) -> Callable[[str, Path], RunSteps]:
    return _stepped(lambda board: (1 for _ in steps(board)))


def _stepped(train: Callable[[Board], Iterator[int]]) -> Callable[[str, Path], RunSteps]:
    """Prepare a contender that trains in this process, and yields how many steps it made."""

    def ready(name: str, folder: Path) -> RunSteps:  # noqa: ARG001  writes no files
        training = train(load(name))

        def run_steps(steps: int) -> Turn:
            begun, made = time.perf_counter(), 0
            while made < steps:
                made += next(training)
            return Turn(made, time.perf_counter() - begun)

        return run_steps

    return ready


def _lanes(name: str, folder: Path) -> RunSteps:  # noqa: ARG001  writes no files
    """Prepare many machines that train together; a step is one of one machine."""
    board = load(name)
    machines = [Lane(board, seed) for seed in range(_LANES)]

    def run_steps(steps: int) -> Turn:
        each = ceil(steps / _LANES)
        begun = time.perf_counter()
        lanes.train(machines, [(1, each)])
        return Turn(each * _LANES, time.perf_counter() - begun)

    return run_steps


def _lanes_on_one_core(name: str, folder: Path) -> RunSteps:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    return _lanes(name, folder)


def _ngspice(name: str, folder: Path) -> RunSteps:
    """Prepare ngspice: the whole machine without noise; reading the deck is not timed.

    Looser tolerances, KLU and fewer saved vectors make it no faster: most of a step is its events.
    """
    board = load(name, {"parts.comparator.noise": 0})

    def run_steps(steps: int) -> Turn:
        deck = export_spice(board, board.tasks[0], steps, SEED)
        (folder / "board.cir").write_text(deck.replace("\nquit\n", "\nrusage trantime\nquit\n"))
        (running,) = _SECONDS.findall(called(folder, "ngspice", "-n", "-b", "board.cir"))
        return Turn(steps, float(running))

    return run_steps


_SECONDS: Final = re.compile(r"^Transient analysis time = (\S+)", re.MULTILINE)
_ONE_THREAD: Final = dict.fromkeys(
    (
        "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
        "NUMBA_NUM_THREADS",
    ), "1",
)  # fmt: skip
ENGINES: Final = (
    Contender("event engine", _engine("event"), 20_000),
    Contender("vector engine", _engine("vector"), 10_000_000),
)
OTHERS: Final = (
    Contender(f"{_LANES:,} lanes, 1 core", _lanes_on_one_core, 40, environment=_ONE_THREAD),
    Contender(f"{_LANES:,} lanes, all cores", _lanes, 40),
    Contender("numpy loop", _loop(numpy_loop), 12_000),
    # BLAS's threads wait for each other on busy cores, where one thread is faster.
    Contender("numpy loop, 1 thread", _loop(numpy_loop), 12_000, environment=_ONE_THREAD),
    Contender("CHOLMOD loop", _loop(cholmod_loop), 10_000_000, package="cvxopt"),
    Contender("ngspice", _ngspice, 40, ("ngspice", "--version")),
    Contender("Icarus, digital part", icarus, 20_000, ("iverilog", "-V")),
    Contender("Verilator, digital part, no edge delays", verilator, 600,
              ("verilator", "--version")),
)  # fmt: skip
