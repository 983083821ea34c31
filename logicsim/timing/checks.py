"""The paths from every launch to every check, for a rising and for a falling trigger."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from logicsim.kernel.kernel import Edge
from logicsim.timing.arrivals import Arrival
from logicsim.timing.gating import gating
from logicsim.timing.graph import VOLTAGES, Endpoint, Graph, clocked
from logicsim.timing.latches import through_latches
from logicsim.timing.paths import Kind, Path, Point, Points, model, total
from logicsim.timing.pulses import returns, spacing, widths
from logicsim.timing.schedule import Launch, Moment, Schedule


@dataclass(frozen=True, slots=True)
class _Target:
    """The end of paths: the constrained pin, and the stage that the constraint adds."""

    constraint: str
    endpoint: str
    about: str
    group: str
    limit: Point
    multiplicity: int = 1
    edge: Edge = "fall"


def every_path(graph: Graph, schedule: Schedule) -> Iterator[Path]:
    """All paths of a board, at the schedule's rate."""
    launches = [
        each
        for launch in schedule.launches()
        for each in (launch, *through_latches(launch, graph, schedule))
    ]
    for endpoint in graph.endpoints:
        if endpoint.check.kind == "width":
            yield from widths(endpoint, graph, schedule)
        else:
            yield from _checked(endpoint, launches, graph, schedule)
    yield from gating(launches, graph, schedule)
    yield from _measures(launches, schedule)
    yield _wait(schedule)
    yield from spacing(graph, schedule)
    yield from returns(graph, schedule)


def _checked(
    endpoint: Endpoint, launches: Sequence[Launch], graph: Graph, schedule: Schedule
) -> Iterator[Path]:
    """The paths that end at a clocked pin."""
    check = endpoint.check
    captures = list(schedule.edges(endpoint.clock, check.active))
    target = _target(endpoint, graph)
    counts = "code" in endpoint.part.chip.pins.values()
    for launch in launches:
        if check.kind not in launch.kinds or not _matters(launch, schedule, counts=counts):
            continue
        arrivals = _constrained(endpoint, launch)
        together = launch.is_clock and check.falls
        seen = launch.order or launch.moment
        for steps, capture in _captures(seen, captures, check.kind, together=together):
            for arrival in arrivals:
                make = _early_path if check.kind == "hold" else _late_path
                yield make(launch, arrival, capture, launch.steps + steps, target, schedule)


def _matters(launch: Launch, schedule: Schedule, *, counts: bool) -> bool:
    """Whether a launch matters to a part, which is a potentiometer if it `counts`."""
    exposed = counts and schedule.exposed
    return not launch.noise or launch.asynchronous == exposed


def _constrained(endpoint: Endpoint, launch: Launch) -> list[Arrival]:
    """The arrivals that a check constrains, such as only the falls."""
    check, ways = endpoint.check, launch.reached.get(endpoint.net, {})
    if check.kind == "recovery":
        ways = {way: each for way, each in ways.items() if way != check.level}
    elif check.falls:
        ways = {way: each for way, each in ways.items() if not way}
    return list(ways.values())


def _target(endpoint: Endpoint, graph: Graph) -> _Target:
    check, chip = endpoint.check, model(endpoint.part)
    sign = 1 if check.kind == "hold" else -1
    limit = Point(sign * check.limit, f"{check.kind} time of {check.pin} ({chip})", "gates")
    about = f"{chip}, {clocked(endpoint.part, check.active, endpoint.clock, graph)}"
    return _Target(f"{check.kind} {check.pin}", endpoint.name, about, endpoint.clock, limit,
                   graph.multiplicity(endpoint.part), check.active)  # fmt: skip


def _captures(
    launch: Moment, captures: Sequence[Moment], kind: str, *, together: bool
) -> Sequence[tuple[int, Moment]]:
    """The captures next to a launch, each with the number of steps in between.

    Late data are checked against the captures that follow, early data against those before. The
    trigger alternates, so steps two apart are equal.

    Args:
        together: use the captures of the launch's own step, even those before it, as for a chip
            select and its clock.
    """
    same = [each for each in captures if launch.way in (None, each.way)]
    now = [each for each in same if together or _in_order(launch, each, kind)]
    other = [each for each in captures if each not in (now if launch.way is None else same)]
    for steps, found in enumerate((now, other, same)):
        if found:
            return [(steps, each) for each in found]
    return []


def _in_order(launch: Moment, capture: Moment, kind: str) -> bool:
    """Whether a launch and a capture come in the order of their check within one step."""
    if kind == "recovery":  # at the capture's own time data count as before it
        return launch.place <= capture.place
    return (launch.place >= capture.place) == (kind == "hold")


def _late_path(
    launch: Launch, data: Arrival, capture: Moment, steps: int, target: _Target, schedule: Schedule
) -> Path:  # fmt: skip
    """The path of late data to the capture that follows, which is early."""
    common = not steps and launch.moment.crossed and capture.crossed
    late = launch.moment.points(phase_late=not common, late=True)
    early = (*schedule.next * steps, *capture.points(phase_late=False, late=False))
    arrival = early if launch.asynchronous else (*late, *data.late)
    return _path(target, "max", launch, arrival, (*early, target.limit))


def _early_path(
    launch: Launch, data: Arrival, capture: Moment, steps: int, target: _Target, schedule: Schedule
) -> Path:  # fmt: skip
    """The path of the next data, early, to the capture before, which is late."""
    common = not steps and launch.moment.crossed and capture.crossed
    early = (*schedule.next * steps, *launch.moment.points(phase_late=False, late=False))
    late = capture.points(phase_late=not common, late=True)
    arrival = late if launch.asynchronous else (*early, *data.early)
    required = (*late, target.limit)
    if not launch.asynchronous and not target.limit.delay and total(arrival) == total(late):
        required += (_TOGETHER,)
    return _path(target, "min", launch, arrival, required)


# Data that change in the very instant of the clock are not held, whatever the hold time.
_TOGETHER: Final = Point(1, "data change with the clock", "gates")


def _path(target: _Target, kind: Kind, launch: Launch, arrival: Points, required: Points) -> Path:
    return Path(
        target.constraint, kind, launch.name, target.endpoint, (launch.about, target.about),
        target.group, arrival, required, target.multiplicity, launch.asynchronous, target.edge,
    )  # fmt: skip


def _measures(launches: Sequence[Launch], schedule: Schedule) -> Iterator[Path]:
    """The paths to the converters: the free network must have settled when they measure."""
    target = _Target("measure", "supervisor/measure", "converters", "supervisor",
                     Point(0, "converters look", "converters"))  # fmt: skip
    looks = Moment(schedule.measured)
    for launch in launches:
        if launch.moves:
            steps = int(launch.moment.place >= looks.place)
            for arrival in launch.reached.get(VOLTAGES, {}).values():
                yield _late_path(launch, arrival, looks, steps, target, schedule)


def _wait(schedule: Schedule) -> Path:
    """The path of the supervisor: both waits and the trigger must fit into one step."""
    required = (*schedule.trigger(1), Point(2, "the next step may begin", "converters"))
    return Path("wait", "min", "inputs", "supervisor/trigger",
                ("source change by the supervisor", "source change by the supervisor"),
                "supervisor", schedule.next, required)  # fmt: skip
