"""Fig. 3B: regression, two equations in two variables (Eq. 4), task vi of Fig. 6."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.figure import Figure

from logicsim.board import load
from logicsim.figures.style import COLOURS, OUTPUT
from logicsim.paper.answers import answered
from logicsim.paper.axes import draw_errors, draw_task, legend_apart, with_header
from logicsim.paper.claim import Claim, over_seeds
from logicsim.paper.study import SEEDS, Study
from logicsim.paper.training import Floats, best_fall, plateau_fall
from logicsim.tasks.regression import Regression

TASK: Final = "vi"
SNAPSHOTS: Final = (1, 30, 400)


@dataclass(frozen=True, slots=True)
class Regressed:
    """A training of a regression.

    `errors` (V^2), over the test set, has one row for each step and one column for each output;
    `volts` are the test inputs, `answers` the outputs (V) at each snapshot's step, `desired` the
    desired outputs (V).
    """

    errors: Floats
    volts: Floats
    desired: Floats
    answers: Mapping[int, Floats]


def task() -> Regression:
    """The paper's regression."""
    _, found = load("twin16").task(TASK)
    assert isinstance(found, Regression)
    return found


def experiment(seed: int) -> Regressed:
    """Train task vi from power-up, with each of its 400 training examples shown once."""
    task_run = task().task_run(seed)
    test = task_run.examples.test
    errors, answers = [], {}
    for step, volts in answered(load("twin16"), task(), task_run, seed):
        errors.append(((volts - task_run.desired[test]) ** 2).mean(axis=0))
        if step.step in SNAPSHOTS:
            answers[step.step] = volts
    return Regressed(
        np.array(errors), task_run.examples.volts[test], task_run.desired[test], answers
    )


def claims(outcomes: Mapping[int, Regressed]) -> list[Claim]:
    """The test error falls by over two orders; the best fit comes early and cannot be kept."""
    sums = [run.errors.sum(axis=1) for run in outcomes.values()]
    return [
        over_seeds("orders the test error falls at its best", "> 2",
                   [best_fall(errors) for errors in sums], at_least=2),
        over_seeds("orders from the first test error to the median of the last 30", "> 2",
                   [plateau_fall(errors) for errors in sums], at_least=2),
        over_seeds("step of the best fit", "about 120, then a rise",
                   [float(errors.argmin() + 1) for errors in sums]),
    ]  # fmt: skip


def draw(outcomes: Mapping[int, Regressed]) -> Figure:
    """Draw the test error of each output and their sum, with rings at the steps of Fig. 3C."""
    board, seed = load("twin16"), min(outcomes)
    run = outcomes[seed]
    total = run.errors.sum(axis=1)
    figure, axes, key, corner = with_header(3.5)
    steps = np.arange(1, len(total) + 1)
    for place, colour in enumerate((COLOURS[0], COLOURS[4])):
        label = f"output $V_{place + 1}$"
        axes.semilogy(steps, run.errors[:, place], color=colour, linewidth=0.8, label=label)
    draw_errors(axes, total, [o.errors.sum(axis=1) for s, o in outcomes.items() if s != seed])
    axes.plot([], [], color="black", label="sum")
    axes.plot([], [], color="0.82", label="sum, other seeds")
    shown = np.array(SNAPSHOTS) - 1
    axes.semilogy(steps[shown], total[shown], "o", color="none", markeredgecolor=OUTPUT,
                  markeredgewidth=1.8, markersize=8, zorder=5,
                  label="shown in Fig. 3C")  # fmt: skip
    axes.set_ylabel("mean squared test error (V²)")
    axes.set_ylim(bottom=1e-4)
    legend_apart(axes, key)
    names = {3: "$V_1^I$", 8: "$V_2^I$", 2: "0 V", 5: "$V_1$", 4: "$V_2$"}
    draw_task(corner, board, task(), labels=names)
    return figure


STUDY: Final = Study(
    "fig3b", "Regression: two linear equations in two variables", SEEDS, experiment, draw, claims
)
