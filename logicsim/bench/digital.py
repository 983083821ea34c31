"""The digital part alone in Icarus and in Verilator; neither has the voltages, nor constraints."""

import re
import subprocess
import time
from pathlib import Path
from typing import Final

from logicsim.bench.turn import RunSteps, Turn
from logicsim.board import load
from logicsim.core.errors import SimulationError
from logicsim.export.rtl import export_rtl


def icarus(name: str, folder: Path) -> RunSteps:
    """Prepare Icarus, with all delays; neither compiling nor loading is timed."""
    (folder / "board.v").write_text(export_rtl(load(name)))
    called(folder, "iverilog", "-g2005-sv", "-o", "board.vvp", "board.v")

    def run_steps(steps: int) -> Turn:
        said = called(folder, "vvp", "-v", "-n", "board.vvp", f"+cycles={steps}")
        _, running = _SECONDS.findall(said)
        return Turn(steps, float(running))

    return run_steps


_SECONDS: Final = re.compile(r"^ \.\.\. +([\d.]+) seconds", re.MULTILINE)  # loading, running

# The compiler takes minutes over one long function, with no faster program in the end.
_SPLIT: Final = ("--output-split", "2000", "--output-split-cfuncs", "200")


def verilator(name: str, folder: Path) -> RunSteps:
    """Prepare Verilator, without the delays of edges; its whole run is timed."""
    (folder / "board.v").write_text(export_rtl(load(name), edge_delays=False))
    called(
        folder, "verilator", "--binary", "-j", "0", "-O3", "-CFLAGS", "-O2", *_SPLIT,
        "-Wno-fatal", "-Wno-lint", "--top-module", "bench", "--Mdir", "made", "board.v",
    )  # fmt: skip

    def run_steps(steps: int) -> Turn:
        begun = time.perf_counter()
        called(folder, str(folder / "made" / "Vbench"), f"+cycles={steps}")
        return Turn(steps, time.perf_counter() - begun)

    return run_steps


def called(folder: Path, *command: str) -> str:
    """What a program prints.

    Raises:
        SimulationError: it fails.
    """
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603  fixed commands
    if done.returncode:
        reason = (done.stderr or done.stdout).strip().splitlines() or ["it says nothing"]
        raise SimulationError(f"{command[0]} fails: {reason[-1]}")
    return done.stdout + done.stderr
