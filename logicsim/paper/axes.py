"""Elements of several figures: a falling error, a network in a corner, a panel's letter."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from logicsim.board import Board
from logicsim.figures.diagram import Ink, draw_diagram
from logicsim.paper.training import Floats
from logicsim.tasks import AnyTask
from logicsim.tasks.allostery import Allostery

COLUMN: Final = 3.5  # inches, one column of a journal
PAGE: Final = 7.2  # inches, two columns


def draw_errors(axes: Axes, errors: Floats, others: list[Floats]) -> None:
    """Draw the error against the step: one seed in black over the others in grey."""
    for other in others:
        axes.semilogy(np.arange(1, len(other) + 1), other, color="0.82", linewidth=0.5, zorder=1)
    axes.semilogy(np.arange(1, len(errors) + 1), errors, color="black", linewidth=1.1, zorder=4)
    axes.set_xlabel("training step")


def draw_task(
    axes: Axes,
    board: Board,
    task: AnyTask,
    size: float = 0.5,
    labels: Mapping[int, str] | None = None,
) -> None:
    """Draw the network with a task's inputs and outputs; allostery has default labels."""
    roles = task.nodes()
    if labels is None and isinstance(task, Allostery):
        labels = {n: f"{volts:g} V" for n, volts in {**task.inputs, **task.outputs}.items()}
    ink = Ink(labels=labels, size=size)
    draw_diagram(axes, board.network, roles.get("inputs", ()), roles.get("outputs", ()), ink)


def with_header(height: float) -> tuple[Figure, Axes, Axes, Axes]:
    """Make a one-column figure: axes for the plot, and above it for the legend and a network."""
    figure = Figure(figsize=(COLUMN, height), dpi=300, layout="constrained")
    grid = figure.add_gridspec(2, 2, height_ratios=(1, 2.1), width_ratios=(1, 1.3))
    plot, key, corner = (
        figure.add_subplot(place) for place in (grid[1, :], grid[0, 0], grid[0, 1])
    )
    return figure, plot, key, corner


def legend_apart(axes: Axes, key: Axes) -> None:
    """Put the legend of a plot into axes of its own."""
    key.set_axis_off()
    key.legend(*axes.get_legend_handles_labels(), loc="center", handlelength=1.3,
               labelspacing=0.35)  # fmt: skip


def letter(axes: Axes, name: str) -> None:
    """Write a panel's letter outside its upper left corner."""
    axes.annotate(name, (0, 1), (-30, 6), xycoords="axes fraction", textcoords="offset points",
                  fontsize=11, fontweight="bold", va="bottom", annotation_clip=False)  # fmt: skip
