"""Fault equivalence: faults whose circuits behave the same.

A fault of the only pin on a net is a fault of the net; a gate input stuck at a controlling level is
a stuck output; a counter without a clock is frozen.
"""

from dataclasses import replace
from typing import Final

from logicsim.circuit.netlist import Netlist
from logicsim.core.logic import Z
from logicsim.faults.clocking import resting
from logicsim.faults.fault import Fault
from logicsim.faults.sites import at_net, only_pin, stuck
from logicsim.faults.table import KINDS
from logicsim.parts.kind import Held

# Kinds that hold a net or a pin at a level.
LEVEL_OF: Final = {"stuck-at-0": 0, "stuck-at-1": 1, "open": Z}


class Equivalence:
    """The equivalence of faults in a netlist."""

    def __init__(self, netlist: Netlist) -> None:
        self._netlist = netlist
        self._resting = resting(netlist)

    def signature(self, fault: Fault) -> str:
        """A key that is equal for equivalent faults."""
        level = self._level(fault)
        if level is not None:
            return self._held(fault.site, level)
        if KINDS[fault.kind].place is at_net:
            return replace(fault, site=only_pin(self._netlist, fault.site)).name
        return fault.name

    def _level(self, fault: Fault) -> int | None:
        """The level at which a fault holds a net or a pin; None for other faults."""
        if fault.kind == "missing":
            return self._resting[fault.site]
        if fault.kind == "open" and fault.site not in self._netlist.pins:
            return None  # a potentiometer
        return LEVEL_OF.get(fault.kind)

    def _held(self, site: str, level: int) -> str:
        """A key for a net or pin held at a level, equal for all that hold the same output."""
        seen: list[str] = []
        while True:
            site = only_pin(self._netlist, site)
            name = f"{site}={level}"
            if name in seen:
                return min(seen)  # gates in a ring
            seen.append(name)
            pin = self._netlist.pins.get(site)
            made = stuck(self._netlist, pin, level) if pin is not None else ""
            if pin is None or not made:
                return name
            if not isinstance(made, Held):
                return f"{made}:{pin.part.name}"
            site, level = pin.part.pins[made.output][0], made.level
