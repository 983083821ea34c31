"""Fig. 2: a voltage divider trains itself to four targets, one after the other."""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from logicsim.board import Board, load
from logicsim.core.rule import clamp
from logicsim.figures.diagram import Ink, draw_diagram
from logicsim.figures.style import COLOURS
from logicsim.paper.axes import PAGE, letter
from logicsim.paper.claim import Claim, over_seeds
from logicsim.paper.study import SEEDS, Study
from logicsim.paper.training import Floats, Training, resistances, train
from logicsim.tasks.allostery import Allostery

_CLOSE: Final = 0.05  # V; one code of one potentiometer moves the output by up to 0.04 V
_OUTPUT: Final = 2


def experiment(seed: int) -> Training:
    """Train the shipped divider on its four tasks of 100 steps each."""
    return train(load("divider"), seed)


def _spans(board: Board) -> Iterator[tuple[Allostery, slice]]:
    """Each task and its steps."""
    begin = 0
    for task in board.tasks:
        assert isinstance(task, Allostery)
        yield task, slice(begin, begin + task.steps)
        begin += task.steps


def wanted_ratio(task: Allostery) -> float:
    """The R1/R2 that divides the inputs to the desired output."""
    top, bottom = task.inputs[1], task.inputs[3]
    return (top - task.outputs[_OUTPUT]) / (task.outputs[_OUTPUT] - bottom)


def steps_to_reach(training: Training, task: Allostery, span: slice) -> float:
    """The first step of a task at which the output is close to its target; NaN if none is."""
    close = np.abs(training.outputs[_OUTPUT][span] - task.outputs[_OUTPUT]) <= _CLOSE
    return float(close.argmax() + 1) if close.any() else np.nan


def settled(training: Training) -> list[tuple[float, Floats]]:
    """For each task the wanted ratio, and both resistances after the target is reached."""
    board = load("divider")
    ohms = resistances(board, training.codes)
    found = []
    for task, span in _spans(board):
        reached = steps_to_reach(training, task, span)
        begin = span.stop if np.isnan(reached) else span.start + int(reached) - 1
        found.append((wanted_ratio(task), ohms[begin : span.stop]))
    return found


def _astray(wanted: float, ohms: Floats) -> float:
    """The largest deviation of the ratio from the wanted one, in percent."""
    ratio = ohms[:, 0] / ohms[:, 1]
    return 100 * float(np.abs(ratio / wanted - 1).max(initial=0.0)) if len(ohms) else np.nan


def claims(outcomes: Mapping[int, Training]) -> list[Claim]:
    """Each target is reached within 50 steps; then the ratio stays while both resistances drift."""
    spans = list(_spans(load("divider")))
    runs = list(outcomes.values())
    reach = [max(steps_to_reach(run, *span) for span in spans) for run in runs]
    astray = [max(_astray(*part) for part in settled(run)) for run in runs]
    drift = [min(np.ptp(ohms, axis=0).min(initial=np.inf) for _, ohms in settled(run)) / 1e3
             for run in runs if not np.isnan(reach).any()]  # fmt: skip
    return [
        over_seeds(
            f"steps until the output is within {_CLOSE * 1e3:g} mV of its target, slowest of four",
            "< 50", reach, at_most=50,
        ),
        over_seeds(
            "how far R1/R2 then strays from its target, farthest of four (%)",
            "nearly constant; < 10", astray, at_most=10,
        ),
        over_seeds(
            "how far R1 and R2 drift meanwhile, least of eight (kohm)", "both drift",
            drift or [np.nan], at_least=0.781,
        ),
    ]  # fmt: skip


def draw(outcomes: Mapping[int, Training]) -> Figure:
    """Draw the divider, its output, its two resistances and their ratio."""
    board, training = load("divider"), outcomes[min(outcomes)]
    figure = Figure(figsize=(PAGE, 3.9), dpi=300, layout="constrained")
    grid = figure.add_gridspec(2, 2, width_ratios=(1, 3.6))
    picture = figure.add_subplot(grid[:, 0])
    labels = {1: "5 V", 2: "$V^O$", 3: "0 V"}
    draw_diagram(picture, board.network, (1, 3), (2,), Ink(labels, {1: "$R_1$", 2: "$R_2$"}))
    picture.margins(0.35)
    outputs = figure.add_subplot(grid[0, 1])
    ratios = figure.add_subplot(grid[1, 1], sharex=outputs)
    _draw_outputs(outputs, board, training)
    _draw_resistances(ratios, board, training)
    for axes, name in ((picture, "A"), (outputs, "B"), (ratios, "C")):
        letter(axes, name)
    return figure


def _draw_outputs(axes: Axes, board: Board, training: Training) -> None:
    free = training.outputs[_OUTPUT]
    steps = np.arange(1, len(free) + 1)
    for task, span in _spans(board):
        desired = task.outputs[_OUTPUT]
        clamped = [clamp(desired, volts, task.nudge) for volts in free[span]]
        first = {} if span.start else {"clamped": "clamped", "desired": "desired $V^D$"}
        axes.plot(steps[span], clamped, color="black", linewidth=1, label=first.get("clamped"))
        axes.plot(steps[span], np.full(task.steps, desired), "--", color="0.6", linewidth=1,
                  label=first.get("desired"), zorder=0)  # fmt: skip
    axes.plot(steps, free, color=COLOURS[0], linewidth=1.2, label="free")
    axes.set_ylabel("output $V^O$ (V)")
    axes.set_ylim(0, 5)
    axes.tick_params(labelbottom=False)
    axes.legend(loc="upper right", ncols=3)


def _draw_resistances(axes: Axes, board: Board, training: Training) -> None:
    ohms = resistances(board, training.codes[:-1])
    steps = np.arange(1, len(ohms) + 1)
    for edge, grey in enumerate(("0.15", "0.6")):
        axes.plot(steps, ohms[:, edge] / 1e3, color=grey, linewidth=1.1, label=f"$R_{edge + 1}$")
    axes.set_ylabel("resistance (kΩ)")
    axes.set_xlabel("training step")
    axes.set_ylim(0, 140)
    ratio = axes.twinx()
    ratio.spines["right"].set_visible(True)
    ratio.set_ylabel("ratio $R_1/R_2$", color=COLOURS[0])
    ratio.tick_params(axis="y", colors=COLOURS[0])
    ratio.plot(steps, ohms[:, 0] / ohms[:, 1], color=COLOURS[0], linewidth=1.2)
    ratio.set_ylim(0, 7)
    for task, span in _spans(board):
        wanted = np.full(task.steps, wanted_ratio(task))
        ratio.plot(steps[span], wanted, "--", color=COLOURS[5], linewidth=1.1)
    axes.plot([], [], color=COLOURS[0], label="ratio")
    axes.plot([], [], "--", color=COLOURS[5], label="ratio wanted")
    axes.legend(loc="upper right", ncols=4)


STUDY: Final = Study(
    "fig2", "A voltage divider trains itself", SEEDS, experiment, draw, claims
)  # fmt: skip
