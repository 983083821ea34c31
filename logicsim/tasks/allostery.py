"""Allostery: fixed outputs in response to fixed inputs (paper, Results and Fig. 3A)."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from logicsim.rule import clamp
from logicsim.table import Ratio
from logicsim.tasks.common import TaskTable, Voltages


class Allostery(TaskTable):
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

    def held(self, step: int) -> Mapping[int, float]:
        """What to hold in both networks."""
        return self.inputs

    def clamp(self, step: int, measured: Mapping[int, float]) -> Mapping[int, float]:
        """Eq. 1 at every output."""
        return {
            node: clamp(desired, measured[node], self.nudge)
            for node, desired in self.outputs.items()
        }

    def error(self, step: int, measured: Mapping[int, float]) -> float:
        """The sum over outputs of (V_F - V_D)^2, in V^2."""
        return sum((measured[node] - desired) ** 2 for node, desired in self.outputs.items())
