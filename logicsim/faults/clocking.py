"""Clock pulses that do not come, and decisions that no flop holds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from logicsim.circuit.netlist import Netlist
from logicsim.faults.kind import Kind
from logicsim.faults.saboteur import PASSING, Saboteur
from logicsim.faults.sites import edges
from logicsim.faults.strike import Strike, into_net
from logicsim.faults.stuck import Forced
from logicsim.kernel.kernel import Driver, Net
from logicsim.parts.arcs import Arc, Span, Timing
from logicsim.parts.declaration import Corner
from logicsim.parts.part import Part, Role
from logicsim.parts.socket import Socket


@dataclass(frozen=True, slots=True)
class Bypass(Saboteur):
    """A wire from the XOR past the flop, which is in force while the fault is there."""

    pins: ClassVar[Mapping[str, Role]] = {"d": "through", "up": "in", "q": "out"}

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """From either input."""
        least = Span.exactly(PASSING)
        return Timing(tuple(Arc(pin, "q", "positive", least, least) for pin in ("d", "up")))

    def works(self, d: Net, q: Driver, socket: Socket) -> Callable[[bool], None]:
        """Follow the XOR instead of the flop."""
        up = socket.net("up")

        def follow(there: bool) -> None:
            q.inertial(up.value if there else d.value, PASSING)

        return follow

    def heeds(self, socket: Socket) -> tuple[Net, ...]:
        """The XOR besides."""
        return socket.net("d"), socket.net("up")


def _bypass(netlist: Netlist, strike: Strike) -> Netlist:
    ud, up = f"{strike.site}.ud", f"{strike.site}.up"
    past = into_net(netlist, strike, ud, Bypass(strike.spell), {"up": (up,)})
    return replace(past, exposed=True)


MISSING = Kind(
    "missing", "no pulse of chip select or clock comes", lambda _: ["clock.cs", "clock.clk"],
    lambda netlist, strike: into_net(netlist, strike, strike.site, Forced(strike.spell, 1)),
)  # fmt: skip
BYPASS = Kind(
    "bypass", "an edge's D-flop is bypassed: nothing latches its decision", edges, _bypass,
    timing=True,
)  # fmt: skip
