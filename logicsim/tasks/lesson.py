"""What a task is to an engine: lessons, what is measured in a step, what a run counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from logicsim.kernel.kernel import Violation


class Exam(NamedTuple):
    """Questions for the free network between steps: `volts` (V), a row a case, a column a node."""

    nodes: Sequence[int]
    volts: NDArray[np.float64]


class Mark(NamedTuple):
    """How wrong the free outputs are, in V^2 (NaN where a task has no notion of it).

    `accuracy` is the share of the test set classified rightly; None where nothing is classified.
    """

    error: float
    accuracy: float | None = None


class Lesson(Protocol):
    """One training of a task from its first step; nodes are numbered from 1, voltages in volts."""

    def held(self, step: int) -> Mapping[int, float]:
        """What to hold in both networks."""

    def exam(self, step: int) -> Exam | None:
        """What to ask the free network before the step; it answers at all output nodes."""

    def mark(
        self, step: int, measured: Mapping[int, float], answers: NDArray[np.float64] | None
    ) -> Mark:
        """Judge the free outputs of the step and the answers to its exam (cases by outputs)."""

    def clamp(self, step: int, measured: Mapping[int, float]) -> Mapping[int, float]:
        """What to hold in the clamped network besides, given the free outputs; after `mark`."""


class Task(Protocol):
    """What a board is asked to learn."""

    @property
    def name(self) -> str:
        """Unique on its board."""

    @property
    def cut(self) -> Mapping[int, Sequence[int]]:
        """Step to the edges (from 1) removed at its start."""

    @property
    def output_nodes(self) -> Sequence[int]:
        """The nodes to measure."""

    def lesson(self, seed: int) -> Lesson:
        """Begin to train; `seed` draws the data and their order."""


@dataclass(frozen=True, slots=True)
class Step:
    """What was measured in one training step, before its update.

    `time` is in seconds, `error` in V^2; `accuracy` is None where nothing is classified; `outputs`
    maps output nodes to free voltages; the codes are in edge order.
    """

    task: str
    step: int
    time: float
    error: float
    accuracy: float | None
    outputs: Mapping[int, float]
    codes_free: tuple[int, ...]
    codes_clamped: tuple[int, ...]


class Tally(NamedTuple):
    """What a run counts besides its steps.

    `opposed` are edges, over all steps, whose two drops had opposite signs; `events` transactions
    that came due, of which an engine may know nothing; `now` is in ticks. `violations` counts all
    missed constraints by kind; `violation_list` has the first thousand.
    """

    opposed: int
    now: int
    events: int = 0
    violations: Mapping[str, int] = {}
    violation_list: Sequence[Violation] = ()
