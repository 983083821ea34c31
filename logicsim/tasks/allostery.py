"""Allostery: fixed outputs in response to fixed inputs (paper, Results and Fig. 3A)."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from pydantic import Field

from logicsim.core.table import Ratio
from logicsim.tasks.common import TaskTable, Voltages, nudged
from logicsim.tasks.script import ONE, Script
from logicsim.tasks.task_run import Score, Stateless


class Allostery(TaskTable, Stateless):
    """Hold the inputs and nudge the outputs towards their desired voltages."""

    kind: Literal["allostery"]
    nudge: Ratio = Field(default=0.5, gt=0, le=1)
    inputs: Voltages = Field(min_length=1)
    outputs: Voltages = Field(min_length=1)

    @property
    def output_nodes(self) -> Sequence[int]:
        """The nodes to measure."""
        return tuple(self.outputs)

    def nodes(self) -> dict[str, Sequence[int]]:
        """The nodes each key of the board file names."""
        return {"inputs": tuple(self.inputs), "outputs": tuple(self.outputs)}

    def task_run(self, seed: int) -> "Allostery":
        """The task itself, since its run draws nothing and has no state."""
        return self

    def held(self, step: int) -> Mapping[int, float]:
        """The inputs to hold in both networks."""
        return self.inputs

    def clamp(self, step: int, measured: Mapping[int, float]) -> Mapping[int, float]:
        """Eq. 1 at every output."""
        return nudged(self.outputs, measured, self.nudge)

    def evaluation(self, step: int) -> None:
        """None: the measured outputs are the only case."""

    def score(self, step: int, measured: Mapping[int, float], answers: object) -> Score:
        """The sum over outputs of (V_F - V_D)^2, in V^2."""
        return Score(sum((measured[node] - want) ** 2 for node, want in self.outputs.items()))

    def script(self) -> Script:
        """The same as data: one example."""
        outputs = tuple(self.outputs)
        return Script(
            tuple(self.inputs), outputs, outputs,
            np.array([list(self.inputs.values())]), np.array([list(self.outputs.values())]),
            ONE, self.nudge,
        )  # fmt: skip
