"""The supervisor: imposes inputs, measures, clamps outputs by Eq. 1, triggers; the paper's DAQ."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from pydantic import Field

from logicsim.analog.twin import Twin
from logicsim.kernel import Driver, Kernel, Life
from logicsim.parts.lm339a import RESOLUTION
from logicsim.table import Seconds, Table, Volts
from logicsim.units import seconds, ticks


class SupervisorTable(Table):
    """The `[supervisor]` table: settling time it allows, and its converters' step (0: ideal)."""

    settle: Seconds = Field(default=20e-6, ge=1e-12)
    impose_resolution: Volts = Field(default=0.0, ge=0)
    measure_resolution: Volts = Field(default=0.0, ge=0)


class Task(Protocol):
    """What the supervisor asks of a task; nodes are numbered from 1, voltages in volts."""

    @property
    def name(self) -> str:
        """Unique on its board."""

    @property
    def cut(self) -> Mapping[int, Sequence[int]]:
        """Step to the edges (from 1) removed at its start."""

    @property
    def output_nodes(self) -> Sequence[int]:
        """The nodes to measure."""

    def held(self, step: int) -> Mapping[int, float]:
        """What to hold in both networks."""

    def clamp(self, step: int, measured: Mapping[int, float]) -> Mapping[int, float]:
        """What to hold in the clamped network besides, given the free outputs."""

    def error(self, step: int, measured: Mapping[int, float]) -> float:
        """How wrong the free outputs are, in V^2; NaN where the task has no notion of it."""


@dataclass(frozen=True, slots=True)
class Step:
    """What was measured in one training step, before its update.

    `time` is in seconds; `outputs` maps output nodes to free voltages; the codes are in edge order.
    """

    task: str
    step: int
    time: float
    error: float
    outputs: Mapping[int, float]
    codes_free: tuple[int, ...]
    codes_clamped: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Timetable:
    """When the supervisor acts, in ticks: first step, step to step, and the wait to settle."""

    first: int
    period: int
    settle: int


class Supervisor:
    """Runs tasks step by step: impose, wait, measure, clamp, wait, trigger, wait for the next.

    Args:
        report: called with each step's measurement.
        codes: reads the counters of both networks.
    """

    def __init__(
        self,
        kernel: Kernel,
        twin: Twin,
        table: SupervisorTable,
        timetable: Timetable,
        trigger: Driver,
        codes: Callable[[], tuple[tuple[int, ...], tuple[int, ...]]],
        report: Callable[[Step], None],
    ) -> None:
        self._kernel = kernel
        self._twin = twin
        self._table = table
        self._time = timetable
        self._trigger = trigger
        self._codes = codes
        self._report = report
        self._process = kernel.process("supervisor")
        self._shown = {
            name: Driver(kernel.net(f"supervisor.{name}", width=32), "supervisor", initial=0)
            for name in ("step", "task")
        }
        self._inputs: Mapping[int, float] = {}
        self._clamp: Mapping[int, float] = {}
        self.steps = 0  # begun, over all tasks
        self.opposed = 0  # edges, over all steps, whose two drops had opposite signs
        self.on_step: Callable[[int], None] | None = None

    def train(self, plan: Sequence[tuple[int, Task, int]]) -> Life:
        """Life of the supervisor: each (number, task, steps) of the plan in turn."""
        yield from self._process.sleep(self._time.first - self._kernel.now)
        for number, task, steps in plan:
            self._show("task", number)
            self._inputs = self._clamp = {}
            for step in range(1, steps + 1):
                yield from self._step(task, step)

    def _step(self, task: Task, step: int) -> Life:
        kernel, process = self._kernel, self._process
        self.steps += 1
        if self.on_step is not None:
            self.on_step(self.steps)
        self._show("step", step)
        if step in task.cut:
            kernel.schedule(1, self._cut, task.cut[step], "supervisor")
        self._impose(task.held(step), self._clamp)
        yield from process.sleep(self._time.settle)
        measured = self.measure(task.output_nodes)
        error = task.error(step, measured)
        free, clamped = self._codes()
        time = seconds(kernel.now)
        self._report(Step(task.name, step, time, error, measured, free, clamped))
        self._impose(self._inputs, task.clamp(step, measured))
        yield from process.sleep(self._time.settle)
        self.opposed += self._count_opposed()
        self._trigger.inertial(1 - self._trigger.value, 1)
        next_step = self._time.first + self.steps * self._time.period
        yield from process.sleep(next_step - kernel.now)

    def measure(self, nodes: Sequence[int]) -> dict[int, float]:
        """The free voltages (V) of nodes, as the converter reads them."""
        resolution = self._table.measure_resolution
        volts = self._twin.free.voltages
        return {node: quantised(float(volts[node - 1]), resolution) for node in nodes}

    def _count_opposed(self) -> int:
        """Edges where Eq. C1 and the hardware part: it steps up whatever the magnitudes."""
        free, clamped = self._twin.drops().reshape(2, -1)
        return int(np.count_nonzero(free * clamped < -(RESOLUTION**2)))

    def _impose(self, inputs: Mapping[int, float], clamp: Mapping[int, float]) -> None:
        """Hold inputs in both networks and outputs in the clamped one, if that is a change."""
        if inputs != self._inputs:
            self._kernel.schedule(1, self._hold_free, inputs, "supervisor")
        if inputs != self._inputs or clamp != self._clamp:
            self._kernel.schedule(1, self._hold_clamped, {**inputs, **clamp}, "supervisor")
        self._inputs, self._clamp = inputs, clamp

    def _hold_free(self, volts: Mapping[int, float]) -> None:
        self._twin.free.hold(self._converted(volts))
        self._kernel.unsettled = True

    def _hold_clamped(self, volts: Mapping[int, float]) -> None:
        self._twin.clamped.hold(self._converted(volts))
        self._kernel.unsettled = True

    def _converted(self, volts: Mapping[int, float]) -> dict[int, float]:
        resolution = self._table.impose_resolution
        return {node - 1: quantised(v, resolution) for node, v in volts.items()}

    def _cut(self, edges: Sequence[int]) -> None:
        for edge in edges:
            self._twin.free.cut(edge - 1)
            self._twin.clamped.cut(edge - 1)
        self._kernel.unsettled = True

    def _show(self, name: str, value: int) -> None:
        self._shown[name].transport(value, 1)


def timetable(table: SupervisorTable, rate: float, power_up: int) -> Timetable:
    """The supervisor's times at `rate` steps a second.

    Raises:
        ValueError: a step is too short to settle twice.
    """
    period, settle = ticks(1 / rate), ticks(table.settle)
    if period <= 2 * settle + 1:
        raise ValueError(
            f"a step settles twice for {table.settle:g} s, so {rate:g} Hz is too fast; "
            "lower clock.rate or supervisor.settle"
        )
    return Timetable(power_up, period, settle)


def quantised(volts: float, resolution: float) -> float:
    """What a converter with steps of `resolution` volts makes of a voltage; 0 is ideal."""
    return round(volts / resolution) * resolution if resolution and volts == volts else volts
