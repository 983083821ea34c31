"""Measuring a recorded run: delays and pulses of the clock, chatter, glitches, mis-steps."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from logicsim.core.units import TICKS_PER_SECOND, seconds, ticks
from logicsim.waveforms.layout import EdgeSignals, Layout, Moment
from logicsim.waveforms.trace import History, Trace

Ticks = NDArray[np.int64]

GLITCH: Final = 20e-9  # s
POSITIONS: Final = 128

_LONG_AGO: Final = np.array([-1], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Spread:
    """Durations of one kind: how many, and the least, mean and greatest of them, in seconds."""

    count: int
    least_s: float
    mean_s: float
    most_s: float


@dataclass(frozen=True, slots=True)
class EdgeMeasures:
    """What one network edge did; None where a signal is not recorded, or it never happened.

    The decision is what the latch samples, `up` in the paper's circuit; what it holds is at the
    potentiometers' direction pin, `ud`.

    Attributes:
        edge: its number.
        chatter: for each latch, changes of the decision between 0 and 1 since the step began (or
            since the latch before, if `supervisor.step` is not recorded). Without noise there
            are one or two: the decision itself.
        glitches: of each comparator and of the decision, by their names on the breadboard, the
            pulses shorter than the threshold.
        decision: in each step, from the last change of a drop before the latch to that of the
            decision, where it changed after it: chatter makes it last.
        quiet: from the decision's last change to the latch: the setup time the latch had.
        latch: from the latch to the last change of its output before the step, where there is one.
        still: from that output's last change to the step: the setup time the potentiometer had.
        missteps: counts, of both counters, that went otherwise than they were told.
        apart: steps in which the two counters moved differently, neither being at its end.
    """

    edge: int
    chatter: tuple[int, ...] | None
    glitches: Mapping[str, int | None]
    decision: Spread | None
    quiet: Spread | None
    latch: Spread | None
    still: Spread | None
    missteps: int | None
    apart: int | None

    def as_json(self) -> dict[str, Any]:
        """Plain numbers, lists and dictionaries; the glitches of `up` are 'glitches_up'."""
        flat: dict[str, Any] = {}
        for name, value in asdict(self).items():
            if name == "glitches":
                flat |= {f"glitches_{net}": count for net, count in value.items()}
            else:
                flat[name] = value
        return flat


@dataclass(frozen=True, slots=True)
class Measures:
    """What a recorded run shows; None where a signal is not recorded, or it never happened.

    A latch is the edge of a net at which decisions are latched, a step that at which
    potentiometers count, after it: in the paper's circuit falls of CS and of CLK. A step is whole
    when one of the two nets has changed again; one that the recording cuts off is left out.

    Attributes:
        steps: how many there are.
        latch_to_step: from each latch to its step.
        cs_low: widths of the low pulses of the potentiometers' chip select; `clk_low` of their
            clock.
        settling: from each step to the last change of a voltage before the next step begins.
        edges: in the order of their numbers.
        missing: signals, by name, that would tell more.
    """

    steps: int | None
    latch_to_step: Spread | None
    cs_low: Spread | None
    clk_low: Spread | None
    settling: Spread | None
    edges: tuple[EdgeMeasures, ...]
    missing: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain numbers, lists and dictionaries."""
        return asdict(self) | {"edges": [edge.as_json() for edge in self.edges]}

    def as_csv(self) -> str:
        """A table with a row an edge; chatter is the sum and the greatest over the steps."""
        rows = [dict(_columns(edge)) for edge in self.edges]
        file = io.StringIO(newline="")
        writer = csv.DictWriter(file, rows[0] if rows else ["edge"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return file.getvalue()


def measure(
    trace: Trace, layout: Layout, *, glitch: float = GLITCH, positions: int = POSITIONS
) -> Measures:
    """Measure a waveform of ours, whatever signals it has.

    Args:
        layout: what its signals are: `circuit.signals.layout` of the board that was recorded.
        glitch: the threshold (s) below which a pulse is a glitch.
        positions: of the potentiometers; at either end a counter may stay.
    """
    find = trace.histories.get
    recorded = layout.recorded_edges(trace.histories)
    first = layout.first_edge(trace.histories)
    step = find(layout.step)
    clock = _clock(find, first, step)
    shown = recorded or ([] if first is None else [first])
    wanted = [*(first.clocks() if first is not None else ()), layout.step,
              *(name for edge in shown for name in edge.wanted())]  # fmt: skip
    labels = {name: listed.label for name, listed in layout.by_name.items()}
    return Measures(
        steps=clock.count,
        latch_to_step=_spread(clock.moves - clock.latches) if clock.whole else None,
        cs_low=None if first is None or first.select is None else _low(find(first.select)),
        clk_low=None if first is None or first.count is None else _low(find(first.count.net)),
        settling=_settling(trace, clock),
        edges=tuple(
            _measure_edge(
                edge, labels, find, _clock(find, edge, step), ticks(glitch), positions - 1
            )
            for edge in recorded
        ),
        missing=tuple(name for name in dict.fromkeys(wanted) if name not in trace.histories),
    )


Find = Callable[[str], History | None]


@dataclass(frozen=True, slots=True)
class _Clock:
    """When each step began, latched and moved, in ticks; arrays are empty if not recorded."""

    count: int | None
    begins: Ticks
    latches: Ticks
    moves: Ticks

    @property
    def whole(self) -> bool:
        """Whether each move has its latch."""
        return len(self.latches) == len(self.moves) > 0

    def since(self) -> Ticks:
        """For each latch, when its step began, else the latch before, else long ago."""
        return np.maximum(_earlier(self.latches), _last(self.begins, self.latches))


def _clock(find: Find, edge: EdgeSignals | None, step: History | None) -> _Clock:
    """The steps as one edge has them."""
    none = np.array([], dtype=np.int64)
    begins = step.times if step is not None else none
    latch, count = (None, None) if edge is None else (edge.latch, edge.count)
    latching = None if latch is None else find(latch.net)
    counting = None if count is None else find(count.net)
    latches = none if latch is None or latching is None else _turns(latching, latch)
    if count is None or counting is None:
        return _Clock(len(latches) if latching is not None else None, begins, latches, none)
    moves = _turns(counting, count)
    back = counting.times[counting.values == str(1 - count.level)]
    ends = [times[-1] for times in (back, none if latching is None else latching.times[1:])
            if len(times)]  # fmt: skip
    moves = moves[moves < max(ends, default=0)]
    if latching is None:
        return _Clock(len(moves), begins, none, moves)
    # A move belongs to the latch before it, unless an earlier move does already.
    own = _last(latches, moves)
    paired = own > _earlier(moves)
    return _Clock(int(paired.sum()), begins, own[paired], moves[paired])


def _measure_edge(
    edge: EdgeSignals, labels: Mapping[str, str], find: Find, clock: _Clock, glitch: int, top: int
) -> EdgeMeasures:  # fmt: skip
    decision, told = (
        None if name is None else find(name) for name in (edge.decision, edge.latched)
    )
    codes = [code for name in edge.codes if (code := find(name)) is not None]
    moved = [_moved(code, clock.moves) for code in codes]
    said = _said(told, clock.moves) if told is not None else None
    idle = _idle(None if edge.select is None else find(edge.select), clock.moves)
    stays = [_stays(code, said, clock.moves, top) for code in codes]
    deciding = dict.fromkeys([*edge.comparators, *([edge.decision] if edge.decision else [])])
    return EdgeMeasures(
        edge=edge.number,
        chatter=_chatter(decision, clock) if decision is not None and len(clock.latches) else None,
        glitches={labels[name]: _glitches(find(name), glitch) for name in deciding},
        decision=_decision([find(name) for name in edge.drops], decision, clock),
        quiet=_since_last(decision, clock.latches),
        latch=_latch(told, clock),
        still=_since_last(told, clock.moves),
        missteps=_missteps(moved, said, stays, idle) if codes and len(clock.moves) else None,
        apart=_apart(moved, stays) if len(codes) == 2 and len(clock.moves) else None,
    )


def _chatter(decision: History, clock: _Clock) -> tuple[int, ...]:
    known = np.isin(decision.values, ["0", "1"])
    changes = decision.times[1:][known[1:] & known[:-1]]
    before = np.searchsorted(changes, clock.latches, side="left")
    return tuple((before - np.searchsorted(changes, clock.since(), side="right")).tolist())


def _glitches(net: History | None, shortest: int) -> int | None:
    """Pulses, back to the value before, that last less than `shortest` ticks."""
    if net is None:
        return None
    back = net.values[2:] == net.values[:-2]
    return int(np.count_nonzero(back & (np.diff(net.times)[1:] < shortest)))


def _decision(
    drops: Sequence[History | None], decision: History | None, clock: _Clock
) -> Spread | None:  # fmt: skip
    recorded = [drop.times[1:] for drop in drops if drop is not None]
    if decision is None or len(recorded) < 2 or not len(clock.latches):
        return None
    moved = np.max([_last(times, clock.latches) for times in recorded], axis=0)
    decided = _last(decision.times[1:], clock.latches)
    return _spread((decided - moved)[(decided > moved) & (moved >= clock.since())])


def _since_last(net: History | None, moments: Ticks) -> Spread | None:
    """From the last change of a net, if it is recorded, to each moment."""
    if net is None:
        return None
    changed = _last(net.times[1:], moments)
    return _spread((moments - changed)[changed >= 0])


def _latch(told: History | None, clock: _Clock) -> Spread | None:
    if told is None or not clock.whole:
        return None
    changed = _last(told.times[1:], clock.moves)
    return _spread((changed - clock.latches)[changed >= clock.latches])


def _settling(trace: Trace, clock: _Clock) -> Spread | None:
    reals = [h.times for h in trace.histories.values() if h.signal.kind == "real"]
    if not reals or not len(clock.begins) or not len(clock.moves):
        return None
    place = np.searchsorted(clock.begins, clock.moves, side="right")
    ends = np.append(clock.begins, trace.end + 1)[place]
    settled = np.max([_last(times, ends) for times in reals], axis=0)
    return _spread((settled - clock.moves)[settled > clock.moves])


def _moved(code: History, moves: Ticks) -> Ticks:
    """By how much a counter moved in each step."""
    after = np.append(moves[1:], np.iinfo(np.int64).max)
    return np.asarray(_values(code, after) - _values(code, moves), dtype=np.int64)


def _said(told: History, moves: Ticks) -> Ticks:
    """Which way each step should go: 1, -1, or 0 where that is unknown."""
    level = _values(told, moves)
    return np.asarray((level == "1").astype(np.int64) - (level == "0"), dtype=np.int64)


def _stays(code: History, said: Ticks | None, moves: Ticks, top: int) -> NDArray[np.bool_]:
    """Whether a counter is at the end of its range towards which it should go, if known."""
    before = _values(code, moves)
    down, up = (True, True) if said is None else (said <= 0, said >= 0)
    return np.asarray(((before == 0) & down) | ((before == top) & up), dtype=np.bool_)


def _idle(select: History | None, moves: Ticks) -> NDArray[np.bool_]:
    """In which steps the potentiometers are not selected, as far as that is recorded."""
    if select is None:
        return np.zeros(len(moves), dtype=np.bool_)
    return np.asarray(_values(select, moves) == "1", dtype=np.bool_)


def _missteps(
    moved: Sequence[Ticks], said: Ticks | None, stays: Sequence[NDArray[np.bool_]],
    idle: NDArray[np.bool_],
) -> int | None:  # fmt: skip
    if said is None:
        return None
    return sum(
        int(np.count_nonzero(((said != 0) | idle) & (way != np.where(stay | idle, 0, said))))
        for way, stay in zip(moved, stays, strict=True)
    )


def _apart(moved: Sequence[Ticks], stays: Sequence[NDArray[np.bool_]]) -> int:
    return int(np.count_nonzero((moved[0] != moved[1]) & ~stays[0] & ~stays[1]))


def _turns(net: History, moment: Moment) -> Ticks:
    """When a net falls, or rises."""
    before, after = str(1 - moment.level), str(moment.level)
    turns: Ticks = net.times[1:][(net.values[1:] == after) & (net.values[:-1] == before)]
    return turns


def _low(net: History | None) -> Spread | None:
    """Widths of whole low pulses."""
    if net is None:
        return None
    low = (net.values[:-2] == "1") & (net.values[1:-1] == "0") & (net.values[2:] == "1")
    return _spread(np.diff(net.times)[1:][low])


def _last(times: Ticks, moments: Ticks) -> Ticks:
    """The last of `times` before each moment; -1 where there is none."""
    last: Ticks = np.append(_LONG_AGO, times)[np.searchsorted(times, moments, side="left")]
    return last


def _earlier(times: Ticks) -> Ticks:
    """The time before each, -1 for the first."""
    return np.append(_LONG_AGO, times[:-1])


def _values(net: History, moments: Ticks) -> NDArray[Any]:
    """The value just before each moment; the first recorded where there is none."""
    places = np.searchsorted(net.times, moments, side="left") - 1
    return net.values[np.maximum(places, 0)]


def _spread(durations: Ticks) -> Spread | None:
    if not len(durations):
        return None
    least, most = seconds(int(durations.min())), seconds(int(durations.max()))
    return Spread(len(durations), least, float(durations.mean()) / TICKS_PER_SECOND, most)


def _columns(edge: EdgeMeasures) -> Iterator[tuple[str, object]]:
    for name, value in edge.as_json().items():
        if name == "chatter":
            yield "chatter", None if value is None else sum(value)
            yield "chatter_most", None if value is None else max(value)
        elif name in ("decision", "quiet", "latch", "still"):
            for part in Spread.__slots__:
                yield f"{name}_{part}", None if value is None else value[part]
        else:
            yield name, value
