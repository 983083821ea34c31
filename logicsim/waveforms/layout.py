"""What each signal of a board is, and in which order views show them.

A trace file has names only. Its layout, made from the netlist (`circuit.signals`), says of each
name where it belongs and what it does, so that views and measurements serve any circuit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from logicsim.core.names import STEP, Side
from logicsim.waveforms.trace import Signal

Role = Literal[
    "trigger",  # what the supervisor drives
    "clock",  # a net of the clock's circuit
    "seen",  # of those, one that an edge reads
    "comparator",  # an output of a comparator
    "chatters",  # follows the comparators without a clock between
    "decision",  # what a latch samples
    "held",  # an output of a latch
    "latched",  # at a potentiometer's direction pin, U/D
    "select",  # at a potentiometer's chip select
    "latches",  # at the clock pin of a latch
    "counts",  # at the clock pin of a potentiometer
    "code",
    "drop",
    "voltage",
    "supervisor",
    "check",
]


class Moment(NamedTuple):
    """When something happens: at an edge of a net."""

    net: str
    edge: Literal["rise", "fall"]

    @property
    def level(self) -> int:
        """The level that the net goes to."""
        return int(self.edge == "rise")


@dataclass(frozen=True, slots=True)
class Listed:
    """A signal in its place.

    Attributes:
        group: what views show it under: 'clock', 'edge3', 'nodes'.
        label: its name within the group.
        roles: what it does; several, or none of an inner net.
        edge: the number of the edge on whose breadboard it is.
        side: of a drop, a node's voltage or a code, its network.
    """

    signal: Signal
    group: str
    label: str
    roles: frozenset[Role]
    edge: int | None = None
    side: Side | None = None

    def tells_of(self, edge: int) -> bool:
        """Whether a digital view of that edge shows it; inner nets and voltages are left out."""
        if self.edge is None:
            return bool(self.roles & {"trigger", "seen"})
        return self.edge == edge and bool(self.roles & _TOLD)


_TOLD: frozenset[Role] = frozenset({
    "comparator", "decision", "held", "latched", "select", "latches", "counts", "code",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class EdgeSignals:
    """What is measured of one edge, by the names of signals; None or empty where it has none.

    Attributes:
        comparators: their outputs, in order.
        decision: what the latch samples; without a latch, what the potentiometers are told by.
        latched: at the potentiometers' direction pin.
        select: at their chip select.
        codes: the counters, free and clamped; `drops` likewise.
        latch: when the decision is latched; without a latch, when the potentiometers are selected.
        count: when the potentiometers count.
        has_latch: whether something holds the decision.
    """

    number: int
    comparators: tuple[str, ...]
    decision: str | None
    latched: str | None
    select: str | None
    codes: tuple[str, ...]
    drops: tuple[str, ...]
    latch: Moment | None
    count: Moment | None
    has_latch: bool

    def clocks(self) -> list[str]:
        """The nets at whose edges it latches and counts, and its potentiometers' chip select."""
        moments = [moment.net for moment in (self.latch, self.count) if moment is not None]
        return list(dict.fromkeys([net for net in (self.select, *moments) if net is not None]))

    def wanted(self) -> list[str]:
        """The signals that measurements want, in the order of causes."""
        decided = [net for net in (self.decision, self.latched) if net is not None]
        names = [*self.clocks(), *self.comparators, *decided, *self.codes, *self.drops]
        return list(dict.fromkeys(names))


@dataclass(frozen=True)
class Layout:
    """The signals of a board, in the order of its circuit files, and of each edge by number."""

    signals: Sequence[Listed]
    edges: Mapping[int, EdgeSignals]
    step: str = field(default=STEP)

    @cached_property
    def by_name(self) -> Mapping[str, Listed]:
        """Every signal by its name, in order."""
        return {listed.signal.name: listed for listed in self.signals}

    def recorded(self, names: Iterable[str]) -> list[Listed]:
        """Those of some names that are the board's, in order."""
        chosen = set(names)
        return [listed for listed in self.signals if listed.signal.name in chosen]

    def recorded_edges(self, names: Iterable[str]) -> list[EdgeSignals]:
        """The edges of which any signal is among some names, by number."""
        numbers = {listed.edge for listed in self.recorded(names)}
        return [edge for number, edge in sorted(self.edges.items()) if number in numbers]

    def first_edge(self, names: Iterable[str]) -> EdgeSignals | None:
        """The first edge of which any signal is among some names, else the first of all."""
        return next(iter([*self.recorded_edges(names), *self.edges.values()]), None)
