"""Classification by the paper's output scheme (Results, Fig. 3D and E; Appendix A).

A linear network cannot raise one output for each class. Instead the target of a class is the
network's own response to the mean input of the class's training examples, measured again every
epoch; an example belongs to the class whose target is nearest (L2) to its outputs.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PrivateAttr, StrictInt, model_validator

from logicsim.core.errors import shown
from logicsim.core.table import Ratio, Volts
from logicsim.tasks.common import Inputs, Number, TaskTable, nudged
from logicsim.tasks.data import Examples, FileTable, Floats, Shuffle
from logicsim.tasks.script import Script
from logicsim.tasks.task_run import Evaluation, Score


class Labelled(FileTable):
    """A CSV file of examples with a column of labels; features are scaled to `low`..`high`."""

    label: str = Field(min_length=1)
    train_per_class: StrictInt = Field(default=10, ge=1)
    low: Volts = 0.0
    high: Volts = 5.0
    _classes: list[str] = PrivateAttr()

    @model_validator(mode="after")
    def _classed(self) -> "Labelled":
        if self.low >= self.high:
            raise ValueError(f"low {self.low:g} V is not below high {self.high:g} V")
        labels = self._sheet.text(self.label)
        self._classes = sorted(set(labels))
        if len(self._classes) < 2:
            raise ValueError(f"{self.file}: all labels are {shown(labels[0])}; two are needed")
        for name in self._classes:
            if labels.count(name) < self.train_per_class:
                raise ValueError(
                    f"train_per_class: {self.train_per_class} of class {shown(name)}, which has "
                    f"{labels.count(name)} rows in {self.file}"
                )
        if len(labels) == len(self._classes) * self.train_per_class:
            raise ValueError(f"train_per_class: {self.train_per_class} leaves no row to test")
        return self

    @property
    def classes(self) -> Sequence[str]:
        """The labels, in alphabetical order."""
        return self._classes

    @property
    def features(self) -> Sequence[str]:
        """The columns that are not the label."""
        return [name for name in self._sheet.header if name != self.label]

    def scaled(self, column: str) -> Floats:
        """A feature in volts, its smallest value at `low` and its largest at `high`.

        Raises:
            ValueError: there is no such column, it is not of numbers, or all are the same.
        """
        numbers = self._sheet.numbers(column)
        least, most = numbers.min(), numbers.max()
        if least == most:
            raise ValueError(f"{self.file}: column {shown(column)} has only one value, {least:g}")
        volts: Floats = self.low + (self.high - self.low) * ((numbers - least) / (most - least))
        return volts

    def labels(self) -> NDArray[np.intp]:
        """The class of every row, as an index into `classes`."""
        return np.array([self._classes.index(name) for name in self._sheet.text(self.label)])


class Classification(TaskTable):
    """Teach the network to distinguish classes."""

    kind: Literal["classification"]
    nudge: Ratio = Field(default=0.1, gt=0, le=1)
    inputs: Inputs
    outputs: list[Number] = Field(min_length=1)
    data: Labelled

    @model_validator(mode="after")
    def _known_features(self) -> "Classification":
        if not any(isinstance(value, str) for value in self.inputs.values()):
            raise ValueError("inputs: no feature; name a column of the file")
        if len(set(self.outputs)) < len(self.outputs):
            raise ValueError("outputs: a node is given twice")
        for value in self.inputs.values():
            if isinstance(value, str):
                if value == self.data.label:
                    raise ValueError(f"inputs: {shown(value)} is the label; it must not be shown")
                self.data.scaled(value)
        return self

    @property
    def output_nodes(self) -> Sequence[int]:
        """The nodes to measure."""
        return tuple(self.outputs)

    def nodes(self) -> dict[str, Sequence[int]]:
        """The nodes each key of the board file names."""
        return {"inputs": tuple(self.inputs), "outputs": tuple(self.outputs)}

    def task_run(self, seed: int) -> "ClassificationRun":
        """Draw the training rows of every class; the others are the test set."""
        shuffle = Shuffle(seed, self.name)
        labels = self.data.labels()
        volts = [
            self.data.scaled(value) if isinstance(value, str) else np.full(len(labels), value)
            for value in self.inputs.values()
        ]
        rows = shuffle.rows(len(labels))
        of_class = [rows[labels[rows] == place] for place in range(len(self.data.classes))]
        train = np.concatenate([rows[: self.data.train_per_class] for rows in of_class])
        test = np.setdiff1d(rows, train)
        examples = Examples(tuple(self.inputs), np.column_stack(volts), train, test, shuffle)
        return ClassificationRun(self, examples, labels)


class ClassificationRun:
    """One training: `labels` has the class of every row, `targets` (V) one row for each class."""

    def __init__(self, task: Classification, examples: Examples, labels: NDArray[np.intp]) -> None:
        self._task = task
        self.examples = examples
        self.labels = labels
        taught = labels[examples.train]
        means = [
            examples.volts[examples.train[taught == c]].mean(axis=0) for c in np.unique(taught)
        ]
        self._means: Floats = np.array(means)
        self.targets: Floats = np.full((len(means), len(task.outputs)), np.nan)

    def held(self, step: int) -> Mapping[int, float]:
        """The inputs of the step's training example."""
        return self.examples.held(step)

    def evaluation(self, step: int) -> Evaluation:
        """The test set, preceded by every class's mean input at the begin of an epoch."""
        cases = self.examples.volts[self.examples.test]
        if self.examples.begins_an_epoch(step):
            cases = np.concatenate([self._means, cases])
        return Evaluation(self.examples.nodes, cases)

    def score(self, step: int, measured: Mapping[int, float], answers: Floats | None) -> Score:
        """The mean squared distance of the test set to its targets (V^2), and the accuracy."""
        assert answers is not None
        if self.examples.begins_an_epoch(step):
            self.targets, answers = np.split(answers, [len(self._means)])
        distances = ((answers[:, None] - self.targets) ** 2).sum(axis=2)
        labels = self.labels[self.examples.test]
        own = distances[np.arange(len(labels)), labels]
        right = (distances.argmin(axis=1) == labels) & np.isfinite(own)
        return Score(float(own.mean()), float(right.mean()))

    def state(self) -> dict[str, NDArray[Any]]:
        """The targets."""
        return {"targets": self.targets}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Set the targets."""
        self.targets = state["targets"]

    def clamp(self, step: int, measured: Mapping[int, float]) -> Mapping[int, float]:
        """Eq. 1 towards the target of the example's class."""
        target = self.targets[self.labels[self.examples.row(step)]].tolist()
        desired = dict(zip(self._task.outputs, target, strict=True))
        return nudged(desired, measured, self._task.nudge)

    def script(self) -> Script:
        """The same as data; the targets are what is wanted of each class."""
        outputs, examples = self._task.output_nodes, self.examples

        def renew(targets: Floats) -> None:
            self.targets = targets

        return Script(
            examples.nodes, outputs, outputs, examples.volts, self.targets, self.labels,
            self._task.nudge, rows=examples.rows, score="classes", tests=examples.test,
            means=self._means, epoch=len(examples.train), renew=renew,
        )  # fmt: skip
