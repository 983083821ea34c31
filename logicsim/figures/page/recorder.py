"""What a page keeps of a run while it goes on: its decimated steps and its waveform."""

from collections.abc import Sequence

from logicsim.core.decimated import Decimated
from logicsim.tasks.task_run import Step, Steps
from logicsim.waveforms.memory import MemoryWriter
from logicsim.waveforms.trace import Given, Signal, Writer


class PageRecorder:
    """Takes steps and a waveform in; both stay small however long the run is.

    Args:
        most: how many steps are kept, evenly spaced, besides the last.
        changes: how many of the waveform are kept, the first.
    """

    def __init__(self, most: int = 1000, changes: int = 20_000) -> None:
        self.waveform: MemoryWriter | None = None
        self._steps: Decimated[Step] = Decimated(most)
        self._changes = changes

    def add(self, steps: Steps) -> None:
        """Take the next steps."""
        self._steps.add(steps)

    @property
    def steps(self) -> list[tuple[int, Step]]:
        """The steps that are kept, each with its number from 1 over all tasks."""
        return list(zip(self._steps.numbers, self._steps.items, strict=True))

    def open(self, signals: Sequence[Signal], values: Sequence[Given], now: int) -> Writer:
        """The writer of the waveform, opened as a recording begins."""
        self.waveform = MemoryWriter(signals, values, now, self._changes)
        return self.waveform
