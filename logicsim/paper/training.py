"""One training as a user would run it, and the measures used in the paper's claims."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logicsim.board import Board
from logicsim.tasks.task_run import Steps
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
    taken: list[Steps] = []
    result = run(board, plan(board, tasks, steps), seed=seed, on_steps=taken.append)
    nodes = sorted({node for block in taken for node in block.nodes})
    return Training(
        tasks=[block.task for block in taken for _ in range(len(block))],
        errors=np.concatenate([block.error for block in taken]),
        accuracies=np.concatenate([_or_nan(block.accuracy, block) for block in taken]),
        outputs={n: np.concatenate([_output(n, block) for block in taken]) for n in nodes},
        codes=np.vstack([*(block.codes_free for block in taken), result.codes_free]),
        opposed=result.opposed,
    )


def _or_nan(values: Floats | None, block: Steps) -> Floats:
    return np.full(len(block), np.nan) if values is None else values


def _output(node: int, block: Steps) -> Floats:
    return _or_nan(dict(zip(block.nodes, block.outputs.T, strict=True)).get(node), block)


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
