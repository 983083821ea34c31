"""The cell of an edge, or the clock: the parts of one breadboard.

All edges have the same breadboard, so a cell stores its parts and connections once, and the values
of the pieces are columns with an entry for each edge.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np

from logicsim.core.names import CLOCK, TRIGGER, Branch, Node, Side
from logicsim.parts.debouncer import Debouncer, spacing_periods
from logicsim.parts.kind import ChipKind, Corner, Pieces
from logicsim.parts.part import Part

DRIVES: Final = ("out", "open", "code")


class Own(NamedTuple):
    """A net of this breadboard."""

    net: str


class Shared(NamedTuple):
    """A net of the clock, or the supply, by its full name."""

    net: str


class End(NamedTuple):
    """The node at an end of the edge: 0 is the first, 1 the second."""

    end: Literal[0, 1]
    side: Side


class Across(NamedTuple):
    """The branch of this edge in one network."""

    side: Side


Reference = Own | Shared | End | Across


@dataclass(frozen=True, slots=True)
class CellPart:
    """A part of a cell: its label, its chip, and the connections of its pins."""

    label: str
    chip: ChipKind
    pins: Mapping[str, tuple[Reference, ...]]

    def nets(self, pin: str) -> tuple[str, ...]:
        """The nets on a pin; nets of its own breadboard by their short names."""
        return tuple(ref.net for ref in self.pins[pin] if isinstance(ref, Own | Shared))


@dataclass(frozen=True, slots=True)
class Cell:
    """The parts of one breadboard, in file order; `place` is its name in errors."""

    parts: tuple[CellPart, ...]
    place: str

    def solder(self, where: str, values: Sequence[Mapping[str, float]], edge: int = 0,
               ends: tuple[int, int] = (0, 0)) -> list[Part]:  # fmt: skip
        """Make the parts of one breadboard.

        Args:
            where: the scope of the breadboard.
            values: the values of each part, in the cell's order.
            edge: the number of the edge, from 1.
            ends: the nodes at its ends, from 1.
        """

        def name(ref: Reference) -> str:
            match ref:
                case Own(net):
                    return f"{where}.{net}"
                case Shared(net):
                    return net
                case End(end, side):
                    return Node(ends[end], side).name
                case Across(side):
                    return Branch(edge, side).name

        return [
            Part(
                f"{where}.{part.label}",
                part.chip,
                {pin: tuple([name(ref) for ref in refs]) for pin, refs in part.pins.items()},
                own,
            )
            for part, own in zip(self.parts, values, strict=True)
        ]

    def pieces(self, seed: int, edges: int) -> list[Pieces]:
        """The values of the pieces of each part, on `edges` breadboards."""
        of = Counter(part.chip.kind for part in self.parts)
        places: Counter[str] = Counter()
        drawn = []
        for part in self.parts:
            kind = part.chip.kind
            drawn.append(part.chip.pieces(seed, edges, places[kind], of[kind]))
            places[kind] += 1
        return drawn

    def loads(self) -> Counter[str]:
        """Count the input pins of one breadboard on each net of another scope."""
        return Counter(
            ref.net
            for part in self.parts
            for pin, role in part.chip.pins.items()
            if role == "in"
            for ref in part.pins[pin]
            if isinstance(ref, Shared)
        )

    def debounced(self, corner: Corner, capacitance: float) -> int:
        """The time (ticks) that a clock's debouncers need to return, with a capacitor (F)."""
        follow: dict[str, list[str]] = {}
        depth: dict[str, int] = {}
        period = 0
        for part in self.parts:
            for end, starts in part.chip.follows.items():
                for start in starts:
                    for net in part.nets(start):
                        follow.setdefault(net, []).extend(part.nets(end))
            if isinstance(part.chip, Debouncer):
                period = max(period, part.chip.period(capacitance, corner))
        debouncers = {part.nets("q")[0] for part in self.parts if isinstance(part.chip, Debouncer)}
        deepest = _deepest(follow, debouncers, TRIGGER, depth)
        return period * spacing_periods(deepest) if deepest else 0

    def potentiometer(self, side: Side) -> CellPart:
        """The part whose counter sets the edge's resistance in one network."""
        return next(
            part for part in self.parts if "code" in part.chip.pins.values()
            for pin, role in part.chip.pins.items()
            if role == "branch" and Across(side) in part.pins[pin]
        )  # fmt: skip

    def of_kind(self, kind: type[ChipKind]) -> list[CellPart]:
        """The parts of a kind, in order."""
        return [part for part in self.parts if isinstance(part.chip, kind)]


def rows(pieces: Sequence[Pieces], edges: Sequence[int]) -> Iterator[list[dict[str, float]]]:
    """The values of every part on the breadboards of some edges (from 1), one after another."""
    places = np.array(edges, dtype=np.intp) - 1
    columns = [
        {
            key: np.asarray(each).item()
            if np.ndim(each) == 0
            else np.asarray(each)[places].tolist()
            for key, each in part.items()
        }
        for part in pieces
    ]
    for row in range(len(places)):
        yield [
            {key: each[row] if isinstance(each, list) else each for key, each in part.items()}
            for part in columns
        ]


def outputs(cell: Cell) -> list[str]:
    """The nets that a cell drives, each once, in order."""
    return list(dict.fromkeys(
        net for part in cell.parts for pin, role in part.chip.pins.items() if role in DRIVES
        for net in part.nets(pin)
    ))  # fmt: skip


def unread(cell: Cell, *others: Cell) -> list[str]:
    """The nets of a cell that no part of it, nor of the others, reads."""
    read = {
        net.removeprefix(f"{CLOCK}.") if isinstance(ref, Shared) else net
        for each in (cell, *others)
        for part in each.parts
        for pin, role in part.chip.pins.items() if role == "in"
        for ref, net in zip(part.pins[pin], part.nets(pin), strict=True)
    }  # fmt: skip
    counted = {net for part in cell.parts for pin, role in part.chip.pins.items()
               if role == "code" for net in part.nets(pin)}  # fmt: skip
    return [net for net in outputs(cell) if net not in read and net not in counted]


def _deepest(
    follow: Mapping[str, Sequence[str]], counted: set[str], net: str, known: dict[str, int]
) -> int:
    """The largest number of counted nets on any path from a net; a loop is followed once."""
    if net not in known:
        known[net] = 0  # during the search, so that a loop adds nothing
        known[net] = max(
            ((each in counted) + _deepest(follow, counted, each, known)
             for each in follow.get(net, ())), default=0,
        )  # fmt: skip
    return known[net]
