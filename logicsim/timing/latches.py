"""Data through latches: an open latch passes data; data that come earlier wait for the opening.

Data launched before the opening leave the latch at the later of arrival and opening. Both must be
in time, so both are paths. The captures after the latch are ordered by its opening.
"""

from collections.abc import Iterator
from dataclasses import replace

from logicsim.core.errors import NetlistError
from logicsim.timing.arrivals import Arrival, Ways, arrivals
from logicsim.timing.graph import Graph, Hop, Transparent
from logicsim.timing.schedule import Launch, Moment, Schedule


def through_latches(
    launch: Launch, graph: Graph, schedule: Schedule, passed: tuple[Transparent, ...] = ()
) -> Iterator[Launch]:
    """The launches that follow from a launch through one latch after another."""
    if launch.asynchronous:  # asynchronous data through a latch are refused
        return
    for latch in graph.latches:
        ways = launch.reached.get(latch.through.start)
        if not ways or latch in passed:
            continue
        reached = arrivals(graph, latch.through.end, _passed(latch.through, ways))
        for opening in _openings(latch, launch, schedule):
            if opening is None:
                let = replace(launch, reached=reached, noise=False)
            else:
                steps, moment = opening
                # Early data wait for the opening, which is another launch.
                kinds = tuple(kind for kind in launch.kinds if kind != "hold")
                let = replace(launch, reached=reached, order=moment, steps=steps, kinds=kinds,
                              noise=False)  # fmt: skip
            yield let
            yield from through_latches(let, graph, schedule, (*passed, latch))


def _passed(hop: Hop, ways: Ways) -> Ways:
    """The arrivals at Q of a rise and of a fall."""
    found: dict[int, Arrival] = {}
    for way in (0, 1):
        for start in hop.ways(way):
            if start in ways:
                early, late = (hop.point(way, late=late) for late in (False, True))
                arrival = ways[start]
                found[way] = Arrival((*arrival.early, early), (*arrival.late, late))
    return found


def _openings(
    latch: Transparent, launch: Launch, schedule: Schedule
) -> list[tuple[int, Moment] | None]:
    """The openings that data wait for, each with its step; None if the latch is open then."""
    seen = launch.order or launch.moment
    found: dict[object, tuple[int, Moment] | None] = {}
    for way in (1, 0) if seen.way is None else (seen.way,):
        changes = schedule.timeline(latch.enable, way)
        before = [moment for n, moment in changes if n == 0 and moment.place <= seen.place]
        level = before[-1].value if before else 1 - (changes[0][1].value or 0)
        if level == latch.opens_at:
            found[None] = None
            continue
        steps, moment = next(
            (n, moment) for n, moment in changes
            if moment.value == latch.opens_at and (n > 0 or moment.place > seen.place)
        )  # fmt: skip
        found[way] = launch.steps + steps, moment
    return list(found.values())


def refuse_noise(
    graph: Graph, schedule: Schedule, decided: frozenset[str], *, always: bool
) -> None:
    """Refuse noise that reaches a clocked part through a latch.

    Args:
        always: noise is new all the time, not only before each flop and latch; if it is not, only
            potentiometers matter, which are neither.

    Raises:
        NetlistError: a latch is open while a part after it samples.
    """
    for latch in graph.latches:
        if latch.through.start not in decided:
            continue
        behind = arrivals(graph, latch.through.end, dict.fromkeys((0, 1), Arrival()))
        for endpoint in graph.endpoints:
            if endpoint.check.kind == "width" or endpoint.net not in behind:
                continue
            if not always and "code" not in endpoint.part.chip.pins.values():
                continue
            for capture in schedule.edges(endpoint.clock, endpoint.check.active):
                if _open_at(latch, capture, schedule):
                    raise NetlistError(
                        f"'{latch.through.part.name}' is open when '{endpoint.part.name}' is "
                        "clocked, and lets the comparators' noise through; static timing cannot "
                        "tell when it comes"
                    )


def _open_at(latch: Transparent, capture: Moment, schedule: Schedule) -> bool:
    probe = Launch("", "", capture, {})
    return None in _openings(latch, probe, schedule)
