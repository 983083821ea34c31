"""The timing graph: the arcs of every soldered part, from net to net in topological order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Final

from logicsim.circuit.clockwork import Clockwork
from logicsim.core.errors import NetlistError
from logicsim.core.logic import Function, Unateness
from logicsim.core.names import CLOCK, LEVELS, TRIGGER
from logicsim.kernel.kernel import Edge
from logicsim.parts.arcs import Arc, Check, Timing
from logicsim.parts.part import Part
from logicsim.timing.paths import WAYS, Owner, Point, model

# All nodes of both networks, since a change of one of them may move all.
VOLTAGES: Final = "voltages"


@dataclass(frozen=True, slots=True)
class Hop:
    """An arc as soldered, from net to net.

    `function` is the truth table of the output and `unateness` that of the arc, both after tying
    inputs. `acts_at` is the only input level that moves the output, as of a lone set or reset.
    """

    start: str
    end: str
    part: Part
    arc: Arc
    unateness: Unateness | None = "either"
    function: Function | None = None
    acts_at: int | None = None

    @property
    def name(self) -> str:
        """The output pin."""
        return f"{self.part.name}/{self.arc.end}"

    def ways(self, way: int) -> tuple[int, ...]:
        """The levels the input may go to when the output goes to `way`."""
        if self.acts_at is not None:
            return (self.acts_at,)
        if self.unateness == "either":
            return (0, 1)
        return (way if self.unateness == "positive" else 1 - way,)

    def point(self, way: int, *, late: bool) -> Point:
        """The stage of a path through this hop."""
        span = self.arc.rise if way else self.arc.fall
        delay, note = (span.late, self.arc.late) if late else (span.early, self.arc.early)
        notes = ", ".join(text for text in (model(self.part), note) if text)
        text = f"{self.name} ({notes})"
        return Point(delay, text, self._owner, "" if self.end == VOLTAGES else WAYS[way])

    @property
    def _owner(self) -> Owner:
        return "comparators" if self.start == VOLTAGES else "gates"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A check as soldered: the nets at its pin and at its clock."""

    part: Part
    check: Check
    net: str
    clock: str

    @property
    def name(self) -> str:
        """The constrained pin."""
        return f"{self.part.name}/{self.check.pin}"


@dataclass(frozen=True, slots=True)
class Transparent:
    """A latch as soldered: the hops from D to Q and from the opening edge to Q."""

    through: Hop
    opened: Hop

    @property
    def enable(self) -> str:
        """The net on the enable pin."""
        return self.opened.start

    @property
    def opens_at(self) -> int:
        """The level of the enable at which the latch is open."""
        return int(self.opened.arc.active == "rise")


