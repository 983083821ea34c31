"""Comparators with an offset, more noise, or a supply too low for their inputs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from logicsim.circuit.netlist import Netlist
from logicsim.faults.injection import Injection, mutated
from logicsim.faults.kind import Kind
from logicsim.faults.mutant import Mutant, innermost
from logicsim.faults.sites import comparators
from logicsim.parts.comparator import Channel, Comparator, Disturbance
from logicsim.parts.socket import Socket


@dataclass(frozen=True, slots=True)
class Disturbed(Mutant):
    """A comparator that is disturbed while the fault is active."""

    disturbance: Disturbance

    def change(self, part: Channel, socket: Socket) -> Callable[[bool], None]:
        """Disturb the comparator when the fault begins, and undo that when it ends."""
        bank: Any = socket.bench.comparators

        def turn(there: bool) -> None:
            bank.disturb(part.index, self.disturbance if there else self.disturbance.undone())
            socket.kernel.unsettled = True

        return turn


def _disturb(netlist: Netlist, injection: Injection, disturbance: Disturbance) -> Netlist:
    return mutated(
        netlist, injection.site, lambda chip: Disturbed(chip, injection.active, disturbance)
    )


def _supply(netlist: Netlist, injection: Injection) -> Netlist:
    chip = innermost(netlist.part(injection.site).chip)
    assert isinstance(chip, Comparator)
    return _disturb(netlist, injection, Disturbance(limit=injection.value - chip.supply))


OFFSET = Kind(
    "offset", "a comparator has an additional input offset", comparators,
    lambda netlist, injection: _disturb(netlist, injection, Disturbance(offset=injection.value)),
    unit="V", values=("50mV", "-50mV"),
)  # fmt: skip
NOISY = Kind(
    "noisy", "a comparator's noise is multiplied by a factor", comparators,
    lambda netlist, injection: _disturb(netlist, injection, Disturbance(loudness=injection.value)),
    unit="number", values=("10",), least=1e-3, most=1e6,
)  # fmt: skip
SUPPLY = Kind(
    "supply", "a comparator's supply is at another voltage: inputs near or above it read low",
    comparators, _supply, unit="V", values=("5V",), least=0,
)  # fmt: skip
