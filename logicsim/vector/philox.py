"""The numbers of `logicsim.core.noise` for many seeds, steps and places together.

This is Philox4x64-10 (Salmon et al., SC 2011) in array operations, since setting the state of a
stream for each takes longer than drawing the few numbers.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from logicsim.core.noise import Purpose

Floats = NDArray[np.float64]
Words = NDArray[np.uint64]

_MULTIPLIERS: Final = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
_WEYL: Final = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)
_ROUNDS: Final = 10
_HALF: Final = np.uint64(32)
_LOW: Final = np.uint64(2**32 - 1)


def uniforms(
    seeds: Words, purpose: Purpose, count: int, step: Words | int, index: Words | int = 0
) -> Floats:
    """`Stream(seed, purpose).uniforms(count, step, index)` for each seed, (count, seeds)."""
    blocks = -(-count // 8)
    shape = (blocks, len(seeds))
    counter = [np.broadcast_to(word, shape).astype(np.uint64) for word in (
        np.arange(1, blocks + 1, dtype=np.uint64)[:, None], index, step, 0,
    )]  # fmt: skip
    words = _philox(counter, [seeds.copy(), np.full(len(seeds), purpose, np.uint64)])
    halves = np.empty((blocks, 8, len(seeds)))
    for place, word in enumerate(words):
        halves[:, 2 * place] = word & _LOW
        halves[:, 2 * place + 1] = word >> _HALF
    halves += 0.5
    halves *= 2.0**-32
    return halves.reshape(-1, len(seeds))[:count]


def _philox(counter: list[Words], key: list[Words]) -> list[Words]:
    a, b, c, d = counter
    for number in range(_ROUNDS):
        if number:
            key[0] += np.uint64(_WEYL[0])
            key[1] += np.uint64(_WEYL[1])
        high, low = _multiply(a, _MULTIPLIERS[0])
        other_high, other_low = _multiply(c, _MULTIPLIERS[1])
        other_high ^= b
        other_high ^= key[0]
        high ^= d
        high ^= key[1]
        a, b, c, d = other_high, other_low, high, low
    return [a, b, c, d]


def _multiply(words: Words, by: int) -> tuple[Words, Words]:
    """The high and the low word of a product of 128 bits."""
    by_high, by_low = np.uint64(by >> 32), np.uint64(by & 0xFFFFFFFF)
    high, low = words >> _HALF, words & _LOW
    carry = low * by_low
    carry >>= _HALF
    carry += high * by_low
    low *= by_high
    low += carry & _LOW
    low >>= _HALF
    high *= by_high
    high += low
    carry >>= _HALF
    high += carry
    return high, words * np.uint64(by)
