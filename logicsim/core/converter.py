"""The supervisor's converters: what they make of a voltage that is imposed or measured."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Converter(Protocol):
    """Digital to analog or back; `step` (from 1, over all tasks) is for those that break."""

    def convert(self, volts: Floats, step: int) -> Floats:
        """What comes out (V), of the same shape as what goes in; NaN stays NaN."""


@dataclass(frozen=True, slots=True)
class Quantiser:
    """Rounds to steps of `resolution` volts; 0 is ideal."""

    resolution: float = 0.0

    def convert(self, volts: Floats, step: int) -> Floats:
        """The nearest multiple of the resolution."""
        if not self.resolution:
            return volts
        rounded: Floats = np.round(volts / self.resolution) * self.resolution
        return rounded


IDEAL: Final = Quantiser()


@dataclass(frozen=True, slots=True)
class Converters:
    """Those of one supervisor: which imposes voltages, and which measures them."""

    impose: Converter = field(default=IDEAL)
    measure: Converter = field(default=IDEAL)


def converted(converter: Converter, volts: Mapping[int, float], step: int) -> Mapping[int, float]:
    """What a converter makes of voltages (V) by node."""
    if converter == IDEAL:
        return volts
    out = converter.convert(np.fromiter(volts.values(), np.float64, len(volts)), step)
    return dict(zip(volts, out.tolist(), strict=True))
