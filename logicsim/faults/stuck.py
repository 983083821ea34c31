"""Stuck-at-0 and stuck-at-1: a net, or a single pin on it, stays at one level."""

from dataclasses import dataclass

from logicsim.circuit.netlist import Netlist
from logicsim.faults.injection import Injection, into_net, into_pin
from logicsim.faults.kind import Kind
from logicsim.faults.saboteur import Saboteur
from logicsim.faults.sites import at_net, wires_and_pins
from logicsim.parts.part import Chip


@dataclass(frozen=True, slots=True)
class Forced(Saboteur):
    """Holds the readers of a net or a pin at a level, or lets them float (Z)."""

    level: int

    def makes(self, level: int) -> int:
        """The forced level."""
        return self.level


def force(netlist: Netlist, injection: Injection, level: int) -> Netlist:
    """Hold a net or a pin at a level."""
    return insert(netlist, injection, Forced(injection.active, level))


def insert(netlist: Netlist, injection: Injection, chip: Chip) -> Netlist:
    """Put a saboteur into the site's net or before its pin."""
    if injection.site in netlist.wires:
        return into_net(netlist, injection, injection.site, chip)
    return into_pin(netlist, injection, netlist.pins[injection.site], chip)


STUCK_AT_0 = Kind(
    "stuck-at-0", "a net or a pin is always low", wires_and_pins,
    lambda netlist, injection: force(netlist, injection, 0), place=at_net,
)  # fmt: skip
STUCK_AT_1 = Kind(
    "stuck-at-1", "a net or a pin is always high", wires_and_pins,
    lambda netlist, injection: force(netlist, injection, 1), place=at_net,
)  # fmt: skip
