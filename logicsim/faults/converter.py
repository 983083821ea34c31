"""Faults of the supervisor's converters: a bit that is stuck, and a wrong reference."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from logicsim.circuit.netlist import Netlist
from logicsim.core.converter import Converter, Floats
from logicsim.faults.kind import Kind
from logicsim.faults.strike import Strike
from logicsim.faults.when import Spell

# The paper's converters are not named: 16 bits over 10 V, as in common data acquisition units.
# Neither has to do with `resolution`, which a board may set for itself.
_BITS: Final = 16
_FULL_SCALE: Final = 10.0  # V

_SITES: Final = {"supervisor.dac": "impose", "supervisor.adc": "measure"}


@dataclass(frozen=True, slots=True)
class Faulty:
    """A converter around the one that it was; its fault comes and goes at steps' beginnings."""

    sound: Converter
    spell: Spell
    seed: int

    def convert(self, volts: Floats, step: int) -> Floats:
        """As before, or as the fault has it."""
        out = self.sound.convert(volts, step)
        return self.makes(out) if self.spell.there(self.seed, step) else out

    def makes(self, volts: Floats) -> Floats:
        """What becomes of voltages while the fault is there."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class StuckBit(Faulty):
    """A bit of the code (0 is the least, 0.15 mV) is always 0 or 1; what is below a code stays."""

    bit: int
    level: int

    def makes(self, volts: Floats) -> Floats:
        """The voltage with the bit as it is stuck; codes end at 0 and at full scale."""
        least = _FULL_SCALE / 2**_BITS
        codes = np.floor(np.nan_to_num(volts) / least).clip(0, 2**_BITS - 1).astype(np.int64)
        mask = 1 << self.bit
        stuck = codes | mask if self.level else codes & ~mask
        moved: Floats = volts + (stuck - codes) * least
        return moved


@dataclass(frozen=True, slots=True)
class WrongReference(Faulty):
    """All voltages are so many times what they should be."""

    factor: float

    def makes(self, volts: Floats) -> Floats:
        """Scaled."""
        return volts * self.factor


def _broken(make: Callable[[Converter, Strike], Converter]) -> Callable[[Netlist, Strike], Netlist]:
    def insert(netlist: Netlist, strike: Strike) -> Netlist:
        which = _SITES[strike.site]
        sound: Any = getattr(netlist.converters, which)
        return replace(
            netlist, converters=replace(netlist.converters, **{which: make(sound, strike)})
        )

    return insert


def _stuck(level: int) -> Callable[[Netlist, Strike], Netlist]:
    return _broken(
        lambda sound, strike: StuckBit(sound, strike.spell, strike.seed, int(strike.value), level)
    )


_LISTED: Final = ("9", "11", "13", "15")  # 78 mV, 0.3, 1.25 and 5 V

CONVERTER_BIT_AT_0 = Kind(
    "converter-bit-at-0", "a bit of a converter's code is always 0", lambda _: list(_SITES),
    _stuck(0), unit="integer", values=_LISTED, least=0, most=_BITS - 1,
)  # fmt: skip
CONVERTER_BIT_AT_1 = Kind(
    "converter-bit-at-1", "a bit of a converter's code is always 1", lambda _: list(_SITES),
    _stuck(1), unit="integer", values=_LISTED, least=0, most=_BITS - 1,
)  # fmt: skip
REFERENCE = Kind(
    "reference", "a converter's voltages are so many times what they should be",
    lambda _: list(_SITES),
    _broken(lambda sound, strike: WrongReference(sound, strike.spell, strike.seed, strike.value)),
    unit="number", values=("0.9", "1.1"), least=-10, most=10,
)  # fmt: skip
