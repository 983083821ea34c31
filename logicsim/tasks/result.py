"""The result of a run (errors by task, codes, violations, speed) and its history by step."""

import csv
import math
from array import array
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from pathlib import Path
from statistics import mean, median
from typing import IO, Any, Final, TextIO

import numpy as np

from logicsim.core.errors import CheckpointError
from logicsim.core.files import replaced
from logicsim.core.units import seconds
from logicsim.kernel.kernel import Violation
from logicsim.tasks import AnyTask
from logicsim.tasks.task_run import Floats, Steps

VIOLATIONS: Final = ("setup", "hold", "width", "recovery", "spacing")

_PLATEAU: Final = 30  # steps over which the paper smooths


class TaskSummary:
    """The running summary of one task's errors and accuracies, of which it keeps the last 30."""

    def __init__(self, task: AnyTask) -> None:
        self.task = task
        self.steps = 0
        self.first = self.lowest = math.nan
        self._last: deque[float] = deque(maxlen=_PLATEAU)
        self._first_accuracy = self._best_accuracy = math.nan
        self._accuracies: deque[float] = deque(maxlen=_PLATEAU)

    def add(self, error: Floats, accuracy: Floats | None = None) -> None:
        """Add the errors (V^2) of the next steps, and the accuracies if it classifies."""
        errors = error.tolist()
        if not self.steps:
            self.first = self.lowest = errors[0]
        self.lowest = min(self.lowest, *errors)
        self._last.extend(errors[-_PLATEAU:])
        self.steps += len(errors)
        if accuracy is not None:
            self._add_accuracies(accuracy.tolist())

    def _add_accuracies(self, accuracies: Sequence[float]) -> None:
        if not self._accuracies:
            self._first_accuracy = self._best_accuracy = accuracies[0]
        self._best_accuracy = max(self._best_accuracy, *accuracies)
        self._accuracies.extend(accuracies[-_PLATEAU:])

    @property
    def accuracy(self) -> float | None:
        """The mean accuracy over the last 30 steps; None if the task does not classify."""
        return mean(self._accuracies) if self._accuracies else None

    @property
    def last(self) -> float:
        """The error of the last step."""
        return self._last[-1] if self._last else math.nan

    def as_json(self) -> dict[str, Any]:
        """The task's entry in `result.json`."""
        entry = {
            "name": self.task.name,
            "kind": self.task.kind,
            "steps": self.steps,
            "nudge": self.task.nudge,
            "error_first": _number(self.first),
            "error_last": _number(self.last),
            "error_min": _number(self.lowest),
            "error_median": _number(median(self._last) if self._last else math.nan),
        }
        if self.accuracy is not None:
            entry |= {
                "accuracy_first": self._first_accuracy,
                "accuracy_last": self.accuracy,
                "accuracy_max": self._best_accuracy,
            }
        return entry


@dataclass(frozen=True, slots=True)
class Result:
    """A finished run; the form of `as_json` is a promise to users.

    `solver` solved the networks; None if their voltages take time to settle.
    `violations` counts all missed constraints by kind; `violation_list` has the first thousand,
    and `missed_on` maps each of their parts on an edge's breadboard to the edge.
    `wall_s` is the time of this computation; in a resumed run it excludes the `behind` steps done
    before.
    """

    version: str
    board: str
    engine: str
    seed: int
    solver: str | None
    tasks: Sequence[TaskSummary]
    outputs_free: Mapping[int, float]
    codes_free: Sequence[int]
    codes_clamped: Sequence[int]
    violations: Mapping[str, int]
    violation_list: Sequence[Violation]
    missed_on: Mapping[str, int]
    opposed: int
    events: int
    simulated_s: float
    wall_s: float
    behind: int = 0

    @property
    def steps_per_s(self) -> float:
        """Training steps per second of computing."""
        return (sum(task.steps for task in self.tasks) - self.behind) / self.wall_s

    def as_json(self) -> dict[str, Any]:
        """The content of `result.json`; NaN and infinity, which JSON lacks, become null."""
        return {
            "logicsim": self.version,
            "board": self.board,
            "engine": self.engine,
            "seed": self.seed,
            "solver": self.solver,
            "tasks": [task.as_json() for task in self.tasks],
            "outputs_free": {str(node): _number(v) for node, v in self.outputs_free.items()},
            "codes": {"free": list(self.codes_free), "clamped": list(self.codes_clamped)},
            "mismatches": sum(
                a != b for a, b in zip(self.codes_free, self.codes_clamped, strict=True)
            ),
            "violations": {kind: self.violations.get(kind, 0) for kind in VIOLATIONS},
            "violation_list": [self._listed(violation) for violation in self.violation_list],
            # Edge-steps with drops of opposite sign, where hardware always steps up, unlike Eq. C1.
            "opposed": self.opposed,
            "events": self.events,
            "simulated_s": self.simulated_s,
            "wall_s": self.wall_s,
            "steps_per_s": self.steps_per_s,
        }

    def _listed(self, violation: Violation) -> dict[str, Any]:
        """A violation with its edge, which is null if the part is on no edge's breadboard."""
        return {
            "time_s": seconds(violation.time),
            "kind": violation.kind,
            "part": violation.part,
            "pin": violation.pin,
            "edge": self.missed_on.get(violation.part),
            "margin_s": seconds(violation.margin),
        }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


