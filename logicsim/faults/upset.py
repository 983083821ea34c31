"""Upsets: a particle flips a bit of a flop or counter, a spike makes a glitch on a net."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from logicsim.circuit.netlist import Netlist
from logicsim.core.errors import FaultError
from logicsim.core.logic import X
from logicsim.core.units import ticks
from logicsim.faults.injection import Injection, mutated
from logicsim.faults.kind import Kind
from logicsim.faults.mutant import Mutant
from logicsim.faults.saboteur import PASSING, Saboteur
from logicsim.faults.sites import at_net, is_potentiometer, state_bits, wires_and_pins
from logicsim.faults.stuck import insert
from logicsim.kernel.kernel import Driver, Net
from logicsim.parts.socket import Socket


@dataclass(frozen=True, slots=True)
class Upset(Mutant):
    """A part whose `bit` is flipped at each moment of the fault, and not restored."""

    bit: int

    def solder(self, socket: Socket) -> Any:
        """Start the chip inside, and upset it at each moment of the fault."""
        part: Any = self.chip.solder(socket)
        upset = partial(part.upset, self.bit)
        self.active.at_moments(
            socket.kernel, socket.bench.seed, lambda: socket.process.notify(upset)
        )  # fmt: skip
        return part


@dataclass(frozen=True, slots=True)
class Glitch(Saboteur):
    """Inverts the net for `width` ticks at each moment of the fault."""

    width: int

    def works(self, d: Net, q: Driver, socket: Socket) -> Callable[[bool], None]:
        """Invert the net at each of the fault's moments, for the width of the pulse."""
        kernel, ends = socket.kernel, 0

        def follow(there: bool) -> None:  # noqa: ARG001  the moments decide
            inverted = kernel.now < ends and d.value < X
            q.inertial(d.value ^ 1 if inverted else d.value, PASSING)

        def again(_: object) -> None:
            socket.process.notify(partial(follow, there=True))

        def at_moment() -> None:
            nonlocal ends
            ends = kernel.now + self.width
            kernel.schedule(self.width, again, None, socket.part.name)
            again(None)

        self.active.at_moments(kernel, socket.bench.seed, at_moment)
        return follow


def _flip(netlist: Netlist, injection: Injection) -> Netlist:
    bit, bits = int(injection.value), state_bits(netlist.part(injection.site))
    if bit >= bits:
        raise FaultError(f"{injection.site}: there is no bit {bit}; bits are 0 to {bits - 1}")
    return mutated(netlist, injection.site, lambda chip: Upset(chip, injection.active, bit))


def _stateful(netlist: Netlist) -> Sequence[str]:
    """Flops and latches, then counters."""
    found = [part for part in netlist.parts if state_bits(part)]
    return [part.name for part in sorted(found, key=is_potentiometer)]


def _ends(netlist: Netlist, site: str) -> Sequence[str]:
    """The least and the most significant bit."""
    return [str(bit) for bit in sorted({0, state_bits(netlist.part(site)) - 1})]


def _glitch(netlist: Netlist, injection: Injection) -> Netlist:
    return insert(
        netlist, injection, Glitch(injection.active, max(ticks(injection.value), PASSING))
    )


FLIP = Kind(
    "flip", "a bit of a flop (0) or of a counter (0 is the least) is flipped", _stateful, _flip,
    unit="integer", values=("0",), values_at=_ends, least=0, most=15, transient=True,
)  # fmt: skip
GLITCH = Kind(
    "glitch", "a net or a pin is inverted for a time", wires_and_pins, _glitch, at_net,
    unit="s", values=("50ns",), least=1e-12, most=1e3, transient=True, timing=True,
)  # fmt: skip
