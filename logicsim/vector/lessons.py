"""The lessons of many machines at once, for the tasks that are sums over their outputs."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from logicsim.tasks.allostery import Allostery
from logicsim.tasks.regression import RegressionLesson
from logicsim.vector.wiring import Floats


class Lessons(Protocol):
    """One task of every lane; voltages are (nodes of the task, lanes), nodes as the task has."""

    def held(self, step: int) -> Floats:
        """What to hold at the inputs."""

    def questions(self) -> Floats | None:
        """What to ask the free network at the inputs between steps: (inputs, cases, lanes)."""

    def mark(self, measured: Floats, answers: Floats | None) -> Floats:
        """The error of every lane (V^2); answers are (outputs, cases, lanes)."""

    def clamp(self, step: int, measured: Floats) -> Floats:
        """Eq. 1 at every output."""


class Allosteries:
    """Allostery in every lane, each with its own voltages and nudge."""

    def __init__(self, tasks: Sequence[Allostery]) -> None:
        self._inputs = np.array([list(task.inputs.values()) for task in tasks]).T
        self._desired = np.array([list(task.outputs.values()) for task in tasks]).T
        self._nudge = np.array([task.nudge for task in tasks])

    def held(self, step: int) -> Floats:
        """Always the same."""
        return self._inputs

    def questions(self) -> None:
        """There is but one case."""

    def mark(self, measured: Floats, answers: Floats | None) -> Floats:
        """The sum over outputs of (V_F - V_D)^2."""
        error: Floats = ((measured - self._desired) ** 2).sum(axis=0)
        return error

    def clamp(self, step: int, measured: Floats) -> Floats:
        """Eq. 1 at every output."""
        clamped: Floats = self._nudge * self._desired + (1 - self._nudge) * measured
        return clamped


class Regressions:
    """Regression in every lane, each with its own data; lanes of one lesson share it."""

    def __init__(self, lessons: Sequence[RegressionLesson]) -> None:
        self._lessons = list({id(lesson): lesson for lesson in lessons}.values())
        place = {id(lesson): number for number, lesson in enumerate(self._lessons)}
        self._own = np.array([place[id(lesson)] for lesson in lessons])
        self._nudge = np.array([lesson.task.nudge for lesson in lessons])
        tests = [(each.examples.volts, each.desired, each.examples.test) for each in self._lessons]
        self._asked = np.array([volts[rows].T for volts, _, rows in tests])
        self._wanted = np.array([desired[rows].T for _, desired, rows in tests])

    def held(self, step: int) -> Floats:
        """The inputs of every lane's training example."""
        volts = [each.examples.volts[each.examples.row(step)] for each in self._lessons]
        held: Floats = np.array(volts)[self._own].T
        return held

    def questions(self) -> Floats:
        """Every lane's whole test set."""
        asked: Floats = np.moveaxis(self._asked[self._own], 0, -1)
        return asked

    def mark(self, measured: Floats, answers: Floats | None) -> Floats:
        """The sum over outputs of (V_F - V_D)^2, averaged over the test set."""
        assert answers is not None
        wrong = answers - np.moveaxis(self._wanted[self._own], 0, -1)
        error: Floats = (wrong**2).sum(axis=0).mean(axis=0)
        return error

    def clamp(self, step: int, measured: Floats) -> Floats:
        """Eq. 1 at every output."""
        desired = np.array([each.desired[each.examples.row(step)] for each in self._lessons])
        clamped: Floats = self._nudge * desired[self._own].T + (1 - self._nudge) * measured
        return clamped
