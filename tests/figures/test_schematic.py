from typing import Any

import pytest
from matplotlib.figure import Figure

from logicsim.board import load, shipped
from logicsim.circuit.netlist import Netlist
from logicsim.figures.schematic import draw_schematic


def words(netlist: Netlist, edge: int) -> str:
    axes = Figure().subplots()
    draw_schematic(axes, netlist, edge)
    return "\n".join(text.get_text() for text in axes.texts)


def overlapping(netlist: Netlist, edge: int) -> list[tuple[str, str]]:
    """The texts that cover one another at the size `show --png` draws them."""
    figure = Figure(figsize=(11.0, 4.3), dpi=150, layout="constrained")
    axes = figure.subplots()
    draw_schematic(axes, netlist, edge)
    figure.draw_without_rendering()
    boxes = [(text.get_text(), text.get_window_extent()) for text in axes.texts]
    return [
        (a, b) for i, (a, one) in enumerate(boxes) for b, other in boxes[:i] if one.overlaps(other)
    ]


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        *((name, {}) for name in sorted(shipped())),
        ("twin16", {"edge.latch": False}),
        ("twin16", {"edge.rule": "printed"}),
        ("geometric:500", {}),
    ],
)
def test_every_part_of_an_edge_is_drawn_and_legible(name: str, settings: dict[str, Any]) -> None:
    netlist = load(name, settings).netlist()
    for edge in {1, len(netlist.edges)}:
        told = words(netlist, edge)
        for part in netlist.scopes()[f"edge{edge}"]:
            short, model = part.name.partition(".")[2], getattr(part.chip, "model", None)
            assert f"{short}\n{model}" in told
        for node in netlist.edges[edge - 1]:
            assert f"node{node}.free" in told
            assert f"node{node}.clamped" in told
        assert told.count("clock.clk") == 2
        assert overlapping(netlist, edge) == []


def test_a_board_without_latches_has_none_in_the_picture() -> None:
    sound, bypassed = (
        words(load("twin16", {"edge.latch": latch}).netlist(), 3) for latch in (True, False)
    )
    assert "CD74HC73" in sound
    assert "jumper" not in sound
    assert "CD74HC73" not in bypassed
    assert "jumper" in bypassed


def test_the_printed_rule_turns_the_second_comparator_round() -> None:
    hardware, printed = (
        words(load("divider", {"edge.rule": rule}).netlist(), 1) for rule in ("hardware", "printed")
    )
    first, second = "\nnode1.clamped\n", "\nnode2.clamped\n"  # plus comes first
    assert hardware.index(second) < hardware.index(first)
    assert printed.index(first) < printed.index(second)
