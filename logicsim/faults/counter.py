"""Faulty counters: frozen, missing some clock edges, or counting twice."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from zlib import crc32

from logicsim.circuit.netlist import Netlist
from logicsim.core.noise import Purpose, Stream
from logicsim.core.units import ticks
from logicsim.faults.injection import Injection, into_pin
from logicsim.faults.kind import Kind
from logicsim.faults.saboteur import PASSING, Saboteur
from logicsim.faults.sites import clock_of, potentiometers
from logicsim.faults.stuck import Forced
from logicsim.kernel.kernel import Driver, Edge, Net
from logicsim.parts.part import Chip
from logicsim.parts.socket import Socket

_BOUNCE: Final = ticks(200e-9)  # between the two edges; the counter needs 25 ns


@dataclass(frozen=True, slots=True)
class Missed(Saboteur):
    """Swallows each active edge, and the level after it, with probability `chance`."""

    chance: float
    edge: Edge = "fall"

    def misses(self, seed: int, time: int) -> bool:
        """Whether the active edge at tick `time` is swallowed."""
        return bool(Stream(seed, Purpose.FAULT).uniforms(1, time, self.place)[0] < self.chance)

    @property
    def place(self) -> int:
        """The index of its draws in the stream."""
        return crc32(f"{self.active.place}.missed".encode())

    def works(self, d: Net, q: Driver, socket: Socket) -> Callable[[bool], None]:
        """Draw at each active edge, and hold the output during those that are missed."""
        kernel = socket.kernel

        def follow(there: bool) -> None:
            clocked = d.value == _after(self.edge) and d.went(self.edge) == kernel.now
            missed = there and clocked and self.misses(socket.bench.seed, kernel.now)
            if not missed:
                q.inertial(d.value, PASSING)

        return follow


@dataclass(frozen=True, slots=True)
class Doubled(Saboteur):
    """Adds a bounce to every active edge, so that a second edge follows."""

    edge: Edge = "fall"

    def works(self, d: Net, q: Driver, socket: Socket) -> Callable[[bool], None]:
        """Send the bounce after the edge."""
        kernel, level = socket.kernel, _after(self.edge)

        def follow(there: bool) -> None:
            if there and d.value == level and d.went(self.edge) == kernel.now:
                q.transport(level, PASSING)
                q.transport(1 - level, PASSING + _BOUNCE // 2)
                q.transport(level, PASSING + _BOUNCE)
            elif d.changed == kernel.now:
                q.transport(d.value, PASSING)

        return follow


def _after(edge: Edge) -> int:
    """The level after an edge."""
    return int(edge == "rise")


def _clocked(
    netlist: Netlist, injection: Injection, make: Callable[[Injection, Edge], Chip]
) -> Netlist:
    """Put a saboteur before the clock of a counter, made for its active edge."""
    clock, edge = clock_of(netlist, injection.site)
    return into_pin(netlist, injection, clock, make(injection, edge))


def _frozen(injection: Injection, edge: Edge) -> Chip:
    return Forced(injection.active, 1 - _after(edge))  # the active edge starts from this level


FROZEN = Kind(
    "frozen", "a counter stays at its code", potentiometers,
    lambda netlist, injection: _clocked(netlist, injection, _frozen),
)  # fmt: skip
MISSED = Kind(
    "missed", "a counter misses clock edges at random", potentiometers,
    lambda netlist, injection: _clocked(
        netlist, injection, lambda each, edge: Missed(each.active, each.value, edge)
    ),
    unit="number", values=("0.5",), least=0, most=1,
)  # fmt: skip
DOUBLED = Kind(
    "doubled", "a counter counts every clock twice", potentiometers,
    lambda netlist, injection: _clocked(
        netlist, injection, lambda each, edge: Doubled(each.active, edge)
    ),
)  # fmt: skip
