"""The oracles, Icarus Verilog, Verilator and ngspice, which run the exported files."""

import re
import shutil
import subprocess
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from logicsim.board import Board
from logicsim.event.simulation import Simulation
from logicsim.export.place import called, counters
from logicsim.export.spice import export_spice

NGSPICE = shutil.which("ngspice") or ""
NEEDS_ICARUS = pytest.mark.skipif(shutil.which("iverilog") is None, reason="needs Icarus Verilog")
NEEDS_VERILATOR = pytest.mark.skipif(shutil.which("verilator") is None, reason="needs Verilator")
NEEDS_NGSPICE = pytest.mark.skipif(not NGSPICE, reason="needs ngspice")

SILENT = {"parts.comparator.noise": 0}
SPREAD: dict[str, Any] = {
    **SILENT, "parts.comparator.offset_sigma": "1 mV", "parts.digipot.tolerance": 0.1,
}  # fmt: skip
SEED = 3
_UNOPTIMISED = "OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0"  # quicker to compile

Floats = NDArray[np.float64]
Change = Callable[[str], str]


def icarus(text: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    source, program = folder / "board.v", folder / "board.vvp"
    source.write_text(text)
    compiled = _done("iverilog", "-g2005-sv", "-Wall", "-o", program, source)
    assert (compiled.returncode, compiled.stderr) == (0, "")
    return _done("vvp", "-n", program, *arguments)


def verilator(text: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "board.v").write_text(text)
    made = _done(
        "verilator", "--binary", "-Wno-fatal", "-Wno-lint", "-MAKEFLAGS", _UNOPTIMISED,
        "--top-module", "bench", "--Mdir", folder / "made", folder / "board.v",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return _done(folder / "made" / "Vbench", *arguments)


def _done(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=False, capture_output=True, text=True)


def agreed(text: str, folder: Path) -> int:
    """The number of transitions that agreed, which must be all."""
    played = icarus(text, folder)
    lines = played.stdout.splitlines()
    assert played.returncode == 0, lines[:12]
    match = re.fullmatch(r"PASS: (\d+) transitions", lines[-1])
    assert match is not None, lines[:12]
    return int(match[1])


def ngspice(text: str, folder: Path) -> str:
    """What a netlist prints; the user's own settings of the program are left out (-n)."""
    (folder / "board.cir").write_text(text)
    done = subprocess.run(
        [NGSPICE, "-n", "-b", "board.cir"],
        check=True, cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout


def volts(printed: str, nodes: int) -> Floats:
    """Free, then clamped node voltages, as `Twin.voltages` has them."""
    found = dict(re.findall(r"^v\((node\w+)\)\S* = (\S+)", printed, re.MULTILINE))
    names = [f"node{node}_{side}" for side in ("free", "clamped") for node in range(1, nodes + 1)]
    return np.array([float(found[name]) for name in names])


def last_codes(printed: str) -> list[float]:
    """Free, then clamped codes, in edge order."""
    found = {
        (side, int(edge)): float(code)
        for side, edge, code in re.findall(
            r"^code_(free|clamped) (\d+) (\S+)$", printed, re.MULTILINE
        )
    }
    return [found[key] for key in sorted(found, key=lambda key: (key[0] == "clamped", key[1]))]


def train(
    board: Board, name: str, steps: int, folder: Path, change: Change = str
) -> tuple[Floats, Floats]:
    """Codes (a row a step, before it and once after the last) of the emulator and of ngspice.

    Where nothing was changed, the voltages at the end must agree too.
    """
    number, task = board.task(name)
    simulation = Simulation(board, SEED)
    expected = [
        (*step.codes_free, *step.codes_clamped)
        for step in chain.from_iterable(simulation.train([(number, task, steps)]))
    ]
    free, clamped = simulation.codes()
    expected.append((*free, *clamped))
    text = change(export_spice(board, task, steps, SEED))
    printed = ngspice(keep_codes(text, board), folder)
    got = np.loadtxt(next(folder.glob("codes*")), ndmin=2)[:, 1::2]
    if change is str:
        assert not simulation.kernel.violations
        assert volts(printed, board.network.nodes) == pytest.approx(
            simulation.twin.voltages[:-1], abs=1e-9
        )
    return np.array(expected, dtype=float), np.vstack([got[:steps], last_codes(printed)])


def keep_codes(text: str, board: Board) -> str:
    """Have the codes at the beginning of every step written to a file, too."""
    netlist = board.netlist(SEED)
    found = sorted(
        ((netlist.branch(part.pins[pin][0]), part.pins[code][0])
         for part, pin, code in counters(netlist)),
        key=lambda each: (each[0].side == "clamped", each[0].edge),
    )  # fmt: skip
    vectors = " ".join(f"v({called(net)})" for _, net in found)
    return text.replace("\nquit\n", f"\nlinearize {vectors}\nwrdata codes {vectors}\nquit\n")


def assert_same(board: Board, name: str, steps: int, folder: Path) -> None:
    expected, got = train(board, name, steps, folder)
    assert got == pytest.approx(expected, abs=1e-6)
