"""Missing clock pulses, and decisions that bypass their flop or latch."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from logicsim.circuit.netlist import Netlist
from logicsim.circuit.waves import resting_levels
from logicsim.core.errors import FaultError, NetlistError
from logicsim.faults.injection import Injection, into_net
from logicsim.faults.kind import Kind
from logicsim.faults.saboteur import PASSES, PASSING, Saboteur
from logicsim.faults.sites import at_net, clocks, is_flop, output
from logicsim.faults.stuck import Forced
from logicsim.kernel.kernel import Driver, Net
from logicsim.parts.arcs import Arc, Span, Timing
from logicsim.parts.kind import Corner
from logicsim.parts.part import Part, Role
from logicsim.parts.socket import Socket


@dataclass(frozen=True, slots=True)
class Bypass(Saboteur):
    """A wire from a flop's `data` past the flop, which replaces it while the fault is active."""

    pins: ClassVar[Mapping[str, Role]] = {"d": "through", "data": "in", "q": "out"}
    follows: ClassVar[Mapping[str, tuple[str, ...]]] = {"q": ("d", "data")}

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """Arcs from both inputs."""
        least = Span.exactly(PASSING)
        arcs = (Arc(pin, "q", least, least) for pin in ("d", "data"))
        return Timing(tuple(arcs), functions={"q": PASSES})

    def works(self, d: Net, q: Driver, socket: Socket) -> Callable[[bool], None]:
        """Follow the data instead of the flop."""
        data = socket.net("data")

        def follow(there: bool) -> None:
            q.inertial(data.value if there else d.value, PASSING)

        return follow

    def heeds(self, socket: Socket) -> tuple[Net, ...]:
        """The flop's output and its data."""
        return socket.net("d"), socket.net("data")


def _by_site(netlist: Netlist) -> Mapping[str, Part]:
    """Every flop and latch: by its edge if the edge has only one, otherwise by name."""
    found = [part for part in netlist.parts if is_flop(part) and output(part)]
    several = Counter(part.scope for part in found)
    return {
        part.scope if part.scope in netlist.breadboards and several[part.scope] == 1 else part.name:
        part for part in found
    }  # fmt: skip


def _bypass(netlist: Netlist, injection: Injection) -> Netlist:
    part = _by_site(netlist)[injection.site]
    net = output(part)
    assert part.chip.capture is not None
    assert net is not None
    data = part.pins[part.chip.capture.pins[0]]
    return into_net(netlist, injection, net, Bypass(injection.active), {"data": data})


def resting(netlist: Netlist) -> Mapping[str, int]:
    """The levels of the clock's nets while the trigger is low; empty if they cannot be derived."""
    try:
        return resting_levels([(part, part.chip.timing(part, "typ", {})) for part in netlist.parts])
    except NetlistError:
        return {}


def _missing(netlist: Netlist, injection: Injection) -> Netlist:
    level = resting(netlist).get(injection.site)
    if level is None:
        raise FaultError(
            f"{injection.site}: its resting level cannot be derived; use stuck-at-0 or stuck-at-1"
        )
    return into_net(netlist, injection, injection.site, Forced(injection.active, level))


def _known(netlist: Netlist) -> Sequence[str]:
    levels = resting(netlist)
    return [net for net in clocks(netlist) if net in levels]


MISSING = Kind(
    "missing", "no pulse of chip select or clock comes", clocks, _missing, at_net, _known
)  # fmt: skip
BYPASS = Kind(
    "bypass", "a flop or latch is bypassed: nothing latches its decision",
    lambda netlist: list(_by_site(netlist)), _bypass, timing=True,
)  # fmt: skip
