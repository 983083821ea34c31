"""Regression: outputs that are functions of the inputs (paper, Results, Eq. 4 and Fig. 3B, C).

A new training example every step; between steps the free network answers the whole test set.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field, StrictInt, ValidationInfo, model_validator

from logicsim.core.errors import nearest, shown
from logicsim.core.table import Ratio, Table, Volts
from logicsim.tasks.common import Inputs, Number, TaskTable, each_once, nudged
from logicsim.tasks.data import Examples, FileTable, Floats, Rows, Shuffle
from logicsim.tasks.script import Script
from logicsim.tasks.task_run import Evaluation, Score, Stateless


class Draws(Table):
    """Examples drawn at random: every variable uniform between `low` and `high` volts."""

    draws: StrictInt = Field(default=420, ge=1, le=1_000_000)
    test: StrictInt = Field(default=20, ge=1)
    low: Volts = 1.0
    high: Volts = 5.0

    @model_validator(mode="after")
    def _some_to_train(self) -> "Draws":
        if self.test >= self.draws:
            raise ValueError(f"test: {self.test} of {self.draws} draws leave none to train")
        if self.low >= self.high:
            raise ValueError(f"low {self.low:g} V is not below high {self.high:g} V")
        return self


class Points(FileTable):
    """Examples from a CSV file, in volts, one column for each variable.

    The seed draws `test` rows as the test set; with 0 every row is in both sets.
    """

    test: StrictInt = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _some_to_train(self) -> "Points":
        if self.test >= len(self._sheet.rows):
            raise ValueError(
                f"test: {self.test} of {len(self._sheet.rows)} rows leave none to train"
            )
        return self


def _drawn_or_read(data: Any, info: ValidationInfo) -> Any:
    if isinstance(data, Draws | Points):
        return data
    if not isinstance(data, dict):
        raise ValueError("data is a table, { draws = 420 } or { file = 'points.csv' }")  # noqa: TRY004  pydantic wants it
    kind = Points if "file" in data else Draws
    return kind.model_validate(data, context=info.context)


Wanted = dict[str, Ratio] | Annotated[str, Field(min_length=1)]


class Regression(TaskTable):
    """Teach outputs that are linear in the inputs' variables, or columns of a file."""

    kind: Literal["regression"]
    nudge: Ratio = Field(default=0.2, gt=0, le=1)
    inputs: Inputs
    outputs: Annotated[dict[Number, Wanted], BeforeValidator(each_once), Field(min_length=1)]
    data: Annotated[Draws | Points, BeforeValidator(_drawn_or_read)] = Draws()

    @model_validator(mode="after")
    def _known_variables(self) -> "Regression":
        variables = self.variables
        if not variables:
            raise ValueError("inputs: no variable; name one, e.g. { 3 = 'x1', 2 = '0 V' }")
        for node, wanted in self.outputs.items():
            place = f"outputs: {node}"
            if isinstance(wanted, dict):
                for name in sorted(wanted.keys() - set(variables)):
                    raise ValueError(
                        f"{place}: no input is {shown(name)}; {nearest(name, variables)}"
                    )
            elif isinstance(self.data, Draws):
                raise ValueError(  # noqa: TRY004  pydantic wants it
                    f"{place}: {shown(wanted)} would be a column of data.file; "
                    "give coefficients, e.g. { x1 = 0.15, x2 = 0.2 }"
                )
        if isinstance(self.data, Points):
            for column in self._columns():
                self.data.sheet.numbers(column)
        return self

    @property
    def variables(self) -> Sequence[str]:
        """The inputs that vary, each once, in the order of the board file."""
        return list(dict.fromkeys(v for v in self.inputs.values() if isinstance(v, str)))

    @property
    def output_nodes(self) -> Sequence[int]:
        """The nodes to measure."""
        return tuple(self.outputs)

    def nodes(self) -> dict[str, Sequence[int]]:
        """The nodes each key of the board file names."""
        return {"inputs": tuple(self.inputs), "outputs": tuple(self.outputs)}

    def task_run(self, seed: int) -> "RegressionRun":
        """Draw or read the examples, and divide them into training and test sets."""
        shuffle = Shuffle(seed, self.name)
        columns, train, test = self._data(shuffle)
        rows = len(next(iter(columns.values())))
        volts = [
            columns[v] if isinstance(v, str) else np.full(rows, v) for v in self.inputs.values()
        ]
        examples = Examples(tuple(self.inputs), np.column_stack(volts), train, test, shuffle)
        desired = [_desired(wanted, columns) for wanted in self.outputs.values()]
        return RegressionRun(self, examples, np.column_stack(desired))

    def _data(self, shuffle: Shuffle) -> tuple[Mapping[str, Floats], Rows, Rows]:
        """Variables and desired columns by name (V); the rows to train and to test on."""
        data = self.data
        if isinstance(data, Draws):
            uniforms = shuffle.uniforms(data.draws * len(self.variables))
            volts = data.low + (data.high - data.low) * uniforms.reshape(-1, data.draws)
            rows = np.arange(data.draws)
            return (
                dict(zip(self.variables, volts, strict=True)),
                rows[data.test :],
                rows[: data.test],
            )
        columns = {name: data.sheet.numbers(name) for name in self._columns()}
        rows = shuffle.rows(len(data.sheet.rows))
        train = rows[data.test :]
        return columns, train, rows[: data.test] if data.test else train

    def _columns(self) -> list[str]:
        """The columns a file must have: one for each variable and each named output."""
        return [*self.variables, *(w for w in self.outputs.values() if isinstance(w, str))]


def _desired(wanted: Mapping[str, float] | str, columns: Mapping[str, Floats]) -> Floats:
    if isinstance(wanted, str):
        return columns[wanted]
    some = next(iter(columns.values()))
    return sum((factor * columns[name] for name, factor in wanted.items()), np.zeros_like(some))


@dataclass(slots=True)
class RegressionRun(Stateless):
    """One training; `desired` (V) has one row for each example, one column for each output."""

    task: Regression
    examples: Examples
    desired: Floats

    def held(self, step: int) -> Mapping[int, float]:
        """The inputs of the step's training example."""
        return self.examples.held(step)

    def evaluation(self, step: int) -> Evaluation:
        """The whole test set."""
        return Evaluation(self.examples.nodes, self.examples.volts[self.examples.test])

    def score(self, step: int, measured: Mapping[int, float], answers: Floats | None) -> Score:
        """The sum over outputs of (V_F - V_D)^2, averaged over the test set, in V^2."""
        assert answers is not None
        wrong = answers - self.desired[self.examples.test]
        return Score(float((wrong**2).sum(axis=1).mean()))

    def clamp(self, step: int, measured: Mapping[int, float]) -> Mapping[int, float]:
        """Eq. 1 at every output."""
        desired = self.desired[self.examples.row(step)].tolist()
        desired = dict(zip(self.task.outputs, desired, strict=True))
        return nudged(desired, measured, self.task.nudge)

    def script(self) -> Script:
        """The same as data."""
        outputs, examples = self.task.output_nodes, self.examples
        return Script(
            examples.nodes, outputs, outputs, examples.volts, self.desired,
            np.arange(len(examples.volts)), self.task.nudge, rows=examples.rows,
            score="tests", tests=examples.test, epoch=len(examples.train),
        )  # fmt: skip
