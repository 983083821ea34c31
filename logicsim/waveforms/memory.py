"""A waveform kept in memory, up to a number of changes."""

from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np

from logicsim.core.logic import SYMBOLS
from logicsim.waveforms.trace import NO_REALS, Given, History, Reals, Signal, Trace


class MemoryWriter:
    """Keeps a waveform for `trace`; after `most` changes it keeps no more, and ends there.

    Args:
        values: what each signal is at `time` (ticks), when the waveform begins.
    """

    def __init__(
        self, signals: Sequence[Signal], values: Sequence[Given], time: int, most: int = 20_000
    ) -> None:
        self._signals = signals
        self._times = [array("q", [time]) for _ in signals]
        self._values = [[value] for value in values]
        self._end = time
        self._left = most

    @property
    def full(self) -> bool:
        """Whether there was more than it keeps."""
        return self._left < 0

    def changes(
        self, time: int, changes: Sequence[tuple[int, int]], reals: Reals = NO_REALS
    ) -> None:
        """Take what changes at `time` (ticks), digital signals and reals."""
        self._left -= len(changes) + len(reals[0])
        if self.full:
            return
        self._end = time
        for place, value in (*changes, *zip(*reals, strict=True)):
            self._times[place].append(time)
            self._values[place].append(value)

    def close(self, time: int) -> None:
        """End the waveform at `time` (ticks)."""
        if not self.full:
            self._end = time

    def trace(self) -> Trace:
        """What was kept, by signal name."""
        return Trace(
            {
                signal.name: History(
                    signal, np.array(times, dtype=np.int64), _array(signal, values)
                )
                for signal, times, values in zip(
                    self._signals, self._times, self._values, strict=True
                )
            },
            self._end,
        )


def _array(signal: Signal, values: Sequence[Given]) -> Any:
    if signal.kind == "wire":
        return np.array([SYMBOLS[int(value)] for value in values], dtype=np.str_)
    if signal.kind == "real":
        return np.array(values, dtype=np.float64)
    # An unknown number is negative, as where a waveform is read back.
    return np.array([max(int(value), -1) for value in values], dtype=np.int64)
