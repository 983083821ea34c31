from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from logicsim.analog.twin import Twin
from logicsim.circuit.tables import SupervisorTable
from logicsim.circuit.timetable import Timetable, timetable
from logicsim.core.rule import clamp
from logicsim.event.supervisor import Supervisor
from logicsim.kernel.kernel import Driver, Kernel
from logicsim.tasks.task_run import Evaluation, Score, Stateless, Step

TIMES = Timetable(first=1000, period=700, settle=100)
CODES = ((1, 2), (3, 4))


@dataclass
class Nudge(Stateless):
    """A task of one output that writes down what it was asked."""

    name: str = "nudge"
    inputs: Mapping[int, float] = field(default_factory=lambda: {1: 6.0, 3: 0.0})
    desired: float = 1.0
    cut: Mapping[int, Sequence[int]] = field(default_factory=dict)
    output_nodes: Sequence[int] = (2,)
    asked: list[tuple[str, int]] = field(default_factory=list)
    question: Evaluation | None = None
    answers: NDArray[np.float64] | None = None

    def task_run(self, seed: int) -> "Nudge":
        return self

    def evaluation(self, step: int) -> Evaluation | None:
        return self.question

    def held(self, step: int) -> Mapping[int, float]:
        self.asked.append(("held", step))
        return self.inputs

    def clamp(self, step: int, measured: Mapping[int, float]) -> Mapping[int, float]:
        self.asked.append(("clamp", step))
        return {2: clamp(self.desired, measured[2], 0.25)}

    def score(
        self, step: int, measured: Mapping[int, float], answers: NDArray[np.float64] | None
    ) -> Score:
        self.asked.append(("error", step))
        self.answers = answers
        return Score(measured[2] - self.desired)


