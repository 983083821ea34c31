"""Clock gating checks: data at a gate with a clock must not change while the clock enables them.

At an AND, data must arrive before the clock rises and be stable until it falls; at an OR, before it
falls and until it rises. Data must arrive by the first enabling edge after their launch, and not
before the last disabling edge.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from logicsim.circuit.waves import gating_level
from logicsim.core.errors import NetlistError
from logicsim.timing.arrivals import Arrival
from logicsim.timing.graph import Graph
from logicsim.timing.paths import Path, Point, model
from logicsim.timing.schedule import Launch, Moment, Schedule

_FARTHEST = 2  # the most steps that the edge before may lie back


@dataclass(frozen=True, slots=True)
class _Gate:
    """A data pin of a gate in front of a clock pin; the data do not matter at clock `level`."""

    part_name: str
    model: str
    pin: str
    net: str
    clock: str
    level: int
    multiplicity: int


def gating(launches: Sequence[Launch], graph: Graph, schedule: Schedule) -> Iterator[Path]:
    """The paths to every gate on the way of a clock.

    Raises:
        NetlistError: an unlatched decision gates a clock, and there is noise.
    """
    for gate in _gates(graph):
        for launch in launches:
            arrivals = list(launch.reached.get(gate.net, {}).values())
            if arrivals and launch.noise:
                raise NetlistError(
                    f"'{gate.part_name}' gates the clock '{gate.clock}' with '{gate.net}', which "
                    "follows the comparators without a latch; static timing cannot tell when noise "
                    "moves it"
                )
            for arrival in arrivals:
                yield from _paths(gate, launch, arrival, schedule)


def _gates(graph: Graph) -> Iterator[_Gate]:
    """The data pins of all gates between the trigger and a clock pin."""
    waiting = list(dict.fromkeys(net for _, net in graph.clock_pins()))
    seen = set(waiting)
    while waiting:
        net = waiting.pop(0)
        if net in graph.clocks or net in graph.tied:
            continue
        hops = graph.into[net]
        clock = next(hop for hop in hops if graph.clocks_parts(hop.start))
        if clock.start not in seen:
            seen.add(clock.start)
            waiting.append(clock.start)
        for hop in hops:
            if hop is not clock:
                assert clock.function is not None
                level = gating_level(clock.function, clock.arc.start)
                assert level is not None
                part = hop.part
                yield _Gate(part.name, model(part), hop.arc.start, hop.start, clock.start, level,
                            graph.multiplicity(part))  # fmt: skip


def _paths(gate: _Gate, launch: Launch, arrival: Arrival, schedule: Schedule) -> Iterator[Path]:
    seen = launch.order or launch.moment
    for way in (1, 0) if seen.way is None else (seen.way,):
        changes = schedule.timeline(gate.clock, way, steps=2 * _FARTHEST + 1)
        # The timeline begins two steps before, when the trigger went the same way.
        opens = next(
            (place for place, (n, moment) in enumerate(changes)
             if moment.value != gate.level
             and (n - _FARTHEST, moment.place) > (0, seen.place)), None,
        )  # fmt: skip
        if opens is None:
            continue
        due_in, due = changes[opens]
        yield _path(gate, launch, arrival, due, due_in - _FARTHEST + launch.steps, schedule,
                    is_setup=True)  # fmt: skip
        if opens and "hold" in launch.kinds:
            ended_in, ended = changes[opens - 1]
            yield _path(gate, launch, arrival, ended, ended_in - _FARTHEST + launch.steps, schedule,
                        is_setup=False)  # fmt: skip


def _path(
    gate: _Gate, launch: Launch, arrival: Arrival, edge: Moment, steps: int, schedule: Schedule,
    *, is_setup: bool,
) -> Path:  # fmt: skip
    common = not steps and launch.moment.crossed and edge.crossed
    kind = "setup" if is_setup else "hold"
    data = launch.moment.points(phase_late=is_setup and not common, late=is_setup)
    limit = edge.points(phase_late=not is_setup and not common, late=not is_setup)
    check = Point(0, f"clock gating {kind} time of {gate.pin} ({gate.model})", "gates")
    arrives = (*data, *(arrival.late if is_setup else arrival.early))
    return Path(
        f"gating {kind} {gate.pin}", "max" if is_setup else "min", launch.name,
        f"{gate.part_name}/{gate.pin}",
        (launch.about, f"{gate.model}, gates the clock {gate.clock}"), gate.clock,
        (*schedule.next * max(-steps, 0), *arrives),
        (*schedule.next * max(steps, 0), *limit, check),
        gate.multiplicity, edge="rise" if edge.value else "fall",
    )  # fmt: skip
