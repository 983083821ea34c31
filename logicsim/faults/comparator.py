"""Comparators with an offset, with more noise, or with a supply too low for their inputs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from logicsim.circuit.netlist import Netlist
from logicsim.faults.kind import Kind
from logicsim.faults.mutant import Mutant, innermost
from logicsim.faults.sites import comparators
from logicsim.faults.strike import Strike, mutated
from logicsim.parts.lm339a import Comparator, Disturbance, Lm339a
from logicsim.parts.socket import Socket


@dataclass(frozen=True, slots=True)
class Disturbed(Mutant):
    """A comparator that is disturbed while the fault lasts."""

    disturbance: Disturbance

    def change(self, part: Comparator, socket: Socket) -> Callable[[bool], None]:
        """Disturb it, or leave it alone."""
        bank: Any = socket.bench.comparators

        def turn(there: bool) -> None:
            bank.disturb(part.index, self.disturbance if there else self.disturbance.undone())
            socket.kernel.unsettled = True

        return turn


def _disturb(netlist: Netlist, strike: Strike, disturbance: Disturbance) -> Netlist:
    return mutated(netlist, strike.site, lambda chip: Disturbed(chip, strike.spell, disturbance))


def _supply(netlist: Netlist, strike: Strike) -> Netlist:
    chip = innermost(netlist.part(strike.site).chip)
    assert isinstance(chip, Lm339a)
    return _disturb(netlist, strike, Disturbance(limit=strike.value - chip.supply))


OFFSET = Kind(
    "offset", "a comparator has so many volts more input offset", comparators,
    lambda netlist, strike: _disturb(netlist, strike, Disturbance(offset=strike.value)),
    unit="V", values=("50mV", "-50mV"),
)  # fmt: skip
NOISY = Kind(
    "noisy", "a comparator hears its noise so many times as loud", comparators,
    lambda netlist, strike: _disturb(netlist, strike, Disturbance(loudness=strike.value)),
    unit="number", values=("10",), least=1e-3, most=1e6,
)  # fmt: skip
SUPPLY = Kind(
    "supply", "a comparator's supply is at so many volts: above 1.5 V less, inputs read low",
    comparators, _supply, unit="V", values=("5V",), least=0,
)  # fmt: skip