@dataclass
class Rig:
    """A divider of 1 and 2 ohm under a supervisor, without any logic."""

    table: SupervisorTable = field(default_factory=SupervisorTable)
    steps: list[Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.kernel = Kernel()
        self.twin = Twin(3, [(0, 1), (1, 2)])
        for network in (self.twin.free, self.twin.clamped):
            network.set(0, 1.0)
            network.set(1, 0.5)
        self.kernel.settle = self.twin.solve
        self.trigger = Driver(self.kernel.net("clock.trigger"), "supervisor", initial=0)
        self.supervisor = Supervisor(
            self.kernel, self.twin, self.table.converters(), TIMES, self.trigger, 0, lambda: CODES,
            self.steps.extend,
        )  # fmt: skip

    def train(self, *plan: tuple[int, Nudge, int]) -> None:
        self.kernel.start(self.supervisor.train(plan))

    def node(self, side: str, node: int) -> float:
        return float(getattr(self.twin, side).voltages[node - 1])


def test_a_step_imposes_measures_clamps_and_then_triggers() -> None:
    rig, task = Rig(), Nudge()
    rig.train((1, task, 1))
    rig.kernel.run(TIMES.first + TIMES.settle)
    assert [rig.node("free", node) for node in (1, 2)] == pytest.approx([6.0, 4.0])
    assert rig.node("clamped", 2) == pytest.approx(4.0)  # no clamp yet
    assert rig.steps == []
    rig.kernel.run(TIMES.first + 2 * TIMES.settle)
    assert len(rig.steps) == 1
    # Eq. 1 with 1 V desired, 4 V free and eta = 1/4
    assert rig.node("clamped", 2) == pytest.approx(0.25 * 1 + 0.75 * 4)
    assert rig.node("free", 2) == pytest.approx(4.0)
    assert rig.trigger.net.value == 0
    rig.kernel.run(TIMES.first + 2 * TIMES.settle + 2)
    assert rig.trigger.net.value == 1
    assert task.asked == [("held", 1), ("error", 1), ("clamp", 1)]


def test_a_step_is_reported_with_what_was_measured_and_when() -> None:
    rig = Rig()
    rig.train((1, Nudge(), 2))
    rig.kernel.run(10_000)
    first, second = rig.steps
    assert (first.task, first.step, second.step) == ("nudge", 1, 2)
    assert first.time == pytest.approx((TIMES.first + TIMES.settle) * 1e-12)
    assert second.time - first.time == pytest.approx(TIMES.period * 1e-12)
    assert first.outputs == {2: pytest.approx(4.0)}
    assert first.error == pytest.approx(3.0)
    assert (first.codes_free, first.codes_clamped) == CODES


def test_every_step_flips_the_trigger_once_a_period_apart() -> None:
    rig, flips = Rig(), []
    process = rig.kernel.process("watch")
    rig.trigger.net.listen(process, lambda: flips.append((rig.kernel.now, rig.trigger.net.value)))
    rig.kernel.start(process.react())
    rig.train((1, Nudge(), 2), (2, Nudge("other"), 3))
    rig.kernel.run(100_000)
    first = TIMES.first + 2 * TIMES.settle + 1
    assert flips == [(first + n * TIMES.period, 1 - n % 2) for n in range(5)]


def test_tasks_follow_each_other_without_a_pause_and_are_shown_by_number() -> None:
    rig = Rig()
    rig.train((7, Nudge("a"), 2), (3, Nudge("b", inputs={1: 3.0, 3: 0.0}), 1))
    shown = []
    for step in range(3):
        rig.kernel.run(TIMES.first + step * TIMES.period + TIMES.settle + 1)
        nets = rig.kernel.nets
        shown.append((nets["supervisor.task"].value, nets["supervisor.step"].value))
    assert shown == [(7, 1), (7, 2), (3, 1)]
    assert [step.task for step in rig.steps] == ["a", "a", "b"]
    assert rig.steps[2].outputs[2] == pytest.approx(2.0)
    assert rig.supervisor.steps == 3


def test_the_clamp_of_one_task_is_let_go_by_the_next() -> None:
    rig = Rig()
    rig.train((1, Nudge("a"), 1), (2, Nudge("b"), 1))
    rig.kernel.run(TIMES.first + TIMES.period + TIMES.settle)
    assert rig.node("clamped", 2) == pytest.approx(4.0)


def test_an_edge_is_cut_from_both_networks_at_its_step() -> None:
    rig = Rig()
    rig.train((1, Nudge(cut={2: [2]}), 2))
    rig.kernel.run(TIMES.first + TIMES.period)
    assert rig.node("free", 2) == pytest.approx(4.0)
    rig.kernel.run(TIMES.first + TIMES.period + 2)
    assert rig.twin.free.conductance.tolist() == rig.twin.clamped.conductance.tolist() == [1.0, 0.0]
    assert rig.node("free", 2) == pytest.approx(6.0)  # nothing pulls it down any more
    rig.kernel.run(100_000)
    assert [step.outputs[2] for step in rig.steps] == [pytest.approx(4.0), pytest.approx(6.0)]


def test_edges_with_opposite_drops_are_counted_in_every_step() -> None:
    rig = Rig()
    # The clamp, -7 V, turns the drop of the second edge around, but not that of the first.
    rig.train((1, Nudge(inputs={1: 6.0, 3: 0.0}, desired=-40.0), 600))
    for steps in (0, 1, 2, 10, 600):
        rig.kernel.run(TIMES.first + steps * TIMES.period)
        assert rig.supervisor.opposed == steps


def test_converters_round_to_their_step() -> None:
    table = SupervisorTable(impose_resolution=0.4, measure_resolution=0.3)
    rig = Rig(table)
    rig.train((1, Nudge(inputs={1: 5.5, 3: 0.0}), 1))
    rig.kernel.run(TIMES.first + 2 * TIMES.settle)
    assert rig.node("free", 1) == pytest.approx(5.6)  # 5.5 is 13.75 steps of 0.4
    exact = 5.6 * 2 / 3
    assert rig.steps[0].outputs[2] == pytest.approx(3.6)  # 3.733 is 12.4 steps of 0.3
    assert rig.node("free", 2) == pytest.approx(exact)
    assert rig.node("clamped", 2) == pytest.approx(2.8)  # 0.25 + 0.75 * 3.6 = 2.95


def test_the_timetable_is_in_whole_ticks() -> None:
    made = timetable(20e-6, rate=4.0, power_up=123)
    assert made == Timetable(first=123, period=250_000_000_000, settle=20_000_000)


@given(rate=st.floats(1e-3, 1e6), settle=st.floats(1e-12, 1.0))
def test_a_rate_is_refused_exactly_when_a_step_cannot_settle_twice(
    rate: float, settle: float
) -> None:
    slack = Fraction(1) / Fraction(rate) - 2 * Fraction(settle)
    if slack > Fraction(3, 10**12):
        assert timetable(settle, rate, 1).period > 2 * timetable(settle, rate, 1).settle
    elif slack < 0:
        with pytest.raises(ValueError, match=r"too fast.*clock\.rate.*supervisor\.settle"):
            timetable(settle, rate, 1)


def test_an_exam_is_answered_as_the_converters_pose_and_read_it_and_leaves_no_trace() -> None:
    table = SupervisorTable(settle="10 us", impose_resolution="10 mV", measure_resolution="1 mV")
    rig = Rig(table)
    task = Nudge(question=Evaluation((3, 1), np.array([[0.0, 3.0], [1.004, 4.0], [2.0, 2.0]])))
    rig.train((1, task, 1))
    rig.kernel.run(TIMES.first + TIMES.settle + 10)
    # 1 ohm from node 1 to node 2, 2 ohm from node 2 to node 3.
    assert task.answers is not None
    assert task.answers.tolist() == [[2.0], [pytest.approx(3.0)], [2.0]]
    assert rig.node("free", 2) == pytest.approx(4.0)
