"""Past the paper: the continuous rule, Eq. 2, compared with the machine, which uses its sign."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from logicsim.board import load
from logicsim.figures.style import COLOURS
from logicsim.paper.axes import PAGE, letter
from logicsim.paper.claim import Claim, over_seeds
from logicsim.paper.coupled import Rule, learn
from logicsim.paper.study import SEEDS, Study
from logicsim.paper.training import PLATEAU, Floats, smoothed, train

_STEPS: Final = 1000
_TASKS: Final = {"iv": "allostery, iv", "vi": "regression, vi"}
_NOISES: Final = {0.0: "without noise", 10e-3: "with 10 mV noise"}  # V rms
_RATES: Final = (0.1, 0.3, 1.0, 3.0, 10.0)
_LEAST: Final = 1e-14  # V^2; smaller errors are rounding of the linear solve

# Labels by rate (0: the machine) and noise.
_INKS: Final = {
    (0.0, 10e-3): ("machine, 10 mV noise", "black", "-"),
    (0.0, 0.0): ("machine, no noise", "0.6", "-"),
    (1.0, 10e-3): ("Eq. 2, 10 mV noise", COLOURS[1], "--"),
    (1.0, 0.0): ("Eq. 2, no noise", COLOURS[0], "--"),
}


class Case(NamedTuple):
    """A learner: Eq. 2 at a rate (see `Rule`), or the machine (rate 0); with noise in V rms."""

    rate: float
    noise: float
    task: str
    seed: int


def experiment(case: Case) -> Floats:
    """Train for a thousand steps and return the errors."""
    board = load("twin16", {"parts.comparator.noise": case.noise})
    if not case.rate:
        return train(board, case.seed, [case.task], _STEPS).errors
    _, task = board.task(case.task)
    errors = learn(board, task, Rule(case.rate, case.noise), case.seed, _STEPS)
    return np.maximum(errors, _LEAST)


def _of(outcomes: Mapping[Case, Floats], rate: float, noise: float, task: str) -> list[Floats]:
    return [errors for case, errors in outcomes.items() if case[:3] == (rate, noise, task)]


def _floors(runs: Sequence[Floats]) -> Floats:
    """The logarithm of each run's plateau."""
    floors: Floats = np.log10([np.median(errors[-PLATEAU:]) for errors in runs])
    return floors


def _steps(errors: Floats) -> float:
    """The steps until the error has fallen two orders; infinite if it does not."""
    below = errors <= errors[0] / 100
    return float(below.argmax() + 1) if below.any() else np.inf


def _best_rate(outcomes: Mapping[Case, Floats], noise: float, task: str) -> float:
    """The rate of Eq. 2 with the lowest median floor."""
    floors = {rate: np.median(_floors(_of(outcomes, rate, noise, task))) for rate in _RATES}
    return min(floors, key=lambda rate: float(floors[rate]))


def claims(outcomes: Mapping[Case, Floats]) -> list[Claim]:
    """The continuous rule's floor at its best rate against the machine's, and their speeds."""
    rows = []
    for task in _TASKS:
        for noise, words in _NOISES.items():
            machine = _of(outcomes, 0.0, noise, task)
            best = _best_rate(outcomes, noise, task)
            other = _of(outcomes, best, noise, task)
            lower = (_floors(machine) - _floors(other)).tolist()
            rows.append(
                over_seeds(f"{task}, {words}: orders the floor of Eq. 2 lies below the machine's",
                           "lower", lower, at_least=0)
            )  # fmt: skip
            rows += [
                over_seeds(f"{task}, {words}: steps to fall two orders, {name}", "-",
                           [_steps(errors) for errors in runs])
                for name, runs in (("machine", machine), (f"Eq. 2 at rate {best:g}", other))
            ]  # fmt: skip
    return rows


def draw(outcomes: Mapping[Case, Floats]) -> Figure:
    """Draw the median error over seeds of four learners, and floors against the rate of Eq. 2."""
    figure = Figure(figsize=(PAGE, 5.0), dpi=300, layout="constrained")
    panels = figure.subplots(2, len(_TASKS))
    for (task, title), top, bottom in zip(_TASKS.items(), *panels, strict=True):
        _draw_errors(top, outcomes, task)
        _draw_floors(bottom, outcomes, task)
        top.set_title(title)
    panels[0, 0].set_ylabel("error, median of seeds (V²)")
    panels[1, 0].set_ylabel("error floor (V²)")
    for axes, name in zip(panels.flat, "ABCD", strict=True):
        letter(axes, name)
    figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def _draw_errors(axes: Axes, outcomes: Mapping[Case, Floats], task: str) -> None:
    for (rate, noise), (label, colour, line) in _INKS.items():
        median = np.median(_of(outcomes, rate, noise, task), axis=0)
        steps = np.arange(1, len(median) + 1)
        axes.loglog(steps, median, line, color=colour, linewidth=0.4, alpha=0.35)
        smooth = np.exp(smoothed(np.log(median), window=9))
        axes.loglog(steps, smooth, line, color=colour, linewidth=1.3, label=label)
    axes.set_xlabel("training step (Eq. 2 at rate 1)")


def _draw_floors(axes: Axes, outcomes: Mapping[Case, Floats], task: str) -> None:
    for (rate, noise), (_, colour, line) in _INKS.items():
        rates = _RATES if rate else (0.0,)
        floors = [10 ** _floors(_of(outcomes, r, noise, task)) for r in rates]
        middle = [float(np.median(seeds)) for seeds in floors]
        if not rate:
            axes.axhline(middle[0], color=colour, linewidth=1.3)
            continue
        axes.loglog(rates, middle, line, marker="o", markersize=4, color=colour, linewidth=1.3)
        axes.fill_between(rates, [s.min() for s in floors], [s.max() for s in floors],
                          color=colour, alpha=0.15, linewidth=0)  # fmt: skip
    axes.set_xlabel("rate of Eq. 2 (steps of 781 Ω at 50 kΩ and 1 V²)")


STUDY: Final = Study(
    "continuous",
    "The continuous rule beside the machine that takes its sign",
    [
        Case(rate, noise, task, seed)
        for rate in (0.0, *_RATES)
        for noise in _NOISES
        for task in _TASKS
        for seed in SEEDS
    ],
    experiment,
    draw,
    claims,
)
