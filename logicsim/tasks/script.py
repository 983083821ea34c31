"""The script of a task's run: its steps as data, for an engine that does many of them at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from logicsim.core.converter import Converter

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

ONE: Final[Rows] = np.zeros(1, dtype=np.intp)  # the only example

Score = Literal["own", "tests", "classes", "none"]


@dataclass(frozen=True, slots=True, eq=False)
class Script:
    """What a task's run holds, reads and wants in its steps; voltages are in volts.

    Each step shows one example. Its error is the squared distance of the outputs to what is wanted
    of the example ("own"), or the mean of that over the examples of a test set ("tests"), which may
    also be classified by the nearest row of `wanted` ("classes"); or it has none.

    Attributes:
        inputs: the nodes held in both networks.
        clamps: the nodes held in the clamped network, of which the first are the outputs.
        outputs: the nodes that are read.
        volts: the inputs of every example, (examples, inputs).
        wanted: the desired voltages, (labels, clamps).
        labels: the row of `wanted` of each example, (examples,).
        nudge: eta of Eq. 1 at the outputs; further clamps are held at the desired voltages.
        rows: gives the examples of steps, from the first (from 1) and the number of steps; one
            example if all steps show the same.
        score: the kind of the error.
        tests: the examples of the test set.
        means: the inputs, (labels, inputs), whose answers are the rows of `wanted` from each begin
            of an epoch on; without rows `wanted` stays as it is.
        epoch: the steps of an epoch; 0 if there are no epochs.
        renew: takes `wanted` as it is after some steps.
    """

    inputs: Sequence[int]
    clamps: Sequence[int]
    outputs: Sequence[int]
    volts: Floats
    wanted: Floats
    labels: Rows
    nudge: float
    rows: Callable[[int, int], Rows] = lambda _first, _count: ONE
    score: Score = "own"
    tests: Rows = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    means: Floats = field(default_factory=lambda: np.empty((0, 0)))
    epoch: int = 0
    renew: Callable[[Floats], None] = lambda _wanted: None

    @property
    def shape(self) -> tuple[object, ...]:
        """A key that is equal for scripts that can be run together."""
        return (
            tuple(self.inputs), tuple(self.clamps), tuple(self.outputs), self.volts.shape,
            self.wanted.shape, self.score, len(self.tests), self.means.shape, self.epoch,
        )  # fmt: skip

    def imposed(self, converter: Converter) -> tuple[Floats, Floats]:
        """The inputs of examples and of `means` as a converter without a time imposes them (V)."""
        return converter.convert(self.volts, 1), converter.convert(self.means, 1)

    def begins(self, first: int, count: int) -> NDArray[np.bool_]:
        """Whether steps begin an epoch, from the first (from 1)."""
        steps = np.arange(first - 1, first - 1 + count)
        begins: NDArray[np.bool_] = steps % self.epoch == 0 if self.epoch else steps < 0
        return begins
