"""The cascade of a step and the windows in which data must be still, with their margins."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path as File
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from logicsim.core.names import CLOCK, TRIGGER
from logicsim.core.units import TICKS_PER_SECOND, engineering, seconds
from logicsim.figures.style import COLOURS, Picture, plain, save, styled
from logicsim.timing.schedule import Change
from logicsim.timing.static import Analysis

_WAVE, _BAD, _GOOD, _STILL = COLOURS[0], COLOURS[1], COLOURS[2], COLOURS[4]
_MAY: Final = "0.85"  # grey: may change
_ROW: Final = 1.5  # distance of two waveforms, whose height is 1
_SHOWN: Final = 1.15  # of the spacing, where the next trigger is farther away
_LINEAR: Final = 10.0  # ns about the clock's edge that the windows show to scale


def draw_timing(analysis: Analysis, path: File) -> None:
    """Draw an analysis, as `timing_figure` has it.

    Raises:
        OutputError: `path` cannot be written.
    """
    save(timing_figure(analysis), path)


def timing_figure(analysis: Analysis) -> Figure:
    """The clock of one step, as early and as late as it may be, and all windows with slack."""
    windows = _windows(analysis)
    rows = len(analysis.cascade)
    with styled():
        size = (8.6, 2.4 + 0.40 * rows + 0.5 * len(windows))
        figure = Picture(figsize=size, dpi=150, layout="constrained")
        heights = [0.4 * rows + 0.7, 0.5 * len(windows) + 0.2]
        cascade, still = figure.subplots(2, 1, gridspec_kw={"height_ratios": heights})
        rate = engineering(analysis.rate, "Hz")
        title = f"{analysis.board}, corner {analysis.corner}: one step at {rate}"
        figure.suptitle(plain(title, 90), fontsize=10)
        _draw_cascade(cascade, analysis)
        _draw_windows(still, windows)
    return figure


def _draw_cascade(axes: Axes, analysis: Analysis) -> None:
    trigger = 2 * analysis.settle
    spaced, following = trigger + analysis.spacing, trigger + analysis.period
    far = following > trigger + 2.5 * analysis.spacing
    last = max(change.late for changes in analysis.cascade.values() for change in changes)
    end = round(1.04 * max(_SHOWN * spaced if far else following, spaced, last))
    scale, unit = _scale(end)
    for place, (net, changes) in enumerate(analysis.cascade.items()):
        again = (following,) if net == TRIGGER and not far else ()
        _draw_wave(axes, -place * _ROW, changes, [time * scale for time in (*again, end)], scale)
    places = [-place * _ROW + 0.5 for place in range(len(analysis.cascade))]
    axes.set_yticks(places, [_short(net) for net in analysis.cascade])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlim(0, end * scale)
    axes.set_xlabel(f"time in the step ({unit}); grey where a change may come early or late")
    _mark_supervisor(axes, analysis, end, scale)
    text = _time(analysis.spacing)
    if analysis.oscillator:
        text = f"{analysis.spacing // analysis.oscillator} periods {text}"
    _measure(axes, trigger * scale, spaced * scale, 1.35, text, "black")
    slack = following - spaced
    colour = _GOOD if slack >= 0 else _BAD
    if far:
        text = f"next trigger at {_time(following)}: slack {_time(slack)} →"
        axes.text(end * scale, 2.0, text, ha="right", va="bottom", fontsize=7, color=colour)
    else:
        left, right = sorted((spaced * scale, following * scale))
        _measure(axes, left, right, 2.3, f"slack {_time(slack)}", colour)
    axes.set_ylim(-(len(analysis.cascade) - 1) * _ROW - 0.4, 3.2)


def _draw_wave(
    axes: Axes, base: float, changes: Sequence[Change], rest: Sequence[float], scale: float
) -> None:
    """One net, from the step's begin to the last of `rest`; it also changes at those before."""
    level = 1 - changes[0].value
    times, levels = [0.0], [base + level]
    for change in changes:
        early, late = change.early * scale, change.late * scale
        axes.fill_between([early, late], base, base + 1, color=_MAY, linewidth=0)
        times += [(early + late) / 2] * 2
        levels += [levels[-1], base + change.value]
    for time in rest[:-1]:
        times += [time, time]
        levels += [levels[-1], 2 * base + 1 - levels[-1]]
    axes.plot([*times, rest[-1]], [*levels, levels[-1]], color=_WAVE, linewidth=1.2)


