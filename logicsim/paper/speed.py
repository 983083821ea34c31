"""Past the paper: the claim that a bench of 500 edges outpaces a simulation, with this emulator."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from matplotlib.figure import Figure

from logicsim.board import load
from logicsim.paper.axes import COLUMN
from logicsim.paper.claim import Claim
from logicsim.paper.study import Study
from logicsim.run import plan
from logicsim.simulation import Simulation
from logicsim.style import COLOURS, OUTPUT

BENCH: Final = (3.0, 5.0)  # Hz, the paper's bench
_CLAIMED: Final = 500  # edges
_SIDES: Final = (3, 4, 5, 7, 10, 14, 19, 26, 37, 52, 65)  # nodes a side
_LEAST: Final = 5  # steps to time
_ENOUGH: Final = 1.0  # s to spend on one size


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast a board of so many edges trains, in steps a second of computing."""

    edges: int
    steps_per_s: float


def experiment(side: int) -> Speed:
    """Train for a second or five steps, whichever is longer, after a first step to warm up."""
    board = load(f"grid:{side}x{side}")
    training = Simulation(board, seed=side).train(plan(board, steps=10**6))
    next(training)
    begun, steps, spent = time.perf_counter(), 0, 0.0
    while steps < _LEAST or spent < _ENOUGH:
        next(training)
        steps += 1
        spent = time.perf_counter() - begun
    return Speed(len(board.network.edges), steps / spent)


def crossing(speeds: list[Speed], rate: float) -> float:
    """Edges at which the speed falls to `rate`, between the sizes measured; infinite if beyond."""
    for a, b in pairwise(speeds):
        if a.steps_per_s >= rate > b.steps_per_s:
            part = np.log(a.steps_per_s / rate) / np.log(a.steps_per_s / b.steps_per_s)
            return float(a.edges * (b.edges / a.edges) ** part)
    return np.inf


def claims(outcomes: Mapping[int, Speed]) -> list[Claim]:
    """At 500 edges; and where the emulator falls to the bench's pace."""
    speeds = list(outcomes.values())
    logs = np.log([[s.edges, s.steps_per_s] for s in speeds]).T
    at_claim = float(np.exp(np.interp(np.log(_CLAIMED), *logs)))
    slow, fast = BENCH
    edges = [crossing(speeds, rate) for rate in (fast, 4.0, slow)]
    slower = [rate / at_claim for rate in (slow, 4.0, fast)]
    return [
        Claim(f"speed of the bench over this emulator's at {_CLAIMED} edges (4 Hz; 3 to 5 Hz)",
              "> 1", slower[1], slower[0], slower[2],
              "reached" if slower[1] > 1 else "not reached"),
        Claim("edges at which this emulator is as slow as the bench (4 Hz; 5 to 3 Hz)", "500",
              edges[1], edges[0], edges[2], "measured"),
    ]  # fmt: skip


def draw(outcomes: Mapping[int, Speed]) -> Figure:
    """Steps a second against edges; the bench's pace, and the paper's 500 edges."""
    speeds = list(outcomes.values())
    figure = Figure(figsize=(COLUMN, 2.8), dpi=300, layout="constrained")
    axes = figure.subplots()
    axes.loglog([s.edges for s in speeds], [s.steps_per_s for s in speeds], "o-",
                color=COLOURS[0], markersize=4, label="this emulator, event engine")  # fmt: skip
    axes.axhspan(*BENCH, color=COLOURS[4], alpha=0.5, linewidth=0, label="the paper's bench")
    axes.axvline(_CLAIMED, color="0.5", linestyle=":", linewidth=1, label="500 edges")
    crossed = crossing(speeds, 4.0)
    if np.isfinite(crossed):
        axes.plot([crossed], [4.0], "o", color="none", markeredgecolor=OUTPUT, markersize=9,
                  markeredgewidth=1.8, label=f"as fast at {crossed:,.0f} edges")  # fmt: skip
    axes.set_xlabel("edges")
    axes.set_ylabel("training steps per second")
    axes.set_ylim(bottom=1)
    axes.legend(loc="lower left")
    return figure


STUDY: Final = Study(
    "speed", "Where the bench outpaces this emulator", _SIDES, experiment, draw, claims, alone=True
)
