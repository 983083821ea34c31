"""The timing graph: every soldered part's arcs from net to net, in the order signals take."""

from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Final

from logicsim.circuit.edge import HIGH
from logicsim.core.errors import NetlistError
from logicsim.parts.arcs import Arc, Check, Span, Timing
from logicsim.parts.declaration import Corner
from logicsim.parts.part import Part
from logicsim.timing.fold import Folded
from logicsim.timing.paths import WAYS, Owner, Point

# All nodes of both networks: whatever moves one of them may move all.
VOLTAGES: Final = "voltages"

_TIED: Final[Mapping[str, int]] = {HIGH: 1}


@dataclass(frozen=True, slots=True)
class Hop:
    """An arc as soldered, from net to net.

    `alone`: its is the only input of the output that can move; `turned`: 1 if those that are tied
    to the supply turn the output over.
    """

    start: str
    end: str
    part: Part
    arc: Arc
    alone: bool
    turned: int

    @property
    def name(self) -> str:
        """The output pin."""
        return f"{self.part.name}/{self.arc.end}"

    def ways(self, way: int) -> tuple[int, ...]:
        """Where the input may go when the output goes to `way`."""
        if self.arc.sense == "positive":
            return (way,)
        return (way ^ self.turned,) if self.arc.sense == "either" and self.alone else (0, 1)

    def span(self, way: int) -> Span:
        """The delay of an output that goes to `way`."""
        return self.arc.rise if way else self.arc.fall

    def point(self, way: int, *, late: bool) -> Point:
        """The stage of a path through it."""
        span, notes = self.span(way), (self.arc.early, self.arc.late)
        delay, note = (span.late, notes[1]) if late else (span.early, notes[0])
        return self.stage(delay, way, note)

    def stage(self, delay: int, way: int, note: str = "") -> Point:
        """A stage of a path that takes `delay` ticks."""
        notes = ", ".join(text for text in (model(self.part), note) if text)
        text = f"{self.name} ({notes})"
        return Point(delay, text, self._owner, "" if self.end == VOLTAGES else WAYS[way])

    @property
    def _owner(self) -> Owner:
        if self.arc.grid:
            return "oscillator"
        return "comparators" if self.start == VOLTAGES else "gates"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A check as soldered: nets at its pin and at its clock."""

    part: Part
    check: Check
    net: str
    clock: str

    @property
    def name(self) -> str:
        """The constrained pin."""
        return f"{self.part.name}/{self.check.pin}"


class Graph:
    """What is soldered, as arcs between nets.

    Attributes:
        order: all nets, each behind those that it follows without a clock.
        into: the hops that lead into a net.
        launches: the hops that a clock's fall starts.
        endpoints: the checks.

    Raises:
        NetlistError: a part declares no timing, or gates form a loop.
    """

    def __init__(self, folded: Folded, corner: Corner) -> None:
        self.folded = folded
        self.into: dict[str, list[Hop]] = {}
        self.launches: list[Hop] = []
        self.endpoints: list[Endpoint] = []
        for part in folded.parts:
            self._add(part, _timing(part, corner, folded.loads))
        behind = {net: {hop.start for hop in hops} for net, hops in self.into.items()}
        try:
            self.order = tuple(TopologicalSorter(behind).static_order())
        except CycleError as error:
            loop = " to ".join(f"'{net}'" for net in error.args[1][::-1])
            raise NetlistError(f"gates form a loop, {loop}; static timing needs an end") from None

    def _add(self, part: Part, timing: Timing) -> None:
        for arc in timing.arcs:
            start, end = (_net(part, pin) for pin in (arc.start, arc.end))
            hop = Hop(start, end, part, arc, *_tied(part, arc, timing))
            if arc.sense == "falling":
                self.launches.append(hop)
            elif start not in _TIED:
                self.into.setdefault(end, []).append(hop)
        for check in timing.checks:
            net, clock = (_net(part, pin) for pin in (check.pin, check.clock))
            self.endpoints.append(Endpoint(part, check, net, clock))

    def alike(self, part: Part) -> int:
        """How many parts of the board are in this one's place."""
        return self.folded.alike[part.scope]


def model(part: Part) -> str:
    """What a part is called by its maker."""
    return str(getattr(part.chip, "model", type(part.chip).__name__))


def _timing(part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
    declare = getattr(part.chip, "timing", None)
    if declare is None:
        raise NetlistError(
            f"part '{part.name}': a {type(part.chip).__name__} declares no delays; "
            "give its class a method `timing`"
        )
    timing: Timing = declare(part, corner, loads)
    return timing


def _net(part: Part, pin: str) -> str:
    return VOLTAGES if part.chip.pins[pin] in ("node", "code") else part.pins[pin][0]


def _tied(part: Part, arc: Arc, timing: Timing) -> tuple[bool, int]:
    """Whether the output's other inputs are all tied to the supply, and what they come to."""
    others = [a.start for a in timing.arcs if a.end == arc.end and a.start != arc.start]
    levels = [_TIED[net] for net in (_net(part, pin) for pin in others) if net in _TIED]
    return len(levels) == len(others), sum(levels) % 2
