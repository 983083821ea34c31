"""What a run measured in every step, kept in memory as arrays."""

import math
from array import array
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from logicsim.board import Board
from logicsim.core.extras import pandas
from logicsim.tasks.result import HistoryTable
from logicsim.tasks.task_run import Floats, Step, Steps
from logicsim.training.run import Plan

if TYPE_CHECKING:
    import pandas as pd

MOST_BYTES: Final = 256_000_000  # of codes; of a longer history every n-th step's are kept
_MOST_ROWS: Final = 5000  # in a picture
_NAN: Final = np.float64(np.nan).tobytes()


class History:
    """The steps of a run as arrays, each measured before the step's update.

    Codes of 16 edges take 32 bytes a step. Where those of all steps would take more than 256 MB,
    only every n-th step's are kept; `every` is that n.
    """

    def __init__(self, board: Board, plan: Plan) -> None:
        edges, positions = len(board.network.edges), board.positions
        steps = sum(steps for _, _, steps in plan)
        kind = np.min_scalar_type(positions - 1)
        self.every = max(1, math.ceil(2 * steps * edges * kind.itemsize / MOST_BYTES))
        self._codes = np.zeros((2, -(-steps // self.every), edges), kind)
        self._tasks: list[str] = []  # the tasks in turn, and how many steps were made of each
        self._counts = array("q")
        self._steps, self._times, self._errors = array("q"), array("d"), array("d")
        self._accuracies = array("d")
        nodes = sorted({node for _, task, _ in plan for node in task.output_nodes})
        self._outputs = {node: array("d") for node in nodes}

    def add(self, steps: Steps) -> None:
        """Take the next steps."""
        here, row = len(steps), self._kept
        chosen = slice(row * self.every - len(self), None, self.every)
        free, clamped = steps.codes_free[chosen], steps.codes_clamped[chosen]
        self._codes[0, row : row + len(free)] = free
        self._codes[1, row : row + len(free)] = clamped
        if not self._tasks or self._tasks[-1] != steps.task:
            self._tasks.append(steps.task)
            self._counts.append(0)
        self._counts[-1] += here
        self._steps.extend(range(steps.first, steps.first + here))
        self._times.frombytes(steps.time.tobytes())
        self._errors.frombytes(steps.error.tobytes())
        nothing = _NAN * here
        accuracy = nothing if steps.accuracy is None else steps.accuracy.tobytes()
        self._accuracies.frombytes(accuracy)
        outputs = {node: steps.outputs[:, n].tobytes() for n, node in enumerate(steps.nodes)}
        for node, volts in self._outputs.items():
            volts.frombytes(outputs.get(node, nothing))

    def __len__(self) -> int:
        """How many steps were made."""
        return len(self._steps)

    @property
    def task(self) -> NDArray[np.str_]:
        """The name of each step's task, (steps,)."""
        return np.repeat(np.array(self._tasks, dtype=np.str_), self._counts)

    @property
    def step(self) -> NDArray[np.int64]:
        """The number of each step in its task, from 1, (steps,)."""
        return np.array(self._steps)

    @property
    def time(self) -> Floats:
        """When each step was measured, in simulated seconds, (steps,)."""
        return np.array(self._times)

    @property
    def error(self) -> Floats:
        """Each step's error in V^2, (steps,); NaN where the task has no notion of it."""
        return np.array(self._errors)

    @property
    def accuracy(self) -> Floats:
        """The share classified rightly, (steps,); NaN where nothing is classified."""
        return np.array(self._accuracies)

    @property
    def outputs(self) -> dict[int, Floats]:
        """Free voltages (V) of each output node, (steps,); NaN in tasks it is no output of."""
        return {node: np.array(volts) for node, volts in self._outputs.items()}

    @property
    def codes_free(self) -> NDArray[np.unsignedinteger]:
        """Codes of the free network, (steps, edges); of every `every`-th step, from the first."""
        return self._codes[0, : self._kept]

    @property
    def codes_clamped(self) -> NDArray[np.unsignedinteger]:
        """Codes of the clamped network, likewise."""
        return self._codes[1, : self._kept]

    @property
    def _kept(self) -> int:
        return -(-len(self) // self.every)

    def table(self) -> "pd.DataFrame":
        """A row for every step whose codes are kept, with the columns of `history.csv`.

        Raises:
            LogicsimError: pandas is not installed.
        """
        columns = self._columns(slice(None, None, self.every))
        if np.isnan(columns["accuracy"]).all():
            del columns["accuracy"]
        clamped = zip(self._edges("clamped"), self.codes_clamped.T, strict=True)
        return pandas().DataFrame({**columns, **dict(clamped)})

    def steps(self, most: int = 1000) -> list[tuple[int, Step]]:
        """Of so many steps, evenly spaced, and the last: their numbers over all tasks, and they."""
        rows = list(range(0, self._kept, -(-self._kept // most) or 1))
        if rows and rows[-1] != self._kept - 1:
            rows.append(self._kept - 1)
        tasks = self.task
        return [(n + 1, self._step(n, str(tasks[n]))) for n in (row * self.every for row in rows)]

    def _step(self, place: int, task: str) -> Step:
        accuracy = self._accuracies[place]
        free, clamped = self._codes[:, place // self.every].tolist()
        return Step(
            task, self._steps[place], self._times[place], self._errors[place],
            None if math.isnan(accuracy) else accuracy,
            {node: volts[place] for node, volts in self._outputs.items()},
            tuple(free), tuple(clamped),
        )  # fmt: skip

    def thinned(self) -> tuple[HistoryTable, Floats]:
        """What a picture needs, of at most 5000 steps, and which these are of all."""
        times = -(-self._kept // _MOST_ROWS)  # as many rows as are kept for one that is drawn
        every = slice(None, None, self.every * max(times, 1))
        columns = self._columns(every, max(times, 1))
        tasks = columns.pop("task").tolist()
        return HistoryTable(tasks, columns), np.arange(1, len(self) + 1, dtype=np.float64)[every]

    def _columns(self, rows: slice, codes: int = 1) -> dict[str, Any]:
        columns = {"task": self.task, "step": self.step, "time_s": self.time, "error": self.error,
                   "accuracy": self.accuracy}  # fmt: skip
        columns |= {f"output_{node}": volts for node, volts in self.outputs.items()}
        chosen = {name: column[rows] for name, column in columns.items()}
        free = self.codes_free[::codes]
        return chosen | dict(zip(self._edges("free"), free.T, strict=True))

    def _edges(self, side: str) -> list[str]:
        return [f"{side}_{edge}" for edge in range(1, self._codes.shape[2] + 1)]
