"""GTKWave save files: clock on top, a group for each edge, voltages as analog rows."""

import math
from collections.abc import Mapping, Sequence
from io import StringIO
from itertools import groupby
from typing import Final

from vcd.gtkw import GTKWFlag, GTKWSave

from logicsim.waveforms.trace import Signal

_FIRST: Final = ("clock", "supervisor")
_ORDER: Final = (
    "trigger", "out1", "out2", "out3", "n3", "cs", "clk", "step", "task", "a", "b", "up", "k", "ud",
    "code_free", "code_clamped", "drop_free", "drop_clamped", "free", "clamped",
)  # fmt: skip
_ANALOG: Final = GTKWFlag.analog_step | GTKWFlag.analog_fullscale
_ROWS: Final = 3  # height of an analog row


def gtkw(waveform: str, board: str, signals: Sequence[Signal], falls: Mapping[str, int]) -> str:
    """The view of a waveform of ours, as the text of a save file.

    Args:
        waveform: file name of the waveform, beside which the view is kept.
        falls: first recorded fall (ticks) of 'cs' and 'clk'; they become markers A and B.
    """
    file = StringIO()
    save = GTKWSave(file)
    save.dumpfile(waveform, abspath=False)
    _show_first_step(save, falls)
    save.signals_width(220)
    ordered = sorted(signals, key=_position)
    edges = dict.fromkeys(group for group in map(_group, ordered) if group.startswith("edge"))
    closed = set(list(edges)[1:])
    for group, members in groupby(ordered, key=_group):
        with save.group(group, closed=group in closed):
            for signal in members:
                _row(save, board, signal)
    return file.getvalue()


def _show_first_step(save: GTKWSave, falls: Mapping[str, int]) -> None:
    """Place the window so that the chip-select and clock falls stand in its left half."""
    if {"cs", "clk"} <= falls.keys():
        stagger = falls["clk"] - falls["cs"]
        save.timestart(max(falls["cs"] - stagger, 0))
        # A zoom of -n shows 2^n ticks in 200 pixels; some 900 pixels show four staggers.
        zoom = -math.log2(max(4 * stagger * 200 / 900, 1.0))
        save.zoom_markers(zoom, a=falls["cs"], b=falls["clk"])


def _row(save: GTKWSave, board: str, signal: Signal) -> None:
    name = f"{board}.{signal.name}"
    alias = signal.name.replace(".", " ") if _group(signal) == "nodes" else _split(signal)[1]
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


def _split(signal: Signal) -> tuple[str, str]:
    scope, _, name = signal.name.rpartition(".")
    return scope, name


def _group(signal: Signal) -> str:
    scope, _ = _split(signal)
    return "nodes" if scope.startswith("node") else scope


def _position(signal: Signal) -> tuple[object, ...]:
    """Clock, supervisor, edges by number, nodes by number, checks; within, cause before effect."""
    scope, name = _split(signal)
    word = scope.rstrip("0123456789")
    number = int(scope[len(word) :] or 0)
    rank = _FIRST.index(scope) if scope in _FIRST else len(_FIRST)
    place = _ORDER.index(name) if name in _ORDER else len(_ORDER)
    return rank, ("edge", "node", "checks").index(word) if rank == 2 else 0, number, place, name
