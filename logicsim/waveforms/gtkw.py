"""GTKWave save files: clock on top, a group for each edge, voltages as analog rows."""

import math
from collections.abc import Iterable, Mapping
from io import StringIO
from itertools import groupby
from typing import Final

from vcd.gtkw import GTKWFlag, GTKWSave

from logicsim.waveforms.layout import Layout, Listed

_ANALOG: Final = GTKWFlag.analog_step | GTKWFlag.analog_fullscale
_ROWS: Final = 3  # height of an analog row


def gtkw(
    waveform: str, board: str, names: Iterable[str], layout: Layout, marks: Mapping[str, int]
) -> str:
    """The view of a waveform of ours, as the text of a save file.

    Args:
        waveform: file name of the waveform, beside which the view is kept.
        names: the signals that are recorded.
        layout: of the board: their order and groups.
        marks: when (ticks) a decision is first latched, 'latch', and first counted, 'count', in
            what is recorded; they become markers A and B.
    """
    file = StringIO()
    save = GTKWSave(file)
    save.dumpfile(waveform, abspath=False)
    _show_first_step(save, marks)
    save.signals_width(220)
    recorded = layout.recorded(names)
    edges = dict.fromkeys(each.group for each in recorded if each.edge is not None)
    closed = set(list(edges)[1:])
    for group, members in groupby(recorded, key=lambda each: each.group):
        with save.group(group, closed=group in closed):
            for listed in members:
                _row(save, board, listed)
    return file.getvalue()


def _show_first_step(save: GTKWSave, marks: Mapping[str, int]) -> None:
    """Place the window so that the latch and the count stand in its left half."""
    if {"latch", "count"} <= marks.keys():
        stagger = marks["count"] - marks["latch"]
        save.timestart(max(marks["latch"] - stagger, 0))
        # A zoom of -n shows 2^n ticks in 200 pixels; some 900 pixels show four staggers.
        zoom = -math.log2(max(4 * stagger * 200 / 900, 1.0))
        save.zoom_markers(zoom, a=marks["latch"], b=marks["count"])


def _row(save: GTKWSave, board: str, listed: Listed) -> None:
    signal, alias = listed.signal, listed.label
    name = f"{board}.{signal.name}"
    if signal.kind == "real":
        # Voltages jump when settling is instant: steps, not lines.
        save.trace(name, alias=alias, datafmt="real", extraflags=_ANALOG)
        for _ in range(_ROWS - 1):
            save.blank(analog_extend=True)
    elif signal.kind == "wire":
        save.trace(name, alias=alias)
    else:
        bits = f"[{signal.width - 1}:0]" if signal.kind == "bus" else ""
        save.trace(name + bits, alias=alias, datafmt="dec")
