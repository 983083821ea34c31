"""When smooth functions of time pass zero: comparators on settling voltages."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from logicsim.core.units import TICKS_PER_SECOND

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

_TICK: Final = 1 / TICKS_PER_SECOND  # s
_GROWTH: Final = 1.7  # from one time looked at to the next
_MOST: Final = 60  # halvings of what is between two looks, to a picosecond


class Signals(Protocol):
    """Smooth functions of time, whose passing of zero is of interest."""

    def every(self, times: Floats) -> Floats:
        """All of them at times (s): a row a time, a column a function."""

    def some(self, times: Floats, which: Places) -> tuple[Floats, Floats]:
        """Function `which[i]` at `times[i]`, and its slope (1/s) there."""


@dataclass(frozen=True, slots=True)
class Exponentials:
    """Sums of exponentials: constants, rates (1/s), and amplitudes, a row a function."""

    constants: Floats
    rates: Floats
    amplitudes: Floats

    def every(self, times: Floats) -> Floats:
        """All of them at times (s): a row a time, a column a function."""
        values: Floats = np.exp(-np.outer(times, self.rates)) @ self.amplitudes.T + self.constants
        return values

    def some(self, times: Floats, which: Places) -> tuple[Floats, Floats]:
        """Function `which[i]` at `times[i]`, and its slope (1/s) there."""
        parts = np.exp(times[:, None] * -self.rates) * self.amplitudes[which]
        return parts.sum(axis=1) + self.constants[which], -(parts @ self.rates)


def crossings(signals: Signals, end: float) -> tuple[Places, Floats]:
    """Where signals pass zero: which, and when (s, to a picosecond), in order of time.

    They are looked at from a picosecond on to `end` (s), ever farther apart as exponentials
    allow; two passes of one signal between two looks cancel. Then Newton's method, which may not
    leave the two looks, closes in on each.
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
    """0, then from a picosecond to beyond `end`, each so many times the last."""
    return np.concatenate([[0.0], _grid(int(np.log(end / _TICK) / np.log(_GROWTH)) + 2)])
