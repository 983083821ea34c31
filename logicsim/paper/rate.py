"""Past the paper: the largest training rate, from static timing and from runs near the limits."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Literal, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from logicsim.board import Board, load
from logicsim.core.units import seconds
from logicsim.figures.style import COLOURS
from logicsim.paper.axes import PAGE, letter
from logicsim.paper.claim import Claim, over_seeds
from logicsim.paper.study import SEEDS, Study
from logicsim.paper.training import Floats, plateau_fall
from logicsim.parts.kind import Corner
from logicsim.timing.static import analyse
from logicsim.training.run import plan, run

Kind = Literal["curve", "near"]

_TASK: Final = "iv"
_NEAR: Final = (0.98, 0.99, 0.995, 1.005, 1.01, 1.02)  # of the static limit
_BUILT: Final = (4.0, 6.0, *(11.5 * f for f in (0.8, 1.2, 1.4, 1.6, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0)))
_FAST: Final = (4.0, 1e2, 1e3, 1e4, 3e4, 6e4, 1e5, 2e5, 5e5, 1e6, 3e6, 6e6, 1e7, 1.5e7, 2.5e7)
_INKS: Final[Mapping[Corner, tuple[str, str]]] = {
    "min": (COLOURS[2], "^"),
    "typ": (COLOURS[0], "o"),
    "max": (COLOURS[1], "s"),
}
_SWEEPS: Final[Sequence[tuple[Kind, bool, Sequence[float]]]] = (
    ("curve", False, _BUILT), ("curve", True, _FAST), ("near", False, _NEAR),
)  # fmt: skip
_LATCH: Final = ("setup j", "setup k")  # the constraints that slow comparators violate


class Case(NamedTuple):
    """A rate: in Hz for the curves, relative to the static limit if `near`.

    `scaled`: the oscillator runs as fast as the rate allows, and the converters wait for a
    twenty-fifth of a step each; otherwise the board is the paper's.
    """

    kind: Kind
    scaled: bool
    corner: Corner
    rate: float
    seed: int


class Run(NamedTuple):
    """The fall of the error in orders, and the number of timing violations."""

    fall: float
    violations: int


def board_at(rate: float, corner: Corner, *, scaled: bool) -> Board:
    """The paper's board at a training rate (Hz), in a corner of its parts' delays."""
    settings: dict[str, object] = {"parts.corner": corner, "clock.rate": rate}
    if scaled:
        clock = load("twin16", {"parts.corner": corner, "clock.capacitance": 1e-9}).clockwork()
        periods, nanofarad = clock.spacing // clock.period, seconds(clock.period)
        settings["clock.capacitance"] = 0.9 / rate / periods / nanofarad * 1e-9
        settings["supervisor.settle"] = 0.04 / rate
    return load("twin16", settings)


def limit(corner: Corner, *, scaled: bool, lifted: Collection[str] = ()) -> float:
    """The largest rate (Hz) that meets all constraints except the lifted ones."""
    if not scaled:
        return analyse(board_at(4.0, corner, scaled=False)).max_rate
    low, high = 4.0, 1e8
    while high > 1.001 * low:
        middle = float(np.sqrt(low * high))
        late = [p for p in analyse(board_at(middle, corner, scaled=True)).paths
                if not p.met and p.constraint not in lifted]  # fmt: skip
        low, high = (low, middle) if late else (middle, high)
    return low


def experiment(case: Case) -> Run:
    """Train for 300 steps, or for 60 near the limit."""
    near = case.kind == "near"
    rate = case.rate * limit(case.corner, scaled=case.scaled) if near else case.rate
    board = board_at(rate, case.corner, scaled=case.scaled)
    blocks: list[Floats] = []
    steps = 60 if near else 300
    result = run(board, plan(board, [_TASK], steps), seed=case.seed,
                 on_steps=lambda steps: blocks.append(steps.error))  # fmt: skip
    return Run(plateau_fall(np.concatenate(blocks)), sum(result.violations.values()))


def claims(outcomes: Mapping[Case, Run]) -> list[Claim]:
    """The rate at which violations begin, relative to the static limit, and the paper's guess."""
    rows = []
    for corner in _INKS:
        first = [_first_missed(outcomes, corner, seed) for seed in SEEDS[:5]]
        rows.append(
            over_seeds(f"rate of the first missed constraint over the static limit, {corner}",
                       "1, within 2 %", first, at_least=0.98, at_most=1.02)
        )  # fmt: skip
    slowest = limit("max", scaled=True)
    rows.append(
        Claim("orders from 4 Hz to the largest rate in time; converters, oscillator lifted; "
              "slowest corner", "multiple orders faster; >= 2", float(np.log10(slowest / 4)),
              float(np.log10(slowest / 4)), float(np.log10(limit("min", scaled=True) / 4)),
              "reached" if slowest >= 400 else "not reached")
    )  # fmt: skip
    return rows


