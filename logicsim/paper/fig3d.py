"""Fig. 3D: the iris flowers, classified; task i of Fig. 6."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.figure import Figure

from logicsim.board import load
from logicsim.figures.style import COLOURS, INPUT
from logicsim.paper.answers import answered
from logicsim.paper.axes import draw_task, legend_apart, with_header
from logicsim.paper.claim import Claim, over_seeds
from logicsim.paper.logistic import Labels, classify, fit_logistic
from logicsim.paper.study import SEEDS, Study
from logicsim.paper.training import PLATEAU, Floats, smoothed
from logicsim.tasks.classification import Classification

TASK: Final = "i"
SNAPSHOTS: Final = (1, 60, 600)


@dataclass(frozen=True, slots=True)
class Classified:
    """A training of a classification.

    `accuracies` has one value for each step; `epochs` are the steps at which targets were measured;
    `logistic` is the accuracy of a logistic regression on the same rows. `volts` are the test
    inputs, `labels` their classes, and `guesses` the network's classes at each snapshot's step.
    """

    accuracies: Floats
    epochs: list[int]
    logistic: float
    volts: Floats
    labels: Labels
    guesses: Mapping[int, Labels]


def task() -> Classification:
    """The paper's classification."""
    _, found = load("twin16").task(TASK)
    assert isinstance(found, Classification)
    return found


def experiment(seed: int) -> Classified:
    """Train task i from power-up with ten flowers of each species, and test with the other 120."""
    task_run = task().task_run(seed)
    examples = task_run.examples
    labels = task_run.labels[examples.test]
    accuracies, epochs, guesses = [], [], {}
    for step, answers in answered(load("twin16"), task(), task_run, seed):
        distances = ((answers[:, None] - task_run.targets) ** 2).sum(axis=2)
        guess = distances.argmin(axis=1)
        accuracies.append(float((guess == labels).mean()))
        if examples.begins_an_epoch(step.step):
            epochs.append(step.step)
        if step.step in SNAPSHOTS:
            guesses[step.step] = guess
    weights = fit_logistic(examples.volts[examples.train], task_run.labels[examples.train])
    volts = examples.volts[examples.test]
    logistic = float((classify(weights, volts) == labels).mean())
    return Classified(np.array(accuracies), epochs, logistic, volts, labels, guesses)


def claims(outcomes: Mapping[int, Classified]) -> list[Claim]:
    """Over 95 % on the plateau, soon better than chance, and as good as logistic regression."""
    runs = outcomes.values()
    return [
        over_seeds("accuracy on the 120 test flowers, mean of the last 30 steps", "> 0.95",
                   [float(run.accuracies[-PLATEAU:].mean()) for run in runs], at_least=0.95),
        over_seeds("accuracy of logistic regression on the same flowers", "0.98 (0.96 at least)",
                   [run.logistic for run in runs], at_least=0.96),
        over_seeds("accuracy before the first update", "> 0.33",
                   [float(run.accuracies[0]) for run in runs], at_least=1 / 3),
    ]  # fmt: skip


def draw(outcomes: Mapping[int, Classified]) -> Figure:
    """Draw the test error, raw and smoothed, with marks at new targets and Fig. 3E's steps."""
    seed = min(outcomes)
    run = outcomes[seed]
    figure, axes, key, corner = with_header(3.5)
    wrong = 100 * (1 - run.accuracies)
    steps = np.arange(1, len(wrong) + 1)
    for other in (o for s, o in outcomes.items() if s != seed):
        axes.plot(steps, smoothed(100 * (1 - other.accuracies)), color="0.82", linewidth=0.6)
    axes.plot(steps, wrong, ".", color=COLOURS[5], markersize=3, alpha=0.6, label="raw")
    axes.plot(steps, smoothed(wrong), color="black", linewidth=1.2, label="smoothed")
    axes.plot([], [], color="0.82", label="other seeds")
    axes.axhline(5, color="0.4", linewidth=0.8, linestyle=":", label="95 % accuracy")
    axes.plot(run.epochs, wrong[np.array(run.epochs) - 1], "*", color="0.4", markersize=5,
              label="targets measured")  # fmt: skip
    shown = np.array(SNAPSHOTS)
    axes.plot(shown, wrong[shown - 1], "o", color="none", markeredgecolor=INPUT,
              markeredgewidth=1.8, markersize=8, clip_on=False,
              label="shown in Fig. 3E")  # fmt: skip
    axes.set_xlabel("training step")
    axes.set_ylabel("test error (% of flowers)")
    axes.set_ylim(bottom=0)
    legend_apart(axes, key)
    draw_task(corner, load("twin16"), task(), labels={9: "2.5 V"})
    return figure


STUDY: Final = Study(
    "fig3d", "Classification: three species of iris", SEEDS, experiment, draw, claims
)
