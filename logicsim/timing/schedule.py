"""What starts data and when in a step: the supervisor, the noise, and every clocked output."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from logicsim.board import Board
from logicsim.circuit.timetable import LEAD
from logicsim.core.units import engineering, seconds, ticks
from logicsim.timing.arrivals import Arrival, Ways, arrivals
from logicsim.timing.clocks import Change, Transition, Waves, entries
from logicsim.timing.graph import VOLTAGES, Graph, model
from logicsim.timing.paths import Point, Points, total


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in a step: stages from its begin, those of the clock, and some more.

    `way` is the trigger's, where it matters.
    """

    begin: Points
    transition: Transition | None = None
    way: int | None = None
    after: Points = ()

    def points(self, *, phase_late: bool, late: bool) -> Points:
        """All stages."""
        clock = self.transition
        between = clock.points(phase_late=phase_late, late=late) if clock is not None else ()
        return (*self.begin, *between, *self.after)

    @property
    def crossed(self) -> bool:
        """Whether it is in the time of the oscillator."""
        return self.transition is not None and self.transition.crossing is not None

    @property
    def place(self) -> tuple[bool, int]:
        """Its place in the order of a step."""
        clock = self.transition.late if self.transition is not None else ()
        begin = () if self.crossed else self.begin
        return self.crossed, total((*begin, *clock, *self.after))


@dataclass(frozen=True, slots=True)
class Launch:
    """A startpoint: `reached` are the nets its data come to, seen from `moment`.

    `kinds` are the checks it matters to. `moves`: the converters see it. `asynchronous`: its data
    may come at any time. `selects`: they are to come before the capture of the same step, or the
    chip is not selected when it is clocked.
    """

    name: str
    about: str
    moment: Moment
    reached: Mapping[str, Ways]
    kinds: tuple[str, ...] = ("setup", "hold")
    moves: bool = False
    asynchronous: bool = False
    selects: bool = False


class Schedule:
    """The times of a board's step, in ticks, and all that starts data in it.

    `entries` are the debouncers that take up the trigger, `settling` how long a node may take.
    """

    def __init__(self, board: Board, graph: Graph, clocks: Sequence[Waves], settling: int) -> None:
        times = board.timetable()
        self.period, self.settle = times.period, times.settle
        wait = engineering(board.supervisor.settle, "s")
        self.imposed: Points = (Point(0, "supervisor imposes the inputs", "converters"),)
        self.measured: Points = (Point(self.settle - 1, f"measures after {wait}", "converters"),)
        self.clamped: Points = (
            Point(self.settle, f"supervisor clamps the outputs after {wait}", "converters"),
        )
        self.next: Points = (Point(self.period, "next step begins", "rate"),)
        self.entries = entries(graph, clocks[0])
        self._board = board
        self._graph = graph
        self._clocks = clocks
        text = "nodes settle at once" if not settling else "node settles to 1 mV"
        self._settled = Arrival(
            (Point(0, text if not settling else "node begins to move", "settling"),),
            (Point(settling, text, "settling"),),
        )

    def trigger(self, way: int) -> Points:
        """From the step's begin to the trigger's flip."""
        wait = engineering(self._board.supervisor.settle, "s")
        text = f"clock.trigger flips after {wait} more"
        return (*self.clamped, Point(self.settle, text, "converters", "v^"[way]))

    def moments(self, net: str) -> Iterator[Moment]:
        """When a net of the clock changes, for a rising and for a falling trigger."""
        for way in (1, 0):
            for transition in self._clocks[way].get(net, ()):
                yield Moment(self.trigger(way), transition, way)

    def changes(self) -> Mapping[str, Sequence[Change]]:
        """What every net of the clock does in a step whose trigger rises."""
        return {net: [_change(moment) for moment in self.moments(net) if moment.way == 1]
                for net in self._clocks[1]}  # fmt: skip

    def falls(self, net: str) -> Iterator[Moment]:
        """When a net of the clock falls."""
        return (m for m in self.moments(net) if m.transition is not None and not m.transition.value)

    def launches(self) -> Iterator[Launch]:
        """Every startpoint of data."""
        behind = arrivals(self._graph, VOLTAGES, dict.fromkeys((0, 1), self._settled))
        yield Launch("inputs", "source change by the supervisor", Moment(self.imposed), behind,
                     moves=True)  # fmt: skip
        yield Launch("clamp", "source change by the supervisor", Moment(self.clamped), behind)
        if self._board.parts.comparator.noise > 0:
            yield from self._noise()
        for hop in self._graph.launches:
            settle = self._settled if hop.end == VOLTAGES else Arrival((), ())
            at = {
                way: Arrival(
                    (hop.point(way, late=False), *settle.early),
                    (hop.point(way, late=True), *settle.late),
                )
                for way in (0, 1)
            }
            reached = arrivals(self._graph, hop.end, at)
            about = f"{model(hop.part)}, falling edge-triggered, clocked by {hop.start}"
            for moment in self.falls(hop.start):
                yield Launch(hop.name, about, moment, reached, moves=hop.end == VOLTAGES)

    def _noise(self) -> Iterator[Launch]:
        """The draws around the latch, where `chatter` makes them."""
        behind = arrivals(self._graph, VOLTAGES, dict.fromkeys((0, 1), Arrival((), ())))
        chip = self._board.parts.comparator
        spacing = max(ticks(chip.noise_correlation), 1)
        lead = round(LEAD * spacing)
        about = f"comparators' noise, new every {engineering(chip.noise_correlation, 's')}"

        def draw(moment: Moment, delay: int, text: str, *kinds: str) -> Launch:
            drawn = replace(moment, after=(Point(delay, text, "noise"),))
            return Launch("noise", about, drawn, behind, kinds,
                          asynchronous=not self._board.edge.latch)  # fmt: skip

        # A draw is so long before the chip-select fall, but not before the trigger.
        for way in (1, 0):
            trigger = Moment(self.trigger(way), way=way)
            yield draw(trigger, 1, "noise is drawn", "setup", "hold")
        for fall in self.falls("clock.cs"):
            before = engineering(seconds(lead), "s")
            yield draw(fall, -lead, f"noise is drawn {before} before chip select", "setup")
            if chip.chatter == "full":
                yield draw(fall, spacing - lead, "noise is drawn again", "hold")


def _change(moment: Moment) -> Change:
    assert moment.transition is not None
    early = total(moment.points(phase_late=False, late=False))
    late = total(moment.points(phase_late=True, late=True))
    return Change(early, late, moment.transition.value)
