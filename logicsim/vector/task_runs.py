"""Task runs of many machines together, for tasks whose error is a sum over their outputs."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from logicsim.tasks.allostery import Allostery
from logicsim.tasks.regression import RegressionRun
from logicsim.vector.wiring import Floats


class TaskRuns(Protocol):
    """One task of every lane; voltages are (nodes, lanes), with nodes in the task's order."""

    def held(self, step: int) -> Floats:
        """The voltages to hold at the inputs."""

    def questions(self) -> Floats | None:
        """The cases to evaluate between steps, (inputs, cases, lanes), or None."""

    def score(self, measured: Floats, answers: Floats | None) -> Floats:
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
        """The inputs, which are the same in all steps."""
        return self._inputs

    def questions(self) -> None:
        """None: the measured outputs are the only case."""

    def score(self, measured: Floats, answers: Floats | None) -> Floats:
        """The sum over outputs of (V_F - V_D)^2."""
        error: Floats = ((measured - self._desired) ** 2).sum(axis=0)
        return error

    def clamp(self, step: int, measured: Floats) -> Floats:
        """Eq. 1 at every output."""
        clamped: Floats = self._nudge * self._desired + (1 - self._nudge) * measured
        return clamped


class Regressions:
    """Regression in every lane, each with its own data; lanes with one task run share it."""

    def __init__(self, task_runs: Sequence[RegressionRun]) -> None:
        self._task_runs = list({id(task_run): task_run for task_run in task_runs}.values())
        place = {id(task_run): number for number, task_run in enumerate(self._task_runs)}
        self._own = np.array([place[id(task_run)] for task_run in task_runs])
        self._nudge = np.array([task_run.task.nudge for task_run in task_runs])
        tests = [
            (each.examples.volts, each.desired, each.examples.test) for each in self._task_runs
        ]
        self._asked = np.array([volts[rows].T for volts, _, rows in tests])
        self._wanted = np.array([desired[rows].T for _, desired, rows in tests])

    def held(self, step: int) -> Floats:
        """The inputs of every lane's training example."""
        volts = [each.examples.volts[each.examples.row(step)] for each in self._task_runs]
        held: Floats = np.array(volts)[self._own].T
        return held

    def questions(self) -> Floats:
        """Every lane's whole test set."""
        asked: Floats = np.moveaxis(self._asked[self._own], 0, -1)
        return asked

    def score(self, measured: Floats, answers: Floats | None) -> Floats:
        """The sum over outputs of (V_F - V_D)^2, averaged over the test set."""
        assert answers is not None
        wrong = answers - np.moveaxis(self._wanted[self._own], 0, -1)
        error: Floats = (wrong**2).sum(axis=0).mean(axis=0)
        return error

    def clamp(self, step: int, measured: Floats) -> Floats:
        """Eq. 1 at every output."""
        desired = np.array([each.desired[each.examples.row(step)] for each in self._task_runs])
        clamped: Floats = self._nudge * desired[self._own].T + (1 - self._nudge) * measured
        return clamped
