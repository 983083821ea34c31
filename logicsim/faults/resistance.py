"""Wrong resistances: R_AB off by a factor, a bad contact at the wiper, a short, a drift."""

from dataclasses import dataclass
from typing import Any

from logicsim.circuit.netlist import Netlist
from logicsim.faults.injection import Injection, mutated
from logicsim.faults.kind import Kind
from logicsim.faults.mutant import Mutant
from logicsim.faults.potentiometer import Floats, remapped, sound
from logicsim.faults.sites import potentiometers
from logicsim.parts.socket import Socket


@dataclass(frozen=True, slots=True)
class Scaled:
    """R_AB multiplied by a factor; the wiper's resistance (ohm) is unchanged."""

    factor: float
    wiper: float

    def __call__(self, siemens: Floats) -> Floats:
        """Map conductances (S)."""
        return 1 / ((1 / siemens - self.wiper) * self.factor + self.wiper)


@dataclass(frozen=True, slots=True)
class InSeries:
    """A resistance (ohm) in series, at every code."""

    ohms: float

    def __call__(self, siemens: Floats) -> Floats:
        """Map conductances (S)."""
        return siemens / (1 + siemens * self.ohms)


@dataclass(frozen=True, slots=True)
class InParallel:
    """A resistance (ohm) in parallel, at every code."""

    ohms: float

    def __call__(self, siemens: Floats) -> Floats:
        """Map conductances (S)."""
        return siemens + 1 / self.ohms


@dataclass(frozen=True, slots=True)
class Drifting(Mutant):
    """R_AB grows by a fraction `rate` of its nominal value in each step from the fault's first."""

    rate: float
    wiper: float

    def solder(self, socket: Socket) -> Any:
        """Start the chip inside, and change its R_AB at every step."""
        part: Any = self.chip.solder(socket)
        mapping: Scaled | None = None

        def age(step: int) -> None:
            nonlocal mapping
            if mapping is not None:
                part.remap(mapping, there=False)
                mapping = None
            if self.active.there(socket.bench.seed, step):
                mapping = self.mapping(step)
                part.remap(mapping, there=True)

        last = self.active.when.last
        self.active.each_step(socket.kernel, age, last + 1 if last else None)
        return part

    def mapping(self, step: int) -> Scaled:
        """The mapping of a step (from 1, over all tasks)."""
        steps = step - self.active.when.first + 1
        return Scaled(max(1 + self.rate * steps, LEAST), self.wiper)


LEAST = 0.01  # of R_AB: the end of a downward drift


def _scale(netlist: Netlist, injection: Injection) -> Netlist:
    wiper = sound(netlist, injection.site).wiper
    return remapped(netlist, injection, Scaled(injection.value, wiper))


def _drift(netlist: Netlist, injection: Injection) -> Netlist:
    wiper = sound(netlist, injection.site).wiper
    active, rate = injection.active, injection.value
    return mutated(netlist, injection.site, lambda chip: Drifting(chip, active, rate, wiper))


RESISTANCE = Kind(
    "resistance", "R_AB is multiplied by a factor", potentiometers, _scale,
    unit="number", values=("0.7", "1.3"), least=1e-3,
)  # fmt: skip
CONTACT = Kind(
    "contact", "a bad contact at the wiper adds a resistance", potentiometers,
    lambda netlist, injection: remapped(netlist, injection, InSeries(injection.value)),
    unit="ohm", values=("10kohm",), least=0,
)  # fmt: skip
SHORT = Kind(
    "short", "a resistance bridges a potentiometer", potentiometers,
    lambda netlist, injection: remapped(netlist, injection, InParallel(injection.value)),
    unit="ohm", values=("1ohm",), least=1e-3,
)  # fmt: skip
DRIFT = Kind(
    "drift", "R_AB grows by a fraction in each step", potentiometers, _drift,
    unit="number", values=("0.001", "-0.001"), least=-1,
)  # fmt: skip
