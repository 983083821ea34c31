"""Counters that do not count as they should: frozen, missing some clock falls, counting twice."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from zlib import crc32

from logicsim.circuit.netlist import Netlist
from logicsim.core.noise import Purpose, Stream
from logicsim.core.units import ticks
from logicsim.faults.kind import Kind
from logicsim.faults.saboteur import PASSING, Saboteur
from logicsim.faults.sites import potentiometers
from logicsim.faults.strike import Strike, into_pin
from logicsim.faults.stuck import Forced
from logicsim.kernel.kernel import Driver, Net
from logicsim.parts.part import Chip
from logicsim.parts.socket import Socket

_BOUNCE: Final = ticks(200e-9)  # between the two falls, above the 25 ns that the counter needs


@dataclass(frozen=True, slots=True)
class Missed(Saboteur):
    """Swallows some falls, with the low that follows; each with the same `chance`."""

    chance: float

    def misses(self, seed: int, fall: int) -> bool:
        """Whether the fall at tick `fall` is swallowed."""
        return bool(Stream(seed, Purpose.FAULT).uniforms(1, fall, self.place)[0] < self.chance)

    @property
    def place(self) -> int:
        """What tells its chances from others'."""
        return crc32(f"{self.spell.place}.missed".encode())

    def works(self, d: Net, q: Driver, socket: Socket) -> Callable[[bool], None]:
        """Decide at each fall, and hold the output high over those that are missed."""

        def follow(there: bool) -> None:
            fell = d.value == 0 and d.fell == socket.kernel.now
            missed = there and fell and self.misses(socket.bench.seed, socket.kernel.now)
            if not missed:
                q.inertial(d.value, PASSING)

        return follow


@dataclass(frozen=True, slots=True)
class Doubled(Saboteur):
    """Bounces at every fall: high again, and a second fall."""

    def works(self, d: Net, q: Driver, socket: Socket) -> Callable[[bool], None]:
        """Send the bounce after the fall."""

        def follow(there: bool) -> None:
            if there and d.value == 0 and d.fell == socket.kernel.now:
                q.transport(0, PASSING)
                q.transport(1, PASSING + _BOUNCE // 2)
                q.transport(0, PASSING + _BOUNCE)
            elif d.changed == socket.kernel.now:
                q.transport(d.value, PASSING)

        return follow


def _clocked(netlist: Netlist, strike: Strike, chip: Chip) -> Netlist:
    return into_pin(netlist, strike, f"{strike.site}.clk", chip)


FROZEN = Kind(
    "frozen", "a counter stays at its code", potentiometers,
    lambda netlist, strike: _clocked(netlist, strike, Forced(strike.spell, 1)),
)  # fmt: skip
MISSED = Kind(
    "missed", "a counter misses clock falls, each with such a chance", potentiometers,
    lambda netlist, strike: _clocked(netlist, strike, Missed(strike.spell, strike.value)),
    unit="number", values=("0.5",), least=0, most=1,
)  # fmt: skip
DOUBLED = Kind(
    "doubled", "a counter counts every clock fall twice", potentiometers,
    lambda netlist, strike: _clocked(netlist, strike, Doubled(strike.spell)),
)  # fmt: skip
