"""Potentiometers with a conductance map: a fault alters the conductance at each code."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from logicsim.circuit.netlist import Netlist
from logicsim.faults.injection import Injection, mutated
from logicsim.faults.mutant import Mutant, innermost
from logicsim.parts.digipot import ConductanceMap, Counter
from logicsim.parts.socket import Socket

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Remapped(Mutant):
    """A potentiometer with a conductance map while the fault is active."""

    mapping: ConductanceMap

    def change(self, part: Counter, socket: Socket) -> Callable[[bool], None]:
        """Apply or remove the mapping."""
        return lambda there: part.remap(self.mapping, there)


def remapped(netlist: Netlist, injection: Injection, mapping: ConductanceMap) -> Netlist:
    """Give the potentiometer at the injection's site a conductance map."""
    return mutated(netlist, injection.site, lambda chip: Remapped(chip, injection.active, mapping))


class Potentiometer(Protocol):
    """The numbers that every potentiometer declares."""

    @property
    def positions(self) -> int:
        """The number of taps."""

    @property
    def wiper(self) -> float:
        """R_W (ohm)."""


def sound(netlist: Netlist, name: str) -> Potentiometer:
    """The declaration of a potentiometer, or of the sound one inside a mutant."""
    chip: Any = innermost(netlist.part(name).chip)
    found: Potentiometer = chip
    return found
