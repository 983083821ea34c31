"""Counter-based randomness: a value depends only on seed, purpose, step and place.

Philox4x64 (Salmon et al., SC 2011) is a function from a key and a counter to bits, so nothing
that ran before, beside or in another order can change what comes out. Only its raw bits are
used, which numpy promises to keep; the normal deviates are our own inverse transform.
"""

from enum import IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
Halves = NDArray[np.uint32]
_MASK: Final = 2**64 - 1


class Purpose(IntEnum):
    """The purpose of a stream of random numbers, which is the second word of the Philox key."""

    COMPARATOR_NOISE = 1
    COMPARATOR_OFFSET = 2
    RESISTANCE = 3
    TAPER = 4
    OSCILLATOR_PHASE = 5
    UNDECIDED = 6  # the value a flop or counter samples from an input in its forbidden window
    TASK_DATA = 7
    TASK_ORDER = 8
    LOT = 9  # the part spread between machines
    FAULT = 10  # the times at which an intermittent fault is active
    SAMPLE = 11  # which transient faults a campaign draws, and their times
    NETWORK = 12  # the network of a generated board


class Stream:
    """Random numbers for one purpose, addressed by (step, index)."""

    def __init__(self, seed: int, purpose: Purpose) -> None:
        self._bits = np.random.Philox(key=np.array([seed & _MASK, purpose], dtype=np.uint64))
        self._state: dict[str, Any] = dict(self._bits.state)
        self._counter = self._state["state"]["counter"]

    def uniforms(self, count: int, step: int = 0, index: int = 0, first: int = 0) -> Floats:
        """Draw `count` numbers in the open interval (0, 1).

        The numbers do not depend on `count`. `first`, a multiple of 8, skips that many.
        """
        numbers = self.halves(count, step, index, first).astype(np.float64)
        numbers += 0.5
        numbers *= 2.0**-32
        return numbers

    def halves(self, count: int, step: int = 0, index: int = 0, first: int = 0) -> Halves:
        """The integers of 32 bits behind `uniforms`."""
        counter = self._counter
        counter[0], counter[1], counter[2] = first // 8, index & _MASK, step & _MASK
        counter[3] = 0
        self._state["buffer_pos"] = 4  # the buffer is empty: start from the counter
        self._state["has_uint32"] = 0
        self._bits.state = self._state  # type: ignore[assignment]  # it takes a dict
        raw = self._bits.random_raw((count + 1) // 2)
        return raw.astype("<u8", copy=False).view("<u4")[:count]

    def normals(self, count: int, step: int = 0, index: int = 0, first: int = 0) -> Floats:
        """Draw `count` standard normal deviates; none is beyond 6.4 sigma (32 bits)."""
        deviates: Floats = ndtri(self.uniforms(count, step, index, first))
        return deviates
