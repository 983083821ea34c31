"""Past the paper: the stagger from chip select to clock, swept through zero."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from logicsim.board import Board, load
from logicsim.circuit.netlist import Netlist
from logicsim.circuit.waves import total
from logicsim.event.simulation import Simulation
from logicsim.figures.style import COLOURS
from logicsim.paper.axes import PAGE, letter
from logicsim.paper.claim import Claim, proportion
from logicsim.paper.study import Study
from logicsim.parts.kind import corrected
from logicsim.timing.static import analyse
from logicsim.training.run import plan

_STEPS: Final = 60
_STAGGERS: Final = (-40, -20, -10, -5, -2, -1, 0, 1, 2, 5, 8, 11, 14, 17, 18, 19, 20, 21, 22, 23,
                    24, 25, 28, 32, 40, 60)  # ns  # fmt: skip
_PERIOD: Final = 2e-6  # s, of the debouncer's oscillator
_CS: Final = "clock.cs"  # of the paper's clock
_CLK: Final = "clock.clk"
_CHECKS: Final = ("setup cs", "setup ud", "hold ud")  # at the potentiometers


class Case(NamedTuple):
    """The delay (ns) from CS to CLK, and whether there is a D-flop or a wire in its place."""

    stagger: int
    latch: bool


class Outcome(NamedTuple):
    """Shares of all steps of all edges: those whose two codes parted, and those without a step.

    `broken` are the constraints at the potentiometers that fail in static timing.
    """

    apart: float
    idle: float
    violations: int
    broken: frozenset[str]


def experiment(case: Case) -> Outcome:
    """Train the divider with this delay between chip select and clock."""
    board, netlist = machine(case)
    broken = {path.constraint for path in analyse(board, netlist).paths if not path.met}
    simulation = Simulation(board, seed=1, netlist=netlist)
    steps = simulation.train(plan(board, ["3.75 V"], _STEPS + 1))
    codes = np.array([simulation.codes() for _ in steps])  # before each step
    free, clamped = np.diff(codes, axis=0).transpose(1, 0, 2)
    missed = simulation.kernel.violations
    return Outcome(
        float((free != clamped).mean()),
        float(((free == 0) & (clamped == 0)).mean()),
        missed["setup"] + missed["hold"],
        frozenset(broken.intersection(_CHECKS)),
    )


def machine(case: Case) -> tuple[Board, Netlist]:
    """The divider without noise and with a late chip select."""
    board = load("divider", {
        "clock.capacitance": 1.5e-6 * _PERIOD, "clock.rate": "20 kHz", "supervisor.settle": "2 us",
        "edge.latch": case.latch, "parts.comparator.noise": "0 V",
    })  # fmt: skip
    gate, clock, netlist = board.parts.xor, board.clockwork(), board.netlist()
    selected, counted = clock.edges(_CS, "fall", 1)[0], clock.edges(_CLK, "fall", 1)[0]
    periods = round((total(counted.late) - total(selected.late)) / clock.period)
    late = periods * _PERIOD + gate.fall.typ - case.stagger * 1e-9
    slow = corrected(gate, {"fall": late, "drive": 1e-6})
    quick = corrected(gate, {"drive": 1e-6})
    chips = {netlist.drivers[_CS].name: slow, netlist.drivers[_CLK].name: quick}
    parts = tuple(replace(p, chip=chips.get(p.name, p.chip)) for p in netlist.parts)
    return board, replace(netlist, parts=parts)


def claims(outcomes: Mapping[Case, Outcome]) -> list[Claim]:
    """Runs go wrong where static timing says, and only there."""
    return [
        proportion(f"staggers, {min(_STAGGERS)} to {max(_STAGGERS)} ns, at which runs fail if and "
                   f"only if static timing finds a miss; {name}", "all",
                   sum(bool(o.broken) == (o.apart + o.idle > 0) for o in found), len(found),
                   at_least=1.0)
        for latch, name in ((True, "with the D-flop"), (False, "without"))
        if (found := [o for case, o in outcomes.items() if case.latch == latch])
    ]  # fmt: skip


def draw(outcomes: Mapping[Case, Outcome]) -> Figure:
    """Draw the shares of parted codes and lost steps, with static timing in the background."""
    figure = Figure(figsize=(PAGE, 2.9), dpi=300, layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for axes, latch, name in zip(panels, (True, False), "AB", strict=True):
        _draw_sweep(axes, {c.stagger: o for c, o in outcomes.items() if c.latch == latch})
        axes.set_title("with the D-flop" if latch else "a wire in place of the D-flop")
        axes.set_xlabel("fall of CLK after fall of CS (ns)")
        letter(axes, name)
    panels[0].set_ylabel("steps of an edge (%)")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
    return figure


def _draw_sweep(axes: Axes, sweep: Mapping[int, Outcome]) -> None:
    staggers = sorted(sweep)
    for share, colour, marker, label in (
        ("apart", COLOURS[1], "o", "potentiometers part"), ("idle", COLOURS[0], "s", "no step"),
    ):  # fmt: skip
        axes.plot(staggers, [100 * getattr(sweep[s], share) for s in staggers], marker + "-",
                  color=colour, markersize=3.5, linewidth=1.1, label=label)  # fmt: skip
    for constraint, grey in (("setup cs", "0.88"), ("setup ud", "0.76")):
        where = [s for s in staggers if constraint in sweep[s].broken]
        label = f"static: {constraint.replace(' ud', ' of U/D').replace(' cs', ' of CS')} missed"
        if where:
            axes.axvspan(min(where), max(where), color=grey, linewidth=0, zorder=0)
        axes.fill_between([], [], color=grey, label=label)


STUDY: Final = Study(
    "stagger",
    "The stagger from chip select to clock, through zero",
    [Case(stagger, latch) for latch in (True, False) for stagger in _STAGGERS],
    experiment,
    draw,
    claims,
)
