"""Circuits other than the paper's, given only as files, in both oracles."""

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from logicsim.board import Board, load
from logicsim.core.errors import NetlistError, OutputError
from logicsim.export.spice import export_spice
from logicsim.export.verilog import export_verilog
from logicsim.faults import inject, parse_all
from logicsim.parts.chips import shipped
from logicsim.parts.kind import ChipKind
from tests.bed import plan
from tests.circuits import FOREIGN, at
from tests.export.oracles import (
    NEEDS_ICARUS,
    NEEDS_NGSPICE,
    SILENT,
    SPREAD,
    agreed,
    assert_same,
)

FULL = {
    "clock.rate": "1 kHz", "clock.capacitance": "100 pF", "parts.comparator.chatter": "full",
}  # fmt: skip


EVERY: Final = {
    **FOREIGN,
    "latch": {"edge.circuit": at("latch")},
    "nand and pulse": {"edge.circuit": at("nand"), "clock.circuit": "pulse"},
    "dead zone and half": {"edge.circuit": at("dead_zone"), "clock.circuit": at("half")},
}
TASKS: Final = {"divider": "3.75 V", "twin16": "iv"}

EACH = pytest.mark.parametrize("foreign", EVERY)
BOARDS = pytest.mark.parametrize("name", TASKS)


def exported(board: Board, steps: int, task: str) -> str:
    """Of the first seed whose run comes to nothing by chance."""
    for seed in range(20):
        try:
            return export_verilog(board, plan(board, steps, [task]), seed)
        except OutputError:
            continue
    pytest.fail("no seed without a violation")


@NEEDS_ICARUS
@EACH
@BOARDS
@pytest.mark.parametrize("changes", [{}, FULL], ids=["4 Hz", "full chatter"])
def test_every_transition_agrees_with_icarus(
    name: str, foreign: str, changes: dict[str, Any], tmp_path: Path
) -> None:
    board = load(name, {**EVERY[foreign], **changes})
    assert agreed(exported(board, 8, TASKS[name]), tmp_path) > 10 * len(board.network.edges)


@NEEDS_NGSPICE
@EACH
@BOARDS
@pytest.mark.parametrize("settings", [SILENT, SPREAD], ids=["ideal", "spread"])
def test_every_code_of_every_step_agrees_with_ngspice(
    name: str, foreign: str, settings: dict[str, Any], tmp_path: Path
) -> None:
    assert_same(load(name, {**EVERY[foreign], **settings}), TASKS[name], 12, tmp_path)


@NEEDS_ICARUS
def test_a_part_may_be_called_as_a_net_is(tmp_path: Path) -> None:
    coupled = load("divider").edge.circuit
    parts = {"up" if label == "xor" else label: part for label, part in coupled.parts.items()}
    board = load("divider", {"edge.circuit": replace(coupled, parts=parts)})
    assert agreed(exported(board, 8, TASKS["divider"]), tmp_path) > 20


# ---- What one of the two has no form for -------------------------------------------------------


@NEEDS_ICARUS
@BOARDS
def test_random_bits_are_played_into_icarus(name: str, tmp_path: Path) -> None:
    board = load(name, {"edge.circuit": at("dither"), "parts.random_bit.width": "1 us"})
    text = exported(board, 30, TASKS[name])
    assert "input \\edge1.turn " in text
    assert agreed(text, tmp_path) > 30 * len(board.network.edges)


def test_random_bits_are_refused_by_ngspice_with_part_and_chip() -> None:
    board = load("divider", {**SILENT, "edge.circuit": at("dither")})
    with pytest.raises(OutputError, match=r"'edge1\.source': no SPICE model of ideal-random-bit"):
        export_spice(board, board.tasks[0], 2)


# A mutant, and a saboteur: what they do is no chip's.
@pytest.mark.parametrize("fault", ["slow:edge1.comparator_a=3", "stuck-at-0:edge2.up"])
def test_a_fault_is_refused_by_the_part_that_has_it(fault: str) -> None:
    board = load("divider", SILENT)
    netlist = inject(board.netlist(1), parse_all(fault, board), board, 1)
    (broken,) = [part for part in netlist.parts if not isinstance(part.chip, ChipKind)]
    where = re.escape(f"part '{broken.name}': ")
    with pytest.raises(NetlistError, match=f"{where}a .* cannot be written in Verilog"):
        export_verilog(board, plan(board, 2), 1, netlist)
    with pytest.raises(OutputError, match=f"{where}no SPICE model of"):
        export_spice(board, board.tasks[0], 2, 1, netlist)


# ---- Where a deck could not keep the order -----------------------------------------------------


def clock(folder: Path, text: str) -> Board:
    """The divider with a clock of its own."""
    path = folder / "clock.toml"
    path.write_text(text)
    return load("divider", {**SILENT, "clock.circuit": str(path)})


SECTIONS = """
title = "a test"
[parts.section1]
chip = "debouncer"
d = "trigger"
q = "cs"
"""


INVERTERS = """
[parts.one]
chip = "not"
a = "cs"
y = "not_cs"
[parts.two]
chip = "not"
a = "not_cs"
y = "clk"
"""
AGAIN = """
[parts.section2]
chip = "debouncer"
d = "cs"
q = "clk"
"""


def test_a_clock_without_a_debouncer_between_latch_and_count_is_refused(tmp_path: Path) -> None:
    # Two inverters behind chip select take 18 ns, but two nanoseconds in the deck.
    board = clock(tmp_path, SECTIONS + INVERTERS)
    with pytest.raises(OutputError, match=r"'clock\.(cs|clk)' and 'clock\.(cs|clk)' may not"):
        export_spice(board, board.tasks[0], 2)


def test_a_clock_with_one_is_not(tmp_path: Path) -> None:
    board = clock(tmp_path, SECTIONS + AGAIN)
    assert export_spice(board, board.tasks[0], 2)


def test_a_chip_select_that_rises_with_the_clock_it_gates_is_refused() -> None:
    # Both rise a gate behind n3; here it is the load that says which is first.
    rising = {**SILENT, "chips": {"RISING": rising_digipot()}, "parts.digipot.model": "RISING"}
    board = load("divider", rising)
    with pytest.raises(OutputError, match=r"'clock\.clk' and 'clock\.cs' may not"):
        export_spice(board, board.tasks[0], 2)


def rising_digipot() -> dict[str, Any]:
    """An AD5220 that counts at the rise."""
    table: dict[str, Any] = tomllib.loads((shipped()["AD5220-100k"]).read_text())
    return {**table, "active": "rise"}
