"""The logic of all edges at once: a net of every edge is two bit planes, eight edges a byte.

A level says what a net may be: high, low, or, where it is unknown, both. A gate's output may be
high where inputs that they may have make it so, and likewise low; so X needs no table of its own.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint8]
Bits = NDArray[np.bool_]


class Level(NamedTuple):
    """One net of every edge: the plane of those that may be high, and of those that may be low."""

    high: Plane
    low: Plane


def pack(bits: Bits) -> Plane:
    """A plane of bits of any shape, the last axis fastest."""
    return np.packbits(bits)


def unpack(plane: Plane, shape: tuple[int, ...]) -> Bits:
    """The bits of a plane in their shape."""
    bits = np.unpackbits(plane, count=math.prod(shape))
    return bits.view(np.bool_).reshape(shape)


def level(high: Bits, unknown: Bits | None = None) -> Level:
    """A net that is high here and low elsewhere, or unknown."""
    if unknown is None:
        plane = pack(high)
        return Level(plane, ~plane)
    return Level(pack(high | unknown), pack(~high | unknown))


def xor(a: Level, b: Level) -> Level:
    """One SN74ALS86 gate of every edge."""
    return Level((a.high & b.low) | (a.low & b.high), (a.high & b.high) | (a.low & b.low))


def jk(j: Level, k: Level, q: Level) -> Level:
    """The next state of every CD74HC73: set where it was low and J, reset where high and K."""
    return Level(
        (j.high & q.low) | (k.low & q.high),
        (j.low & q.low) | (k.high & q.high),
    )
