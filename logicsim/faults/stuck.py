"""Stuck-at-0 and stuck-at-1: a net, or a single pin on it, that stays where it is."""

from dataclasses import dataclass

from logicsim.circuit.netlist import Netlist
from logicsim.faults.kind import Kind
from logicsim.faults.saboteur import Saboteur
from logicsim.faults.sites import wires_and_pins
from logicsim.faults.strike import Strike, into_net, into_pin, nets
from logicsim.parts.part import Chip


@dataclass(frozen=True, slots=True)
class Forced(Saboteur):
    """Holds what is behind it at a level, or leaves it to float (Z)."""

    level: int

    def makes(self, level: int) -> int:
        """Always the same."""
        return self.level


def force(netlist: Netlist, strike: Strike, level: int) -> Netlist:
    """Hold a net or a pin at a level."""
    return insert(netlist, strike, Forced(strike.spell, level))


def insert(netlist: Netlist, strike: Strike, chip: Chip) -> Netlist:
    """Put a saboteur into a net or before a pin, whichever the site is."""
    place = into_net if strike.site in nets(netlist) else into_pin
    return place(netlist, strike, strike.site, chip)


STUCK_AT_0 = Kind(
    "stuck-at-0", "a net or a pin is always low", wires_and_pins,
    lambda netlist, strike: force(netlist, strike, 0),
)  # fmt: skip
STUCK_AT_1 = Kind(
    "stuck-at-1", "a net or a pin is always high", wires_and_pins,
    lambda netlist, strike: force(netlist, strike, 1),
)  # fmt: skip
