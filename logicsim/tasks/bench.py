"""Bench: hold the free and the clamped network at given voltages and clock, without a goal."""

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from logicsim.tasks.common import TaskTable, Voltages
from logicsim.tasks.script import ONE, Script
from logicsim.tasks.task_run import Score, Stateless


class Bench(TaskTable, Stateless):
    """Set all four voltages of an edge and watch it step, as on a bench."""

    kind: Literal["bench"]
    free: Voltages = Field(min_length=1)
    clamped: Voltages = Field(min_length=1)
    nudge: ClassVar[None] = None
    output_nodes: ClassVar[Sequence[int]] = ()

    def nodes(self) -> dict[str, Sequence[int]]:
        """The nodes each key of the board file names."""
        return {"free": tuple(self.free), "clamped": tuple(self.clamped)}

    def task_run(self, seed: int) -> "Bench":
        """The task itself, since its run draws nothing and has no state."""
        return self

    def held(self, step: int) -> Mapping[int, float]:
        """The voltages to hold in the free network, and in the clamped one until it is clamped."""
        return self.free

    def clamp(self, step: int, measured: Mapping[int, float]) -> Mapping[int, float]:
        """The voltages to hold in the clamped network."""
        return self.clamped

    def evaluation(self, step: int) -> None:
        """None: there are no cases."""

    def score(self, step: int, measured: Mapping[int, float], answers: object) -> Score:
        """An error of NaN, since the task has no goal."""
        return Score(math.nan)

    def script(self) -> Script:
        """The same as data: one example."""
        return Script(
            tuple(self.free), tuple(self.clamped), (),
            np.array([list(self.free.values())]), np.array([list(self.clamped.values())]),
            ONE, 1.0, score="none",
        )  # fmt: skip
