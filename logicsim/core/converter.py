"""The supervisor's digital-to-analog and analog-to-digital converters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from logicsim.core.rule import RESOLUTION

Floats = NDArray[np.float64]


class Converter(Protocol):
    """A DAC or an ADC; `step` (from 1, over all tasks) is for faults that begin or end."""

    def convert(self, volts: Floats, step: int) -> Floats:
        """Convert voltages (V); the result has the same shape, and NaN stays NaN."""


@dataclass(frozen=True, slots=True)
class Quantiser:
    """A converter that rounds to multiples of `resolution` volts; 0 is ideal."""

    resolution: float = 0.0

    def convert(self, volts: Floats, step: int) -> Floats:
        """Round to the nearest multiple of the resolution; from halfway, up."""
        if not self.resolution:
            return volts
        rounded: Floats = np.round((volts + RESOLUTION) / self.resolution) * self.resolution
        return rounded


IDEAL: Final = Quantiser()


@dataclass(frozen=True, slots=True)
class Converters:
    """The two converters of a supervisor: one imposes voltages, the other measures them."""

    impose: Converter = field(default=IDEAL)
    measure: Converter = field(default=IDEAL)


def converted(converter: Converter, volts: Mapping[int, float], step: int) -> Mapping[int, float]:
    """Convert the voltages (V) of some nodes."""
    if converter == IDEAL:
        return volts
    out = converter.convert(np.fromiter(volts.values(), np.float64, len(volts)), step)
    return dict(zip(volts, out.tolist(), strict=True))
