"""The supervisor (the paper's DAQ): imposes inputs, measures, clamps by Eq. 1, and triggers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from logicsim.analog.twin import Twin
from logicsim.circuit.timetable import Timetable
from logicsim.core.converter import Converters
from logicsim.core.rule import opposed
from logicsim.kernel.kernel import Driver, Kernel, Life
from logicsim.tasks.procedure import Procedure, Wait
from logicsim.tasks.task_run import Codes, Steps, Task, TaskRun


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """The point from which a run continues: the number of steps done, over all tasks.

    `task_state` is the state of the current task's run (`TaskRun.state`).
    """

    steps: int = 0
    task_state: Mapping[str, NDArray[Any]] = field(default_factory=dict)


POWER_UP: Final = ResumePoint()
_AT_ONCE: Final = 2000  # numbers for one call of numpy; fewer take less time than the call


class Supervisor:
    """Runs the procedure of every step in the kernel's time.

    Args:
        seed: the seed of the tasks' data and their order.
        codes: reads the counters of both networks.
        report: called with each step's measurement, a block of one.
        resume_point: the point to start from.
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
        report: Callable[[Steps], None],
        resume_point: ResumePoint = POWER_UP,
    ) -> None:
        self._kernel = kernel
        self._twin = twin
        self._time = timetable
        self._trigger = trigger
        self._report = report
        self._codes = codes
        self._process = kernel.process("supervisor")
        self._shown = {
            name: Driver(kernel.net(f"supervisor.{name}", width=32), "supervisor", initial=0)
            for name in ("step", "task")
        }
        self._free: Mapping[int, float] | None = None  # the held nodes
        self._clamped: Mapping[int, float] | None = None
        self._procedure = Procedure(self, converters, seed)
        if resume_point.steps:
            self._procedure.resume(resume_point.steps, resume_point.task_state)
        self._opposed = 0
        self._decided: list[NDArray[np.float64]] = []  # voltages not yet counted in `opposed`
        self.on_step: Callable[[int], None] | None = None

    @property
    def steps(self) -> int:
        """The number of steps begun, over all tasks."""
        return self._procedure.steps

    @property
    def opposed(self) -> int:
        """The number of edges, over all steps, whose two drops had opposite signs."""
        if self._decided:
            self._count_opposed()
        return self._opposed

    def _count_opposed(self) -> None:
        drops = self._twin.drops_of(np.array(self._decided))
        self._opposed += int(np.count_nonzero(opposed(*np.split(drops, 2, axis=1))))
        self._decided.clear()

    def train(self, plan: Sequence[tuple[int, Task, int]]) -> Life:
        """The supervisor's process: train each (number, task, steps) of the plan in turn."""
        kernel, process = self._kernel, self._process
        yield from process.sleep(self._time.begin(self.steps) - kernel.now)
        for each in self._procedure.train(plan):
            if each is Wait.SETTLE:
                yield from process.sleep(self._time.settle)
                self._twin.look(kernel.now)
            elif each is Wait.NEXT:
                yield from process.sleep(self._time.begin(self.steps) - kernel.now)
            else:
                self._report(each)

    def measure(self, nodes: Sequence[int]) -> dict[int, float]:
        """The free voltages (V) of nodes, as the converter reads them."""
        return self._procedure.measure(nodes)

    # The interface of a rig, for the procedure.

    def begin(self, task: int, step: int) -> None:
        """Show the numbers of the step and its task in the waveform."""
        if step == 1 or self._free is None:
            self._show("task", task)
            self._free = self._clamped = {}
        if self.on_step is not None:
            self.on_step(self.steps)
        self._show("step", step)

    def time(self) -> int:
        """The time (ticks) at which outputs are read, which is now."""
        return self._kernel.now

    def counters(self) -> tuple[Codes, Codes]:
        """The codes of the free and the clamped network, (1, edges); one array if all are equal."""
        codes_free, codes_clamped = self._codes()
        free = np.array([codes_free], np.int32)
        if codes_free == codes_clamped:
            return free, free
        return free, np.array([codes_clamped], np.int32)

    def ahead(self, task: Task, task_run: TaskRun, done: int, steps: int) -> None:
        """None: each step takes its time."""

    def cut(self, edges: Sequence[int]) -> None:
        """Remove edges from both networks."""
        self._kernel.schedule(1, self._cut, edges, "supervisor")

    def hold(self, free: Mapping[int, float], clamped: Mapping[int, float]) -> None:
        """Hold nodes of both networks if the voltages differ from the present ones."""
        for volts, held, hold in (
            (free, self._free, self._twin.free.hold),
            (clamped, self._clamped, self._twin.clamped.hold),
        ):
            if volts != held:
                self._kernel.schedule(1, self._hold, (hold, volts), "supervisor")
        self._free, self._clamped = free, clamped

    def free_voltages(self) -> NDArray[np.float64]:
        """The voltages (V) of the free network's nodes."""
        return self._twin.free.voltages

    def answers(self, nodes: Sequence[int], volts: NDArray[np.float64]) -> NDArray[np.float64]:
        """The free network's voltages (V) for other voltages at its held nodes."""
        return self._twin.free.answers([node - 1 for node in nodes], volts)

    def trigger(self) -> None:
        """Flip the trigger."""
        self._decided.append(self._twin.voltages.copy())
        if len(self._decided) * self._twin.voltages.size >= _AT_ONCE:
            self._count_opposed()
        self._trigger.inertial(1 - self._trigger.value, 1)

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
