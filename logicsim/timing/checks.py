"""From every launch to every check: the paths, for a rising and for a falling trigger."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from logicsim.circuit.clock import SPACING_PERIODS, TRIGGER
from logicsim.timing.arrivals import Arrival, Ways
from logicsim.timing.graph import VOLTAGES, Endpoint, Graph, model
from logicsim.timing.paths import Kind, Path, Point, Points, total
from logicsim.timing.schedule import Launch, Moment, Schedule

_LEVELS = ("low", "high")


@dataclass(frozen=True, slots=True)
class _Target:
    """Where paths end: what is constrained, and the stage that the constraint adds."""

    constraint: str
    endpoint: str
    about: str
    group: str
    limit: Point
    alike: int = 1


def every_path(graph: Graph, schedule: Schedule) -> Iterator[Path]:
    """All paths of a board; times are of the schedule's period."""
    launches = list(schedule.launches())
    for endpoint in graph.endpoints:
        if endpoint.check.kind == "width":
            yield from _widths(endpoint, graph, schedule)
            continue
        target = _target(endpoint, graph)
        for launch in [*launches, *_clock_as_data(endpoint, schedule)]:
            ways = launch.reached.get(endpoint.net)
            if ways is not None and endpoint.check.kind in launch.kinds:
                for capture in schedule.falls(endpoint.clock):
                    check = _setup if endpoint.check.kind == "setup" else _hold
                    yield from check(launch, ways, capture, target, schedule)
    yield from _measures(launches, schedule)
    yield _wait(schedule)
    yield from _spacing(schedule)
    yield from _returns(graph, schedule)


def _target(endpoint: Endpoint, graph: Graph) -> _Target:
    check, chip = endpoint.check, model(endpoint.part)
    sign = -1 if check.kind == "setup" else 1
    limit = Point(sign * check.limit, f"{check.kind} time of {check.pin} ({chip})", "gates")
    about = f"{chip}, falling edge-triggered, clocked by {endpoint.clock}"
    return _Target(f"{check.kind} {check.pin}", endpoint.name, about, endpoint.clock, limit,
                   graph.alike(endpoint.part))  # fmt: skip


def _clock_as_data(endpoint: Endpoint, schedule: Schedule) -> Iterator[Launch]:
    """A net of the clock at a pin that another one clocks."""
    for moment in schedule.moments(endpoint.net):
        assert moment.transition is not None
        value = moment.transition.value
        if not (endpoint.check.only_falls and value):
            reached = {endpoint.net: {value: Arrival((), ())}}
            yield Launch(TRIGGER, "clock source", moment, reached,
                         selects=endpoint.check.only_falls)  # fmt: skip


def _setup(
    launch: Launch, ways: Ways, capture: Moment, target: _Target, schedule: Schedule
) -> Iterator[Path]:
    """Late data against the capture that follows them, early."""
    same = launch.selects or launch.moment.place < capture.place
    if not _agree(launch.moment, capture, same=same):
        return
    common = same and launch.moment.crossed and capture.crossed
    late = launch.moment.points(phase_late=not common, late=True)
    early = capture.points(phase_late=False, late=False)
    if not same:
        early = (*schedule.next, *early)
    for arrival in ways.values():
        data = early if launch.asynchronous else (*late, *arrival.late)
        yield _path(target, "max", launch, data, (*early, target.limit))


def _hold(
    launch: Launch, ways: Ways, capture: Moment, target: _Target, schedule: Schedule
) -> Iterator[Path]:
    """The next data, early, against the capture before them, late."""
    same = launch.moment.place >= capture.place
    if not _agree(launch.moment, capture, same=same):
        return
    common = same and launch.moment.crossed and capture.crossed
    early = launch.moment.points(phase_late=False, late=False)
    late = capture.points(phase_late=not common, late=True)
    if not same:
        early = (*schedule.next, *early)
    for arrival in ways.values():
        data = late if launch.asynchronous else (*early, *arrival.early)
        yield _path(target, "min", launch, data, (*late, target.limit))


def _agree(launch: Moment, capture: Moment, *, same: bool) -> bool:
    """Whether both are of one step, or of two: then the trigger goes the other way."""
    return None in (launch.way, capture.way) or (launch.way == capture.way) == same