def _mark_supervisor(axes: Axes, analysis: Analysis, end: int, scale: float) -> None:
    """When inputs are imposed and outputs clamped, in this step and in the next."""
    for begin in (0, analysis.period):
        times = [(begin, "inputs"), (begin + analysis.settle, "clamp")]
        if analysis.settle < end // 12:
            times = [(begin, "inputs, clamp")]
        for time, name in times:
            if time < 0.9 * end:
                axes.axvline(time * scale, color="0.6", linewidth=0.8, linestyle=":", zorder=0)
                axes.annotate(name, (time * scale, 0), (2, 2), xycoords=("data", "axes fraction"),
                              textcoords="offset points", fontsize=7, color="0.4")  # fmt: skip


def _measure(axes: Axes, left: float, right: float, height: float, text: str, colour: str) -> None:
    """A double arrow with its length."""
    axes.annotate("", (left, height), (right, height),
                  arrowprops={"arrowstyle": "<->", "color": colour, "linewidth": 0.8,
                              "shrinkA": 0, "shrinkB": 0})  # fmt: skip
    axes.text((left + right) / 2, height + 0.1, text, ha="center", va="bottom", fontsize=7,
              color=colour)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Window:
    """About a clock's edge, in ns: `limit` on each side must be still, `slack` beyond it is."""

    name: str
    limit: dict[str, float]
    slack: dict[str, float]


def _windows(analysis: Analysis) -> Sequence[_Window]:
    """One for each constrained pin, from its worst setup and its worst hold path."""
    windows: dict[str, _Window] = {}
    for path in analysis.worst():
        kind, _, pin = path.constraint.partition(" ")
        if kind in ("setup", "hold"):
            name = f"{pin} at the {path.edge} of {_short(path.group)}"
            window = windows.setdefault(name, _Window(name, {}, {}))
            window.limit[kind] = abs(path.required[-1].delay) / 1000
            window.slack[kind] = path.slack / 1000
    return list(windows.values())


def _draw_windows(axes: Axes, windows: Sequence[_Window]) -> None:
    reach = 3 * max([1e3, *(abs(slack) for w in windows for slack in w.slack.values())])
    axes.set_xscale("symlog", linthresh=_LINEAR, linscale=0.6)
    for place, window in enumerate(windows):
        for kind, side in (("setup", -1), ("hold", 1)):
            if kind in window.limit:
                limit, slack = window.limit[kind], window.slack[kind]
                moves = side * (limit + slack)
                axes.barh(-place, side * reach - moves, left=moves, height=0.5, color=_MAY)
                met = slack >= 0
                axes.barh(-place, side * limit, height=0.5, color=_STILL if met else _BAD)
                text = f"{kind} {limit:g} ns, slack {engineering(slack * 1e-9, 's')}"
                axes.text(0.5 + 0.25 * side, 0.38 - place, text, fontsize=7, ha="center",
                          va="center", transform=axes.get_yaxis_transform(),
                          color=_GOOD if met else _BAD)  # fmt: skip
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks([-place for place in range(len(windows))], [w.name for w in windows])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlim(-reach, reach)
    axes.set_ylim(0.45 - len(windows), 0.6)
    axes.set_xlabel("ns from the clock's edge (logarithmic beyond 10); grey: data may change, "
                    "yellow: they must not, red: they do")  # fmt: skip


def _scale(end: int) -> tuple[float, str]:
    """What a tick is in the unit of an axis that goes to `end` ticks, and the unit."""
    shown = engineering(seconds(end), "s").split()[1]
    power = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}.get(shown, 1e12)
    return power / TICKS_PER_SECOND, shown


def _short(net: str) -> str:
    """A net of the clock as its own breadboard calls it."""
    return net.removeprefix(f"{CLOCK}.")


def _time(ticks: int) -> str:
    return engineering(seconds(ticks), "s")
