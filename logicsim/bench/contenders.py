"""The contenders: each prepares a board, and then trains it for a given number of steps."""

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from logicsim.bench.numpy_loop import numpy_loop
from logicsim.board import Board, load
from logicsim.core.errors import SimulationError
from logicsim.export.spice import export_spice
from logicsim.export.verilog import export_verilog
from logicsim.training.engines import EngineName, power_up
from logicsim.training.run import plan

SEED: Final = 1
_FOREVER: Final = 10**9  # steps

RunSteps = Callable[[int], float]  # from a number of steps to the seconds they took


@dataclass(frozen=True, slots=True)
class Contender:
    """One contender.

    `ready` prepares a board, given its name and a folder for files. Boards of more than `most`
    edges take too long. `program` is the command that prints the version of the needed program.
    `environment` is set in its process.
    """

    name: str
    ready: Callable[[str, Path], RunSteps]
    most: int
    program: tuple[str, str] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def present(self) -> bool:
        """Whether the program is installed."""
        return self.program is None or shutil.which(self.program[0]) is not None


def _engine(name: EngineName) -> Callable[[str, Path], RunSteps]:
    def train(board: Board) -> Iterator[int]:
        machine = power_up(board, SEED, name)
        return map(len, machine.train(plan(board, steps=_FOREVER)))

    return _stepped(train)


def _stepped(train: Callable[[Board], Iterator[int]]) -> Callable[[str, Path], RunSteps]:
    """Prepare a contender that trains in this process; `train` yields numbers of steps done."""

    def ready(name: str, folder: Path) -> RunSteps:  # noqa: ARG001  writes no files
        training = train(load(name))

        def run_steps(steps: int) -> float:
            begun, done = time.perf_counter(), 0
            while done < steps:
                done += next(training)
            return (time.perf_counter() - begun) * steps / done

        return run_steps

    return ready


def _ngspice(name: str, folder: Path) -> RunSteps:
    """Prepare ngspice: the whole machine without noise; the whole run is timed."""
    board = load(name, {"parts.comparator.noise": 0})

    def run_steps(steps: int) -> float:
        (folder / "board.cir").write_text(export_spice(board, board.tasks[0], steps, SEED))
        begun = time.perf_counter()
        _called(folder, "ngspice", "-n", "-b", "board.cir")
        return time.perf_counter() - begun

    return run_steps


def _icarus(name: str, folder: Path) -> RunSteps:
    """Prepare Icarus: the digital part with recorded decisions; compilation is not timed."""
    board = load(name)

    def run_steps(steps: int) -> float:
        source = export_verilog(board, plan(board, steps=steps), SEED)
        (folder / "board.v").write_text(source)
        _called(folder, "iverilog", "-g2005-sv", "-o", "board.vvp", "board.v")
        _, running = _SECONDS.findall(_called(folder, "vvp", "-v", "-n", "board.vvp"))
        return float(running)

    return run_steps


_SECONDS: Final = re.compile(r"^ \.\.\. +([\d.]+) seconds", re.MULTILINE)  # loading, running


def _called(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603  fixed commands
    if done.returncode:
        reason = (done.stderr or done.stdout).strip().splitlines() or ["it says nothing"]
        raise SimulationError(f"{command[0]} fails: {reason[-1]}")
    return done.stdout + done.stderr


_ONE_THREAD: Final = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
_LOOP: Final = _stepped(lambda board: (1 for _ in numpy_loop(board)))
ENGINES: Final = (
    Contender("event engine", _engine("event"), 20_000),
    Contender("vector engine", _engine("vector"), 10_000_000),
)
OTHERS: Final = (
    Contender("numpy loop", _LOOP, 12_000),
    # BLAS's threads wait for each other on busy cores, where one thread is faster.
    Contender("numpy loop, 1 thread", _LOOP, 12_000, environment=_ONE_THREAD),
    Contender("ngspice", _ngspice, 40, ("ngspice", "--version")),
    Contender("Icarus, digital part", _icarus, 600, ("iverilog", "-V")),
)
