"""Open: a wire that is off, a terminal of a potentiometer or of a comparator that is loose."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from logicsim.circuit.netlist import Netlist
from logicsim.core.logic import Z
from logicsim.faults.kind import Kind
from logicsim.faults.potentiometer import Altered, Floats
from logicsim.faults.sites import comparators, edges, potentiometers, potentiometers_of
from logicsim.faults.sites import input_pins as pins_of
from logicsim.faults.strike import Strike, mutated
from logicsim.faults.stuck import force


@dataclass(frozen=True, slots=True)
class NoConductance:
    """Terminal A or the wiper is off: no current at any code."""

    def __call__(self, siemens: Floats) -> Floats:
        """Nothing flows."""
        return np.zeros_like(siemens)


def _sites(netlist: Netlist) -> Sequence[str]:
    loose = [f"{name}.{pin}" for name in comparators(netlist) for pin in ("plus", "minus")]
    return [*pins_of(netlist), *loose, *potentiometers(netlist)]


def _insert(netlist: Netlist, strike: Strike) -> Netlist:
    site = strike.site
    if site in potentiometers(netlist):
        return _off(netlist, strike, site)
    owner, _, pin = site.rpartition(".")
    if owner in comparators(netlist):
        # The input's own bias current lifts it above the other (SNOSBJ3E: PNP inputs, 25 nA out).
        net = netlist.part(owner).pins["y"][0]
        return force(netlist, replace(strike, site=net), 1 if pin == "plus" else 0)
    return force(netlist, strike, Z)


def _off(netlist: Netlist, strike: Strike, name: str) -> Netlist:
    return mutated(netlist, name, lambda chip: Altered(chip, strike.spell, NoConductance()))


def _cut(netlist: Netlist, strike: Strike) -> Netlist:
    for name in potentiometers_of(strike.site):
        netlist = _off(netlist, strike, name)
    return netlist


OPEN = Kind("open", "a pin, or a terminal of a potentiometer, hangs in the air", _sites, _insert)
CUT = Kind("cut", "an edge is removed from both networks", edges, _cut)
