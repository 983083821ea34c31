"""Wiper faults: stuck at a tap, or one bit of the decoder stuck."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from logicsim.circuit.netlist import Netlist
from logicsim.core.errors import FaultError
from logicsim.faults.injection import Injection
from logicsim.faults.kind import Kind
from logicsim.faults.potentiometer import Floats, remapped, sound
from logicsim.faults.sites import potentiometers, state_bits


@dataclass(frozen=True, slots=True)
class AtTap:
    """The wiper stays at one tap at every code."""

    tap: int

    def __call__(self, siemens: Floats) -> Floats:
        """The conductance of that tap at every code."""
        return np.full_like(siemens, siemens[self.tap])


@dataclass(frozen=True, slots=True)
class StuckBit:
    """One bit of the code is stuck at 0 or 1 between the counter and the wiper."""

    bit: int
    level: int

    def __call__(self, siemens: Floats) -> Floats:
        """The conductance at the altered code, limited to the last tap."""
        codes = np.arange(len(siemens))
        mask = 1 << self.bit
        taps = codes | mask if self.level else codes & ~mask
        reached: Floats = siemens[np.minimum(taps, len(siemens) - 1)]
        return reached


def _at_tap(netlist: Netlist, injection: Injection) -> Netlist:
    tap, taps = int(injection.value), sound(netlist, injection.site).positions
    if tap >= taps:
        raise FaultError(f"{injection.site}: there is no tap {tap}; taps are 0 to {taps - 1}")
    return remapped(netlist, injection, AtTap(tap))


def _bit(netlist: Netlist, injection: Injection, level: int) -> Netlist:
    bits = state_bits(netlist.part(injection.site))
    if injection.value >= bits:
        raise FaultError(
            f"{injection.site}: a code has no bit {int(injection.value)}; bits are 0 to {bits - 1}"
        )
    return remapped(netlist, injection, StuckBit(int(injection.value), level))


def _ends(netlist: Netlist, site: str) -> Sequence[str]:
    """The first and the last tap."""
    return ["0", str(sound(netlist, site).positions - 1)]


def _bits(netlist: Netlist, site: str) -> Sequence[str]:
    """Every bit of the code."""
    return [str(bit) for bit in range(state_bits(netlist.part(site)))]


WIPER_AT = Kind(
    "wiper-at", "a wiper stays at one tap", potentiometers, _at_tap,
    unit="integer", values=("0",), values_at=_ends, least=0,
)  # fmt: skip
BIT_AT_0 = Kind(
    "bit-at-0", "a bit of the code is always 0 at the wiper", potentiometers,
    lambda netlist, injection: _bit(netlist, injection, 0),
    unit="integer", values=("0",), values_at=_bits, least=0, most=15,
)  # fmt: skip
BIT_AT_1 = Kind(
    "bit-at-1", "a bit of the code is always 1 at the wiper", potentiometers,
    lambda netlist, injection: _bit(netlist, injection, 1),
    unit="integer", values=("0",), values_at=_bits, least=0, most=15,
)  # fmt: skip
