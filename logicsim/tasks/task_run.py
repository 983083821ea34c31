"""The interface of tasks to engines: task runs, the measurement of a step, the tally of a run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from logicsim.kernel.kernel import Violation
from logicsim.tasks.script import Script

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]


class Evaluation(NamedTuple):
    """Cases to evaluate on the free network between steps: `volts` (V), (cases, nodes)."""

    nodes: Sequence[int]
    volts: Floats


class Score(NamedTuple):
    """The error of the free outputs, in V^2 (NaN if the task defines none).

    `accuracy` is the share of the test set classified correctly; None if nothing is classified.
    """

    error: float
    accuracy: float | None = None


class TaskRun(Protocol):
    """One training of a task from its first step; nodes are numbered from 1, voltages in volts."""

    def held(self, step: int) -> Mapping[int, float]:
        """The voltages to hold in both networks."""

    def evaluation(self, step: int) -> Evaluation | None:
        """The cases to evaluate before the step; the answers are those of all output nodes."""

    def score(self, step: int, measured: Mapping[int, float], answers: Floats | None) -> Score:
        """Score the free outputs and the answers to the evaluation, (cases, outputs)."""

    def state(self) -> dict[str, NDArray[Any]]:
        """The state between steps, on which the following steps depend."""

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Restore the state of a run of the same task and seed."""

    def clamp(self, step: int, measured: Mapping[int, float]) -> Mapping[int, float]:
        """The further voltages to hold in the clamped network, given the free outputs."""

    def script(self) -> Script | None:
        """The same as data, for an engine that does many steps at once; None if there is none."""


class Stateless:
    """The methods of a task run that has no state and, unless it gives one, no script."""

    def script(self) -> Script | None:
        """None: the engines ask for each step."""
        return None

    def state(self) -> dict[str, NDArray[Any]]:
        """An empty state."""
        return {}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Restore nothing."""


class Task(Protocol):
    """A task that a board learns."""

    @property
    def name(self) -> str:
        """The name, unique on its board."""

    @property
    def cut(self) -> Mapping[int, Sequence[int]]:
        """The edges (from 1) to remove at the start of each step, by step."""

    @property
    def output_nodes(self) -> Sequence[int]:
        """The nodes to measure."""

    def task_run(self, seed: int) -> TaskRun:
        """Begin a training; `seed` draws the data and their order."""


@dataclass(frozen=True, slots=True)
class Step:
    """The measurement of one training step, before its update, as one object.

    `time` is in seconds, `error` in V^2; `accuracy` is None if nothing is classified; `outputs`
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


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """A block of consecutive steps of one task, each measured before its update.

    Engines yield blocks of at least one step and do not write to their arrays again. Indexing and
    iteration make a `Step` object for each step; no code of ours does so for every step of a run.

    Attributes:
        task: the task's name.
        first: the number of the first of these steps in its task, from 1.
        time: simulated seconds, (steps,).
        error: in V^2, (steps,); NaN where the task has no goal.
        accuracy: the share classified correctly, (steps,); None if nothing is classified.
        nodes: the output nodes.
        outputs: the free voltages (V) of the output nodes, (steps, nodes).
        codes_free: the codes of the free network, (steps, edges).
        codes_clamped: those of the clamped network; the same array if all are equal.
    """

    task: str
    first: int
    time: Floats
    error: Floats
    accuracy: Floats | None
    nodes: tuple[int, ...]
    outputs: Floats
    codes_free: Codes
    codes_clamped: Codes

    @property
    def mismatches(self) -> NDArray[np.intp]:
        """How many edges have two different codes, (steps,)."""
        if self.codes_clamped is self.codes_free:
            return np.zeros(len(self), np.intp)
        differ: NDArray[np.intp] = np.count_nonzero(self.codes_free != self.codes_clamped, axis=1)
        return differ

    def __len__(self) -> int:
        return len(self.time)

    def __getitem__(self, place: int) -> Step:
        """One of the steps, from 0, or from -1 backwards."""
        return Step(
            self.task,
            self.first + range(len(self))[place],
            float(self.time[place]),
            float(self.error[place]),
            None if self.accuracy is None else float(self.accuracy[place]),
            dict(zip(self.nodes, self.outputs[place].tolist(), strict=True)),
            tuple(self.codes_free[place].tolist()),
            tuple(self.codes_clamped[place].tolist()),
        )

    def __iter__(self) -> Iterator[Step]:
        return map(self.__getitem__, range(len(self)))


class Tally(NamedTuple):
    """The counts of a run besides its steps.

    `opposed` counts edges, over all steps, whose two drops had opposite signs; `events` counts
    executed transactions, if the engine has any; `now` is in ticks. `violations` counts all
    missed constraints by kind; `violation_list` has the first thousand, and `missed_on` maps each
    of their parts on an edge's breadboard to the edge.
    """

    opposed: int
    now: int
    events: int = 0
    violations: Mapping[str, int] = {}
    violation_list: Sequence[Violation] = ()
    missed_on: Mapping[str, int] = {}
