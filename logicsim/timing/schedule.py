"""The startpoints of data in a step and their times: supervisor, noise, clock, clocked outputs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from logicsim.board import Board
from logicsim.circuit.netlist import Netlist
from logicsim.circuit.timetable import LEAD
from logicsim.circuit.waves import Transition
from logicsim.core.names import TRIGGER
from logicsim.core.units import engineering, seconds, ticks
from logicsim.kernel.kernel import Edge
from logicsim.parts.comparator import Comparator
from logicsim.timing.arrivals import Arrival, Ways, arrivals
from logicsim.timing.graph import VOLTAGES, Graph, Hop, clocked
from logicsim.timing.paths import Point, Points, model, through, total

_WAYS = (1, 0)  # the trigger rises, falls


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in a step: stages from its begin, stages of the clock, and further ones.

    `way` is the direction of the trigger; None if the time is the same in every step.
    """

    begin: Points
    transition: Transition | None = None
    way: int | None = None
    after: Points = ()

    def points(self, *, phase_late: bool, late: bool) -> Points:
        """All stages."""
        clock = self.transition
        stages = clock.stages(phase_late=phase_late, late=late) if clock is not None else ()
        return (*self.begin, *map(through, stages), *self.after)

    @property
    def value(self) -> int | None:
        """The level that the net of the clock goes to."""
        return None if self.transition is None else self.transition.value

    @property
    def crossed(self) -> bool:
        """Whether it lies after the crossing into oscillator time."""
        return self.transition is not None and self.transition.crossing is not None

    @property
    def place(self) -> tuple[bool, int]:
        """Its place in the order of a step."""
        clock = 0 if self.transition is None else self.transition.place[1]
        begin = () if self.crossed else self.begin
        return self.crossed, clock + total((*begin, *self.after))


@dataclass(frozen=True, slots=True)
class Launch:
    """A startpoint: `reached` are the arrivals of its data, counted from `moment`.

    Attributes:
        kinds: the checks that it matters to.
        order: the moment that orders captures before and after, `steps` later: that of the launch,
            or the opening of a latch on the path.
        moves: whether it moves node voltages, which the converters measure.
        is_clock: whether it is a net of the clock at a data pin.
        asynchronous: whether the data may come at any time.
        noise: whether it is a draw of noise. If asynchronous, it matters only to potentiometers
            that a decision reaches without a latch, otherwise only to other parts.
    """

    name: str
    about: str
    moment: Moment
    reached: Mapping[str, Ways]
    kinds: tuple[str, ...] = ("setup", "hold", "recovery")
    moves: bool = False
    is_clock: bool = False
    noise: bool = False
    asynchronous: bool = False
    order: Moment | None = None
    steps: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a net of the clock to `value`, in ticks from the step's begin, for a picture."""

    early: int
    late: int
    value: int


