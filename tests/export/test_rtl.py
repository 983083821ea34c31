"""The plain digital deck: what it counts, by Icarus, by Verilator, by Python, and here."""

import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from logicsim.board import Board, load
from logicsim.core.errors import NetlistError
from logicsim.event.simulation import Simulation
from logicsim.export.rtl import export_rtl
from logicsim.parts.comparator import Comparator
from logicsim.parts.gate import Gate
from logicsim.parts.part import Part
from logicsim.parts.random_bit import RandomBit
from tests.bed import plan
from tests.circuits import FOREIGN, at
from tests.export.oracles import NEEDS_ICARUS, NEEDS_VERILATOR, icarus, verilator
from tests.played import Player

STEPS = 40

CIRCUITS: dict[str, Mapping[str, Any]] = {
    "coupled": {},
    "printed": {"edge.rule": "printed"},
    **{name: keys for name, keys in FOREIGN.items() if name != "dead_zone"},
    "latch": {"edge.circuit": at("latch")},
    "dead zone and half": {"edge.circuit": at("dead_zone"), "clock.circuit": at("half")},
}


def by_icarus(board: Board, folder: Path) -> dict[str, int]:
    return counted(icarus(export_rtl(board), folder, f"+cycles={STEPS}"))


def by_verilator(board: Board, folder: Path) -> dict[str, int]:
    return counted(verilator(export_rtl(board, edge_delays=False), folder, f"+cycles={STEPS}"))


def counted(done: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """The counters at the end, by net."""
    assert done.returncode == 0, done.stdout
    lines = [line.split() for line in done.stdout.splitlines() if line.startswith("edge")]
    return {net: int(code) for net, code in lines}


def said(bits: int) -> Iterator[list[int]]:
    """The shift register of the deck in each step, its lowest bit first."""
    register = [0] * bits
    while True:
        register = [int(register[-1] == register[-2]), *register[:-1]]
        yield register


def played(board: Board) -> dict[str, int]:
    """The counters of the event engine, whose comparators and random bits say the register."""
    netlist, times = board.netlist(), board.timetable
    outsiders = [part for part in netlist.parts if isinstance(part.chip, Comparator | RandomBit)]
    registers = said(len(outsiders))
    waves: dict[str, list[tuple[int, int]]] = {part.name: [(1, 0)] for part in outsiders}
    for step in range(STEPS):
        for part, level in zip(outsiders, next(registers), strict=True):
            waves[part.name].append((times.begin(step), level))

    def told(part: Part) -> Part:
        if part.name not in waves:
            return part
        return replace(part, chip=Player(waves[part.name]), pins={"y": part.pins["y"]})

    machine = Simulation(board, 5, replace(netlist, parts=tuple(map(told, netlist.parts))))
    for _ in machine.train(plan(board, STEPS)):
        pass
    assert not machine.kernel.violations
    free, clamped = machine.codes()
    return {
        f"edge{edge}.code_{side}": code
        for side, codes in (("free", free), ("clamped", clamped))
        for edge, code in enumerate(codes, start=1)
    }


def small(circuit: str, initial: int = 64) -> Board:
    board = load("divider", {**CIRCUITS[circuit], "parts.digipot.initial": initial})
    return board.model_copy(update={"tasks": board.tasks[:1]})


@NEEDS_ICARUS
@pytest.mark.parametrize("circuit", CIRCUITS)
def test_the_deck_counts_as_the_event_engine_told_the_same(circuit: str, tmp_path: Path) -> None:
    board = small(circuit)
    codes = by_icarus(board, tmp_path)
    assert codes == played(board)
    assert set(codes.values()) != {64}


@pytest.mark.slow
@NEEDS_VERILATOR
@pytest.mark.parametrize("circuit", CIRCUITS)
def test_verilator_counts_the_same_without_delays_in_edges(circuit: str, tmp_path: Path) -> None:
    board = small(circuit)
    assert by_verilator(board, tmp_path) == played(board)


def count_by_hand(edges: int, initial: int, positions: int) -> dict[str, int]:
    """The paper's edge: up where a and b differ, which are two neighbours in the register."""
    codes = [initial] * edges
    registers = said(2 * edges)
    for _ in range(STEPS):
        register = next(registers)
        for edge in range(edges):
            up = register[2 * edge] != register[2 * edge + 1]
            codes[edge] = min(max(codes[edge] + (1 if up else -1), 0), positions - 1)
    return {
        f"edge{edge}.code_{side}": code
        for edge, code in enumerate(codes, start=1) for side in ("free", "clamped")
    }  # fmt: skip


@NEEDS_ICARUS
@pytest.mark.parametrize(("initial", "positions"), [(64, 128), (2, 128), (18, 23)])
def test_icarus_counts_what_python_counts(initial: int, positions: int, tmp_path: Path) -> None:
    keys = {"parts.digipot.initial": initial, "parts.digipot.positions": positions}
    assert by_icarus(load("twin16", keys), tmp_path) == count_by_hand(16, initial, positions)


@pytest.mark.slow
@NEEDS_VERILATOR
def test_verilator_counts_what_python_counts(tmp_path: Path) -> None:
    board = load("grid:3x3", {"parts.digipot.initial": 2})
    assert by_verilator(board, tmp_path) == count_by_hand(16, 2, 128)


def test_a_chip_without_operations_is_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    silent: Callable[[Gate], tuple[()]] = lambda _gate: ()  # noqa: E731  typed
    monkeypatch.setattr(Gate, "operations", silent)
    with pytest.raises(NetlistError, match=r"part 'clock\.xor_n3': a SN74ALS86 has no plain"):
        export_rtl(load("divider"))