class HistoryWriter:
    """Writes `history.csv`: one row for each step, measured before its update.

    Columns: task, step, time_s, error (V^2), accuracy (0 to 1) if a task of the run classifies,
    output_N (V) for every node that is an output of any task of the run, and free_N and
    clamped_N, the codes of edge N. With `headed` the file has its header already.

    A block is written at once; where the file flushes every write, a killed run keeps it.
    """

    def __init__(
        self, file: IO[str], tasks: Sequence[AnyTask], edges: int, positions: int,
        *, headed: bool = False,
    ) -> None:  # fmt: skip
        self._file = file
        self._nodes = sorted({node for task in tasks for node in task.output_nodes})
        self._classified = any(task.kind == "classification" for task in tasks)
        self._quoted = {task.name: _quoted(task.name) for task in tasks}
        self._numerals = np.array([str(code) for code in range(positions)], dtype=object)
        if headed:
            return
        csv.writer(file, lineterminator="\n").writerow(
            ["task", "step", "time_s", "error", *(["accuracy"] if self._classified else [])]
            + [f"output_{node}" for node in self._nodes]
            + [f"{side}_{edge}" for side in ("free", "clamped") for edge in range(1, edges + 1)]
        )

    def add(self, steps: Steps) -> None:
        """Append steps."""
        here = len(steps)
        numbers = map(str, range(steps.first, steps.first + here))
        columns = [[self._quoted[steps.task]] * here, numbers,
                   _texts(steps.time), _texts(steps.error)]  # fmt: skip
        empty = [""] * here
        if self._classified:
            columns.append(empty if steps.accuracy is None else _texts(steps.accuracy))
        outputs = dict(zip(steps.nodes, map(_texts, steps.outputs.T), strict=True))
        columns += [outputs.get(node, empty) for node in self._nodes]
        codes = self._numerals.take(np.hstack([steps.codes_free, steps.codes_clamped])).tolist()
        marks = zip(*columns, strict=True)
        # Joined here, because csv would look for something to quote in every number.
        rows = [",".join((*mark, *row)) for mark, row in zip(marks, codes, strict=True)]
        self._file.write("\n".join([*rows, ""]))


def _texts(values: Floats) -> Sequence[str]:
    return [str(value) for value in values.tolist()]


def _quoted(name: str) -> str:
    """A field of CSV."""
    text = StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerow([name, ""])
    return text.getvalue().removesuffix(",\n")


def keep_rows(path: Path, steps: int) -> tuple[Floats, Floats]:
    """Keep the first `steps` steps of a `history.csv` and drop the rest.

    Returns:
        the error (V^2) of each step, and its accuracy, NaN if the task does not classify.

    Raises:
        CheckpointError: the file has fewer steps.
        OutputError: the file cannot be read or rewritten.
    """
    errors, accuracies = array("d"), array("d")
    with (
        replaced(path) as target,
        path.open(newline="") as old,
        target.open("w", newline="") as new,
    ):
        rows, kept = csv.reader(old), csv.writer(new, lineterminator="\n")
        header = next(rows, [])
        classified = "accuracy" in header
        kept.writerow(header)
        for row in islice(rows, steps):
            kept.writerow(row)
            errors.append(float(row[3]))
            accuracies.append(float((classified and row[4]) or math.nan))
        if len(errors) < steps:
            raise CheckpointError(
                f"{path}: {len(errors)} steps, fewer than the checkpoint's {steps}"
            )
    return np.array(errors), np.array(accuracies)


@dataclass(frozen=True, slots=True)
class HistoryTable:
    """A history read back and decimated to a maximum number of rows: column name to values."""

    tasks: Sequence[str]
    columns: Mapping[str, Sequence[float]]


def read_history(file: TextIO, rows: int, most: int = 5000) -> HistoryTable:
    """Read a `history.csv` of `rows` steps, keeping every n-th row and at most `most` rows."""
    reader = csv.reader(file)
    header = next(reader)
    every = max(1, -(-rows // most))
    kept = [row for number, row in enumerate(reader) if number % every == 0]
    numbers = ([float(cell) if cell else math.nan for cell in row[1:]] for row in kept)
    columns = zip(*numbers, strict=True) if kept else ([] for _ in header[1:])
    return HistoryTable(
        [row[0] for row in kept],
        {name: list(column) for name, column in zip(header[1:], columns, strict=True)},
    )