class Graph:
    """The netlist as arcs between nets.

    Attributes:
        clocks: the nets that follow only the trigger and change.
        tied: the nets that never change, to their levels.
        order: all nets in topological order of the unclocked arcs.
        into: the hops into each net.
        launches: the hops that start at a clock's edge.
        latches: the hops through open latches.
        endpoints: the checks.

    Raises:
        NetlistError: gates form a loop, or the times of a part's clock cannot be derived.
    """

    def __init__(self, clockwork: Clockwork) -> None:
        self.clockwork = clockwork
        self.clocks = frozenset(
            net for waves in clockwork.waves for net, row in waves.rows.items() if row
        )
        self.tied = {**LEVELS, **_constant(clockwork)}
        self.into: dict[str, list[Hop]] = {}
        self.launches: list[Hop] = []
        self.latches: list[Transparent] = []
        self.endpoints: list[Endpoint] = []
        self._homes = {net: part.scope for part, _ in clockwork.timings
                       for pin, role in part.chip.pins.items() if role in ("out", "open")
                       for net in part.pins[pin]}  # fmt: skip
        for part, timing in clockwork.timings:
            self._add(part, timing)
        self.order = self._ordered()
        for enable in dict.fromkeys((latch.enable, latch.opens_at) for latch in self.latches):
            self._ordered([each.through for each in self.latches
                           if (each.enable, each.opens_at) == enable])  # fmt: skip
        for part, net in self.clock_pins():
            self._check_clock(part, net)

    def _ordered(self, let: Sequence[Hop] = ()) -> tuple[str, ...]:
        """All nets in order, also behind what latches that are open together `let` through."""
        behind = {net: [hop.start for hop in hops] for net, hops in self.into.items()}
        for hop in let:
            behind[hop.end] = [*behind.get(hop.end, ()), hop.start]
        try:
            return tuple(TopologicalSorter(behind).static_order())
        except CycleError as error:
            loop = " to ".join(f"'{net}'" for net in error.args[1][::-1])
            raise NetlistError(f"gates form a loop, {loop}; static timing needs none") from None

    def clock_pins(self) -> list[tuple[Part, str]]:
        """The clocked parts, each with the net that clocks it."""
        checked = [(each.part, each.clock) for each in self.endpoints]
        return checked + [(hop.part, hop.start) for hop in self.launches]

    def _check_clock(self, part: Part, net: str) -> None:
        """Refuse a clock pin on a net whose times cannot be derived."""
        if net in self.tied or net in self.clocks:
            return
        hops = self.into.get(net, [])
        clocks = [hop for hop in hops if self.clocks_parts(hop.start)]
        if not clocks:
            raise NetlistError(
                f"'{part.name}' is clocked by '{net}', which does not follow '{TRIGGER}'; static "
                "timing cannot tell when it moves"
            )
        first = clocks[0]
        if len(clocks) > 1 or not self.clocks_parts(net):
            beside = " and ".join(f"'{hop.start}'" for hop in hops if hop is not first)
            raise NetlistError(
                f"'{first.part.name}' mixes the clock '{first.start}' with {beside} and clocks "
                f"'{part.name}'; static timing takes an AND or OR of one clock and data"
            )
        if any(latch.opened.part is part for latch in self.latches):
            raise NetlistError(
                f"'{part.name}' is opened by '{net}', a gated clock; static timing takes a latch "
                "that the clock alone opens"
            )
        self._check_clock(part, first.start)

    def clocks_parts(self, net: str) -> bool:
        """Whether a net is a clock: it follows only the trigger, or gates between it and data."""
        return any(self.clockwork.clocking(net, way) for way in (0, 1))

    def _add(self, part: Part, timing: Timing) -> None:
        clocked = {arc.end: arc for arc in timing.arcs if arc.active}
        for arc in timing.arcs:
            hop = self._hop(part, arc, timing)
            opens = clocked.get(arc.end) if arc.end in timing.functions else None
            if arc.active:
                self.launches.append(hop)
            elif opens is not None:
                self._latch(Transparent(hop, self._hop(part, opens, timing)))
            elif hop.start not in self.tied and hop.unateness is not None:
                if arc.grid and hop.start not in self.clocks:
                    raise NetlistError(
                        f"'{part.name}' debounces '{hop.start}', which does not follow '{TRIGGER}' "
                        "alone; static timing cannot tell when its output moves"
                    )
                self.into.setdefault(hop.end, []).append(hop)
        for check in timing.checks:
            net, clock = (_net(part, pin) for pin in (check.pin, check.clock))
            self.endpoints.append(Endpoint(part, check, net, clock))

    def _hop(self, part: Part, arc: Arc, timing: Timing) -> Hop:
        start, end = (_net(part, pin) for pin in (arc.start, arc.end))
        function = timing.functions.get(arc.end)
        if arc.active or function is None or arc.start not in function.inputs:
            return Hop(start, end, part, arc, acts_at=self._acts_at(part, arc, timing))
        nets = {pin: _net(part, pin) for pin in function.inputs}
        tied = {pin: self.tied[net] for pin, net in nets.items() if net in self.tied}
        if arc.start in tied:
            return Hop(start, end, part, arc)
        left = function.tied(tied)
        return Hop(start, end, part, arc, left.unateness(arc.start), left)

    def _acts_at(self, part: Part, arc: Arc, timing: Timing) -> int | None:
        """The active level of a lone set or reset, whose release moves nothing."""
        levels = {
            check.pin: check.level for check in timing.checks
            if check.kind == "recovery" and _net(part, check.pin) not in self.tied
        }  # fmt: skip
        return levels.get(arc.start) if len(levels) == 1 else None

    def _latch(self, latch: Transparent) -> None:
        """Add a latch, unless it never opens."""
        level = self.tied.get(latch.enable)
        if level is None:
            self.latches.append(latch)
        elif level == latch.opens_at:
            raise NetlistError(
                f"'{latch.through.part.name}' is open all the time, as '{latch.enable}' never "
                "moves; put a wire in its place"
            )

    def short(self, net: str) -> str:
        """The short name of a net on the breadboard that drives it."""
        return net.removeprefix(f"{self._homes.get(net, CLOCK)}.")

    def multiplicity(self, part: Part) -> int:
        """The number of parts of the board that this part represents."""
        return self.clockwork.unique.multiplicity[part.scope]


def _constant(clockwork: Clockwork) -> Mapping[str, int]:
    """The nets of the clock and the supply that never change, to their levels."""
    fallen, risen = clockwork.waves
    return {net: level for net, level in risen.resting.items()
            if not risen.rows[net] and not fallen.rows[net]}  # fmt: skip


def _net(part: Part, pin: str) -> str:
    return VOLTAGES if part.chip.pins[pin] in ("node", "code") else part.pins[pin][0]


def clocked(part: Part, edge: Edge, net: str, graph: Graph) -> str:
    """The description of a part's clocking, for a report."""
    if any(latch.opened.part is part for latch in graph.latches):
        return f"level-sensitive, by the {edge} of {net}"
    adjective = "falling" if edge == "fall" else "rising"
    return f"{adjective} edge-triggered, clocked by {net}"
