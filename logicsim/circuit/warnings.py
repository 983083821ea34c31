"""Warnings about circuits that are valid but probably wrong."""

from collections import defaultdict
from collections.abc import Iterator

from logicsim.circuit.cell import Cell, CellPart, outputs, unread
from logicsim.circuit.netlist import reached
from logicsim.core.names import CLOCK, HIGH, LEVELS, TRIGGER
from logicsim.parts.digipot import Digipot


def warnings(edge: Cell, clock: Cell) -> list[str]:
    """A line for each net that nothing reads, and for each potentiometer that can never step."""
    lines = [*_unread(edge, [edge]), *_unread(clock, [clock, edge])]
    moving = _moving(edge, clock)
    for part in edge.parts:
        lines += _never_steps(edge, part, moving)
    return lines


def _unread(cell: Cell, readers: list[Cell]) -> Iterator[str]:
    drivers = {net: f"{part.label}.{pin}" for part in cell.parts for pin in part.pins
               for net in part.nets(pin) if net in outputs(cell)}  # fmt: skip
    for net in unread(cell, *readers):
        yield f"{cell.place}: parts.{drivers[net]}: no part reads net '{net}'"


def _moving(edge: Cell, clock: Cell) -> set[str]:
    """The nets that may change when the trigger flips; those of the clock by full name."""
    follow: dict[str, list[str]] = defaultdict(list)
    for cell in (clock, edge):
        for part in cell.parts:
            for end, starts in part.chip.follows.items():
                for start in starts:
                    _join(follow, cell is clock, part, start, end)
            if part.chip.capture is not None:
                for end, role in part.chip.pins.items():
                    if role in ("out", "open", "code"):
                        _join(follow, cell is clock, part, part.chip.capture.clock, end)
    return reached([TRIGGER], follow)


def _join(
    follow: dict[str, list[str]], of_clock: bool, part: CellPart, start: str, end: str
) -> None:
    def full(net: str) -> str:
        return net if net in LEVELS or not of_clock or net == TRIGGER else f"{CLOCK}.{net}"

    for net in part.nets(start):
        follow[full(net)] += map(full, part.nets(end))


def _never_steps(cell: Cell, part: CellPart, moving: set[str]) -> Iterator[str]:
    capture = part.chip.capture
    if capture is None or "code" not in part.chip.pins.values():
        return
    place = f"{cell.place}: parts.{part.label}"
    if not moving.intersection(part.nets(capture.clock)):
        yield f"{place}.{capture.clock}: no clock reaches this potentiometer; it never steps"
    elif isinstance(part.chip, Digipot) and HIGH in part.nets("cs"):
        yield f"{place}.cs: this potentiometer is never selected; it never steps"
