"""Zero crossings of smooth functions of time, for comparators on settling voltages."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from logicsim.core.units import TICKS_PER_SECOND

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

_TICK: Final = 1 / TICKS_PER_SECOND  # s
_GROWTH: Final = 1.7  # ratio of successive sample times
_MOST: Final = 60  # bisections of a sample interval, down to a picosecond


class Signals(Protocol):
    """Smooth functions of time whose zero crossings are wanted."""

    def every(self, times: Floats) -> Floats:
        """The values of all functions at times (s), shape (times, functions)."""

    def some(self, times: Floats, which: Places) -> tuple[Floats, Floats]:
        """Function `which[i]` at `times[i]`, and its slope (1/s) there."""


@dataclass(frozen=True, slots=True)
class Exponentials:
    """Sums of exponentials: constants, rates (1/s), and amplitudes, one row for each function."""

    constants: Floats
    rates: Floats
    amplitudes: Floats

    def every(self, times: Floats) -> Floats:
        """The values of all functions at times (s), shape (times, functions)."""
        values: Floats = np.exp(-np.outer(times, self.rates)) @ self.amplitudes.T + self.constants
        return values

    def some(self, times: Floats, which: Places) -> tuple[Floats, Floats]:
        """Function `which[i]` at `times[i]`, and its slope (1/s) there."""
        parts = np.exp(times[:, None] * -self.rates) * self.amplitudes[which]
        return parts.sum(axis=1) + self.constants[which], -(parts @ self.rates)


def crossings(signals: Signals, end: float) -> tuple[Places, Floats]:
    """Find zero crossings: function indices and times (s, to a picosecond), in order of time.

    The functions are sampled from a picosecond to `end` (s) at growing intervals, as suits
    exponentials; two crossings of a function within one interval cancel. Newton's method, kept
    within the interval, then refines each crossing.
    """
    if end <= _TICK:
        return np.zeros(0, dtype=np.intp), np.zeros(0)
    times = _looks(end)
    values = signals.every(times)
    above = values > 0
    place, which = (above[1:] != above[:-1]).nonzero()
    if not len(which):
        return which, np.zeros(0)
    rising = above[place + 1, which]
    when = _close_in(signals, which, rising, times[place], times[place + 1])
    order = np.argsort(when, kind="stable")
    return which[order], when[order]


@np.errstate(divide="ignore", invalid="ignore")
def _close_in(
    signals: Signals, which: Places, rising: NDArray[np.bool_], low: Floats, high: Floats
) -> Floats:
    guess = (low + high) / 2
    for _ in range(_MOST):
        found, slopes = signals.some(guess, which)
        beyond = (found > 0) == rising
        low, high = np.where(beyond, low, guess), np.where(beyond, guess, high)
        better = guess - found / slopes
        better = np.where((better >= low) & (better <= high), better, (low + high) / 2)
        moved, guess = np.abs(better - guess).max(), better
        if moved < _TICK / 4:
            break
    return guess


@lru_cache(maxsize=16)
def _grid(looks: int) -> Floats:
    grid: Floats = _TICK * _GROWTH ** np.arange(looks, dtype=np.float64)
    return grid


def _looks(end: float) -> Floats:
    """The sample times: 0, then a geometric series from a picosecond to beyond `end`."""
    return np.concatenate([[0.0], _grid(int(np.log(end / _TICK) / np.log(_GROWTH)) + 2)])
