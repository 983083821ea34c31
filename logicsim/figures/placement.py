"""Where the symbols of a schematic go: columns, rows, and tracks for the wires between.

Plain geometry. Items stand in columns, each behind all that drives it; a wire that goes past a
column has an item of its own there, which only takes its room. Wires turn up and down between two
columns, each on a track of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, permutations
from typing import Final

_SWEEPS: Final = 8
_FEW: Final = 6  # tracks of which every order is tried
_SAME: Final = 0.12  # heights closer than this look like one line
_GAP: Final = 0.35  # between two items of a column


@dataclass(slots=True)
class Item:
    """What stands in a column: a symbol, or a wire that goes past.

    Attributes:
        up: how far it reaches above its height `y`; `down` below.
        reads: net to the heights, from `y`, of its pins that read it; `drives` likewise.
    """

    name: str
    up: float
    down: float
    reads: Mapping[str, Sequence[float]]
    drives: Mapping[str, float]
    y: float = 0.0


@dataclass(slots=True)
class Track:
    """Where a net goes up and down behind a column: `place` is its number, from the left."""

    net: str
    begin: float
    ends: Sequence[float]
    place: int = 0

    @property
    def span(self) -> tuple[float, float]:
        """Its lowest and its highest point."""
        return min(self.begin, *self.ends), max(self.begin, *self.ends)


@dataclass(slots=True)
class Placed:
    """The columns from the left, and the tracks behind each."""

    columns: list[list[Item]]
    tracks: list[list[Track]] = field(default_factory=list)


def columns_of(reads: Mapping[str, Sequence[str]], last: Sequence[str]) -> dict[str, int]:
    """A column for each part, behind all whose outputs it reads.

    Args:
        reads: of each part, the parts that drive its inputs; a loop is left where it closes.
        last: the parts that stand together in the last column.
    """
    columns: dict[str, int] = {}

    def column(part: str, above: frozenset[str]) -> int:
        if part not in columns:
            before = [each for each in reads[part] if each not in above and each != part]
            inner = above | {part}
            columns[part] = max((column(each, inner) + 1 for each in before), default=0)
        return columns[part]

    for part in reads:
        column(part, frozenset())
    end = max(columns.values(), default=0)
    return columns | dict.fromkeys(last, max(end, 1))


def place(columns: Sequence[Sequence[Item]]) -> Placed:
    """Give every item its height, and every wire its track.

    Items of the first and of the last column keep their order; those between are put in the order
    in which wires cross the least.
    """
    placed = Placed([list(column) for column in columns])
    for column in placed.columns:
        offsets = _offsets(column)
        for item, offset in zip(column, offsets, strict=True):
            item.y = offset - offsets[-1] / 2
    last = len(placed.columns) - 1
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        both = sweep >= _SWEEPS // 2
        for number in range(last + 1) if forward else reversed(range(last + 1)):
            column = placed.columns[number]
            wanted = _Neighbours(placed.columns, number, both=both, forward=forward).wanted
            if 0 < number < last:
                heights = {item.name: wanted(item) for item in column}
                column.sort(key=lambda item: _known(heights[item.name], item.y))
            _stack(column, wanted)
    placed.tracks = [_tracks(*pair) for pair in pairwise(placed.columns)]
    return placed


def _known(height: float | None, otherwise: float) -> float:
    return -(otherwise if height is None else height)


class _Neighbours:
    """Where the wires to a column's neighbours would have its items."""

    def __init__(
        self, columns: Sequence[Sequence[Item]], number: int, *, both: bool, forward: bool
    ) -> None:
        before = columns[number - 1] if number > 0 and (both or forward) else ()
        after = columns[number + 1] if number + 1 < len(columns) and (both or not forward) else ()
        self._begins = {net: item.y + at for item in before for net, at in item.drives.items()}
        self._ends: dict[str, list[float]] = {}
        for item in after:
            for net, pins in item.reads.items():
                self._ends.setdefault(net, []).extend(item.y + at for at in pins)

    def wanted(self, item: Item) -> float | None:
        """The height at which its wires are straight, on the average."""
        heights = [self._begins[net] - at for net, pins in item.reads.items() if net in self._begins
                   for at in pins]  # fmt: skip
        heights += [end - at for net, at in item.drives.items() for end in self._ends.get(net, ())]
        return sum(heights) / len(heights) if heights else None


def _stack(column: Sequence[Item], wanted: Callable[[Item], float | None]) -> None:
    """Put items one below another, each as near as may be to the height that it wants.

    Neighbours that would overlap move together: pool adjacent violators.
    """
    offsets = _offsets(column)
    pools: list[list[float]] = []  # sum, count
    for item, offset in zip(column, offsets, strict=True):
        height = wanted(item)
        pools.append([(item.y if height is None else height) - offset, 1])
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] < pools[-1][0] / pools[-1][1]:
            total, count = pools.pop()
            pools[-1] = [pools[-1][0] + total, pools[-1][1] + count]
    bases = [total / count for total, count in pools for _ in range(int(count))]
    for item, base, offset in zip(column, bases, offsets, strict=True):
        item.y = base + offset


def _offsets(column: Sequence[Item]) -> list[float]:
    """The heights of items that stand as close as may be, the first at 0."""
    offsets = [0.0]
    for above, below in pairwise(column):
        offsets.append(offsets[-1] - above.down - _GAP - below.up)
    return offsets


def _tracks(before: Sequence[Item], after: Sequence[Item]) -> list[Track]:
    """The wires between two columns that are not straight, on tracks in the best order."""
    ends: dict[str, list[float]] = {}
    for item in after:
        for net, pins in item.reads.items():
            ends.setdefault(net, []).extend(item.y + at for at in pins)
    tracks = [
        Track(net, item.y + at, ends[net])
        for item in before for net, at in item.drives.items() if net in ends
    ]  # fmt: skip
    turning = [t for t in tracks if any(abs(end - t.begin) > 1e-9 for end in t.ends)]
    orders = permutations(turning) if len(turning) <= _FEW else [
        sorted(turning, key=lambda t: t.begin), sorted(turning, key=lambda t: -t.begin)
    ]  # fmt: skip
    best = min(orders, key=_cost, default=())
    for number, track in enumerate(best):
        track.place = number
    return [track for track in tracks if track in best] + [t for t in tracks if t not in best]


def _cost(order: Sequence[Track]) -> tuple[int, int]:
    """How often two wires look like one, and how often they cross."""
    merged = crossed = 0
    for number, left in enumerate(order):
        for right in order[number + 1 :]:
            # The left one's wires go on to the right of it; the right one's come from the left.
            merged += sum(abs(end - right.begin) < _SAME for end in left.ends)
            low, high = left.span
            crossed += low < right.begin < high
            low, high = right.span
            crossed += sum(low < end < high for end in left.ends)
    return merged, crossed
