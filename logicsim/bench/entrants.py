"""Who takes part: each makes a board ready, and then trains it for as many steps as asked."""

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from logicsim.bench.numpy_loop import numpy_loop
from logicsim.board import Board, load
from logicsim.core.errors import SimulationError
from logicsim.export.spice import export_spice
from logicsim.export.verilog import export_verilog
from logicsim.training.engines import EngineName, power_up
from logicsim.training.run import plan

SEED: Final = 1
_FOREVER: Final = 10**9  # steps

Lap = Callable[[int], float]  # steps to do, to the seconds they took


@dataclass(frozen=True, slots=True)
class Entrant:
    """One that takes part.

    `ready` takes a board's name and a folder for files. Boards of more than `most` edges would
    take it too long. `program` is what it needs on the path, and asks for its version.
    `environment` is set in its process.
    """

    name: str
    ready: Callable[[str, Path], Lap]
    most: int
    program: tuple[str, str] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def present(self) -> bool:
        """Whether it is installed."""
        return self.program is None or shutil.which(self.program[0]) is not None


def _engine(name: EngineName) -> Callable[[str, Path], Lap]:
    return _stepped(lambda board: power_up(board, SEED, name).train(plan(board, steps=_FOREVER)))


def _stepped(train: Callable[[Board], Iterator[Any]]) -> Callable[[str, Path], Lap]:
    """What trains in this process, a step an item."""

    def ready(name: str, folder: Path) -> Lap:  # noqa: ARG001  nothing to write
        training = train(load(name))

        def lap(steps: int) -> float:
            begun = time.perf_counter()
            for _ in range(steps):
                next(training)
            return time.perf_counter() - begun

        return lap

    return ready


def _ngspice(name: str, folder: Path) -> Lap:
    """The whole machine without noise, which ngspice has no model of; its whole run counts."""
    board = load(name, {"parts.comparator.noise": 0})

    def lap(steps: int) -> float:
        (folder / "board.cir").write_text(export_spice(board, board.tasks[0], steps, SEED))
        begun = time.perf_counter()
        _called(folder, "ngspice", "-n", "-b", "board.cir")
        return time.perf_counter() - begun

    return lap


def _icarus(name: str, folder: Path) -> Lap:
    """The digital part only, told what the comparators say; running counts, compiling not."""
    board = load(name)

    def lap(steps: int) -> float:
        source = export_verilog(board, plan(board, steps=steps), SEED)
        (folder / "board.v").write_text(source)
        _called(folder, "iverilog", "-g2005-sv", "-o", "board.vvp", "board.v")
        _, running = _SECONDS.findall(_called(folder, "vvp", "-v", "-n", "board.vvp"))
        return float(running)

    return lap


_SECONDS: Final = re.compile(r"^ \.\.\. +([\d.]+) seconds", re.MULTILINE)  # loading, running


def _called(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603  commands of ours
    if done.returncode:
        reason = (done.stderr or done.stdout).strip().splitlines() or ["it says nothing"]
        raise SimulationError(f"{command[0]} fails: {reason[-1]}")
    return done.stdout + done.stderr


_ONE_THREAD: Final = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
ENGINES: Final = (
    Entrant("event engine", _engine("event"), 20_000),
    Entrant("vector engine", _engine("vector"), 10_000_000),
)
OTHERS: Final = (
    Entrant("numpy loop", _stepped(numpy_loop), 12_000),
    # Where other work keeps the cores, BLAS's threads wait for each other: this is then faster.
    Entrant("numpy loop, 1 thread", _stepped(numpy_loop), 12_000, environment=_ONE_THREAD),
    Entrant("ngspice", _ngspice, 40, ("ngspice", "--version")),
    Entrant("Icarus, digital part", _icarus, 600, ("iverilog", "-V")),
)
