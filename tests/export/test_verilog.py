"""The text of the Verilog file, and refusals; tests/export/test_icarus.py runs the file."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from logicsim.board import Board, load
from logicsim.circuit.netlist import Netlist
from logicsim.core.errors import NetlistError, OutputError
from logicsim.core.names import HIGH
from logicsim.export.verilog import export_verilog
from logicsim.parts.chips import chip
from logicsim.parts.gate import Gate
from logicsim.parts.part import Part
from logicsim.parts.socket import Socket
from tests.bed import plan


def exported(board: Board, steps: int = 2, seed: int = 1, netlist: Netlist | None = None) -> str:
    return export_verilog(board, plan(board, steps), seed, netlist)


def rewired(board: Board, seed: int, change: Callable[[Part], Part]) -> Netlist:
    netlist = board.netlist(seed)
    return replace(netlist, parts=tuple(change(part) for part in netlist.parts))


def test_the_same_run_gives_the_same_file() -> None:
    board = load("divider")
    assert exported(board) == exported(board)
    assert exported(board) != exported(board, seed=2)


def test_every_chip_but_the_comparators_is_an_instance_of_its_name() -> None:
    board = load("twin16")
    text = exported(board)
    for part in board.netlist().parts:
        assert (f"\\{part.name}  (." in text) == ("comparator" not in part.name)


@pytest.mark.parametrize(
    ("corner", "rise", "fall", "to_q"),
    [("min", 3000, 2000, 6000), ("typ", 6000, 6000, 13000), ("max", 17000, 12000, 32000)],
)
def test_delays_are_those_declared_for_the_corner(
    corner: str, rise: int, fall: int, to_q: int
) -> None:
    text = exported(load("divider", {"parts.corner": corner}))
    assert set(re.findall(r"RISE\(64'd(\d+)\), .FALL\(64'd(\d+)\)", text)) == {
        (str(rise), str(fall)),
        # CS has 6 pins, 2 of a flop and 4 of potentiometers: 10 pF beyond 50 pF, at 60 ps/pF.
        (str(rise + 600), str(fall + 600)),
    }
    assert set(re.findall(r"CLOCK_TO_Q\(64'd(\d+)\)", text)) == {str(to_q)}


def test_a_counter_with_more_positions_is_wider() -> None:
    text = exported(load("edge", {"parts.digipot.positions": 1000}))
    assert ".BITS(10), .INITIAL(64), .LAST(999)" in text
    assert "output [9:0] \\edge1.code_free " in text
    assert "reg [9:0] \\edge1.code_free = 64;" in text


class BrokenXor(Gate):
    """Derived from a kind, but behaves otherwise."""

    def solder(self, socket: Socket) -> None:
        super().solder(socket)


def test_a_chip_without_verilog_is_refused_by_the_name_of_its_part() -> None:
    board = load("divider")
    broken = BrokenXor.model_validate({**dict(chip("SN74ALS86")), "model": "broken"})
    netlist = rewired(board, 1, lambda p: replace(p, chip=broken) if p.name == "edge2.xor" else p)
    with pytest.raises(NetlistError, match=r"part 'edge2\.xor': a broken cannot be written"):
        exported(board, netlist=netlist)


def test_a_run_that_misses_setup_is_refused_with_the_first_place() -> None:
    board = load("divider", {"parts.flop.setup": "0.2 s"})  # CS falls every 0.25 s
    with pytest.raises(OutputError, match=r"at 0\.\d{12} s the setup of 'edge\d\.flop\.[jk]'"):
        exported(board, steps=20)


def test_a_run_with_more_violations_than_are_listed_is_refused_all_the_same() -> None:
    settings = {"parts.flop.setup": "0.2 s", "parts.flop.width": "1 s", "parts.digipot.width": 1}
    with pytest.raises(OutputError, match="missed"):
        exported(load("twin16", settings), steps=30)


def test_a_count_nobody_decided_is_refused() -> None:
    board = load("divider")

    def floating(part: Part) -> Part:
        # CP from CLK: at the first count the flop has not been clocked.
        clk = {"cp": ("clock.clk",)}
        return replace(part, pins={**part.pins, **clk}) if part.name == "edge1.flop" else part

    with pytest.raises(OutputError, match=r"'edge1\.digipot_free' takes its ud, which is unknown"):
        exported(board, netlist=rewired(board, 1, floating))


def test_missed_widths_are_no_chance() -> None:
    text = exported(load("divider", {"parts.flop.width": "1 s"}))
    (count,) = re.findall(r"checks\.width == (\d+)\)", text)
    assert int(count) > 0


def test_a_net_with_any_name_is_called_that() -> None:
    board = load("divider")
    odd = "edge1.up/2-[stuck]"

    def rename(part: Part) -> Part:
        pins = {pin: tuple(odd if net == "edge1.up" else net for net in nets)
                for pin, nets in part.pins.items()}  # fmt: skip
        return replace(part, pins=pins)

    text = exported(board, netlist=rewired(board, 1, rename))
    assert f"output \\{odd} ," in text
    assert "\\edge1.up " not in text


def test_the_supply_is_a_stimulus_that_never_changes() -> None:
    text = exported(load("edge"))
    assert f"  input \\{HIGH} ," in text
    assert text.count(f"\\{HIGH} =") == 1
