"""Faults of the supervisor's converters: a stuck bit and a wrong reference."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from logicsim.circuit.netlist import Netlist
from logicsim.core.converter import Converter, Floats
from logicsim.core.rule import RESOLUTION
from logicsim.faults.injection import Injection
from logicsim.faults.kind import Kind
from logicsim.faults.sites import at_converter
from logicsim.faults.when import ActiveWindow

# The paper does not name its converters: 16 bits over 10 V, as in common data acquisition units.
# Both numbers are independent of `resolution`, which a board sets.
BITS: Final = 16
FULL_SCALE: Final = 10.0  # V

_SITES: Final = {"supervisor.dac": "impose", "supervisor.adc": "measure"}


@dataclass(frozen=True, slots=True)
class Faulty:
    """A faulty converter around a sound one; the fault begins and ends at the begin of a step."""

    sound: Converter
    active: ActiveWindow
    seed: int

    def convert(self, volts: Floats, step: int) -> Floats:
        """Convert soundly, and apply the fault in a step in which it is active."""
        out = self.sound.convert(volts, step)
        return self.makes(out) if self.active.there(self.seed, step) else out

    def makes(self, volts: Floats) -> Floats:
        """Apply the fault to voltages (V)."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class StuckBit(Faulty):
    """A bit of the code (0 is the least, 0.15 mV) is stuck; fractions of a code are kept."""

    bit: int
    level: int

    def makes(self, volts: Floats) -> Floats:
        """Set the stuck bit in the codes of voltages (V); codes end at 0 and at full scale."""
        least = FULL_SCALE / 2**BITS
        # A voltage on the edge of a code does not depend on the solver's last bit.
        codes = (
            np.floor((np.nan_to_num(volts) + RESOLUTION) / least)
            .clip(0, 2**BITS - 1)
            .astype(np.int64)
        )
        mask = 1 << self.bit
        stuck = codes | mask if self.level else codes & ~mask
        moved: Floats = volts + (stuck - codes) * least
        return moved


@dataclass(frozen=True, slots=True)
class WrongReference(Faulty):
    """All voltages are multiplied by a factor."""

    factor: float

    def makes(self, volts: Floats) -> Floats:
        """Multiply voltages by the factor."""
        return volts * self.factor


def _broken(
    make: Callable[[Converter, Injection], Converter],
) -> Callable[[Netlist, Injection], Netlist]:
    def insert(netlist: Netlist, injection: Injection) -> Netlist:
        which = _SITES[injection.site]
        sound: Any = getattr(netlist.converters, which)
        return replace(
            netlist, converters=replace(netlist.converters, **{which: make(sound, injection)})
        )

    return insert


def _stuck(level: int) -> Callable[[Netlist, Injection], Netlist]:
    return _broken(
        lambda sound, injection: StuckBit(
            sound, injection.active, injection.seed, int(injection.value), level
        )
    )


def _converters(_: Netlist) -> Sequence[str]:
    return list(_SITES)


_LISTED: Final = ("9", "11", "13", "15")  # 78 mV, 0.3, 1.25 and 5 V

CONVERTER_BIT_AT_0 = Kind(
    "converter-bit-at-0", "a bit of a converter's code is always 0", _converters,
    _stuck(0), at_converter, unit="integer", values=_LISTED, least=0, most=BITS - 1,
)  # fmt: skip
CONVERTER_BIT_AT_1 = Kind(
    "converter-bit-at-1", "a bit of a converter's code is always 1", _converters,
    _stuck(1), at_converter, unit="integer", values=_LISTED, least=0, most=BITS - 1,
)  # fmt: skip
REFERENCE = Kind(
    "reference", "a converter's voltages are multiplied by a factor", _converters,
    _broken(lambda sound, each: WrongReference(sound, each.active, each.seed, each.value)),
    at_converter, unit="number", values=("0.9", "1.1"), least=-10, most=10,
)  # fmt: skip
