"""Warnings about circuits that are valid but probably wrong."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import product

from logicsim.circuit.cell import Cell, CellPart, outputs, unread
from logicsim.circuit.netlist import reached
from logicsim.core.names import CLOCK, LEVELS, TRIGGER
from logicsim.parts.digipot import Digipot
from logicsim.parts.operations import Lookup


def warnings(edge: Cell, clock: Cell) -> list[str]:
    """A line for each net that nothing reads, and for each potentiometer that can never step."""
    lines = [*_unread(edge, [edge]), *_unread(clock, [clock, edge])]
    constant = _constant(edge, clock)
    moving = _moving(edge, clock, constant)
    for part in edge.parts:
        lines += _never_steps(edge, part, moving, constant)
    return lines


def _unread(cell: Cell, readers: list[Cell]) -> Iterator[str]:
    drivers = {net: f"{part.label}.{pin}" for part in cell.parts for pin in part.pins
               for net in part.nets(pin) if net in outputs(cell)}  # fmt: skip
    for net in unread(cell, *readers):
        yield f"{cell.place}: parts.{drivers[net]}: no part reads net '{net}'"


def _constant(edge: Cell, clock: Cell) -> dict[str, int]:
    """The nets whose truth tables keep them at a level, and the supply; by full names."""
    known = dict(LEVELS)
    before = 0
    while len(known) > before:
        before = len(known)
        for cell in (clock, edge):
            for part in cell.parts:
                for each in part.chip.operations():
                    if isinstance(each, Lookup):
                        nets = [_full(*part.nets(pin), of_clock=cell is clock)
                                for pin in each.inputs]  # fmt: skip
                        levels = _levels(each.table, nets, known)
                        if len(levels) == 1:
                            output = _full(*part.nets(each.output), of_clock=cell is clock)
                            known[output] = levels.pop()
    return known


def _levels(table: str, nets: Sequence[str], known: Mapping[str, int]) -> set[int]:
    """The levels that an output may have."""
    free = list(dict.fromkeys(net for net in nets if net not in known))
    levels = set()
    for bits in product((0, 1), repeat=len(free)):
        at = {**known, **dict(zip(free, bits, strict=True))}
        levels.add(int(table[int("".join(str(at[net]) for net in nets), 2)]))
    return levels


def _moving(edge: Cell, clock: Cell, constant: Collection[str]) -> set[str]:
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
    moves = {net: [end for end in ends if end not in constant] for net, ends in follow.items()}
    return reached([TRIGGER], moves)


def _join(
    follow: dict[str, list[str]], of_clock: bool, part: CellPart, start: str, end: str
) -> None:
    for net in part.nets(start):
        follow[_full(net, of_clock=of_clock)] += [
            _full(each, of_clock=of_clock) for each in part.nets(end)
        ]


def _full(net: str, *, of_clock: bool) -> str:
    return net if net in LEVELS or not of_clock or net == TRIGGER else f"{CLOCK}.{net}"


def _never_steps(
    cell: Cell, part: CellPart, moving: set[str], constant: Mapping[str, int]
) -> Iterator[str]:
    capture = part.chip.capture
    if capture is None or "code" not in part.chip.pins.values():
        return
    place = f"{cell.place}: parts.{part.label}"
    if not moving.intersection(part.nets(capture.clock)):
        yield f"{place}.{capture.clock}: no clock reaches this potentiometer; it never steps"
    elif isinstance(part.chip, Digipot) and constant.get(*part.nets("cs")) == 1:
        yield f"{place}.cs: this potentiometer is never selected; it never steps"