def _path(target: _Target, kind: Kind, launch: Launch, arrival: Points, required: Points) -> Path:
    return Path(
        target.constraint, kind, launch.name, target.endpoint, (launch.about, target.about),
        target.group, arrival, required, target.alike, launch.asynchronous,
    )  # fmt: skip


def _widths(endpoint: Endpoint, graph: Graph, schedule: Schedule) -> Iterator[Path]:
    """Each pulse of the level, the one until the next step included."""
    level, limit, name = endpoint.check.level, endpoint.check.limit, endpoint.name
    constraint = f"width {endpoint.check.pin} {_LEVELS[level]}"
    shortest = Point(limit, f"shortest {_LEVELS[level]} of {endpoint.check.pin}", "gates")
    chip = f"{model(endpoint.part)}, {_LEVELS[level]} pulse of {endpoint.net}"
    for opens, closes, same in _pulses(list(schedule.moments(endpoint.net))):
        if opens.transition is None or opens.transition.value != level:
            continue
        common = same and opens.crossed and closes.crossed
        close = closes.points(phase_late=False, late=False)
        late = opens.points(phase_late=not common, late=True)
        yield Path(
            constraint, "min_pulse_width", TRIGGER, name, ("clock source", chip), endpoint.net,
            close if same else (*schedule.next, *close), (*late, shortest),
            graph.alike(endpoint.part),
        )  # fmt: skip


def _pulses(moments: Sequence[Moment]) -> Iterator[tuple[Moment, Moment, bool]]:
    """Changes of a net that follow each other, and whether in one step."""
    steps = [[m for m in moments if m.way == way] for way in (0, 1)]
    for way, step in enumerate(steps):
        for opens, closes in pairwise(step):
            yield opens, closes, True
        if step and steps[1 - way]:
            yield step[-1], steps[1 - way][0], False


def _measures(launches: Sequence[Launch], schedule: Schedule) -> Iterator[Path]:
    """The free network still, when the converters look at it."""
    target = _Target("measure", "supervisor/measure", "converters", "supervisor",
                     Point(0, "converters look", "converters"))  # fmt: skip
    for launch in launches:
        if launch.moves:
            ways = launch.reached[VOLTAGES]
            yield from _setup(launch, ways, Moment(schedule.measured), target, schedule)


def _wait(schedule: Schedule) -> Path:
    """Both waits of the supervisor, and the trigger, in one step."""
    required = (*schedule.trigger(1), Point(2, "the next step may begin", "converters"))
    return Path("wait", "min", "inputs", "supervisor/trigger",
                ("source change by the supervisor", "source change by the supervisor"),
                "supervisor", schedule.next, required)  # fmt: skip


def _spacing(schedule: Schedule) -> Iterator[Path]:
    """The next trigger, against the time that a debouncer needs to come back from this one."""
    for hop in schedule.entries:
        text = f"{SPACING_PERIODS} periods to return ({model(hop.part)})"
        needs = Point(SPACING_PERIODS * hop.arc.grid, text, "oscillator")
        for way in (0, 1):
            yield Path(
                f"spacing {hop.arc.start}", "min", TRIGGER, f"{hop.part.name}/{hop.arc.start}",
                ("clock source", f"{model(hop.part)}, asynchronous input"), hop.start,
                (*schedule.next, *schedule.trigger(1 - way)), (*schedule.trigger(way), needs),
            )  # fmt: skip


def _returns(graph: Graph, schedule: Schedule) -> Iterator[Path]:
    """Every clock at rest again, before the next trigger's first effect on any of them."""
    nets = list(dict.fromkeys(endpoint.clock for endpoint in graph.endpoints))
    moments = {net: list(schedule.moments(net)) for net in nets}
    for net in nets:
        for way in (0, 1):
            last = [m for m in moments[net] if m.way == way][-1:]
            first = [m for n in nets for m in moments[n] if m.way == 1 - way]
            effects = [m.points(phase_late=False, late=False) for m in first]
            for moment in last if effects else ():
                yield Path(
                    f"return {net.rpartition('.')[2]}", "max", TRIGGER, net,
                    ("clock source", "back at rest before the next step's first change"), net,
                    moment.points(phase_late=True, late=True),
                    (*schedule.next, *min(effects, key=total)),
                )  # fmt: skip
