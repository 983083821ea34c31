"""One training as a user would run it, and the measures used in the paper's claims."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logicsim.board import Board
from logicsim.tasks.task_run import Step
from logicsim.training.run import plan, run

Floats = NDArray[np.float64]

PLATEAU: Final = 30  # steps over which the paper smooths


@dataclass(frozen=True, slots=True)
class Training:
    """The measurements of a run: errors in V^2, outputs in volts by node, codes by edge.

    Each array has one row for each step; `codes` has one more, for the end of the last step.
    `accuracies` and outputs are NaN if a task has none. `opposed` counts edges, over all steps,
    whose two drops had opposite signs.
    """

    tasks: Sequence[str]
    errors: Floats
    accuracies: Floats
    outputs: dict[int, Floats]
    codes: NDArray[np.intp]
    opposed: int


def train(board: Board, seed: int, tasks: Sequence[str] = (), steps: int | None = None) -> Training:
    """Train a board on tasks by name, which may repeat; on all its tasks by default."""
    taken: list[Step] = []
    result = run(board, plan(board, tasks, steps), seed=seed, on_step=taken.append)
    nodes = sorted({node for step in taken for node in step.outputs})
    accuracies = [np.nan if step.accuracy is None else step.accuracy for step in taken]
    return Training(
        tasks=[step.task for step in taken],
        errors=np.array([step.error for step in taken]),
        accuracies=np.array(accuracies),
        outputs={n: np.array([step.outputs.get(n, np.nan) for step in taken]) for n in nodes},
        codes=np.array([*(step.codes_free for step in taken), result.codes_free]),
        opposed=result.opposed,
    )


def resistances(board: Board, codes: NDArray[np.intp]) -> Floats:
    """Nominal resistances (ohm) at wiper codes, without piece-to-piece spread."""
    pot = board.parts.digipot.model_copy(update={"inl": 0.0, "dnl": 0.0})
    ohms: Floats = pot.resistances(pot.end_to_end, 0, 0)[codes]
    return ohms


def best_fall(errors: Floats) -> float:
    """Orders of magnitude from the first error to the smallest; never less than 0."""
    return float(np.log10(errors[0] / errors.min()))


def plateau_fall(errors: Floats) -> float:
    """Orders of magnitude from the first error to the median of the last 30."""
    return float(np.log10(errors[0] / np.median(errors[-PLATEAU:])))


def smoothed(values: Floats, window: int = PLATEAU) -> Floats:
    """The running mean over `window` steps around each, fewer at the ends, ignoring NaN."""
    sound = np.isfinite(values)
    kernel = np.ones(window)
    total = np.convolve(np.where(sound, values, 0.0), kernel, mode="same")
    count = np.convolve(sound, kernel, mode="same")
    with np.errstate(invalid="ignore"):
        mean: Floats = total / count
    return mean
