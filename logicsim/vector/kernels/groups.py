"""The layout of lanes in groups."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_WORD = 64  # bits


def grouped(lanes: NDArray[Any], width: int) -> NDArray[Any]:
    """Lay out (lanes, ...) as (groups, ..., width); the last lane fills up the last group."""
    groups = -(-len(lanes) // width)
    chosen = np.minimum(np.arange(groups * width), len(lanes) - 1)
    padded = lanes.take(chosen, axis=0).reshape(groups, width, *lanes.shape[1:])
    return np.ascontiguousarray(np.moveaxis(padded, 1, -1))


def by_lane(groups: NDArray[Any], lanes: int) -> NDArray[Any]:
    """Lay out (groups, ..., width) as (lanes, ...)."""
    moved = np.moveaxis(groups, -1, 1)
    count, width, *shape = moved.shape
    return moved.reshape(count * width, *shape)[:lanes]


def words(bits: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Pack bits into words along the last axis, the first bit lowest."""
    spare = -bits.shape[-1] % _WORD
    padded = np.pad(bits, [(0, 0)] * (bits.ndim - 1) + [(0, spare)])
    return np.packbits(padded, axis=-1, bitorder="little").view("<u8").astype(np.uint64)


def bits(packed: NDArray[np.uint64], count: int) -> NDArray[np.bool_]:
    """Unpack `count` bits from words along the last axis."""
    octets = packed.astype("<u8").view(np.uint8)
    return np.unpackbits(octets, axis=-1, count=count, bitorder="little").view(np.bool_)


def planes(levels: NDArray[np.bool_], width: int) -> NDArray[np.uint64]:
    """The words of bits (lanes, ..., edges), laid out as (groups, ..., words)."""
    laid = grouped(levels, width)
    *shape, edges, _ = laid.shape
    return words(laid.reshape(*shape, edges * width))
