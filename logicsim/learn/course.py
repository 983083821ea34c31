"""A task whose examples come as arrays."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from logicsim.learn.terminals import Floats, Terminals
from logicsim.tasks.common import nudged
from logicsim.tasks.data import Examples, Shuffle
from logicsim.tasks.lesson import Exam, Mark

# The mean examples of the classes (V), and what makes `desired` of the answers to them.
Targets = tuple[Floats, Callable[[Floats], Floats]]


class Course:
    """A task whose examples come as arrays, and its own lesson.

    Args:
        desired: what the outputs should be (V), a row an example and a column an output.
        targets: if given, `desired` follows them, measured anew before every epoch: it has the
            class means to ask about (V) and what to do with the answers.
    """

    name = "fit"
    cut: Mapping[int, Sequence[int]] = {}

    def __init__(
        self,
        terminals: Terminals,
        volts: Floats,
        desired: Floats,
        nudge: float,
        seed: int,
        targets: Targets | None = None,
    ) -> None:
        rows = np.arange(len(volts))
        self.output_nodes = terminals.outputs
        self._examples = Examples(terminals.nodes, volts, rows, rows, Shuffle(seed, self.name))
        self._desired = desired
        self._nudge = nudge
        self._targets = targets

    def lesson(self, seed: int) -> "Course":
        """There is nothing to draw: it is its own lesson."""
        return self

    def held(self, step: int) -> Mapping[int, float]:
        """The inputs of the step's example."""
        return self._examples.held(step)

    def exam(self, step: int) -> Exam | None:
        """Where an epoch begins, every class's mean example."""
        if self._targets is None or not self._examples.begins_an_epoch(step):
            return None
        return Exam(self._examples.nodes, self._targets[0])

    def mark(self, step: int, measured: Mapping[int, float], answers: Floats | None) -> Mark:
        """The sum over outputs of (V_F - V_D)^2 of the example shown, in V^2."""
        if self._targets is not None and answers is not None:
            self._desired = self._targets[1](answers)
        return Mark(sum((measured[node] - want) ** 2 for node, want in self._wanted(step).items()))

    def clamp(self, step: int, measured: Mapping[int, float]) -> Mapping[int, float]:
        """Eq. 1 at every output."""
        return nudged(self._wanted(step), measured, self._nudge)

    def _wanted(self, step: int) -> dict[int, float]:
        wanted = self._desired[self._examples.row(step)].tolist()
        return dict(zip(self.output_nodes, wanted, strict=True))
