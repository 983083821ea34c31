"""The procedure of a step, shared by both engines: impose, measure, clamp, trigger.

It acts on a rig: an engine's networks and clock. Between the parts of a step the procedure yields
what to wait for; an engine without time continues at once.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from logicsim.core.converter import Converters, converted
from logicsim.core.units import seconds
from logicsim.tasks.task_run import Codes, Evaluation, Floats, Steps, Task, TaskRun


class Wait(Enum):
    """What the procedure waits for: voltages to settle, or the next step."""

    SETTLE = "settle"
    NEXT = "next"


class Rig(Protocol):
    """The networks and the clock of an engine; nodes and edges are numbered from 1."""

    def ahead(self, task: Task, task_run: TaskRun, done: int, steps: int) -> Steps | None:
        """Do steps of a task at once, after `done` of `steps`; None if the rig cannot."""

    def begin(self, task: int, step: int) -> None:
        """Begin a step, given the task's number and the step's number in the task, from 1."""

    def time(self) -> int:
        """The time (ticks) at which the current step reads the outputs."""

    def counters(self) -> tuple[Codes, Codes]:
        """The codes of the free and the clamped network, (1, edges); one array if all are equal.

        The arrays stay as they are when the counters step.
        """

    def cut(self, edges: Sequence[int]) -> None:
        """Remove edges from both networks."""

    def hold(self, free: Mapping[int, float], clamped: Mapping[int, float]) -> None:
        """Hold exactly these nodes of the free and of the clamped network (V)."""

    def free_voltages(self) -> Floats:
        """The voltages (V) of the free network's nodes."""

    def answers(self, nodes: Sequence[int], volts: Floats) -> Floats:
        """The free network's voltages (V) for others at its held nodes, one row for each case."""

    def trigger(self) -> None:
        """Flip the trigger."""


class Procedure:
    """Trains tasks on a rig, step by step.

    Args:
        seed: the seed of the tasks' data and their order.

    Attributes:
        steps: the number of steps begun, over all tasks.
        task_run: the run of the current task, if there is one.
        converters: the supervisor's.
    """

    def __init__(self, rig: Rig, converters: Converters, seed: int) -> None:
        self._rig = rig
        self.converters = converters
        self._seed = seed
        self.steps = 0
        self.task_run: TaskRun | None = None
        self._resumed: Mapping[str, NDArray[Any]] | None = None  # of the current task

    def train(self, plan: Sequence[tuple[int, Task, int]]) -> Iterator[Steps | Wait]:
        """Train (number, task, steps) in turn, yielding blocks of steps and each wait."""
        done = self.steps
        for number, task, steps in plan:
            if done < steps:
                self.task_run = task_run = task.task_run(self._seed)
                if done and self._resumed is not None:
                    task_run.restore(self._resumed)
                self._resumed = None
                clamp: Mapping[int, float] = {}
                while done < steps:
                    block = self._rig.ahead(task, task_run, done, steps)
                    if block is None:
                        clamp = yield from self._step(number, task, done + 1, clamp)
                        done += 1
                    else:
                        done += len(block)
                        self.steps += len(block)
                        yield block
                    if done == steps:
                        self.task_run = None
                    yield Wait.NEXT
            done = max(done - steps, 0)

    def _step(
        self, number: int, task: Task, step: int, clamp: Mapping[int, float]
    ) -> Generator[Steps | Wait, None, Mapping[int, float]]:
        """Do one step, given the clamped voltages of the step before, and return the new ones."""
        rig, task_run = self._rig, self.task_run
        assert task_run is not None
        self.steps += 1
        rig.begin(number, step)
        if step in task.cut:
            rig.cut(task.cut[step])
        inputs = task_run.held(step)
        self._impose(inputs, clamp)
        yield Wait.SETTLE
        measured = self.measure(task.output_nodes)
        answers = self._evaluate(task_run.evaluation(step), task.output_nodes)
        error, accuracy = task_run.score(step, measured, answers)
        yield Steps(
            task.name,
            step,
            np.array([seconds(rig.time())]),
            np.array([error]),
            None if accuracy is None else np.array([accuracy]),
            tuple(measured),
            np.array([list(measured.values())]),
            *rig.counters(),
        )
        clamp = task_run.clamp(step, measured)
        self._impose(inputs, clamp)
        yield Wait.SETTLE
        rig.trigger()
        return clamp

    def _impose(self, inputs: Mapping[int, float], clamp: Mapping[int, float]) -> None:
        """Hold the inputs in both networks and the clamp in the clamped one, after conversion."""
        impose = self.converters.impose
        free = converted(impose, inputs, self.steps)
        self._rig.hold(free, {**free, **converted(impose, clamp, self.steps)})

    def measure(self, nodes: Sequence[int]) -> dict[int, float]:
        """The free voltages (V) of nodes, as the converter reads them."""
        volts = self._rig.free_voltages()
        read = {node: float(volts[node - 1]) for node in nodes}
        return dict(converted(self.converters.measure, read, self.steps))

    def _evaluate(self, evaluation: Evaluation | None, outputs: Sequence[int]) -> Floats | None:
        """The free network's answers at `outputs`, converted on the way in and out.

        It happens between steps and does not change the networks.
        """
        if evaluation is None:
            return None
        volts = self.converters.impose.convert(evaluation.volts, self.steps)
        answers = self._rig.answers(evaluation.nodes, volts)
        asked = answers[:, [node - 1 for node in outputs]]
        return self.converters.measure.convert(asked, self.steps)

    def state(self) -> dict[str, NDArray[Any]]:
        """The state between two steps, including the state of the current task's run."""
        state = {"steps": np.array(self.steps)}
        if self.task_run is not None:
            state |= {f"{_OF_TASK}{key}": each for key, each in self.task_run.state().items()}
        return state

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Restore a state; `train` then continues the plan from there."""
        own = {key.removeprefix(_OF_TASK): each for key, each in state.items()
               if key.startswith(_OF_TASK)}  # fmt: skip
        self.resume(int(state["steps"]), own)

    def resume(self, steps: int, task_state: Mapping[str, NDArray[Any]]) -> None:
        """Continue after `steps` steps, with a copy of the state of the current task's run."""
        self.steps = steps
        self._resumed = {key: each.copy() for key, each in task_state.items()}


_OF_TASK = "task."
