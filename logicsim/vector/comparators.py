"""What all comparators of a board decide at once."""

import numpy as np

from logicsim.parts.lm339a import RESOLUTION
from logicsim.vector.planes import Level, level
from logicsim.vector.wiring import Comparators, Floats


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
    drop_free, drop_clamped = drops(free), drops(clamped)
    greater = chips.gain * (drop_clamped - drop_free) - chips.offsets[0]
    sign = (drop_clamped if chips.printed else -drop_clamped) - chips.offsets[1]
    if noise is not None:
        greater += noise[0] * chips.noise[0]
        sign += noise[1] * chips.noise[1]
    a, b = greater > RESOLUTION, sign > RESOLUTION
    lowest = chips.lowest_limit
    if free.max() <= lowest and clamped.max() <= lowest:  # and not NaN, an island
        return level(a), level(b)
    for output, volts, limit in zip((a, b), _common(free, clamped), chips.limits, strict=True):
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
