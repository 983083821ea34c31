from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from logicsim.board import load, shipped
from logicsim.circuit.netlist import Netlist
from logicsim.figures.schematic import Schematic
from logicsim.parts.chips import chip
from logicsim.parts.kind import ChipKind
from logicsim.parts.part import Part
from tests.circuits import at


def drawn(netlist: Netlist, edge: int) -> Axes:
    """The schematic at the size that it asks for, as `show --png` draws it."""
    schematic = Schematic(netlist, edge)
    figure = Figure(figsize=schematic.size, dpi=150, layout="constrained")
    axes = figure.subplots()
    schematic.draw(axes)
    figure.draw_without_rendering()
    return axes


def words(axes: Axes) -> str:
    return "\n".join(text.get_text() for text in axes.texts)


def overlapping(axes: Axes) -> list[tuple[str, str]]:
    """The texts that cover one another."""
    boxes = [(text.get_text(), text.get_window_extent()) for text in axes.texts if text.get_text()]
    return [(a, b) for (a, one), (b, other) in combinations(boxes, 2) if one.overlaps(other)]


def crossed_out(axes: Axes) -> list[str]:
    """The texts that a line goes through."""
    lines = [line.get_path().transformed(axes.transData) for line in axes.lines]
    boxes = [(text.get_text(), text.get_window_extent()) for text in axes.texts if text.get_text()]
    return [name for name, box in boxes
            if any(line.intersects_bbox(box, filled=False) for line in lines)]  # fmt: skip


def other(name: str) -> dict[str, str]:
    return {"edge.circuit": at(name)}


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        *((name, {}) for name in sorted(shipped())),
        ("twin16", {"edge.latch": False}),
        ("twin16", {"edge.rule": "printed"}),
        ("twin16", {"network.diodes": [1]}),
        ("geometric:500", {}),
        *(("twin16", other(name)) for name in ("nand", "dead_zone", "one_comparator")),
    ],
)
def test_every_part_of_an_edge_is_drawn_and_legible(name: str, settings: dict[str, Any]) -> None:
    netlist = load(name, settings).netlist()
    for edge in {1, len(netlist.edges)}:
        axes = drawn(netlist, edge)
        told = words(axes)
        for part in netlist.scopes()[f"edge{edge}"]:
            assert f"{part.label}\n{getattr(part.chip, 'model', None)}" in told
        for node in netlist.edges[edge - 1]:
            assert f"node{node}.free" in told
            assert f"node{node}.clamped" in told
        assert told.count("clock.clk") == 2
        assert overlapping(axes) == []
        assert crossed_out(axes) == []


def test_texts_that_cover_one_another_are_found() -> None:
    axes = drawn(load("divider").netlist(), 1)
    first, second, *_ = axes.texts
    second.set_position(first.get_position())
    assert overlapping(axes) != []
    axes.plot(*zip(axes.texts[4].get_position(), (0, 0), strict=True))
    assert crossed_out(axes) != []


def test_a_board_without_latches_has_none_in_the_picture() -> None:
    sound, bypassed = (
        words(drawn(load("twin16", {"edge.latch": latch}).netlist(), 3)) for latch in (True, False)
    )
    assert "CD74HC73" in sound
    assert "jumper" not in sound
    assert "CD74HC73" not in bypassed
    assert "jumper" in bypassed


def test_the_printed_rule_turns_the_second_comparator_round() -> None:
    hardware, printed = (
        words(drawn(load("divider", {"edge.rule": rule}).netlist(), 1))
        for rule in ("hardware", "printed")
    )
    first, second = "\nnode1.clamped\n", "\nnode2.clamped\n"  # plus comes first
    assert hardware.index(second) < hardware.index(first)
    assert printed.index(first) < printed.index(second)


def test_every_net_that_a_part_drives_is_named_once_at_its_driver() -> None:
    told = words(drawn(load("divider", other("nand")).netlist(), 2)).splitlines()
    for net in ("a", "b", "not_both", "not_a_alone", "not_b_alone", "up", "latch", "ud"):
        assert told.count(net) == 1, net


def gate(table: str, inputs: int) -> ChipKind:
    names = [f"i{place}" for place in range(inputs)]
    nand = chip("SN74HC00")
    return type(nand).model_validate(
        {**dict(nand), "inputs": names, "table": table, "model": f"G{table}"}
    )


@pytest.mark.parametrize(
    ("table", "inputs", "boxed"),
    [
        ("10", 1, False), ("01", 1, False), ("0001", 2, False), ("1110", 2, False),
        ("0111", 2, False), ("1000", 2, False), ("0110", 2, False), ("1001", 2, False),
        ("00000001", 3, False), ("10010110", 3, False), ("01101001", 3, False), ("0100", 2, True),
        ("1" * 15 + "0", 4, False),
    ],
)  # fmt: skip
def test_a_gate_is_drawn_as_its_truth_table_says(table: str, inputs: int, boxed: bool) -> None:
    sound = load("divider").netlist()
    made = gate(table, inputs)
    pins = {f"i{place}": (net,) for place, net in zip(range(inputs), ("edge1.a", "edge1.b",
            "clock.cs", "clock.clk"), strict=False)}  # fmt: skip
    parts = tuple(
        replace(part, chip=made, pins={**pins, "y": part.pins["y"]})
        if part.name == "edge1.xor" else part for part in sound.parts
    )  # fmt: skip
    axes = drawn(replace(sound, parts=parts), 1)
    half = len(table) // 2
    assert (f"{table[:half]}\n{table[half:]}" in words(axes)) == boxed
    assert overlapping(axes) == []


def test_a_loop_of_gates_is_drawn_with_a_name_where_it_closes() -> None:
    sound = load("divider").netlist()
    nand = chip("SN74HC00")
    loop = (
        Part("edge1.one", nand, {"a": ("edge1.a",), "b": ("edge1.r",), "y": ("edge1.s",)}),
        Part("edge1.two", nand, {"a": ("edge1.b",), "b": ("edge1.s",), "y": ("edge1.r",)}),
    )
    axes = drawn(replace(sound, parts=(*sound.parts, *loop)), 1)
    told = words(axes).splitlines()
    assert told.count("r") + told.count("s") == 3  # each at its driver, one where the loop closes
    assert overlapping(axes) == []
