"""Slow parts, by a factor or an amount, and long clock wires (skew)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from logicsim.circuit.netlist import Netlist
from logicsim.core.units import ticks
from logicsim.faults.injection import Injection, into_net, into_pin
from logicsim.faults.kind import Kind
from logicsim.faults.saboteur import PASSES, PASSING, Saboteur
from logicsim.faults.sites import at_net, clock_of, clocks, drivers, output, potentiometers
from logicsim.kernel.kernel import Driver, Net
from logicsim.parts.arcs import Arc, Span, Timing
from logicsim.parts.kind import Corner
from logicsim.parts.part import Chip, Part
from logicsim.parts.socket import Socket


@dataclass(frozen=True, slots=True)
class Late(Saboteur):
    """Delays a net by `delay` ticks: inertial as a gate, or transport as a `wire`."""

    delay: int
    wire: bool = False

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """The arc from d to q; a fault that is not permanent may also add no delay."""
        active = self.active.when
        always = active.first == 1 and active.last is None and active.chance == 1
        span = Span(self.delay if always else PASSING, self.delay)
        return Timing((Arc("d", "q", span, span),), functions={"q": PASSES})

    def works(self, d: Net, q: Driver, socket: Socket) -> Callable[[bool], None]:
        """Follow with the delay while the fault is active."""

        def follow(there: bool) -> None:
            delay = self.delay if there else PASSING
            if not self.wire:
                q.inertial(d.value, delay)
            elif d.changed == socket.kernel.now or not there:
                q.transport(d.value, delay)

        return follow


def _put(netlist: Netlist, injection: Injection, chip: Chip) -> Netlist:
    net = output(netlist.part(injection.site))
    if net is None:  # a potentiometer, whose output is no net: delay its clock
        clock, _ = clock_of(netlist, injection.site)
        return into_pin(netlist, injection, clock, chip)
    return into_net(netlist, injection, net, chip)


def _slower(netlist: Netlist, injection: Injection) -> Netlist:
    """Add the part's shortest typical delay times (factor - 1)."""
    part = netlist.part(injection.site)
    timing = part.chip.timing(part, "typ", netlist.loads())
    own = max((arc.rise.early for arc in timing.arcs), default=PASSING)
    return _put(
        netlist, injection, Late(injection.active, max(round((injection.value - 1) * own), PASSING))
    )


def _later(netlist: Netlist, injection: Injection) -> Netlist:
    return _put(netlist, injection, Late(injection.active, _delay(injection)))


def _skewed(netlist: Netlist, injection: Injection) -> Netlist:
    return into_net(
        netlist, injection, injection.site, Late(injection.active, _delay(injection), wire=True)
    )


def _delay(injection: Injection) -> int:
    return max(ticks(injection.value), PASSING)


def _parts(netlist: Netlist) -> Sequence[str]:
    return [*drivers(netlist), *potentiometers(netlist)]


SLOW = Kind(
    "slow", "a part's delay (its least typical one) is multiplied by a factor", _parts, _slower,
    unit="number", values=("10",), least=1, most=1e9, timing=True,
)  # fmt: skip
LATE = Kind(
    "late", "a part is late by a time", _parts, _later,
    unit="s", values=("1us",), least=1e-12, most=1e3, timing=True,
)  # fmt: skip
SKEW = Kind(
    "skew", "chip select or clock reach the edges late", clocks, _skewed, at_net,
    unit="s", values=("30ms",), least=1e-12, most=1e3, timing=True,
)  # fmt: skip