class Schedule:
    """The times of a board's step, in ticks, and its launches.

    Args:
        settling: the longest settling time of a node, in ticks.

    Attributes:
        exposed: whether the board has an unlatched edge.
        noisy: whether any comparator has noise.
    """

    def __init__(self, board: Board, netlist: Netlist, graph: Graph, settling: int) -> None:
        times = board.timetable
        self.period, self.settle = times.period, times.settle
        wait = engineering(board.supervisor.settle, "s")
        self.imposed: Points = (Point(0, "supervisor imposes the inputs", "converters"),)
        self.measured: Points = (Point(self.settle - 1, f"measures after {wait}", "converters"),)
        self.clamped: Points = (
            Point(self.settle, f"supervisor clamps the outputs after {wait}", "converters"),
        )
        self.next: Points = (Point(self.period, "next step begins", "rate"),)
        self.exposed = netlist.exposed
        self.noisy = any(isinstance(part.chip, Comparator) and part.chip.noise > 0
                         for part in netlist.parts)  # fmt: skip
        self._board = board
        self._netlist = netlist
        self._graph = graph
        text = "nodes settle at once" if not settling else "node settles to 1 mV"
        self._settled = Arrival(
            (Point(0, text if not settling else "node begins to move", "settling"),),
            (Point(settling, text, "settling"),),
        )

    def trigger(self, way: int) -> Points:
        """The points from the step's begin to the trigger's flip."""
        wait = engineering(self._board.supervisor.settle, "s")
        text = f"{TRIGGER} flips after {wait} more"
        return (*self.clamped, Point(self.settle, text, "converters", "v^"[way]))

    def moments(self, net: str) -> Iterator[Moment]:
        """The changes of a net of the clock, for a rising and for a falling trigger."""
        for way in _WAYS:
            for transition in self._graph.clockwork.clocking(net, way):
                yield Moment(self.trigger(way), transition, way)

    def edges(self, net: str, edge: Edge) -> Iterator[Moment]:
        """The rises or the falls of a net of the clock."""
        return (moment for moment in self.moments(net) if moment.value == (edge == "rise"))

    def changes(self) -> Mapping[str, Sequence[Change]]:
        """The changes of every net of the clock in a step whose trigger rises."""
        made = {net: [_change(moment) for moment in self.moments(net) if moment.way == 1]
                for net in self._graph.clockwork.waves[1].rows}  # fmt: skip
        return {net: changes for net, changes in made.items() if changes}

    def launches(self) -> Iterator[Launch]:
        """Every startpoint of data."""
        behind = arrivals(self._graph, VOLTAGES, dict.fromkeys((0, 1), self._settled))
        yield Launch("inputs", "source change by the supervisor", Moment(self.imposed), behind,
                     moves=True)  # fmt: skip
        yield Launch("clamp", "source change by the supervisor", Moment(self.clamped), behind)
        if self.noisy:
            yield from self._noise()
        yield from self._clocked()
        yield from self._clock_as_data()

    def timeline(self, net: str, way: int, steps: int = 3) -> list[tuple[int, Moment]]:
        """A clock's changes in order, each with its step; the first trigger goes to `way`."""
        of_way = [sorted((m for m in self.moments(net) if m.way == each), key=lambda m: m.place)
                  for each in (0, 1)]  # fmt: skip
        return [(n, moment) for n in range(steps) for moment in of_way[(way + n) % 2]]

    def _clocked(self) -> Iterator[Launch]:
        """The launches of clocked outputs."""
        for hop in self._graph.launches:
            at = {way: self._launched(hop, way) for way in (0, 1)}
            reached = arrivals(self._graph, hop.end, at)
            assert hop.arc.active is not None
            how = clocked(hop.part, hop.arc.active, hop.start, self._graph)
            about = f"{model(hop.part)}, {how}"
            for moment in self.edges(hop.start, hop.arc.active):
                yield Launch(hop.name, about, moment, reached, moves=hop.end == VOLTAGES)

    def _launched(self, hop: Hop, way: int) -> Arrival:
        """The arrival at a clocked output; a latch's output may move with D once it is open."""
        settle = self._settled if hop.end == VOLTAGES else Arrival()
        through = [each.through for each in self._graph.latches if each.opened == hop]
        early = min((each.point(way, late=False) for each in (hop, *through)),
                    key=lambda point: point.delay)  # fmt: skip
        return Arrival((early, *settle.early), (hop.point(way, late=True), *settle.late))

    def _clock_as_data(self) -> Iterator[Launch]:
        """The launches of clock nets at data pins, directly or through gates with data."""
        graph = self._graph
        read = [e.net for e in graph.endpoints if e.check.kind != "width"]
        mixed = [hop.start for net, hops in graph.into.items() if net not in graph.clocks
                 for hop in hops]  # fmt: skip
        for net in dict.fromkeys(each for each in (*read, *mixed) if each in graph.clocks):
            for moment in self.moments(net):
                assert moment.value is not None
                reached = arrivals(graph, net, {moment.value: Arrival()})
                yield Launch(TRIGGER, "clock source", moment, reached, is_clock=True)

    def _noise(self) -> Iterator[Launch]:
        """The launches of noise: the draws around each latch."""
        behind = arrivals(self._graph, VOLTAGES, dict.fromkeys((0, 1), Arrival()))
        chip = self._board.parts.comparator
        spacing = max(ticks(chip.noise_correlation), 1)
        lead = round(LEAD * spacing)
        about = f"comparators' noise, new every {engineering(chip.noise_correlation, 's')}"

        def draw(moment: Moment, delay: int, text: str, *kinds: str) -> Launch:
            drawn = replace(moment, after=(Point(delay, text, "noise"),))
            return Launch("noise", about, drawn, behind, kinds, noise=True)

        # A draw is a fixed time before the latch, but not before the trigger.
        latches = self._graph.clockwork.latches(self._netlist, spacing)
        before = engineering(seconds(lead), "s")
        for way in _WAYS:
            trigger = Moment(self.trigger(way), way=way)
            started = draw(trigger, 1, "noise is drawn", "setup", "hold")
            yield started
            if self.exposed:
                yield replace(started, asynchronous=True)
        for way in _WAYS:
            for place, latch in enumerate(latches[way]):
                moment = Moment(self.trigger(way), latch, way)
                text = f"noise is drawn {before} before the latch"
                # A draw for a later latch may come too soon after an earlier latch.
                yield draw(moment, -lead, text, "setup", *(("hold",) if place else ()))
                if chip.chatter == "full" or self.exposed:
                    yield draw(moment, spacing - lead, "noise is drawn again", "hold")


def _change(moment: Moment) -> Change:
    assert moment.value is not None
    early = total(moment.points(phase_late=False, late=False))
    late = total(moment.points(phase_late=True, late=True))
    return Change(early, late, moment.value)
