from pathlib import Path

import pytest

from logicsim.api.text import describe
from logicsim.board import load
from logicsim.circuit.file import shipped
from logicsim.circuit.warnings import warnings
from logicsim.core.files import shipped_boards
from tests.circuits import at

EDGES = [*shipped("edges"), *(at(name) for name in
         ("nand", "dead_zone", "one_comparator"))]  # fmt: skip
CLOCKS = [*shipped("clocks"), at("half")]


def warned(folder: Path, change: tuple[str, str], circuit: str = "edges/coupled") -> list[str]:
    """The warnings of the divider with one of its circuits changed."""
    text = (shipped_boards() / f"{circuit}.toml").read_text()
    assert change[0] in text
    path = folder / "changed.toml"
    path.write_text(text.replace(*change))
    key = "edge.circuit" if circuit.startswith("edges") else "clock.circuit"
    board = load("divider", {key: str(path)})
    return [line.removeprefix(f"{path}: ") for line in warnings(*board.cells)]


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("clock", CLOCKS)
def test_circuits_that_are_meant_have_no_warnings(edge: str, clock: str) -> None:
    board = load("divider", {"edge.circuit": edge, "clock.circuit": clock})
    assert warnings(*board.cells) == []
    assert not any(line.startswith("warning") for line in describe(board))


def test_a_net_that_nothing_reads_is_told_with_its_driver(tmp_path: Path) -> None:
    more = '[parts.more]\nchip = "nand"\na = "a"\nb = "b"\ny = "lost"\n\n[parts.flop]'
    assert warned(tmp_path, ("[parts.flop]", more)) == ["parts.more.y: no part reads net 'lost'"]


def test_a_net_of_the_clock_that_nothing_reads_is_told(tmp_path: Path) -> None:
    more = '[parts.more]\nchip = "not"\na = "out1"\ny = "lost"\n\n[parts.xor_cs]'
    found = warned(tmp_path, ("[parts.xor_cs]", more), "clocks/cascade")
    assert found == ["parts.more.y: no part reads net 'lost'"]


@pytest.mark.parametrize("level", ["high", "low"])
def test_a_circuit_that_can_never_step_is_accepted_with_a_warning(
    tmp_path: Path, level: str
) -> None:
    found = warned(tmp_path, ('clk  = "clk"', f'clk = "{level}"'))
    # The clock's own net has no reader left, which is told too.
    assert found == [
        "circuit 'cascade': parts.xor_clk.y: no part reads net 'clk'",
        *(f"parts.digipot_{side}.clk: no clock reaches this potentiometer; it never steps"
          for side in ("free", "clamped")),
    ]  # fmt: skip


@pytest.mark.parametrize(("chip", "other"), [("and", "low"), ("or", "high"), ("xor", "clk")])
def test_a_gate_that_stops_the_clock_is_told(tmp_path: Path, chip: str, other: str) -> None:
    gate = f'[parts.gate]\nchip = "{chip}"\na = "clk"\nb = "{other}"\ny = "still"\n\n'
    found = warned(tmp_path, ("[parts.digipot_free]", f"{gate}[parts.digipot_free]"))
    assert found == ["parts.gate.y: no part reads net 'still'"]
    text = (tmp_path / "changed.toml").read_text().replace('clk  = "clk"', 'clk = "still"')
    (tmp_path / "changed.toml").write_text(text)
    board = load("divider", {"edge.circuit": str(tmp_path / "changed.toml")})
    lines = [line for line in warnings(*board.cells) if "never steps" in line]
    assert len(lines) == 2
    assert "parts.digipot_free.clk: no clock reaches this potentiometer" in lines[0]


def test_a_gate_that_never_selects_is_told(tmp_path: Path) -> None:
    gate = '[parts.gate]\nchip = "nand"\na = "cs"\nb = "low"\ny = "select"\n\n'
    old = 'clk  = "clk"\ncs   = "cs"'
    text = (shipped_boards() / "edges" / "coupled.toml").read_text().replace(
        old, old.replace('"cs"', '"select"'))  # fmt: skip
    (tmp_path / "mine.toml").write_text(text.replace("[parts.flop]", f"{gate}[parts.flop]"))
    board = load("divider", {"edge.circuit": str(tmp_path / "mine.toml")})
    assert sum("never selected" in line for line in warnings(*board.cells)) == 2


def test_a_gate_between_the_clock_and_a_potentiometer_is_no_reason_to_warn(tmp_path: Path) -> None:
    more = '[parts.buffer]\nchip = "and"\na = "clk"\nb = "clk"\ny = "late"\n\n[parts.digipot_free]'
    text = (shipped_boards() / "edges" / "coupled.toml").read_text()
    path = tmp_path / "gated.toml"
    path.write_text(
        text.replace("[parts.digipot_free]", more).replace('clk  = "clk"', 'clk = "late"')
    )
    board = load("divider", {"edge.circuit": str(path)})
    assert warnings(*board.cells) == []


def test_a_potentiometer_that_is_never_selected_is_told(tmp_path: Path) -> None:
    found = warned(tmp_path, ('clk  = "clk"\ncs   = "cs"', 'clk = "clk"\ncs = "high"'))
    assert found == [
        f"parts.digipot_{side}.cs: this potentiometer is never selected; it never steps"
        for side in ("free", "clamped")
    ]


def test_show_prints_a_line_for_each_warning(tmp_path: Path) -> None:
    path = tmp_path / "still.toml"
    text = (shipped_boards() / "edges" / "coupled.toml").read_text()
    path.write_text(text.replace('clk  = "clk"', 'clk = "high"'))
    board = load("divider", {"edge.circuit": str(path)})
    found = [line for line in describe(board) if line.startswith("warning    ")]
    assert [line.removeprefix("warning    ") for line in found] == warnings(*board.cells)
    assert len(found) == 3
