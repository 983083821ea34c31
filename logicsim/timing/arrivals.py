"""Arrival times of data at every net after a launch: early and late, rising and falling."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from logicsim.timing.graph import Graph, Hop
from logicsim.timing.paths import Points, total


@dataclass(frozen=True, slots=True)
class Arrival:
    """The fastest and the slowest path from the launch to a rise or a fall of a net."""

    early: Points = ()
    late: Points = ()


# The arrivals at one net, by the level it goes to.
Ways: TypeAlias = Mapping[int, Arrival]


def arrivals(graph: Graph, launched: str, at: Ways) -> Mapping[str, Ways]:
    """Find the arrivals at all nets that follow `launched` without a clock, and at itself.

    Nets that follow only the trigger are left out, since the clock determines their times.
    """
    reached: dict[str, Ways] = {launched: at}
    for net in graph.order:
        if net == launched or net in graph.clocks:
            continue
        hops = [hop for hop in graph.into.get(net, ()) if hop.start in reached]
        ways = {way: arrival for way in (0, 1) if (arrival := _arrival(hops, way, reached))}
        if ways:
            reached[net] = ways
    return reached


def _arrival(hops: list[Hop], way: int, reached: Mapping[str, Ways]) -> Arrival | None:
    before = [
        (hop, arrival)
        for hop in hops
        for start_way in hop.ways(way)
        if (arrival := reached[hop.start].get(start_way))
    ]
    if not before:
        return None
    early = [(*arrival.early, hop.point(way, late=False)) for hop, arrival in before]
    late = [(*arrival.late, hop.point(way, late=True)) for hop, arrival in before]
    return Arrival(min(early, key=total), max(late, key=total))
