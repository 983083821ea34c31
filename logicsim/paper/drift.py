"""Past the paper: a comparator bias makes resistances drift up, which saves power."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from logicsim.board import Board, load
from logicsim.event.simulation import Simulation
from logicsim.figures.style import COLOURS
from logicsim.paper.axes import PAGE, letter
from logicsim.paper.claim import Claim, over_seeds
from logicsim.paper.study import SEEDS, Study
from logicsim.paper.training import Floats, resistances
from logicsim.training.run import plan

_TASK: Final = "iv"
_STEPS: Final = 600
_WINDOW: Final = 100  # last steps, for medians
_BIASES: Final = (0.0, 1e-3, 2e-3, 5e-3, 10e-3, 20e-3)  # V
_SHOWN: Final = {0.0: ("0.45", "-"), 2e-3: (COLOURS[0], "-"), 10e-3: (COLOURS[1], "--")}


class Case(NamedTuple):
    """A bias towards up (V) in the comparators of every edge, and a seed."""

    bias: float
    seed: int


class Drifted(NamedTuple):
    """One row for each step: error (V^2), power of the free network (W), mean resistance (ohm)."""

    errors: Floats
    power: Floats
    ohms: Floats


def along_the_current() -> list[tuple[int, int]]:
    """The edges, each directed so that its drop is positive when training begins.

    An offset of comparator A favours up if the drop is positive and down if it is negative, so the
    direction of an edge decides its bias. (Drops may still change sign later.)
    """
    board = load("twin16")
    simulation = Simulation(board)
    next(simulation.train(plan(board, [_TASK])))
    edges = board.network.edges
    drops = simulation.twin.drops()[: len(edges)]
    return [(a, b) if drop >= 0 else (b, a) for (a, b), drop in zip(edges, drops, strict=True)]


def biased(bias: float) -> Board:
    """The twin board with comparators that need `bias` volts less to decide up."""
    turned = [list(ends) for ends in along_the_current()]
    return load("twin16", {"network.edges": turned, "parts.comparator.offset": -bias})


def experiment(case: Case) -> Drifted:
    """Train, and measure the power from the sources to the free network at each step."""
    board = biased(case.bias)
    simulation = Simulation(board, case.seed)
    rows = []
    for (step,) in simulation.train(plan(board, [_TASK], _STEPS)):
        drops = simulation.twin.drops()[: len(board.network.edges)]
        power = float((simulation.twin.free.conductance * drops**2).sum())
        ohms = resistances(board, np.array(step.codes_free))
        rows.append((step.error, power, float(ohms.mean())))
    errors, power_w, mean = np.array(rows).T
    return Drifted(errors, power_w, mean)


def _of(outcomes: Mapping[Case, Drifted], bias: float) -> list[Drifted]:
    return [run for case, run in outcomes.items() if case.bias == bias]


def _end(values: Floats) -> float:
    return float(np.median(values[-_WINDOW:]))


def claims(outcomes: Mapping[Case, Drifted]) -> list[Claim]:
    """A small bias lets resistances rise and saves power, at no cost in error."""
    plain, small = (_of(outcomes, bias) for bias in (0.0, 2e-3))
    pairs = list(zip(plain, small, strict=True))
    return [
        over_seeds("2 mV bias: rise of the mean resistance over the unbiased machine's (kohm)",
                   "increase on average",
                   [(_end(b.ohms) - _end(a.ohms)) / 1e3 for a, b in pairs], at_least=0.781),
        over_seeds("2 mV bias: power of the free network saved (%)",
                   "avoids high-power solutions",
                   [100 * (1 - _end(b.power) / _end(a.power)) for a, b in pairs], at_least=10),
        over_seeds("2 mV bias: orders the error floor rises", "-",
                   [np.log10(_end(b.errors) / _end(a.errors)) for a, b in pairs]),
    ]  # fmt: skip


def draw(outcomes: Mapping[Case, Drifted]) -> Figure:
    """Draw mean resistance and power against the step; power and error floor against the bias."""
    figure = Figure(figsize=(PAGE, 2.8), dpi=300, layout="constrained")
    ohms, power, floor = figure.subplots(1, 3, width_ratios=(1, 1, 1.1))
    for bias, (colour, line) in _SHOWN.items():
        runs = _of(outcomes, bias)
        steps = np.arange(1, _STEPS + 1)
        label = f"{1e3 * bias:g} mV"
        middle = np.median([run.ohms for run in runs], axis=0) / 1e3
        ohms.plot(steps, middle, line, color=colour)
        watts = np.median([run.power for run in runs], axis=0)
        power.plot(steps, 1e3 * watts, line, color=colour, label=label)
    ohms.set_ylabel("mean resistance (kΩ)")
    power.set_ylabel("power, free network (mW)")
    power.set_ylim(bottom=0)
    power.legend(title="bias towards up", loc="lower right")
    for axes in (ohms, power):
        axes.set_xlabel("training step")
    biases = sorted({case.bias for case in outcomes})
    millivolts = [1e3 * bias for bias in biases]
    ends = [1e3 * np.median([_end(run.power) for run in _of(outcomes, b)]) for b in biases]
    floor.plot(millivolts, ends, "o-", color=COLOURS[0], markersize=4)
    floor.set_ylabel("power at the end (mW)", color=COLOURS[0])
    floor.set_ylim(bottom=0)
    floor.set_xlabel("bias (mV)")
    errors = floor.twinx()
    errors.spines["right"].set_visible(True)
    floors = [np.median([_end(run.errors) for run in _of(outcomes, b)]) for b in biases]
    errors.semilogy(millivolts, floors, "s--", color=COLOURS[1], markersize=4)
    errors.set_ylim(1e-4, 1e-1)
    errors.set_ylabel("error floor (V²)", color=COLOURS[1])
    for axes, name in ((ohms, "A"), (power, "B"), (floor, "C")):
        letter(axes, name)
    return figure


STUDY: Final = Study(
    "drift",
    "Resistances that drift up save power",
    [Case(bias, seed) for bias in _BIASES for seed in SEEDS],
    experiment,
    draw,
    claims,
)
