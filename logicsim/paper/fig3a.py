"""Fig. 3A: a three-input, three-output allosteric task, iv of Fig. 6."""

from collections.abc import Mapping
from typing import Final

from matplotlib.figure import Figure

from logicsim.board import load
from logicsim.figures.style import COLOURS
from logicsim.paper.axes import draw_errors, draw_task, legend_apart, with_header
from logicsim.paper.claim import Claim, over_seeds
from logicsim.paper.study import SEEDS, Study
from logicsim.paper.training import Training, best_fall, plateau_fall, train
from logicsim.tasks.allostery import Allostery

_TASK: Final = "iv"


def experiment(seed: int) -> Training:
    """Train task iv from power-up."""
    return train(load("twin16"), seed, [_TASK])


def claims(outcomes: Mapping[int, Training]) -> list[Claim]:
    """The error falls by over four orders at best and three on the plateau."""
    runs = outcomes.values()
    return [
        over_seeds("orders the summed error falls at its best", "> 4",
                   [best_fall(run.errors) for run in runs], at_least=4),
        over_seeds("orders from the first error to the median of the last 30", ">= 3",
                   [plateau_fall(run.errors) for run in runs], at_least=3),
    ]  # fmt: skip


def draw(outcomes: Mapping[int, Training]) -> Figure:
    """Draw the squared error of each output and their sum; the other seeds' sums in grey."""
    board = load("twin16")
    _, task = board.task(_TASK)
    assert isinstance(task, Allostery)
    seed = min(outcomes)
    run = outcomes[seed]
    figure, axes, key, corner = with_header(3.4)
    steps = range(1, len(run.errors) + 1)
    for (node, desired), colour in zip(task.outputs.items(), COLOURS[::2], strict=False):
        wrong = (run.outputs[node] - desired) ** 2
        axes.semilogy(steps, wrong, color=colour, linewidth=0.7, label=f"node {node}")
    draw_errors(axes, run.errors, [o.errors for s, o in outcomes.items() if s != seed])
    axes.plot([], [], color="black", label="sum")
    axes.plot([], [], color="0.82", label="sum, other seeds")
    axes.set_ylabel("squared error (V²)")
    legend_apart(axes, key)
    draw_task(corner, board, task)
    return figure


STUDY: Final = Study(
    "fig3a", "Allostery: three outputs at 3 V from 5, 1 and 0 V", SEEDS, experiment, draw, claims
)
