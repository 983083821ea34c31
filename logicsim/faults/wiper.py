"""Wipers that are not where the counter says: stuck at a tap, or one bit of the decoder stuck."""

from dataclasses import dataclass

import numpy as np

from logicsim.circuit.netlist import Netlist
from logicsim.core.errors import FaultError
from logicsim.faults.kind import Kind
from logicsim.faults.potentiometer import Floats, altered, sound
from logicsim.faults.sites import potentiometers
from logicsim.faults.strike import Strike


@dataclass(frozen=True, slots=True)
class AtTap:
    """The wiper stays at one tap, whatever the counter counts."""

    tap: int

    def __call__(self, siemens: Floats) -> Floats:
        """The conductance of that tap at every code."""
        return np.full_like(siemens, siemens[self.tap])


@dataclass(frozen=True, slots=True)
class StuckBit:
    """One bit of the code is always 0 or 1 on its way to the wiper."""

    bit: int
    level: int

    def __call__(self, siemens: Floats) -> Floats:
        """The conductance of the code as the wiper gets it; past the end, of the last."""
        codes = np.arange(len(siemens))
        mask = 1 << self.bit
        taps = codes | mask if self.level else codes & ~mask
        reached: Floats = siemens[np.minimum(taps, len(siemens) - 1)]
        return reached


def _at_tap(netlist: Netlist, strike: Strike) -> Netlist:
    tap, taps = int(strike.value), sound(netlist, strike.site).positions
    if tap >= taps:
        raise FaultError(f"{strike.site}: there is no tap {tap}; taps are 0 to {taps - 1}")
    return altered(netlist, strike, AtTap(tap))


def _bit(netlist: Netlist, strike: Strike, level: int) -> Netlist:
    bits = (sound(netlist, strike.site).positions - 1).bit_length()
    if strike.value >= bits:
        raise FaultError(
            f"{strike.site}: a code has no bit {int(strike.value)}; bits are 0 to {bits - 1}"
        )
    return altered(netlist, strike, StuckBit(int(strike.value), level))


_BITS = tuple(str(bit) for bit in range(7))

WIPER_AT = Kind(
    "wiper-at", "a wiper stays at one tap", potentiometers, _at_tap,
    unit="integer", values=("0", "127"), least=0,
)  # fmt: skip
BIT_AT_0 = Kind(
    "bit-at-0", "a bit of the code is always 0 at the wiper", potentiometers,
    lambda netlist, strike: _bit(netlist, strike, 0),
    unit="integer", values=_BITS, least=0, most=15,
)  # fmt: skip
BIT_AT_1 = Kind(
    "bit-at-1", "a bit of the code is always 1 at the wiper", potentiometers,
    lambda netlist, strike: _bit(netlist, strike, 1),
    unit="integer", values=_BITS, least=0, most=15,
)  # fmt: skip
