"""Parts that are slow, by a factor or by an amount, and clock wires that are long (skew)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from logicsim.circuit.netlist import Netlist
from logicsim.core.units import ticks
from logicsim.faults.kind import Kind
from logicsim.faults.saboteur import PASSING, Saboteur
from logicsim.faults.sites import drivers, output, potentiometers
from logicsim.faults.strike import Strike, into_net, into_pin
from logicsim.kernel.kernel import Driver, Net
from logicsim.parts.arcs import Arc, Span, Timing
from logicsim.parts.declaration import Corner
from logicsim.parts.part import Chip, Part
from logicsim.parts.socket import Socket


@dataclass(frozen=True, slots=True)
class Late(Saboteur):
    """Passes on `delay` ticks late: inertial as a gate, or every pulse as a `wire`."""

    delay: int
    wire: bool = False

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """From one side to the other, with the fault there, and at the earliest without."""
        spell = self.spell.when
        always = spell.first == 1 and spell.last is None and spell.chance == 1
        span = Span(self.delay if always else PASSING, self.delay)
        return Timing((Arc("d", "q", "positive", span, span),))

    def works(self, d: Net, q: Driver, socket: Socket) -> Callable[[bool], None]:
        """Follow late while the fault is there."""

        def follow(there: bool) -> None:
            delay = self.delay if there else PASSING
            if not self.wire:
                q.inertial(d.value, delay)
            elif d.changed == socket.kernel.now or not there:
                q.transport(d.value, delay)

        return follow


def _put(netlist: Netlist, strike: Strike, chip: Chip) -> Netlist:
    net = output(netlist.part(strike.site))
    if net is None:  # a potentiometer, whose output is a wiper: its clock comes late
        return into_pin(netlist, strike, f"{strike.site}.clk", chip)
    return into_net(netlist, strike, net, chip)


def _slower(netlist: Netlist, strike: Strike) -> Netlist:
    """A saboteur that adds a part's own least typical delay so many times less one."""
    part = netlist.part(strike.site)
    timing = part.chip.timing(part, "typ", netlist.loads())
    own = max(arc.rise.early for arc in timing.arcs)
    return _put(netlist, strike, Late(strike.spell, max(round((strike.value - 1) * own), PASSING)))


def _later(netlist: Netlist, strike: Strike) -> Netlist:
    return _put(netlist, strike, Late(strike.spell, _delay(strike)))


def _skewed(netlist: Netlist, strike: Strike) -> Netlist:
    return into_net(netlist, strike, strike.site, Late(strike.spell, _delay(strike), wire=True))


def _delay(strike: Strike) -> int:
    return max(ticks(strike.value), PASSING)


def _parts(netlist: Netlist) -> Sequence[str]:
    return [*drivers(netlist), *potentiometers(netlist)]


SLOW = Kind(
    "slow", "a part takes so many times its delay (its least typical one)", _parts, _slower,
    unit="number", values=("10",), least=1, most=1e9, timing=True,
)  # fmt: skip
LATE = Kind(
    "late", "a part takes so much longer", _parts, _later,
    unit="s", values=("1us",), least=1e-12, most=1e3, timing=True,
)  # fmt: skip
SKEW = Kind(
    "skew", "chip select or clock reach the edges late", lambda _: ["clock.cs", "clock.clk"],
    _skewed, unit="s", values=("30ms",), least=1e-12, most=1e3, timing=True,
)  # fmt: skip
