"""What all comparators of a board decide at once."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from logicsim.core.rule import RESOLUTION
from logicsim.vector.planes import Level, level
from logicsim.vector.wiring import Comparators, Floats

_PIECE: Final = 1 << 14  # edges whose voltages stay in the cache; a multiple of 8


def decide(
    chips: Comparators, free: Floats, clamped: Floats, noise: Floats | None
) -> tuple[Level, Level]:
    """The outputs A and B of every edge: high where inputs, offset and noise are above zero.

    Args:
        free: voltages at both ends of every edge, (2, edges) or (2, edges, lanes); NaN on an
            island.
        clamped: likewise.
        noise: standard normal deviates of A and B, of the same shape; None if there is none.
    """
    edges = free.shape[1]
    if edges <= _PIECE:
        return _decide(chips, free, clamped, noise, slice(None))
    pieces = [
        _decide(chips, free[:, piece], clamped[:, piece],
                None if noise is None else noise[:, piece], piece)
        for piece in (slice(first, first + _PIECE) for first in range(0, edges, _PIECE))
    ]  # fmt: skip
    a, b = ([piece[place] for piece in pieces] for place in (0, 1))
    return _joined(a), _joined(b)


def _joined(pieces: Sequence[Level]) -> Level:
    high, low = zip(*pieces, strict=True)
    return Level(np.concatenate(high), np.concatenate(low))


def _decide(
    chips: Comparators, free: Floats, clamped: Floats, noise: Floats | None, piece: slice
) -> tuple[Level, Level]:
    """The same of a piece of the edges."""
    offsets, sigma, limits = (
        each if each.shape[1] == 1 else each[:, piece]
        for each in (chips.offsets, chips.noise, chips.limits)
    )
    drop_free, drop_clamped = drops(free), drops(clamped)
    greater = chips.gain * (drop_clamped - drop_free) - offsets[0]
    sign = (drop_clamped if chips.printed else -drop_clamped) - offsets[1]
    if noise is not None:
        greater += noise[0] * sigma[0]
        sign += noise[1] * sigma[1]
    a, b = greater > RESOLUTION, sign > RESOLUTION
    lowest = chips.lowest_limit
    if free.max() <= lowest and clamped.max() <= lowest:  # and not NaN, an island
        return level(a), level(b)
    for output, volts, limit in zip((a, b), _common(free, clamped), limits, strict=True):
        output[volts > limit] = False
    return level(a, np.isnan(greater)), level(b, np.isnan(sign))


def drops(ends: Floats) -> Floats:
    """First node's voltage minus the second's."""
    difference: Floats = ends[0] - ends[1]
    return difference


def _common(free: Floats, clamped: Floats) -> tuple[Floats, Floats]:
    """The lower input of A, whose pins see means of two nodes, and of B."""
    plus, minus = clamped[0] + free[1], free[0] + clamped[1]
    return 0.5 * np.minimum(plus, minus), clamped.min(axis=0)
