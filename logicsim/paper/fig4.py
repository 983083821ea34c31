"""Fig. 4: seven tasks one after the other, then ii, iii and ii again, never reset."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec

from logicsim.board import Board, load
from logicsim.figures.diagram import Ink, draw_diagram
from logicsim.figures.style import COLOURS
from logicsim.paper.axes import PAGE, draw_task, letter
from logicsim.paper.claim import Claim, over_seeds
from logicsim.paper.study import SEEDS, Study
from logicsim.paper.training import (
    PLATEAU,
    Floats,
    Training,
    plateau_fall,
    resistances,
    smoothed,
    train,
)

SEQUENCE: Final = ("i", "ii", "iii", "iv", "v", "vi", "vii", "ii", "iii", "ii")
_ORDERS: Final = {"allostery": 2.0, "regression": 1.5}
_EDGES: Final = (2, 5, 9, 12, 16)  # one of each part of the board
_INKS: Final = (COLOURS[0], COLOURS[1], COLOURS[2], COLOURS[6], COLOURS[4])


def experiment(seed: int) -> Training:
    """Train all ten parts in one run."""
    return train(load("twin16"), seed, SEQUENCE)


class Part(NamedTuple):
    """One training of the sequence: its name in the table, its task, its first step and end."""

    label: str
    task: str
    begin: int
    end: int


def parts(board: Board) -> Iterator[Part]:
    """The ten trainings."""
    begin = 0
    for place, name in enumerate(SEQUENCE):
        turn = SEQUENCE[: place + 1].count(name)
        again = "" if turn == 1 else " again" if turn == 2 else f", time {turn}"
        end = begin + board.task(name)[1].steps
        yield Part(f"{name}{again}", name, begin, end)
        begin = end


def claims(outcomes: Mapping[int, Training]) -> list[Claim]:
    """Every task of the sequence is learned, and task ii starts each time from the same error."""
    board, runs = load("twin16"), list(outcomes.values())
    rows = [_learned(board, part, runs) for part in parts(board)]
    firsts = [[run.errors[part.begin] for part in parts(board) if part.task == "ii"]
              for run in runs]  # fmt: skip
    rows.append(
        over_seeds("first errors of ii, thrice learned: largest over smallest", "similar; < 10",
                   [max(three) / min(three) for three in firsts], at_most=10)
    )  # fmt: skip
    edge_steps = sum(p.end - p.begin for p in parts(board)) * len(board.network.edges)
    rows.append(
        over_seeds("edge-steps whose free and clamped drops have opposite signs (%)",
                   "hardly ever; < 5", [100 * run.opposed / edge_steps for run in runs], at_most=5)
    )  # fmt: skip
    return rows


def _learned(board: Board, part: Part, runs: Sequence[Training]) -> Claim:
    _, task = board.task(part.task)
    span = slice(part.begin, part.end)
    if task.kind == "classification":
        accuracies = [float(run.accuracies[span][-PLATEAU:].mean()) for run in runs]
        return over_seeds(f"{part.label}: accuracy, mean of the last 30 steps", "learned; > 0.95",
                          accuracies, at_least=0.95)  # fmt: skip
    least = _ORDERS[task.kind]
    return over_seeds(f"{part.label}: orders from its first error to the median of its last 30",
                      f"learned; > {least:g}", [plateau_fall(run.errors[span]) for run in runs],
                      at_least=least)  # fmt: skip


def draw(outcomes: Mapping[int, Training]) -> Figure:
    """Draw the tasks above their errors, and five resistances with their places on the board."""
    board, run = load("twin16"), outcomes[min(outcomes)]
    figure = Figure(figsize=(PAGE, 5.2), dpi=300, layout="constrained")
    grid = figure.add_gridspec(3, 2, width_ratios=(3.6, 1), height_ratios=(0.55, 1.2, 1))
    errors = figure.add_subplot(grid[1, 0])
    ohms = figure.add_subplot(grid[2, 0], sharex=errors)
    _draw_errors(errors, board, run)
    _draw_resistances(ohms, board, run)
    _draw_tasks(figure, grid, board)
    where = figure.add_subplot(grid[1:, 1])
    ink = Ink(names={edge: str(edge) for edge in _EDGES},
              colours=dict(zip(_EDGES, _INKS, strict=True)), size=0.6)  # fmt: skip
    draw_diagram(where, board.network, ink=ink)
    letter(errors, "B")
    letter(ohms, "C")
    return figure


def _draw_tasks(figure: Figure, grid: GridSpec, board: Board) -> None:
    """Draw seven networks in a row, in the order of the tasks."""
    row = grid[0, :].subgridspec(1, len(board.tasks))
    for place, task in enumerate(board.tasks):
        axes = figure.add_subplot(row[0, place])
        draw_task(axes, board, task, size=0.4, labels={})
        axes.set_title(task.name, fontsize=9)
        if place == 0:
            letter(axes, "A")


def _error(board: Board, run: Training, part: Part) -> Floats:
    """The error in Fig. 4B of a training: the share of flowers classified wrongly, or V^2."""
    classifies = board.task(part.task)[1].kind == "classification"
    return (1 - run.accuracies if classifies else run.errors)[part.begin : part.end]


def _draw_errors(axes: Axes, board: Board, run: Training) -> None:
    for place, part in enumerate(parts(board)):
        steps = np.arange(part.begin, part.end) + 1
        error = _error(board, run, part)
        axes.semilogy(steps, error, color=COLOURS[5], linewidth=0.4, alpha=0.6,
                      label=None if place else "raw")  # fmt: skip
        axes.semilogy(steps, smoothed(error), color="black", linewidth=1.2,
                      label=None if place else "mean over 30 steps")  # fmt: skip
        axes.text((part.begin + part.end) / 2, 1.02, part.task, ha="center", fontsize=8,
                  transform=axes.get_xaxis_transform())  # fmt: skip
    _part_tasks(axes, board)
    axes.set_ylabel("error (V²)\n(i: share of flowers)")
    axes.set_ylim(1e-6, 30)
    axes.tick_params(labelbottom=False)
    axes.legend(loc="lower left", ncols=2)


def _draw_resistances(axes: Axes, board: Board, run: Training) -> None:
    ohms = resistances(board, run.codes) / 1e3
    heights = _apart([float(ohms[-1, edge - 1]) for edge in _EDGES], least=9)
    for edge, colour, height in zip(_EDGES, _INKS, heights, strict=True):
        axes.plot(ohms[:, edge - 1], color=colour, linewidth=0.9)
        axes.annotate(str(edge), (len(ohms), height), (4, 0), color=colour,
                      textcoords="offset points", fontsize=8, va="center")  # fmt: skip
    _part_tasks(axes, board)
    axes.set_ylabel("resistance (kΩ)")
    axes.set_xlabel("training step")
    axes.set_ylim(0, 105)
    axes.set_xlim(0, len(ohms))


def _apart(heights: Sequence[float], least: float) -> list[float]:
    """The heights of labels, moved up where two would overlap."""
    moved, last = list(heights), -np.inf
    for place in np.argsort(heights):
        moved[place] = last = max(heights[place], last + least)
    return moved


def _part_tasks(axes: Axes, board: Board) -> None:
    for part in parts(board):
        axes.axvline(part.begin, color="0.85", linewidth=0.8, zorder=0)


STUDY: Final = Study(
    "fig4", "Seven tasks in sequence, and three again, without reset", SEEDS, experiment, draw,
    claims,
)  # fmt: skip
