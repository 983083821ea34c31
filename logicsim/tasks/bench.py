"""Bench: hold the free and the clamped network at given voltages and clock; nothing to learn."""

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from logicsim.tasks.common import TaskTable, Voltages
from logicsim.tasks.lesson import Mark


class Bench(TaskTable):
    """What one does to a single edge on a bench: set all four voltages and watch it step."""

    kind: Literal["bench"]
    free: Voltages = Field(min_length=1)
    clamped: Voltages = Field(min_length=1)
    nudge: ClassVar[None] = None
    output_nodes: ClassVar[Sequence[int]] = ()

    def nodes(self) -> dict[str, Sequence[int]]:
        """The nodes each key of the board file names."""
        return {"free": tuple(self.free), "clamped": tuple(self.clamped)}

    def lesson(self, seed: int) -> "Bench":
        """There is nothing to draw: the task is its own lesson."""
        return self

    def held(self, step: int) -> Mapping[int, float]:
        """What to hold in the free network, and in the clamped one until it is clamped."""
        return self.free

    def clamp(self, step: int, measured: Mapping[int, float]) -> Mapping[int, float]:
        """What to hold in the clamped network."""
        return self.clamped

    def exam(self, step: int) -> None:
        """There is nothing to ask."""

    def mark(self, step: int, measured: Mapping[int, float], answers: object) -> Mark:
        """There is nothing to be wrong about."""
        return Mark(math.nan)
