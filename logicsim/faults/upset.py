"""What a particle or a spike does: a bit of a flop or counter turned over, a glitch on a net."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from logicsim.circuit.netlist import Netlist
from logicsim.core.errors import FaultError
from logicsim.core.logic import X
from logicsim.core.units import ticks
from logicsim.faults.kind import Kind
from logicsim.faults.mutant import Mutant
from logicsim.faults.potentiometer import sound
from logicsim.faults.saboteur import PASSING, Saboteur
from logicsim.faults.sites import flops, potentiometers, wires_and_pins
from logicsim.faults.strike import Strike, mutated
from logicsim.faults.stuck import insert
from logicsim.kernel.kernel import Driver, Net
from logicsim.parts.socket import Socket


@dataclass(frozen=True, slots=True)
class Upset(Mutant):
    """A part whose `bit` is turned over whenever the fault strikes; nothing turns it back."""

    bit: int

    def solder(self, socket: Socket) -> Any:
        """Put the chip within to work, and upset it."""
        part: Any = self.chip.solder(socket)
        upset = partial(part.upset, self.bit)
        self.spell.strikes(
            socket.kernel, socket.bench.seed, lambda: socket.process.notify(upset)
        )  # fmt: skip
        return part


@dataclass(frozen=True, slots=True)
class Glitch(Saboteur):
    """Turns the net over for `width` ticks whenever the fault strikes."""

    width: int

    def works(self, d: Net, q: Driver, socket: Socket) -> Callable[[bool], None]:
        """Invert from the strike on, for the width of the pulse."""
        kernel, ends = socket.kernel, 0

        def follow(there: bool) -> None:  # noqa: ARG001  its time is the strike's
            inverted = kernel.now < ends and d.value < X
            q.inertial(d.value ^ 1 if inverted else d.value, PASSING)

        def again(_: object) -> None:
            socket.process.notify(partial(follow, there=True))

        def strike() -> None:
            nonlocal ends
            ends = kernel.now + self.width
            kernel.schedule(self.width, again, None, socket.part.name)
            again(None)

        self.spell.strikes(kernel, socket.bench.seed, strike)
        return follow


def _flip(netlist: Netlist, strike: Strike) -> Netlist:
    bit, flop = int(strike.value), strike.site in flops(netlist)
    bits = 1 if flop else (sound(netlist, strike.site).positions - 1).bit_length()
    if bit >= bits:
        raise FaultError(f"{strike.site}: there is no bit {bit}; bits are 0 to {bits - 1}")
    return mutated(netlist, strike.site, lambda chip: Upset(chip, strike.spell, bit))


def _stateful(netlist: Netlist) -> Sequence[str]:
    return [*flops(netlist), *potentiometers(netlist)]


def _glitch(netlist: Netlist, strike: Strike) -> Netlist:
    return insert(netlist, strike, Glitch(strike.spell, max(ticks(strike.value), PASSING)))


FLIP = Kind(
    "flip", "a bit of a flop (0) or of a counter (0 to 6) is turned over", _stateful, _flip,
    unit="integer", values=("0", "6"), least=0, most=15, transient=True,
)  # fmt: skip
GLITCH = Kind(
    "glitch", "a net or a pin is turned over for so long", wires_and_pins, _glitch,
    unit="s", values=("50ns",), least=1e-12, most=1e3, transient=True, timing=True,
)  # fmt: skip
