"""Crossing detection: when comparators' inputs cross while voltages settle."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from logicsim.analog.crossings import Floats, Signals, crossings
from logicsim.analog.settling import SettlingTwin
from logicsim.core.units import TICKS_PER_SECOND, ticks
from logicsim.kernel.kernel import Kernel
from logicsim.parts.comparator import ComparatorBank

_SHOWN = tuple(ticks(10e-9 * 1.6**place) for place in range(24))  # to 0.5 ms


class CrossingDetection:
    """Makes comparators decide at the time when their inputs cross.

    The overdrive grows after a slow crossing: the delay is that of the overdrive reached one
    `fastest` delay after the crossing.

    Args:
        fastest: the comparators' shortest delay, s.
    """

    def __init__(
        self, kernel: Kernel, twin: SettlingTwin, bank: ComparatorBank, fastest: float
    ) -> None:
        self._kernel = kernel
        self._twin = twin
        self._bank = bank
        self._fastest = fastest
        self._serial = 0

    def settle(self) -> None:
        """Apply changes of networks and noise, or only update the voltages to this instant."""
        twin, bank, now = self._twin, self._bank, self._kernel.now
        changed = twin.free.stale or twin.clamped.stale
        twin.settle(now)
        if not changed and not bank.heard:
            return
        bank.heard = False
        bank.look(twin.voltages)
        self._serial += 1  # cancels the crossings predicted so far
        left = twin.left(now)
        if left <= 0:
            return
        self._foresee(left)
        if changed and self._kernel.recorder is not None:
            for delay in _SHOWN[: np.searchsorted(_SHOWN, left * TICKS_PER_SECOND)]:
                self._kernel.schedule(delay, self._show, self._serial, "settling")

    def _foresee(self, left: float) -> None:
        twin, bank, now = self._twin, self._bank, self._kernel.now
        weights, constants = bank.weighed(len(twin.voltages))
        signals: Signals | None = twin.signals(weights, constants, now)
        if signals is None:
            signals = _Sampled(twin, weights, constants, now)
        which, when = crossings(signals, left)
        if not len(which):
            return
        overdrives = np.abs(signals.some(when + self._fastest, which)[0])
        found = zip(which.tolist(), when.tolist(), overdrives.tolist(), strict=True)
        for index, time, overdrive in found:
            delay = math.ceil(time * TICKS_PER_SECOND) + 1  # certainly after it
            self._kernel.schedule(delay, self._cross, (self._serial, index, overdrive), "settling")

    def _cross(self, foreseen: tuple[int, int, float]) -> None:
        serial, index, overdrive = foreseen
        if serial == self._serial:
            self._bank.turn(index, overdrive)

    def _show(self, serial: int) -> None:
        """Add a point of the settling curve to the waveform."""
        if serial == self._serial:
            self._kernel.unsettled = True


@dataclass(frozen=True, slots=True)
class _Sampled:
    """Weighted sums of voltages, for networks too large for modes."""

    twin: SettlingTwin
    weights: Floats
    constants: Floats
    now: int

    def every(self, times: Floats) -> Floats:
        sums: Floats = self.twin.sample(times, self.now) @ self.weights.T + self.constants
        return sums

    def some(self, times: Floats, which: NDArray[np.intp]) -> tuple[Floats, Floats]:
        apart = 1e-4 * times + 1e-12
        ends = [
            (self.twin.sample(at, self.now) * self.weights[which]).sum(axis=1)
            for at in (times - apart, times, times + apart)
        ]
        return ends[1] + self.constants[which], (ends[2] - ends[0]) / (2 * apart)
