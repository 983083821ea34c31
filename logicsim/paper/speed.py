"""Past the paper: the claim that a bench of 500 edges is faster than a simulation."""

import time
from collections.abc import Mapping
from typing import Final

import numpy as np
from matplotlib.figure import Figure

from logicsim.bench.speed import BENCH, PACE, Speed, crossing, draw_speeds
from logicsim.board import load
from logicsim.event.simulation import Simulation
from logicsim.paper.axes import COLUMN
from logicsim.paper.claim import Claim
from logicsim.paper.study import Study
from logicsim.training.run import plan

_ENGINE: Final = "this emulator, event engine"
_CLAIMED: Final = 500  # edges
_SIDES: Final = (3, 4, 5, 7, 10, 14, 19, 26, 37, 52, 65)  # nodes on a side
_LEAST: Final = 5  # steps to time
_ENOUGH: Final = 1.0  # s to spend on one size


def experiment(side: int) -> Speed:
    """Train for a second or five steps, whichever is longer, after a first step to warm up."""
    board = load(f"grid:{side}x{side}")
    training = Simulation(board, seed=side).train(plan(board, steps=10**6))
    next(training)
    begun, steps, spent = time.perf_counter(), 0, 0.0
    while steps < _LEAST or spent < _ENOUGH:
        steps += len(next(training))
        spent = time.perf_counter() - begun
    return Speed(len(board.network.edges), steps / spent)


def claims(outcomes: Mapping[int, Speed]) -> list[Claim]:
    """The speed at 500 edges, and the size at which the emulator falls to the bench's pace."""
    speeds = list(outcomes.values())
    logs = np.log([[s.edges, s.steps_per_s] for s in speeds]).T
    at_claim = float(np.exp(np.interp(np.log(_CLAIMED), *logs)))
    slow, fast = BENCH
    edges = [crossing(speeds, rate) for rate in (fast, PACE, slow)]
    slower = [rate / at_claim for rate in (slow, 4.0, fast)]
    return [
        Claim(f"speed of the bench over this emulator's at {_CLAIMED} edges (4 Hz; 3 to 5 Hz)",
              "> 1", slower[1], slower[0], slower[2],
              "reached" if slower[1] > 1 else "not reached"),
        Claim("edges at which this emulator is as slow as the bench (4 Hz; 5 to 3 Hz)", "500",
              edges[1], edges[0], edges[2], "measured"),
    ]  # fmt: skip


def draw(outcomes: Mapping[int, Speed]) -> Figure:
    """Draw steps a second against edges, with the bench's pace and the paper's 500 edges."""
    speeds = list(outcomes.values())
    figure = Figure(figsize=(COLUMN, 2.8), dpi=300, layout="constrained")
    axes = figure.subplots()
    draw_speeds(axes, {_ENGINE: speeds}, crossed=[_ENGINE])
    axes.axvline(_CLAIMED, color="0.5", linestyle=":", linewidth=1, label="500 edges")
    axes.set_ylim(bottom=1)
    axes.legend(loc="lower left")
    return figure


STUDY: Final = Study(
    "speed", "Where the bench outpaces this emulator", _SIDES, experiment, draw, claims, alone=True
)
