"""Past the paper: potentiometers with more positions, and with a logarithmic taper."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from logicsim.board import load
from logicsim.figures.style import COLOURS
from logicsim.paper.axes import PAGE, letter
from logicsim.paper.claim import Claim, over_seeds
from logicsim.paper.study import SEEDS, Study
from logicsim.paper.training import train

_POSITIONS: Final = (128, 256, 512, 1024, 4096)
_TAPERS: Final = {"linear": (COLOURS[0], "o", "-"), "log": (COLOURS[1], "s", "--")}
_TASKS: Final = {"iv": "allostery, iv", "vi": "regression, vi"}
_SWEEPS: Final = 2  # steps for each position, so that wipers can travel equally far


class Case(NamedTuple):
    """A potentiometer, a task and a seed."""

    task: str
    taper: str
    positions: int
    seed: int


class Learned(NamedTuple):
    """Logarithm of the floor (V^2), and steps until the error has fallen two orders."""

    floor: float
    steps: float


def experiment(case: Case) -> Learned:
    """Train from mid-scale for twice as many steps as there are positions."""
    settings = {
        "parts.digipot.positions": case.positions,
        "parts.digipot.taper": case.taper,
        "parts.digipot.initial": case.positions // 2,
    }
    steps = _SWEEPS * case.positions
    errors = train(load("twin16", settings), case.seed, [case.task], steps).errors
    below = errors <= errors[0] / 100
    floor = float(np.log10(np.median(errors[-steps // 4 :])))
    return Learned(floor, float(below.argmax() + 1) if below.any() else np.inf)


def _of(outcomes: Mapping[Case, Learned], task: str, taper: str, positions: int) -> list[Learned]:
    return [found for case, found in outcomes.items() if case[:3] == (task, taper, positions)]


def claims(outcomes: Mapping[Case, Learned]) -> list[Claim]:
    """The effect of finer steps and of a logarithmic taper on floor and speed."""
    rows = []
    most = max(case.positions for case in outcomes)
    least = min(case.positions for case in outcomes)
    for task in _TASKS:
        plain, fine, log = (
            _of(outcomes, task, *pot)
            for pot in (("linear", least), ("linear", most), ("log", least))
        )
        rows += [
            over_seeds(f"{task}: orders the floor falls from {least} positions to {most}",
                       "greatly reduced",
                       [a.floor - b.floor for a, b in zip(plain, fine, strict=True)], at_least=0.5),
            over_seeds(f"{task}: orders the floor falls with a logarithmic taper, "
                       f"{least} positions", "greatly reduced",
                       [a.floor - b.floor for a, b in zip(plain, log, strict=True)], at_least=0.5),
            over_seeds(f"{task}: steps to fall two orders, logarithmic over linear taper, "
                       f"{least} positions", "-",
                       [b.steps / a.steps for a, b in zip(plain, log, strict=True)]),
        ]  # fmt: skip
    return rows


def draw(outcomes: Mapping[Case, Learned]) -> Figure:
    """Draw floor and speed against the number of positions, for both tapers."""
    figure = Figure(figsize=(PAGE, 2.9), dpi=300, layout="constrained")
    panels = figure.subplots(1, 3)
    positions = sorted({case.positions for case in outcomes})
    for taper, (colour, marker, line) in _TAPERS.items():
        for axes, task in zip(panels, _TASKS, strict=False):
            floors = [[10**x.floor for x in _of(outcomes, task, taper, n)] for n in positions]
            middle = [float(np.median(seeds)) for seeds in floors]
            axes.loglog(positions, middle, line, marker=marker, color=colour, markersize=4.5,
                        label=taper)  # fmt: skip
            axes.fill_between(positions, [min(s) for s in floors], [max(s) for s in floors],
                              color=colour, alpha=0.15, linewidth=0)  # fmt: skip
        steps = [np.median([x.steps for x in _of(outcomes, "iv", taper, n)]) for n in positions]
        panels[2].loglog(positions, steps, line, marker=marker, color=colour, markersize=4.5,
                         label=taper)  # fmt: skip
    for axes, title, name in zip(panels, (*_TASKS.values(), "speed, iv"), "ABC", strict=True):
        axes.set_title(title)
        axes.set_xlabel("positions")
        axes.xaxis.set_major_locator(FixedLocator(positions))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xticklabels([str(n) for n in positions], fontsize=8)
        letter(axes, name)
    panels[0].set_ylabel("error floor (V²)")
    panels[2].set_ylabel("steps to fall two orders")
    panels[0].legend(title="taper")
    return figure


STUDY: Final = Study(
    "potentiometers",
    "More positions, and a logarithmic taper",
    [
        Case(task, taper, positions, seed)
        for task in _TASKS
        for taper in _TAPERS
        for positions in _POSITIONS
        for seed in SEEDS[:5]
    ],
    experiment,
    draw,
    claims,
)
