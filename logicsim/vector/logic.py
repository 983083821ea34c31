"""From comparators to counters: XOR, D-flop and U/D of every edge, with levels forced on pins."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logicsim.core.logic import X
from logicsim.vector.planes import Level, Plane, jk, level, pack, xor

FREE = -1  # no level is forced
Levels = NDArray[np.int8]


class Mask(NamedTuple):
    """What becomes of a pin: kept where nothing is forced, else it may be high, low or both."""

    kept: Plane
    high: Plane
    low: Plane

    def on(self, net: Level) -> Level:
        """The pin's level, given the net's."""
        return Level((net.high & self.kept) | self.high, (net.low & self.kept) | self.low)


def mask(levels: Levels) -> Mask:
    """The mask of forced levels: 0, 1, X, or FREE."""
    return Mask(
        pack(levels == FREE),
        pack((levels == 1) | (levels == X)),
        pack((levels == 0) | (levels == X)),
    )


class Logic:
    """The digital part of all edges of one machine, or of a block of them.

    Args:
        shape: (edges,) or (edges, lanes).
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._masks: dict[str, Mask] = {}
        self._still: Plane | None = None  # flops that are not clocked
        self._high = level(np.ones(shape, dtype=bool))
        self._state = Level(self._high.high, self._high.high)  # unknown at power-up

    @property
    def state(self) -> Level:
        """What the flops hold."""
        return self._state

    @state.setter
    def state(self, state: Level) -> None:
        self._state = state

    def force(self, levels: Mapping[str, Levels]) -> None:
        """Force levels on pins, by name ('xor.a'), and on no others."""
        self._masks = {pin: mask(each) for pin, each in levels.items() if pin != "flop.cp"}
        clock = levels.get("flop.cp")
        self._still = pack(clock != FREE) if clock is not None else None

    def latch(self, a: Level, b: Level) -> Level:
        """What the flops hold after the chip-select fall, given the comparators' outputs."""
        if not self._masks and self._still is None:
            self._state = xor(a, b)  # J is D and K is not D
            return self._state
        up = xor(self.pin("xor.a", a), self.pin("xor.b", b))
        k = xor(self.pin("inverter.a", up), self.pin("inverter.b", self._high))
        was = self._state
        now = jk(self.pin("flop.j", up), self.pin("flop.k", k), was)
        if self._still is not None:
            now = Level(*((new & ~self._still) | (old & self._still)
                          for new, old in zip(now, was, strict=True)))  # fmt: skip
        self._state = now
        return now

    def pin(self, name: str, net: Level) -> Level:
        """What a pin sees of its net."""
        forced = self._masks.get(name)
        return net if forced is None else forced.on(net)
