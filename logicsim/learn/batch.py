"""A task whose examples come as arrays."""

from collections.abc import Mapping, Sequence

import numpy as np

from logicsim.learn.terminals import Floats, Terminals
from logicsim.tasks.common import nudged
from logicsim.tasks.data import Examples, Rows, Shuffle
from logicsim.tasks.script import Script
from logicsim.tasks.task_run import Evaluation, Score, Stateless


class BatchTask(Stateless):
    """A task whose examples come as arrays; it is also its own run.

    Args:
        volts: the inputs of every example, (examples, nodes).
        wanted: the desired outputs (V), (labels, outputs).
        labels: the row of `wanted` of each example.
        means: if given, the inputs (labels, nodes) whose answers replace `wanted` at the begin of
            each epoch.
        seed: draws the order of the examples.
    """

    name = "fit"
    cut: Mapping[int, Sequence[int]] = {}

    def __init__(
        self,
        terminals: Terminals,
        volts: Floats,
        wanted: Floats,
        labels: Rows,
        means: Floats | None,
        nudge: float,
        seed: int,
    ) -> None:
        rows = np.arange(len(volts))
        self.output_nodes = terminals.outputs
        self._examples = Examples(terminals.nodes, volts, rows, rows, Shuffle(seed, self.name))
        self._wanted, self._labels, self._means = wanted, labels, means
        self._nudge = nudge

    def task_run(self, seed: int) -> "BatchTask":
        """The task itself, since its run draws nothing and has no state."""
        return self

    def held(self, step: int) -> Mapping[int, float]:
        """The inputs of the step's example."""
        return self._examples.held(step)

    def evaluation(self, step: int) -> Evaluation | None:
        """Every label's mean input, at the begin of an epoch."""
        if self._means is None or not self._examples.begins_an_epoch(step):
            return None
        return Evaluation(self._examples.nodes, self._means)

    def score(self, step: int, measured: Mapping[int, float], answers: Floats | None) -> Score:
        """The sum over outputs of (V_F - V_D)^2 of the step's example, in V^2."""
        if answers is not None:
            self._wanted = answers
        desired = self._desired(step)
        return Score(sum((measured[node] - want) ** 2 for node, want in desired.items()))

    def clamp(self, step: int, measured: Mapping[int, float]) -> Mapping[int, float]:
        """Eq. 1 at every output."""
        return nudged(self._desired(step), measured, self._nudge)

    def _desired(self, step: int) -> dict[int, float]:
        wanted = self._wanted[self._labels[self._examples.row(step)]].tolist()
        return dict(zip(self.output_nodes, wanted, strict=True))

    def script(self) -> Script:
        """The same as data."""
        outputs, examples = self.output_nodes, self._examples

        def renew(wanted: Floats) -> None:
            self._wanted = wanted

        means = np.empty((0, len(examples.nodes))) if self._means is None else self._means
        return Script(
            examples.nodes, outputs, outputs, examples.volts, self._wanted, self._labels,
            self._nudge, rows=examples.rows, means=means, epoch=len(examples.train), renew=renew,
        )  # fmt: skip
