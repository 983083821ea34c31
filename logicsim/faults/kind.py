"""The declaration of a kind of fault; `logicsim.faults` has the table of all kinds."""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from logicsim.circuit.netlist import Netlist
from logicsim.faults.injection import Injection
from logicsim.faults.sites import Place, at_part

# A quantity, a plain number, a whole number (of a bit, a code), or nothing.
Unit = Literal["V", "s", "ohm", "number", "integer", ""]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault.

    Attributes:
        name: the name, such as 'stuck-at-0'.
        title: the description, one line.
        sites: all sites of a netlist.
        insert: puts the fault into a netlist.
        place: resolves a site: by default a part, a pin of a part, an edge, or a net.
        listed: the sites in a list of all faults; all sites if None.
        unit: the unit of its value.
        values: the values in a list of all faults; the first is an example.
        values_at: the values at a site, if they depend on the site.
        least, most: the bounds of a value.
        transient: whether it acts at a moment, which must be given.
        timing: whether it changes timing, so that only the event engine can simulate it.
    """

    name: str
    title: str
    sites: Callable[[Netlist], Collection[str]]
    insert: Callable[[Netlist, Injection], Netlist]
    place: Callable[[Netlist, str], Place] = at_part
    listed: Callable[[Netlist], Sequence[str]] | None = None
    unit: Unit = ""
    values: Sequence[str] = ("",)
    values_at: Callable[[Netlist, str], Sequence[str]] | None = None
    least: float = -math.inf
    most: float = math.inf
    transient: bool = False
    timing: bool = False

    def all_values(self, netlist: Netlist, site: str) -> Sequence[str]:
        """The values at a site in a list of all faults."""
        return self.values if self.values_at is None else self.values_at(netlist, site)
