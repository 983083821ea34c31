"""The decisions of all comparators of a board."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from logicsim.core.rule import RESOLUTION
from logicsim.vector.noise_source import Numbers
from logicsim.vector.planes import Level, Plane, filled, pack
from logicsim.vector.wiring import Comparators, Floats, Taps

_PIECE: Final = 1 << 14  # edges whose voltages stay in the cache; a multiple of 8


class Decisions(NamedTuple):
    """The outputs of all comparators: for each a plane of the high and one of the unknown edges.

    An output may be unknown on an island, whose voltages are NaN.
    """

    high: Sequence[Plane]
    unknown: Sequence[Plane] | None = None

    def levels(self) -> Sequence[Level]:
        """The outputs as levels."""
        if self.unknown is None:
            return [Level(plane, ~plane) for plane in self.high]
        return [Level(high | unknown, ~high | unknown)
                for high, unknown in zip(self.high, self.unknown, strict=True)]  # fmt: skip


def decide(
    chips: Comparators, free: Floats, clamped: Floats, noise: Floats | Numbers | None
) -> Decisions:
    """Decide all comparators: high where input, offset and noise together are above zero.

    Args:
        free: voltages at both ends of every edge, (2, edges); NaN on an island.
        clamped: likewise.
        noise: standard normal deviates, (comparators, edges), or the numbers behind them; None if
            there is none.
    """
    edges = free.shape[1]
    if edges <= _PIECE:
        return _decide(chips, free, clamped, noise)

    def decided(first: int) -> Decisions:
        piece = slice(first, first + _PIECE)
        if isinstance(noise, Numbers):
            heard: Floats | Numbers | None = noise.piece(piece)
        else:
            heard = None if noise is None else noise[:, piece]
        return _decide(chips.piece(piece), free[:, piece], clamped[:, piece], heard)

    in_turn = noise.pool.map if isinstance(noise, Numbers) else map
    pieces = list(in_turn(decided, range(0, edges, _PIECE)))
    high = [_joined(planes) for planes in zip(*(each.high for each in pieces), strict=True)]
    if all(each.unknown is None for each in pieces):
        return Decisions(high)
    unknown = [each.unknown or [filled(len(plane), 0) for plane in each.high] for each in pieces]
    return Decisions(high, [_joined(planes) for planes in zip(*unknown, strict=True)])


def _joined(pieces: Sequence[Plane]) -> Plane:
    """Join pieces into a plane of all edges."""
    whole = pieces[0].copy()
    for piece in pieces[1:]:
        whole += piece
    return whole


def _decide(
    chips: Comparators, free: Floats, clamped: Floats, noise: Floats | Numbers | None
) -> Decisions:
    """Decide the comparators of a piece of the edges."""
    ends = (free[0], free[1], clamped[0], clamped[1])
    # False if a voltage is too high, or NaN on an island.
    plain = _highest(free) <= chips.lowest_limit and _highest(clamped) <= chips.lowest_limit
    high, unknown = [], []
    for row, (plus, minus) in enumerate(chips.taps):
        above, below = _sum(ends, plus), _sum(ends, minus)
        inputs = above - below
        if not chips.plain_gain:
            inputs *= chips.gains[row]
        if isinstance(noise, Numbers):
            output = noise.above(row, inputs, chips.noise[row], chips.offsets[row])
        elif noise is not None:
            output = inputs + (noise[row] * chips.noise[row] - chips.offsets[row]) > RESOLUTION
        else:
            output = inputs - chips.offsets[row] > RESOLUTION
        if not plain:
            output[np.minimum(above, below) / len(plus) > chips.limits[row]] = False
            unknown.append(pack(np.isnan(inputs)))
        high.append(pack(output))
    return Decisions(high, None if plain else unknown)


def _highest(volts: Floats) -> float:
    """The maximum, without the overhead of `max`, which dominates on a small board."""
    highest: float = np.maximum.reduce(volts, axis=None)
    return highest


def _sum(ends: Sequence[Floats], taps: Taps) -> Floats:
    """The sum of the voltages whose mean a pin sees."""
    return ends[taps[0]] + ends[taps[1]] if len(taps) > 1 else ends[taps[0]]


def drops(ends: Floats) -> Floats:
    """The drops (V): the first node's voltage minus the second's."""
    difference: Floats = ends[0] - ends[1]
    return difference
