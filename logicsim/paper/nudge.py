"""Past the paper: the quality of learning against nudge and noise."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from logicsim.board import load
from logicsim.paper.axes import COLUMN
from logicsim.paper.claim import Claim, over_seeds
from logicsim.paper.study import SEEDS, Study
from logicsim.paper.training import plateau_fall, train

_TASK: Final = "iv"
_NUDGES: Final = (0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0)
_NOISES: Final = (0.0, 1e-3, 2e-3, 5e-3, 10e-3, 20e-3, 50e-3)  # V rms
_PAPER: Final = (0.5, 10e-3)


class Case(NamedTuple):
    """A nudge, the noise (V rms), and a seed."""

    nudge: float
    noise: float
    seed: int


def experiment(case: Case) -> float:
    """Orders of magnitude from the first error to the median of the last 30 of 300 steps."""
    _, task = load("twin16").task(_TASK)
    table = task.model_dump() | {"nudge": case.nudge}
    board = load("twin16", {"tasks": [table], "parts.comparator.noise": case.noise})
    return plateau_fall(train(board, case.seed).errors)


def _of(outcomes: Mapping[Case, float], nudge: float, noise: float) -> list[float]:
    return [fall for case, fall in outcomes.items() if case[:2] == (nudge, noise)]


def claims(outcomes: Mapping[Case, float]) -> list[Claim]:
    """A small nudge drowns in noise, as the paper says; a large one costs accuracy."""
    nudge, noise = _PAPER
    least, most = min(_NUDGES), max(_NUDGES)
    usual = _of(outcomes, nudge, noise)
    small, large, quiet = (
        _of(outcomes, *where) for where in ((least, noise), (most, noise), (least, 0.0))
    )
    return [
        over_seeds(f"orders lost from nudge {nudge:g} to {least:g} at 10 mV",
                   "noise dominates; > 0", [a - b for a, b in zip(usual, small, strict=True)],
                   at_least=0.1),
        over_seeds(f"orders lost from nudge {nudge:g} to {most:g} at 10 mV",
                   "accuracy degrades; > 0", [a - b for a, b in zip(usual, large, strict=True)],
                   at_least=0.1),
        over_seeds(f"orders the error falls at nudge {least:g} without noise", "-", quiet),
        over_seeds("orders the error falls at nudge 0.5 and 50 mV", "-",
                   _of(outcomes, nudge, 50e-3)),
    ]  # fmt: skip


def draw(outcomes: Mapping[Case, float]) -> Figure:
    """Draw a map of the fall of the error, with the paper's setting outlined."""
    fall = np.array([[np.median(_of(outcomes, a, b)) for a in _NUDGES] for b in _NOISES])
    figure = Figure(figsize=(COLUMN, 3.1), dpi=300, layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(fall, cmap="cividis", origin="lower", aspect="auto")
    middle = (fall.min() + fall.max()) / 2
    for (row, column), value in np.ndenumerate(fall):
        paper = (_NUDGES[column], _NOISES[row]) == _PAPER
        box = {"boxstyle": "square,pad=0.35", "fc": "none", "ec": "black", "lw": 1.4}
        axes.text(column, row, f"{value:.1f}", ha="center", va="center", fontsize=7.5,
                  color="black" if value > middle else "white",
                  bbox=box if paper else None)  # fmt: skip
    axes.set_xticks(range(len(_NUDGES)), [f"{nudge:g}" for nudge in _NUDGES])
    axes.set_yticks(range(len(_NOISES)), [f"{1e3 * noise:g}" for noise in _NOISES])
    axes.set_xlabel("nudge η (the paper's outlined)")
    axes.set_ylabel("comparator noise (mV rms)")
    figure.colorbar(image, label="orders the error falls, task iv")
    return figure


STUDY: Final = Study(
    "nudge",
    "Learning against nudge and noise",
    [Case(nudge, noise, seed) for nudge in _NUDGES for noise in _NOISES for seed in SEEDS[:5]],
    experiment,
    draw,
    claims,
)
