"""The clock of a board: transitions of its nets after a trigger, latches and counts.

The noise grid, the vector engine, static timing and the exports all take the order of a step from
this module.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from logicsim.circuit.netlist import Netlist
from logicsim.circuit.timetable import LEAD
from logicsim.circuit.uniquify import Unique, uniquify
from logicsim.circuit.waves import Transition, Waves, total, waves
from logicsim.core.errors import NetlistError
from logicsim.core.names import TRIGGER
from logicsim.parts.arcs import Timing
from logicsim.parts.debouncer import spacing_periods
from logicsim.parts.kind import Corner
from logicsim.parts.part import Part

_WAYS: Final = (0, 1)  # the trigger falls, rises


class Event(NamedTuple):
    """A change of a net of the clock."""

    net: str
    transition: Transition


@dataclass(frozen=True, slots=True)
class Clockwork:
    """The response of a clock to a trigger, in one corner.

    Attributes:
        unique: one breadboard of each kind.
        timings: the timing of its parts, in order.
        waves: the clock's nets when the trigger falls, and when it rises.
        phase: the oscillator's phase at power-up, 0 to 1 of its period.
    """

    unique: Unique
    timings: Sequence[tuple[Part, Timing]]
    waves: tuple[Waves, Waves]
    phase: float

    @classmethod
    def of(cls, netlist: Netlist, corner: Corner) -> "Clockwork":
        """The clock of a netlist.

        Raises:
            NetlistError: nothing follows the trigger, or the response cannot be derived.
        """
        unique = uniquify(netlist)
        timings = [(part, _timing(part, corner, unique.loads)) for part in unique.parts]
        made = waves(timings, 0), waves(timings, 1)
        if len(made[0].rows) < 2:
            raise NetlistError(
                f"board '{netlist.name}' has no clock: nothing follows '{TRIGGER}', "
                "so there is nothing to time against"
            )
        phases = (part.values["phase"] for part in unique.parts if "phase" in part.values)
        return cls(unique, timings, made, next(phases, 0.0))

    def row(self, net: str, way: int) -> Sequence[Transition]:
        """The transitions of a net when the trigger goes to `way`; empty for other nets."""
        return self.waves[way].rows.get(net, ())

    def events(self, way: int) -> list[Event]:
        """All changes of the clock's nets when the trigger goes to `way`, in order."""
        found = (Event(net, each) for net, row in self.waves[way].rows.items() for each in row)
        return sorted(found, key=lambda event: event.transition.place)

    @property
    def period(self) -> int:
        """The period of the oscillator, in ticks; 0 if there is none."""
        crossing = next(self._crossings(), None)
        return 0 if crossing is None or crossing.crossing is None else crossing.crossing.period

    def _crossings(self) -> Iterator[Transition]:
        for way in _WAYS:
            for row in self.waves[way].rows.values():
                yield from (each for each in row if each.crossing is not None)

    @property
    def entries(self) -> Mapping[str, Part]:
        """The debouncers that the trigger enters first, by the net that each drives."""
        found: dict[str, Part] = {}
        for net, row in self.waves[1].rows.items():
            for each in row:
                if each.crossing is not None and not each.late:
                    found[net] = each.crossing.stage.part
        return found

    @property
    def spacing(self) -> int:
        """The minimum time (ticks, whole periods) between triggers for all debouncers to return."""
        period = self.period
        if not period:
            return max((total(each.late) for way in _WAYS for row in self.waves[way].rows.values()
                        for each in row), default=0)  # fmt: skip
        return period * spacing_periods(self._depth())

    def _depth(self) -> int:
        """The length of the longest chain of debouncers."""
        return max(1 + sum(stage.arc.grid > 0 for stage in each.late) for each in self._crossings())

    def latches(self, netlist: Netlist, spacing: int) -> tuple[list[Transition], list[Transition]]:
        """The latches of decisions after a falling and after a rising trigger, in order.

        Of latches that see the same draw of noise, `spacing` ticks long, only the first is kept.
        """
        decided = netlist.decided
        moments: tuple[list[Transition], list[Transition]] = ([], [])
        for part, _ in self.timings:
            capture = part.chip.capture
            if capture is None or "code" in part.chip.pins.values():
                continue
            if any(part.pins[pin][0] in decided for pin in capture.pins):
                for way in _WAYS:
                    moments[way].extend(self.edges(part.pins[capture.clock][0], capture.edge, way))
        shared = round((1 - LEAD) * spacing)
        return _apart(_once(moments[0]), shared), _apart(_once(moments[1]), shared)

    def references(self, netlist: Netlist) -> tuple[list[Transition], list[Transition]]:
        """The first change of the clock that an edge sees, for each way of the trigger."""
        read = {
            net for part, _ in self.timings if part.scope in netlist.breadboards
            for pin, role in part.chip.pins.items() if role in ("in", "through")
            for net in part.pins[pin]
        }  # fmt: skip
        falls, rises = ([event.transition for event in self.events(way) if event.net in read][:1]
                        for way in _WAYS)  # fmt: skip
        return falls, rises

    def counts(self) -> tuple[list[Transition], list[Transition]]:
        """The counts of potentiometers after a falling and after a rising trigger, in order."""
        moments: tuple[list[Transition], list[Transition]] = ([], [])
        for part, _ in self.timings:
            if part.chip.capture is not None and "code" in part.chip.pins.values():
                for way in _WAYS:
                    net = part.pins[part.chip.capture.clock][0]
                    moments[way].extend(self.edges(net, part.chip.capture.edge, way))
        return _once(moments[0]), _once(moments[1])

    def clocking(self, net: str, way: int) -> Sequence[Transition]:
        """The transitions of a net that clocks parts; a gated clock is taken as enabled."""
        return self.row(net, way) or self.waves[way].gated.get(net, ())

    def edges(self, net: str, edge: str, way: int) -> list[Transition]:
        """The falls or the rises of a net that clocks parts, when the trigger goes to `way`."""
        return [each for each in self.clocking(net, way) if each.value == (edge == "rise")]


def _timing(part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
    try:
        timing: Timing = part.chip.timing(part, corner, loads)
    except NotImplementedError:
        raise NetlistError(
            f"part '{part.name}': a {type(part.chip).__name__} declares no delays; "
            "give its class a method `timing`"
        ) from None
    return timing


def _once(moments: Sequence[Transition]) -> list[Transition]:
    """Sort transitions and remove repeated times."""
    by_place = {each.place: each for each in moments}
    return [by_place[place] for place in sorted(by_place)]


def _apart(moments: Sequence[Transition], shared: int) -> list[Transition]:
    """Remove transitions that follow a kept one by at most `shared` ticks."""
    kept: list[Transition] = []
    for each in moments:
        before = kept[-1] if kept else None
        if (
            before is None
            or (before.crossing is None) != (each.crossing is None)
            or total(each.late) - total(before.late) > shared
        ):
            kept.append(each)
    return kept
