"""Fig. 7D: the clock's cascade, and a decision sampled before the step, from a recorded trace."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from logicsim.board import Board, load
from logicsim.core.units import seconds
from logicsim.figures.style import COLOURS
from logicsim.paper.axes import PAGE, letter
from logicsim.paper.claim import Claim, over_seeds, proportion
from logicsim.paper.study import SEEDS, Study
from logicsim.training.run import Waveform, run
from logicsim.waveforms.read import read_trace
from logicsim.waveforms.trace import Trace

_CLOCK: Final = {
    "clock.trigger": "trigger", "clock.out1": "output 1", "clock.out2": "output 2",
    "clock.out3": "output 3", "clock.cs": "chip select", "clock.clk": "clock",
}  # fmt: skip
_ROWS: Final = {
    **_CLOCK, "edge1.up": "XOR", "edge1.ud": "U/D (latched)", "edge1.code_free": "code",
}  # fmt: skip
_STEPS: Final = 4
_ZOOM: Final = 20.0  # us around a fall
_INKS: Final = {"clock.cs": COLOURS[1], "clock.clk": COLOURS[2]}  # red and green in the paper

Ticks = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cascade:
    """A recorded run: triggers, then the falls and rises of CS and CLK (ticks), and the trace."""

    trace: Trace
    triggers: Ticks
    falls: Mapping[str, Ticks]
    rises: Mapping[str, Ticks]
    period: int


def bench() -> Board:
    """One edge with equal drops, so that only noise decides; the waveform shows all noise.

    Two drops of 1 V make the XOR chatter as in the paper at the end of training.
    """
    volts = {"1": "2 V", "2": "1 V"}
    task = {"name": "balance", "kind": "bench", "steps": _STEPS, "free": volts, "clamped": volts}
    return load("edge", {"tasks": [task], "parts.comparator.chatter": "full"})


def experiment(seed: int) -> Cascade:
    """Record four steps of that edge to a file and read it back."""
    board = bench()
    with TemporaryDirectory(prefix="logicsim") as folder:
        path = Path(folder) / "cascade.vcd"
        run(board, seed=seed, waveform=Waveform(path, list(_ROWS)))
        trace = read_trace(path)
    triggers = trace["clock.trigger"]
    return Cascade(
        trace=trace,
        triggers=triggers.times[1:],  # the first value is not a change
        falls={name: _turns(trace, name, "0") for name in _INKS},
        rises={name: _turns(trace, name, "1") for name in _INKS},
        period=board.clockwork(seed).period,
    )


def _turns(trace: Trace, name: str, value: str) -> Ticks:
    """The times at which a wire takes a value."""
    history = trace[name]
    begin = trace["clock.trigger"].times[1]
    turns: Ticks = history.times[(history.values == value) & (history.times > begin)]
    return turns


def in_order(cascade: Cascade, step: int) -> bool:
    """Whether CS fell, then CLK, then both rose, each once, between this trigger and the next."""
    begin = cascade.triggers[step]
    end = cascade.triggers[step + 1] if step + 1 < len(cascade.triggers) else cascade.trace.end
    events = [
        [times[(times > begin) & (times < end)] for times in (kind["clock.cs"], kind["clock.clk"])]
        for kind in (cascade.falls, cascade.rises)
    ]
    (cs_falls, clk_falls), (cs_rises, clk_rises) = events
    once = all(len(times) == 1 for pair in events for times in pair)
    return once and cs_falls[0] < clk_falls[0] < min(cs_rises[0], clk_rises[0])


def claims(outcomes: Mapping[int, Cascade]) -> list[Claim]:
    """Two falls in order at every trigger of either polarity, and a stable latch in between."""
    runs = list(outcomes.values())
    good = sum(in_order(run, step) for run in runs for step in range(len(run.triggers)))
    apart = [float(np.mean(run.falls["clock.clk"] - run.falls["clock.cs"])) / run.period
             for run in runs]  # fmt: skip
    moved = [_between_falls(run) for run in runs]
    steps = [len(_codes(run)) / len(run.triggers) for run in runs]
    return [
        proportion("triggers, up or down, after which CS falls, then CLK, then both return",
                   "all", good, sum(len(run.triggers) for run in runs), at_least=1),
        over_seeds("CLK falls after CS (periods of the debouncer's clock)", "a delay; 4", apart,
                   at_least=3.9, at_most=4.1),
        over_seeds("changes of U/D between the fall of CS and of CLK, latch delay aside", "none",
                   moved, at_most=0),
        over_seeds("steps of the potentiometer a trigger", "1", steps, at_least=1, at_most=1),
    ]  # fmt: skip


def _between_falls(run: Cascade) -> float:
    """Changes of the latched decision later than 1 us after CS fell and before CLK did."""
    changes = run.trace["edge1.ud"].times
    pairs = zip(run.falls["clock.cs"], run.falls["clock.clk"], strict=True)
    return float(sum(((changes > cs + 1_000_000) & (changes < clk)).sum() for cs, clk in pairs))


def _codes(run: Cascade) -> Ticks:
    """The times at which the code changed."""
    times: Ticks = run.trace["edge1.code_free"].times[1:]
    return times


def draw(outcomes: Mapping[int, Cascade]) -> Figure:
    """Draw a whole cascade, and 40 us around each of its two falls."""
    run = outcomes[min(outcomes)]
    step = _a_change(run)
    begin = int(run.triggers[step])
    figure = Figure(figsize=(PAGE, 3.4), dpi=300, layout="constrained")
    whole, latch, count = figure.subplots(
        1, 3, sharey=True, width_ratios=(1.7, 1, 1), gridspec_kw={"wspace": 0.05}
    )
    _draw_rows(whole, run, begin, (-8.0, 100.0), 1e3)
    whole.set_xlabel("time after the trigger (ms)")
    whole.set_yticks(range(len(_ROWS)), list(_ROWS.values())[::-1])
    for axes, name, what in ((latch, "clock.cs", "CS falls"), (count, "clock.clk", "CLK falls")):
        _draw_rows(axes, run, int(run.falls[name][step]), (-_ZOOM, _ZOOM), 1e6)
        axes.set_xlabel(f"time after {what} (µs)")
        axes.axvline(0, color=_INKS[name], linewidth=0.8, linestyle="--", zorder=0)
        fall = seconds(int(run.falls[name][step]) - begin) * 1e3
        whole.axvline(fall, color=_INKS[name], linewidth=0.8, linestyle="--", zorder=0)
    for axes, name in ((whole, "A"), (latch, "B"), (count, "C")):
        axes.spines[:].set_visible(False)
        axes.spines["bottom"].set_visible(True)
        axes.tick_params(left=False)
        letter(axes, name)
    return figure


def _a_change(run: Cascade) -> int:
    """The first step at which the latched value changes."""
    changes = run.trace["edge1.ud"].times
    for step, fall in enumerate(run.falls["clock.cs"]):
        if step and ((changes >= fall) & (changes < fall + 1_000_000)).any():
            return step
    return 0


def _draw_rows(
    axes: Axes, run: Cascade, zero: int, span: tuple[float, float], a_second: float
) -> None:
    """Draw every row as a square wave, and the code as numbers between its changes."""
    for place, name in enumerate(_ROWS):
        height = len(_ROWS) - 1 - place
        history = run.trace[name]
        times = np.append(history.times - zero, run.trace.end - zero) * 1e-12 * a_second
        colour = _INKS.get(name, "black" if name in _CLOCK else COLOURS[0])
        if history.signal.kind == "bus":
            _draw_code(axes, height, times, history.values.tolist(), span)
            continue
        levels = np.append(history.values, history.values[-1]) == "1"
        # Many transitions of chatter are drawn as pixels even in a PDF.
        axes.step(times, height - 0.3 + 0.6 * levels, where="post", color=colour, linewidth=0.8,
                  rasterized=len(times) > 1000)  # fmt: skip
    axes.set_xlim(span)
    axes.set_ylim(-0.6, len(_ROWS) - 0.3)


def _draw_code(
    axes: Axes, height: float, times: NDArray[np.float64], codes: list[int],
    span: tuple[float, float],
) -> None:  # fmt: skip
    for begin, end, code in zip(times, times[1:], codes, strict=False):
        left, right = max(begin, span[0]), min(end, span[1])
        if right > left:
            for edge in (-0.3, 0.3):
                axes.plot([left, right], [height + edge] * 2, color=COLOURS[0], linewidth=0.8)
            axes.text((left + right) / 2, height, str(code), ha="center", va="center", fontsize=7,
                      bbox={"pad": 0.5, "fc": "white", "ec": "none"})  # fmt: skip
        if span[0] < end < span[1]:
            axes.plot([end, end], [height - 0.3, height + 0.3], color=COLOURS[0], linewidth=0.8)


STUDY: Final = Study(
    "fig7d", "The clock latches, then steps: a recorded trace", SEEDS[:5], experiment, draw, claims
)
