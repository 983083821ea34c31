"""Past the paper: a network with diodes learns XOR, which no network of resistors can."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from logicsim.board import Board, load
from logicsim.figures.diagram import Ink, draw_diagram
from logicsim.figures.style import COLOURS
from logicsim.paper.answers import answered
from logicsim.paper.axes import PAGE, letter
from logicsim.paper.claim import Claim, over_seeds, proportion
from logicsim.paper.study import SEEDS, Study
from logicsim.paper.training import Floats
from logicsim.tasks.regression import Regression

_LATE: Final = 600  # last steps
_MOSTLY: Final = 0.9  # of them
_INK: Final = {True: (COLOURS[0], "with diodes"), False: ("0.55", "resistors alone")}


class Case(NamedTuple):
    """A seed, and whether the board has diodes or wires in their place."""

    diodes: bool
    seed: int


@dataclass(frozen=True, slots=True)
class Table:
    """The output (V) at every step, one column for each of the cases 00, 01, 10 and 11."""

    answers: Floats
    desired: Floats

    @property
    def right(self) -> Floats:
        """Whether all four outputs are on the right side of the middle, by step."""
        middle = self.desired.mean()
        every: Floats = ((self.answers > middle) == (self.desired > middle)).all(axis=1)
        return every

    @property
    def solved(self) -> bool:
        """Whether they are in 90 % of the last steps, since the rule jitters around its goal."""
        return bool(self.right[-_LATE:].mean() >= _MOSTLY)


def experiment(case: Case) -> Table:
    """Train XOR from mid-scale."""
    board = load("xor", {} if case.diodes else {"network.diodes": []})
    task = board.tasks[0]
    assert isinstance(task, Regression)
    task_run = task.task_run(case.seed)
    order = np.argsort(task_run.examples.test)
    answers = [volts[order, 0] for _, volts in answered(board, task, task_run, case.seed)]
    return Table(np.array(answers), task_run.desired[:, 0])


def _of(outcomes: Mapping[Case, Table], *, diodes: bool) -> list[Table]:
    return [table for case, table in outcomes.items() if case.diodes == diodes]


def claims(outcomes: Mapping[Case, Table]) -> list[Claim]:
    """Diodes solve XOR on most seeds and resistors on none, since these obey superposition."""
    able, unable = (_of(outcomes, diodes=diodes) for diodes in (True, False))
    steps = [float(t.right.argmax() + 1) if t.right.any() else np.inf for t in able]
    residual = [float(np.abs(t.answers @ [1, -1, -1, 1]).max()) for t in unable]
    return [
        proportion(f"seeds with all four cases right in 9 of 10 of the last {_LATE} steps, diodes",
                   "diodes will allow XOR; most", sum(t.solved for t in able), len(able),
                   at_least=0.5),
        over_seeds("steps until all four cases are right, diodes", "-", steps),
        over_seeds("steps of 3000 with all four cases right, resistors alone", "prohibited; 0",
                   [float(t.right.sum()) for t in unable], at_most=0),
        over_seeds("largest V(0,0) + V(1,1) - V(0,1) - V(1,0), resistors alone (V); XOR wants 1.2",
                   "superposition; 0", residual, at_most=1e-9),
    ]  # fmt: skip


def draw(outcomes: Mapping[Case, Table]) -> Figure:
    """Draw the board, the four outputs of one seed, and the number of seeds solved."""
    board, seed = load("xor"), min(case.seed for case in outcomes)
    figure = Figure(figsize=(PAGE, 4.6), dpi=300, layout="constrained")
    grid = figure.add_gridspec(2, 2, width_ratios=(1, 1.25))
    _draw_board(figure.add_subplot(grid[:, 0]), board)
    top, bottom = figure.add_subplot(grid[0, 1]), figure.add_subplot(grid[1, 1])
    _draw_outputs(top, outcomes[Case(True, seed)])
    for diodes, (colour, label) in _INK.items():
        rights = [table.right for table in _of(outcomes, diodes=diodes)]
        share = 100 * np.mean(rights, axis=0)
        bottom.plot(np.arange(1, len(share) + 1), share, color=colour, linewidth=1.1, label=label)
    bottom.set_xlabel("training step")
    bottom.set_ylabel("seeds with all cases right (%)")
    bottom.set_ylim(-3, 103)
    bottom.legend(loc="center right")
    for axes, name in zip(figure.axes, "ABC", strict=True):
        letter(axes, name)
    return figure


def _draw_board(axes: Axes, board: Board) -> None:
    roles = board.tasks[0].nodes()
    names = ("$x_1$", r"$\bar{x}_1$", "$x_2$", r"$\bar{x}_2$", "5 V", "0 V")
    labels: dict[int, str] = dict(enumerate(names, start=1)) | {11: "XOR"}
    draw_diagram(axes, board.network, roles["inputs"], roles["outputs"],
                 Ink(labels=labels, size=0.7))  # fmt: skip


def _draw_outputs(axes: Axes, table: Table) -> None:
    steps = np.arange(1, len(table.answers) + 1)
    cases: Sequence[tuple[str, str]] = (
        ("00", COLOURS[1]), ("01", COLOURS[0]), ("10", COLOURS[5]), ("11", COLOURS[4]),
    )  # fmt: skip
    for place, (label, colour) in enumerate(cases):
        axes.plot(steps, table.answers[:, place], color=colour, linewidth=0.9, label=label)
    for volts in np.unique(table.desired):
        axes.axhline(volts, color="0.6", linestyle="--", linewidth=0.9, zorder=0)
    axes.set_ylabel("output (V)")
    axes.set_ylim(0, 1.8)
    axes.tick_params(labelbottom=False)
    axes.legend(title="$x_1 x_2$", ncols=4, loc="upper right")


STUDY: Final = Study(
    "xor",
    "Diodes in the edges learn XOR",
    [Case(diodes, seed) for diodes in (True, False) for seed in SEEDS],
    experiment,
    draw,
    claims,
)
