"""A waveform as a figure."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from logicsim.core.errors import TraceError
from logicsim.core.units import engineering, ticks
from logicsim.figures.style import COLOURS, Picture, styled
from logicsim.waveforms.trace import History, Trace

_MOST_ROWS: Final = 40
_UNKNOWN: Final = 0.5
_LEVELS: Final = {"0": 0.0, "1": 1.0, "x": _UNKNOWN, "z": _UNKNOWN}
_UNITS: Final = ((10**12, "s"), (10**9, "ms"), (10**6, "us"), (10**3, "ns"), (1, "ps"))


def wave_figure(trace: Trace, between: tuple[float, float] | None) -> Figure:
    """A row a digital signal, and a row for all voltages of a node or an edge.

    Args:
        between: from when to when, s.

    Raises:
        TraceError: there is nothing to draw, or too much.
    """
    rows: dict[str, list[History]] = {}
    for name, history in trace.histories.items():
        real = history.signal.kind == "real"
        rows.setdefault(name.rpartition(".")[0] if real else name, []).append(history)
    if not 0 < len(rows) <= _MOST_ROWS:
        raise TraceError(
            f"{len(rows)} rows of signals cannot be drawn; choose up to {_MOST_ROWS}, "
            "e.g. plot('clock.*', 'edge1.*')"
        )
    begin, end = _span(trace, between)
    scale, unit = next((s, u) for s, u in _UNITS if end - begin >= s or s == 1)
    heights = [2.2 if lives[0].signal.kind == "real" else 1.0 for lives in rows.values()]
    with styled():
        figure = Picture(figsize=(7.2, 0.6 + 0.42 * sum(heights)), dpi=150, layout="constrained")
        axes = figure.subplots(len(rows), 1, sharex=True, squeeze=False, height_ratios=heights)
        for row, (name, lives) in zip(axes[:, 0], rows.items(), strict=True):
            _draw(row, name, lives, (begin, end, scale))
        last = axes[-1, 0]
        last.spines["bottom"].set_visible(True)
        last.tick_params(axis="x", length=3.5)
        since = f" after {engineering(begin / 1e12, 's')}" if begin else ""
        last.set_xlabel(f"time{since} ({unit})")
        last.set_xlim(0, (end - begin) / scale)
    return figure


def _span(trace: Trace, between: tuple[float, float] | None) -> tuple[int, int]:
    """Its first and its last tick."""
    if between is not None:
        begin, end = ticks(between[0]), ticks(between[1])
        if not begin < end:
            raise TraceError(f"between {between}: the first time must come before the second")
        return begin, end
    begin = min((int(h.times[0]) for h in trace.histories.values() if len(h.times)), default=0)
    return begin, max(trace.end, begin + 1)


def _draw(row: Axes, name: str, lives: Sequence[History], span: tuple[int, int, int]) -> None:
    begin, end, scale = span
    row.spines["bottom"].set_visible(False)
    row.tick_params(axis="x", length=0)
    row.set_ylabel(name, rotation=0, ha="right", va="center")
    for place, life in enumerate(lives):
        times, values = _seen(life, begin, end)
        at = (times - begin) / scale
        plain = life.signal.kind != "real" or life.signal.name.endswith("clamped")
        colour = "black" if plain else COLOURS[place % len(COLOURS)]
        row.plot(at, values, color=colour, linewidth=1.0, drawstyle="steps-post",
                 label=life.signal.name.rpartition(".")[2])  # fmt: skip
        if life.signal.kind == "wire":
            unknown = np.flatnonzero(values[:-1] == _UNKNOWN)
            lengths = at[unknown + 1] - at[unknown]
            bars = list(zip(at[unknown].tolist(), lengths.tolist(), strict=True))
            row.broken_barh(bars, (0, 1), color="0.85", linewidth=0)
            row.spines["left"].set_visible(False)
            row.set(ylim=(-0.2, 1.2), yticks=[])
    if lives[0].signal.kind == "real":
        row.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), title="V")


def _seen(life: History, begin: int, end: int) -> tuple[np.ndarray, np.ndarray]:
    """Times and values within the span, and what holds at both its ends."""
    first = max(int(np.searchsorted(life.times, begin, side="right")) - 1, 0)
    last = int(np.searchsorted(life.times, end, side="right"))
    times, values = life.times[first:last], life.values[first:last]
    if life.signal.kind == "wire":
        values = np.array([_LEVELS[value] for value in values.tolist()])
    if not len(times):
        return np.array([], dtype=np.int64), np.array([])
    return np.append(times, end), np.append(values, values[-1])
