"""Resistances that are off: R_AB by a factor, a bad contact at the wiper, a short, a drift."""

from dataclasses import dataclass
from typing import Any

from logicsim.circuit.netlist import Netlist
from logicsim.faults.kind import Kind
from logicsim.faults.mutant import Mutant
from logicsim.faults.potentiometer import Floats, altered, sound
from logicsim.faults.sites import potentiometers
from logicsim.faults.strike import Strike, mutated
from logicsim.parts.socket import Socket


@dataclass(frozen=True, slots=True)
class Scaled:
    """R_AB so many times what it is; the wiper's own resistance (ohm) stays."""

    factor: float
    wiper: float

    def __call__(self, siemens: Floats) -> Floats:
        """From conductances to conductances (S)."""
        return 1 / ((1 / siemens - self.wiper) * self.factor + self.wiper)


@dataclass(frozen=True, slots=True)
class InSeries:
    """So many ohm in series at every code."""

    ohms: float

    def __call__(self, siemens: Floats) -> Floats:
        """From conductances to conductances (S)."""
        return siemens / (1 + siemens * self.ohms)


@dataclass(frozen=True, slots=True)
class InParallel:
    """So many ohm across it at every code."""

    ohms: float

    def __call__(self, siemens: Floats) -> Floats:
        """From conductances to conductances (S)."""
        return siemens + 1 / self.ohms


@dataclass(frozen=True, slots=True)
class Drifting(Mutant):
    """R_AB grows by a share of itself (`rate`) each step, from its first step on."""

    rate: float
    wiper: float

    def solder(self, socket: Socket) -> Any:
        """Put the chip within to work, and age it a little at every step."""
        part: Any = self.chip.solder(socket)
        law: Scaled | None = None

        def age(step: int) -> None:
            nonlocal law
            if law is not None:
                part.alter(law, there=False)
                law = None
            if self.spell.there(socket.bench.seed, step):
                law = self.law(step)
                part.alter(law, there=True)

        last = self.spell.when.last
        self.spell.each_step(socket.kernel, age, last + 1 if last else None)
        return part

    def law(self, step: int) -> Scaled:
        """How far it has come in a step (from 1, over all tasks)."""
        steps = step - self.spell.when.first + 1
        return Scaled(max(1 + self.rate * steps, _LEAST), self.wiper)


_LEAST = 0.01  # of R_AB: a resistance that drifts down does not vanish


def _scale(netlist: Netlist, strike: Strike) -> Netlist:
    wiper = sound(netlist, strike.site).wiper
    return altered(netlist, strike, Scaled(strike.value, wiper))


def _drift(netlist: Netlist, strike: Strike) -> Netlist:
    wiper = sound(netlist, strike.site).wiper
    return mutated(netlist, strike.site,
                   lambda chip: Drifting(chip, strike.spell, strike.value, wiper))  # fmt: skip


RESISTANCE = Kind(
    "resistance", "R_AB is so many times what it should be", potentiometers, _scale,
    unit="number", values=("0.7", "1.3"), least=1e-3,
)  # fmt: skip
CONTACT = Kind(
    "contact", "a bad contact at the wiper: so many ohm more", potentiometers,
    lambda netlist, strike: altered(netlist, strike, InSeries(strike.value)),
    unit="ohm", values=("10kohm",), least=0,
)  # fmt: skip
SHORT = Kind(
    "short", "a potentiometer is bridged by so many ohm", potentiometers,
    lambda netlist, strike: altered(netlist, strike, InParallel(strike.value)),
    unit="ohm", values=("1ohm",), least=1e-3,
)  # fmt: skip
DRIFT = Kind(
    "drift", "R_AB grows by such a share of itself each step", potentiometers, _drift,
    unit="number", values=("0.001", "-0.001"), least=-1,
)  # fmt: skip
