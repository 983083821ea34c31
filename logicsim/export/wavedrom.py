"""WaveDrom: one step of a recorded run as a timing diagram (WaveJSON).

WaveDrom's columns are equally wide, so a column begins where something changes: above it stands
the time since the step began, below it how long it lasts. Long chatter is folded into one
column, which says how often each wire changed.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from logicsim.core.errors import TraceError
from logicsim.core.units import engineering, seconds
from logicsim.waveforms.layout import Layout, Listed
from logicsim.waveforms.trace import History, Trace

_FOLD: Final = 8  # instants of chatter that follow each other and are still drawn one by one
_WIDTH: Final = 2  # of a column, in WaveDrom's units, for the times to fit


def to_wavedrom(trace: Trace, layout: Layout, edge: int, step: int) -> str:
    """One step of one edge as WaveJSON text.

    Args:
        layout: of the board: which signals there are, and in which order.
        edge: its number.
        step: counted from 1 over the steps that are recorded.

    Raises:
        TraceError: the edge, the step or the count of steps is not recorded.
    """
    shown = [each for each in layout.recorded(trace) if each.tells_of(edge)]
    if not any(each.edge for each in shown):
        raise TraceError(f"edge {edge}: no signal of it is recorded")
    lanes: dict[str, list[Listed]] = {}
    for each in shown:
        lanes.setdefault(each.group, []).append(each)
    begin, end = _interval(trace, layout, step)
    every = [trace[each.signal.name] for each in shown]
    calm = [trace[each.signal.name] for each in shown if "chatters" not in each.roles]
    starts = _columns(_instants(every, begin, end), set(_instants(calm, begin, end)))
    bounds = [*starts, end]
    diagram = {
        "signal": [
            [group, *(_lane(each.label, trace[each.signal.name], bounds) for each in lane)]
            for group, lane in lanes.items()
        ],
        "head": {
            "text": f"edge {edge}, step {step}: time in the step",
            "tick": " ".join(_time(start - begin) for start in starts),
        },
        "foot": {
            "text": "how long each column lasts",
            "tock": " ".join(_time(after - start) for start, after in pairwise(bounds)),
        },
        "config": {"hscale": _WIDTH},
    }
    return json.dumps(diagram, indent=2) + "\n"


def _interval(trace: Trace, layout: Layout, step: int) -> tuple[int, int]:
    """When a step begins and ends."""
    begins: set[int] = set()
    for each in layout.recorded(trace):
        if "supervisor" in each.roles:
            life = trace[each.signal.name]
            begins |= set(life.times[life.values.astype(np.int64) > 0].tolist())
    if not begins:
        raise TraceError(f"no '{layout.step}' is recorded, which says where the steps begin")
    if not 1 <= step <= len(begins):
        raise TraceError(f"step {step}: {len(begins)} are recorded")
    bounds = [*sorted(begins), trace.end]
    return bounds[step - 1], max(bounds[step], bounds[step - 1] + 1)


def _instants(lives: Sequence[History], begin: int, end: int) -> list[int]:
    """When any of the signals changes in a step, its beginning included."""
    changes = {time for life in lives for time in life.times.tolist() if begin < time < end}
    return sorted(changes | {begin})


def _columns(instants: Sequence[int], calm: set[int]) -> list[int]:
    """Where columns begin: at every instant but those within long chatter."""
    starts: list[int] = []
    chatter: list[int] = []
    for instant in instants:
        if instant not in calm:
            chatter.append(instant)
            continue
        starts += _folded(chatter)
        chatter = []
        starts.append(instant)
    return starts + _folded(chatter)


def _folded(chatter: list[int]) -> list[int]:
    return [chatter[0], chatter[-1]] if len(chatter) > _FOLD else chatter


@dataclass(frozen=True, slots=True)
class _Cell:
    """A column of a lane: its symbol in a wave string, and its label if it has one."""

    symbol: str
    label: str = ""


def _lane(name: str, life: History, bounds: Sequence[int]) -> dict[str, Any]:
    wave, labels = "", []
    last = None
    for cell in _cells(life, bounds):
        wave += "." if cell == last else cell.symbol
        if cell != last and cell.label:
            labels.append(cell.label)
        last = cell
    return {"name": name, "wave": wave} | ({"data": labels} if labels else {})


def _cells(life: History, bounds: Sequence[int]) -> Iterator[_Cell]:
    for start, after in pairwise(bounds):
        before, at, within = np.searchsorted(life.times, [start, start + 1, after]).tolist()
        if within > at:
            yield _Cell("=", f"{within - before} changes")
        elif at == 0:
            yield _Cell("x")  # not recorded yet
        elif life.signal.kind == "wire":
            yield _Cell(str(life.values[at - 1]))
        else:
            yield _Cell("=", str(life.values[at - 1]))


def _time(ticks: int) -> str:
    """A time without a space, at which WaveDrom would part it."""
    return engineering(seconds(ticks), "s").replace(" ", "")
