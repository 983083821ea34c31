"""What every kind of fault says of itself; `logicsim.faults` has the table of them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from logicsim.circuit.netlist import Netlist
from logicsim.faults.strike import Strike

# A quantity, a plain number, a whole number (of a bit, a code), or nothing.
Unit = Literal["V", "s", "ohm", "number", "integer", ""]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault.

    Attributes:
        name: 'stuck-at-0'.
        title: what it is, in a line.
        sites: all places of a netlist where it may strike.
        insert: puts it into a netlist.
        listed: those of its sites that a list of all faults has; all if None.
        unit: of its value.
        values: those that a list of all faults has.
        least, most: the bounds of a value.
        transient: a matter of a moment, which must be given.
        timing: it changes when things happen, so that only the event engine can tell what follows.
    """

    name: str
    title: str
    sites: Callable[[Netlist], Sequence[str]]
    insert: Callable[[Netlist, Strike], Netlist]
    listed: Callable[[Netlist], Sequence[str]] | None = None
    unit: Unit = ""
    values: Sequence[str] = ("",)
    least: float = -math.inf
    most: float = math.inf
    transient: bool = False
    timing: bool = False
