"""Open faults: a pin without its wire, a loose terminal of a potentiometer or comparator."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from logicsim.circuit.netlist import Netlist
from logicsim.core.logic import Z
from logicsim.faults.injection import Injection, mutated
from logicsim.faults.kind import Kind
from logicsim.faults.potentiometer import Floats, Remapped
from logicsim.faults.sites import edges, input_pins, potentiometers, potentiometers_of, stuck
from logicsim.faults.stuck import force
from logicsim.parts.kind import Held


@dataclass(frozen=True, slots=True)
class NoConductance:
    """Terminal A or the wiper is disconnected: no current at any code."""

    def __call__(self, siemens: Floats) -> Floats:
        """Map all conductances to 0."""
        return np.zeros_like(siemens)


def _sites(netlist: Netlist) -> Sequence[str]:
    loose = [name for name, pin in netlist.pins.items()
             if pin.role == "node" and isinstance(stuck(netlist, pin, Z), Held)]  # fmt: skip
    return [*input_pins(netlist), *loose, *potentiometers(netlist)]


def _insert(netlist: Netlist, injection: Injection) -> Netlist:
    site = injection.site
    if site in potentiometers(netlist):
        return _off(netlist, injection, site)
    pin = netlist.pins[site]
    held = stuck(netlist, pin, Z)
    if pin.role == "node" and isinstance(held, Held):
        net = pin.part.pins[held.output][0]
        return force(netlist, replace(injection, site=net), held.level)
    return force(netlist, injection, Z)


def _off(netlist: Netlist, injection: Injection, name: str) -> Netlist:
    return mutated(netlist, name, lambda chip: Remapped(chip, injection.active, NoConductance()))


def _cut(netlist: Netlist, injection: Injection) -> Netlist:
    for name in potentiometers_of(netlist, injection.site):
        netlist = _off(netlist, injection, name)
    return netlist


OPEN = Kind("open", "a pin, or a terminal of a potentiometer, is not connected", _sites, _insert)
CUT = Kind("cut", "an edge is removed from both networks", edges, _cut)
