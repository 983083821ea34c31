"""The supervisor: imposes inputs, measures, clamps outputs by Eq. 1, triggers; the paper's DAQ."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logicsim.analog.twin import Twin
from logicsim.circuit.timetable import Timetable
from logicsim.core.converter import Converters, converted
from logicsim.core.rule import opposed
from logicsim.core.units import seconds
from logicsim.kernel.kernel import Driver, Kernel, Life
from logicsim.tasks.lesson import Exam, Lesson, Step, Task


@dataclass(frozen=True, slots=True)
class Midway:
    """Where a run is taken up: after so many steps, over all tasks, with the lesson under way."""

    steps: int = 0
    lesson: Lesson | None = None


POWER_UP: Final = Midway()


class Supervisor:
    """Runs tasks step by step: impose, wait, measure, clamp, wait, trigger, wait for the next.

    Args:
        seed: of the tasks' data and their order.
        codes: reads the counters of both networks.
        report: called with each step's measurement.
        midway: where the run is taken up.
    """

    def __init__(
        self,
        kernel: Kernel,
        twin: Twin,
        converters: Converters,
        timetable: Timetable,
        trigger: Driver,
        seed: int,
        codes: Callable[[], tuple[tuple[int, ...], tuple[int, ...]]],
        report: Callable[[Step], None],
        midway: Midway = POWER_UP,
    ) -> None:
        self._kernel = kernel
        self._twin = twin
        self._converters = converters
        self._time = timetable
        self._trigger = trigger
        self._seed = seed
        self._codes = codes
        self._report = report
        self._process = kernel.process("supervisor")
        self._shown = {
            name: Driver(kernel.net(f"supervisor.{name}", width=32), "supervisor", initial=0)
            for name in ("step", "task")
        }
        self._clamp: Mapping[int, float] = {}  # as the lesson has it
        self._free: Mapping[int, float] = {}  # what is held, as converted
        self._clamped: Mapping[int, float] = {}
        self._lesson = midway.lesson  # under way, for its task to take up
        self.steps = midway.steps  # begun, over all tasks
        self.opposed = 0  # edges, over all steps, whose two drops had opposite signs
        self.on_step: Callable[[int], None] | None = None

    def train(self, plan: Sequence[tuple[int, Task, int]]) -> Life:
        """Life of the supervisor: each (number, task, steps) of the plan in turn."""
        done = self.steps
        yield from self._process.sleep(self._time.begin(done) - self._kernel.now)
        for number, task, steps in plan:
            if done < steps:
                self._show("task", number)
                self._free = self._clamped = self._clamp = {}
                lesson = self._lesson or task.lesson(self._seed)
                self._lesson = None
                for step in range(done + 1, steps + 1):
                    yield from self._step(task, lesson, step)
            done = max(done - steps, 0)

    def _step(self, task: Task, lesson: Lesson, step: int) -> Life:
        kernel, process = self._kernel, self._process
        self.steps += 1
        if self.on_step is not None:
            self.on_step(self.steps)
        self._show("step", step)
        if step in task.cut:
            kernel.schedule(1, self._cut, task.cut[step], "supervisor")
        inputs = lesson.held(step)
        self._impose(inputs)
        yield from process.sleep(self._time.settle)
        self._twin.look(kernel.now)
        measured = self.measure(task.output_nodes)
        mark = lesson.mark(step, measured, self._examine(lesson.exam(step), task.output_nodes))
        time = seconds(kernel.now)
        self._report(Step(task.name, step, time, *mark, measured, *self._codes()))
        self._clamp = lesson.clamp(step, measured)
        self._impose(inputs)
        yield from process.sleep(self._time.settle)
        self._twin.look(kernel.now)
        self.opposed += self._count_opposed()
        self._trigger.inertial(1 - self._trigger.value, 1)
        yield from process.sleep(self._time.begin(self.steps) - kernel.now)

    def measure(self, nodes: Sequence[int]) -> dict[int, float]:
        """The free voltages (V) of nodes, as the converter reads them."""
        volts = self._twin.free.voltages
        read = {node: float(volts[node - 1]) for node in nodes}
        return dict(converted(self._converters.measure, read, self.steps))

    def _examine(self, exam: Exam | None, outputs: Sequence[int]) -> NDArray[np.float64] | None:
        """The free network's answers at `outputs`, as the converters pose and read them.

        An exam comes between steps and leaves no trace on them: the networks are as if untouched.
        """
        if exam is None:
            return None
        converters = self._converters
        volts = converters.impose.convert(exam.volts, self.steps)
        answers = self._twin.free.answers([node - 1 for node in exam.nodes], volts)
        return converters.measure.convert(answers[:, [node - 1 for node in outputs]], self.steps)

    def _count_opposed(self) -> int:
        return int(np.count_nonzero(opposed(*self._twin.drops().reshape(2, -1))))

    def _impose(self, inputs: Mapping[int, float]) -> None:
        """Hold inputs in both networks and the clamp in its own, if that is a change."""
        impose = self._converters.impose
        free = converted(impose, inputs, self.steps)
        clamped = {**free, **converted(impose, self._clamp, self.steps)}
        for volts, held, hold in (
            (free, self._free, self._twin.free.hold),
            (clamped, self._clamped, self._twin.clamped.hold),
        ):
            if volts != held:
                self._kernel.schedule(1, self._hold, (hold, volts), "supervisor")
        self._free, self._clamped = free, clamped

    def _hold(
        self, order: tuple[Callable[[Mapping[int, float]], None], Mapping[int, float]]
    ) -> None:
        hold, volts = order
        hold({node - 1: v for node, v in volts.items()})
        self._kernel.unsettled = True

    def _cut(self, edges: Sequence[int]) -> None:
        for edge in edges:
            self._twin.free.cut(edge - 1)
            self._twin.clamped.cut(edge - 1)
        self._kernel.unsettled = True

    def _show(self, name: str, value: int) -> None:
        self._shown[name].transport(value, 1)