def _first_missed(outcomes: Mapping[Case, Run], corner: Corner, seed: int) -> float:
    """The middle between the last rate without violations and the first with; infinite if none."""
    found = {factor: outcomes[Case("near", False, corner, factor, seed)] for factor in _NEAR}
    missed = [factor for factor, run in found.items() if run.violations]
    clean = [factor for factor in _NEAR if factor < min(missed, default=np.inf)]
    if not missed or not clean:
        return np.inf if not missed else 0.0
    return (max(clean) + min(missed)) / 2


def draw(outcomes: Mapping[Case, Run]) -> Figure:
    """Draw the fall of the error against the rate, hollow where runs had violations.

    At very high rates there may be no violations, because gates swallow the pulses.
    """
    figure = Figure(figsize=(PAGE, 3.6), dpi=300, layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for axes, scaled, name in zip(panels, (False, True), "AB", strict=True):
        for corner in _INKS:
            _draw_corner(axes, outcomes, corner, scaled=scaled)
        axes.set_xscale("log")
        axes.set_xlabel("training rate (Hz)")
        letter(axes, name)
    panels[0].set_title("as built: 10 nF, converters 20 µs")
    panels[1].set_title("oscillator and converters as fast as the step")
    panels[0].set_ylabel("orders the error falls, task iv")
    panels[0].set_ylim(bottom=-0.1)
    panels[0].set_xticks((4, 10, 20, 40), ("4", "10", "20", "40"))
    panels[0].xaxis.set_minor_formatter(NullFormatter())
    for corner, (colour, marker) in _INKS.items():
        panels[0].plot([], [], marker=marker, color=colour, label=f"corner {corner}")
    panels[0].plot(
        [], [], "o", color="0.3", markerfacecolor="white", label="violations in the runs"
    )
    panels[0].plot([], [], "--", color="0.3", linewidth=1, label="static limit")
    panels[0].plot([], [], ":", color="0.3", linewidth=1, label="the same, gates alone")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def _draw_corner(axes: Axes, outcomes: Mapping[Case, Run], corner: Corner, *, scaled: bool) -> None:
    colour, marker = _INKS[corner]
    curve = {c: o for c, o in outcomes.items() if c[:3] == ("curve", scaled, corner)}
    rates = sorted({case.rate for case in curve})
    middle = [np.median([o.fall for c, o in curve.items() if c.rate == rate]) for rate in rates]
    missed = [any(o.violations for c, o in curve.items() if c.rate == rate) for rate in rates]
    axes.plot(rates, middle, color=colour, linewidth=1)
    for rate, fall, hollow in zip(rates, middle, missed, strict=True):
        axes.plot([rate], [fall], marker, color=colour, markersize=4.5,
                  markerfacecolor="white" if hollow else colour)  # fmt: skip
    axes.axvline(limit(corner, scaled=scaled), color=colour, linestyle="--", linewidth=1)
    if scaled:
        gates = limit(corner, scaled=True, lifted=_LATCH)
        axes.axvline(gates, color=colour, linestyle=":", linewidth=1)


STUDY: Final = Study(
    "rate",
    "How fast it may train: static limits and runs past them",
    [
        Case(kind, scaled, corner, rate, seed)
        for kind, scaled, rates in _SWEEPS
        for corner in _INKS
        for rate in rates
        for seed in SEEDS[:5]
    ],
    experiment,
    draw,
    claims,
)  # fmt: skip
