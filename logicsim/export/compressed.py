"""Time in a SPICE deck, where no delay of a board but its oscillator's is kept, if that may be.

A step takes as many microseconds as the clock needs periods to return, and five.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from logicsim.board import Board
from logicsim.circuit.clockwork import Clockwork
from logicsim.circuit.netlist import Netlist
from logicsim.circuit.waves import Transition, total
from logicsim.core.errors import OutputError
from logicsim.core.units import seconds
from logicsim.parts.arcs import Timing
from logicsim.parts.part import Part

_REST: Final = 5  # us of a step in which the clock is at rest: to measure, clamp and trigger

Timed = Sequence[tuple[Part, Timing]]


def step_of(clockwork: Clockwork) -> int:
    """What a step takes, in microseconds."""
    periods = clockwork.spacing // clockwork.period if clockwork.period else 0
    return periods + _REST


def refuse_tight(board: Board, netlist: Netlist, clockwork: Clockwork) -> None:
    """In compressed time no delay matters, so on the board none may come near to mattering.

    Raises:
        OutputError: the key of the board, the time it gives, and the time that may be needed.
    """
    timetable = board.timetable
    home = _home(clockwork, netlist)
    slowest, hold = _slowest(home), max(_limits(home, ("hold",)), default=0)
    fastest = min(_fastest(home), default=hold + 1)
    for key, has, needs in (
        ("clock.rate", timetable.period, 2 * timetable.settle + clockwork.spacing),
        ("clock.capacitance", 3 * clockwork.period, slowest),
        ("supervisor.settle", timetable.settle, slowest),
        # Without its flop an edge decides anew as soon as it has stepped.
        ("parts.comparator.fastest", fastest, hold),
    ):
        if has <= needs:
            raise OutputError(
                f"{key}: this gives {seconds(has):g} s where {seconds(needs):g} s may be needed; "
                "a SPICE netlist has no delays, so they must not matter"
            )


def _home(clockwork: Clockwork, netlist: Netlist) -> Timed:
    """The parts on one breadboard of each kind, and their timing."""
    return [each for each in clockwork.timings if each[0].scope in netlist.breadboards]


def _slowest(home: Timed) -> int:
    """Ticks for the comparators, side by side, then all other delays and constraints in a row."""
    deciding = (_latest(timing) for part, timing in home if _compares(part))
    others = sum(_latest(timing) for part, timing in home if not _compares(part))
    constraints = sum(_limits(home, ("setup", "hold", "width", "recovery")))
    return max(deciding, default=0) + others + constraints


def _compares(part: Part) -> bool:
    """Whether a part looks at voltages."""
    return "node" in part.chip.pins.values()


def _latest(timing: Timing) -> int:
    return max((max(arc.rise.late, arc.fall.late) for arc in timing.arcs), default=0)


def _fastest(home: Timed) -> Iterator[int]:
    """The least delay of each comparator."""
    for part, timing in home:
        if _compares(part):
            yield from (min(arc.rise.early, arc.fall.early) for arc in timing.arcs)


def _limits(home: Timed, kinds: Sequence[str]) -> Iterator[int]:
    return (check.limit for _, timing in home for check in timing.checks if check.kind in kinds)


class _Moment(NamedTuple):
    """A change of a clock net: when, in the deck."""

    net: str
    transition: Transition
    compressed: tuple[int, int]


def check_order(clockwork: Clockwork, netlist: Netlist) -> None:
    """Refuse a clock whose edges come in another order where only sections and gates count.

    What one edge launches must have arrived, or not have left, at the next: two edges at which
    something is sampled are one and the same or far apart. And what is sampled of the clock itself
    changes on the same side of the edge in both times.

    Raises:
        OutputError: the nets of an edge and of the change that is too close.
    """
    clocks, sampled = _captures(clockwork)
    slowest = _slowest(_home(clockwork, netlist))
    for way in (0, 1):
        moments = [_Moment(net, transition, _compressed(transition))
                   for net, transition in clockwork.events(way)]  # fmt: skip
        edges = [each for each in moments if (each.net, each.transition.value) in clocks]
        for edge in edges:
            for other in moments:
                if other.net == edge.net or other.net not in sampled:
                    continue
                kept = _apart(edge, other, slowest) if other in edges else _ordered(edge, other)
                if not kept:
                    raise OutputError(
                        f"board '{netlist.name}': '{edge.net}' and '{other.net}' may not keep "
                        "their order in a SPICE netlist, which has one delay for all gates; put a "
                        "debouncer between them"
                    )


def _apart(edge: _Moment, other: _Moment, least: int) -> bool:
    """Whether an oscillator, or more than `least` ticks, is between two changes."""
    first, last = sorted((edge.transition, other.transition), key=lambda each: each.place)
    if (first.crossing is None) != (last.crossing is None):
        return True
    return total(last.early) - total(first.late) > least


def _ordered(edge: _Moment, other: _Moment) -> bool:
    """Whether two changes come in the same order on the board and in the deck."""
    here, there = edge.transition.place, other.transition.place
    if here == there or edge.compressed == other.compressed:
        return False
    return (here < there) == (edge.compressed < other.compressed)


def _compressed(transition: Transition) -> tuple[int, int]:
    """How many debouncers, and then how many other parts, a change comes behind the trigger."""
    crossing = transition.crossing
    stages = (*(crossing.late if crossing is not None else ()), *transition.late)
    grids = [place for place, stage in enumerate(stages, start=1) if stage.arc.grid]
    return len(grids), len(stages) - (grids[-1] if grids else 0)


def _captures(clockwork: Clockwork) -> tuple[set[tuple[str, int]], set[str]]:
    """What samples: the net and the level it goes to; and the nets that are clocks or sampled."""
    clocks: set[tuple[str, int]] = set()
    sampled: set[str] = set()
    for part, _ in clockwork.timings:
        capture = part.chip.capture
        if capture is not None:
            clocks.add((part.pins[capture.clock][0], int(capture.edge == "rise")))
            sampled |= {part.pins[pin][0] for pin in (capture.clock, *capture.pins)}
    return clocks, sampled
