"""A potentiometer that is not what its code says: its conductances go through a law."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from logicsim.circuit.netlist import Netlist
from logicsim.faults.mutant import Mutant, innermost
from logicsim.faults.strike import Strike, mutated
from logicsim.parts.ad5220 import Ad5220, Digipot, Law
from logicsim.parts.socket import Socket

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Altered(Mutant):
    """A potentiometer with a law from conductances (S, by code) to others while the fault lasts."""

    law: Law

    def change(self, part: Digipot, socket: Socket) -> Callable[[bool], None]:
        """Put the law in force, or lift it."""
        return lambda there: part.alter(self.law, there)


def altered(netlist: Netlist, strike: Strike, law: Law) -> Netlist:
    """Give the potentiometer at the strike's site a law."""
    return mutated(netlist, strike.site, lambda chip: Altered(chip, strike.spell, law))


def sound(netlist: Netlist, name: str) -> Ad5220:
    """The declaration of a potentiometer, whatever has been done to it."""
    chip = innermost(netlist.part(name).chip)
    assert isinstance(chip, Ad5220)
    return chip
