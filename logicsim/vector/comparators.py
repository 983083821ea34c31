"""What all comparators of a board decide at once."""

import numpy as np
from numpy.typing import NDArray

from logicsim.parts.lm339a import RESOLUTION
from logicsim.vector.planes import Bits, Level, level
from logicsim.vector.wiring import Comparators, Floats


def decide(
    chips: Comparators, free: Floats, clamped: Floats, noise: Floats | None
) -> tuple[Level, Level]:
    """The outputs A and B of every edge: high where inputs, offset and noise are above zero.

    Args:
        free: voltages at both ends of every edge, (..., 2, edges); NaN on an island.
        clamped: likewise.
        noise: standard normal deviates, (..., edges, 2), A's and B's; None if there is none.
    """
    drop_free, drop_clamped = drops(free), drops(clamped)
    greater = chips.gain * (drop_clamped - drop_free) - chips.offsets[..., 0, :]
    sign = (drop_clamped if chips.printed else -drop_clamped) - chips.offsets[..., 1, :]
    if noise is not None:
        greater += noise[..., 0] * chips.noise[..., 0, :]
        sign += noise[..., 1] * chips.noise[..., 1, :]
    a, b = greater > RESOLUTION, sign > RESOLUTION
    lowest_limit = chips.limits.min()
    if free.max() <= lowest_limit and clamped.max() <= lowest_limit:  # and not NaN, an island
        return level(a), level(b)
    _limit(chips, free, clamped, (a, b))
    return level(a, np.isnan(greater)), level(b, np.isnan(sign))


def drops(ends: Floats) -> Floats:
    """First node's voltage minus the second's."""
    difference: Floats = ends[..., 0, :] - ends[..., 1, :]
    return difference


def opposed(free: Floats, clamped: Floats) -> NDArray[np.intp]:
    """On how many edges the two drops have opposite signs."""
    counted: NDArray[np.intp] = np.count_nonzero(
        drops(free) * drops(clamped) < -(RESOLUTION**2), axis=-1
    )
    return counted


def _limit(chips: Comparators, free: Floats, clamped: Floats, outputs: tuple[Bits, Bits]) -> None:
    """Set low what has both inputs above the common-mode limit; A's pins see means of two nodes."""
    plus = clamped[..., 0, :] + free[..., 1, :]
    minus = free[..., 0, :] + clamped[..., 1, :]
    lower = (0.5 * np.minimum(plus, minus), clamped.min(axis=-2))
    for row, (output, volts) in enumerate(zip(outputs, lower, strict=True)):
        output[volts > chips.limits[..., row, :]] = False
