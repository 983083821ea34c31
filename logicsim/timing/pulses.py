"""Checks of the clock itself: pulse widths, and its return before the next step."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from logicsim.core.names import TRIGGER
from logicsim.timing.graph import Endpoint, Graph
from logicsim.timing.paths import Path, Point, model, total
from logicsim.timing.schedule import Moment, Schedule

_LEVELS = ("low", "high")


def widths(endpoint: Endpoint, graph: Graph, schedule: Schedule) -> Iterator[Path]:
    """The paths of a width check: one for each pulse, including that into the next step."""
    level, limit, name = endpoint.check.level, endpoint.check.limit, endpoint.name
    constraint = f"width {endpoint.check.pin} {_LEVELS[level]}"
    shortest = Point(limit, f"shortest {_LEVELS[level]} of {endpoint.check.pin}", "gates")
    chip = f"{model(endpoint.part)}, {_LEVELS[level]} pulse of {endpoint.net}"
    for opens, closes, steps in _pulses(list(schedule.moments(endpoint.net))):
        if opens.value != level:
            continue
        common = not steps and opens.crossed and closes.crossed
        close = closes.points(phase_late=False, late=False)
        late = opens.points(phase_late=not common, late=True)
        yield Path(
            constraint, "min_pulse_width", TRIGGER, name, ("clock source", chip), endpoint.net,
            (*schedule.next * steps, *close), (*late, shortest), graph.multiplicity(endpoint.part),
        )  # fmt: skip


def _pulses(moments: Sequence[Moment]) -> Iterator[tuple[Moment, Moment, int]]:
    """Successive changes of a net, and the number of steps in between."""
    of_way = [[m for m in moments if m.way == way] for way in (0, 1)]
    for way, step in enumerate(of_way):
        for opens, closes in pairwise(step):
            yield opens, closes, 0
        if step:
            other = of_way[1 - way]
            yield step[-1], (other or step)[0], 1 if other else 2


def spacing(graph: Graph, schedule: Schedule) -> Iterator[Path]:
    """The path of the next trigger, which must wait for the debouncers to return."""
    clockwork = graph.clockwork
    entries = clockwork.entries.values()
    taken_up = [(part, arc) for part, timing in clockwork.timings if part in entries
                for arc in timing.arcs if arc.grid]  # fmt: skip
    for part, arc in taken_up:
        periods = clockwork.spacing // clockwork.period
        text = f"{periods} periods to return ({model(part)})"
        needs = Point(clockwork.spacing, text, "oscillator")
        for way in (0, 1):
            yield Path(
                f"spacing {arc.start}", "min", TRIGGER, f"{part.name}/{arc.start}",
                ("clock source", f"{model(part)}, asynchronous input"), part.pins[arc.start][0],
                (*schedule.next, *schedule.trigger(1 - way)), (*schedule.trigger(way), needs),
            )  # fmt: skip


def returns(graph: Graph, schedule: Schedule) -> Iterator[Path]:
    """The paths to the next step: each clock must be at rest before the next trigger's effect."""
    nets = list(dict.fromkeys(endpoint.clock for endpoint in graph.endpoints))
    moments = {net: list(schedule.moments(net)) for net in nets}
    for net in nets:
        for way in (0, 1):
            last = [m for m in moments[net] if m.way == way][-1:]
            first = [m for n in nets for m in moments[n] if m.way == 1 - way]
            effects = [m.points(phase_late=False, late=False) for m in first]
            for moment in last if effects else ():
                yield Path(
                    f"return {graph.short(net)}", "max", TRIGGER, net,
                    ("clock source", "back at rest before the next step's first change"), net,
                    moment.points(phase_late=True, late=True),
                    (*schedule.next, *min(effects, key=total)),
                )  # fmt: skip
