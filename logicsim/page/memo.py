"""What a page keeps of a run while it goes on: its steps, thinned, and its waveform."""

from collections.abc import Sequence

from logicsim.formats.memory import MemoryWriter
from logicsim.supervisor import Step
from logicsim.trace import Given, Signal, Writer


class Memo:
    """Takes steps and a waveform in; both stay small however long the run is.

    Args:
        most: how many steps are kept, evenly spaced: every step, every second, every fourth...
            and the last.
        changes: how many of the waveform are kept, the first.
    """

    def __init__(self, most: int = 1000, changes: int = 20_000) -> None:
        self._kept: list[tuple[int, Step]] = []
        self._last: tuple[int, Step] | None = None
        self.waveform: MemoryWriter | None = None
        self._most = most
        self._changes = changes
        self._every = 1
        self._seen = 0

    def add(self, step: Step) -> None:
        """Take the next step."""
        self._last = self._seen + 1, step
        if self._seen % self._every == 0:
            if len(self._kept) == self._most:
                self._kept = self._kept[::2]
                self._every *= 2
            if self._seen % self._every == 0:
                self._kept.append(self._last)
        self._seen += 1

    def take(self, steps: list[tuple[int, Step]]) -> None:
        """Take steps that are thinned already, each with its number from 1 over all tasks."""
        self._kept = steps

    @property
    def steps(self) -> list[tuple[int, Step]]:
        """The steps that are kept, each with its number from 1 over all tasks."""
        kept = self._kept
        return [*kept, self._last] if self._last and kept[-1] != self._last else kept

    def open(self, signals: Sequence[Signal], values: Sequence[Given], now: int) -> Writer:
        """The writer of the waveform, opened as a recording begins."""
        self.waveform = MemoryWriter(signals, values, now, self._changes)
        return self.waveform
