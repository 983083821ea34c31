"""When data arrive at every net behind a launch: earliest and latest, rising and falling."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from logicsim.timing.graph import Graph, Hop
from logicsim.timing.paths import Points, total


@dataclass(frozen=True, slots=True)
class Arrival:
    """The quickest and the slowest way from the launch to a net that goes one way."""

    early: Points
    late: Points


# Of one net, by the level it goes to.
Ways: TypeAlias = Mapping[int, Arrival]


def arrivals(graph: Graph, launched: str, at: Ways) -> Mapping[str, Ways]:
    """All nets that a change of the net `launched` reaches without a clock, itself included."""
    reached: dict[str, Ways] = {launched: at}
    for net in graph.order:
        hops = [hop for hop in graph.into.get(net, ()) if hop.start in reached]
        ways = {way: arrival for way in (0, 1) if (arrival := _arrival(hops, way, reached))}
        if ways and net != launched:
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
