"""A task whose examples come as arrays."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from logicsim.learn.terminals import Floats, Terminals
from logicsim.tasks.common import nudged
from logicsim.tasks.data import Examples, Shuffle
from logicsim.tasks.task_run import Evaluation, Score, Stateless

# The mean examples of the classes (V), and the function from their answers to `desired`.
Targets = tuple[Floats, Callable[[Floats], Floats]]


class BatchTask(Stateless):
    """A task whose examples come as arrays; it is also its own run.

    Args:
        desired: the desired outputs (V), one row for each example, one column for each output.
        targets: if given, `desired` is measured again before every epoch: the class means (V) and
            the function from the network's answers to `desired`.
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

    def task_run(self, seed: int) -> "BatchTask":
        """The task itself, since its run draws nothing and has no state."""
        return self

    def held(self, step: int) -> Mapping[int, float]:
        """The inputs of the step's example."""
        return self._examples.held(step)

    def evaluation(self, step: int) -> Evaluation | None:
        """Every class's mean example, at the begin of an epoch."""
        if self._targets is None or not self._examples.begins_an_epoch(step):
            return None
        return Evaluation(self._examples.nodes, self._targets[0])

    def score(self, step: int, measured: Mapping[int, float], answers: Floats | None) -> Score:
        """The sum over outputs of (V_F - V_D)^2 of the step's example, in V^2."""
        if self._targets is not None and answers is not None:
            self._desired = self._targets[1](answers)
        return Score(sum((measured[node] - want) ** 2 for node, want in self._wanted(step).items()))

    def clamp(self, step: int, measured: Mapping[int, float]) -> Mapping[int, float]:
        """Eq. 1 at every output."""
        return nudged(self._wanted(step), measured, self._nudge)

    def _wanted(self, step: int) -> dict[int, float]:
        wanted = self._desired[self._examples.row(step)].tolist()
        return dict(zip(self.output_nodes, wanted, strict=True))
