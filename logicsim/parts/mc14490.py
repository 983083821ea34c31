"""MC14490: one of six contact bounce eliminators (ON Semiconductor MC14490/D).

The output follows the input once it has held for four periods of the chip's oscillator: at the
fourth oscillator edge after the change plus half a period. An asynchronous change so takes 3.5
to 4.5 periods, one that comes from another section of the chip exactly 4.
"""

from collections.abc import Mapping
from typing import ClassVar, Literal

from logicsim.core.logic import X
from logicsim.core.table import Ratio
from logicsim.core.units import TICKS_PER_SECOND
from logicsim.parts.arcs import Arc, Span, Timing
from logicsim.parts.declaration import Corner, Declaration, Delays, Limits, Spread, declared
from logicsim.parts.part import Part
from logicsim.parts.socket import Socket


class Mc14490(Declaration):
    """The oscillator: f = 1.5 Hz uF / C, +-15 %."""

    pins: ClassVar = {"d": "in", "q": "out"}

    model: Literal["MC14490"] = "MC14490"
    period_spread: Spread = declared(
        Limits(min=0.85, typ=1.0, max=1.15), "oscillator period over nominal", "MC14490/D", "M"
    )

    external_period: Delays = declared(
        ("357 ns", "357 ns", "714 ns"), "shortest of an external oscillator: 2.8 MHz, 1.4 sure",
        "MC14490/D", "M",
    )  # fmt: skip

    delay_drift: Ratio = declared(
        0.001, "the period's growth per kelvin, relative", "order of CMOS RC oscillators", "D",
        ge=0, le=0.01,
    )  # fmt: skip

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """From input to output for an input that may change at any time (see `respond`)."""
        period = self.period(part.values["capacitance"], corner)
        least = 3 * period + period // 2
        span = Span(least + 1, least + period)
        early, late = "3.5 periods", "4.5 periods"
        return Timing((Arc("d", "q", "positive", span, span, period, early, late),))

    def solder(self, socket: Socket) -> None:
        """Put one section to work."""
        Debouncer(self, socket)

    def period(self, capacitance: float, corner: Corner) -> int:
        """The oscillator's period in ticks with a capacitor of `capacitance` farads."""
        nominal = capacitance / 1.5e-6
        return max(1, round(nominal * self.period_spread.at(corner) * TICKS_PER_SECOND))


def respond(now: int, period: int, phase: float) -> int:
    """Ticks until a section's output follows an input that changed at `now` and holds.

    The oscillator's edges are at (phase + k) * period for all integer k.
    """
    to_next_edge = period - (now - round(phase * period)) % period
    return to_next_edge + 3 * period + period // 2


class Debouncer:
    """A four-bit section as what it does to its input: an inertial delay in oscillator time."""

    __slots__ = ("_d", "_kernel", "_period", "_phase", "_q")

    def __init__(self, chip: Mc14490, socket: Socket) -> None:
        self._kernel = socket.kernel
        self._d = socket.net("d")
        self._q = socket.driver("q")
        self._period = socket.timing.arc("d", "q").grid
        self._phase = socket.values["phase"]
        self._d.listen(socket.process, self.react)
        socket.process.notify(self.react)

    def react(self) -> None:
        """Start counting towards the input's new level, or stop if it bounced back."""
        self._q.inertial(
            min(self._d.value, X), respond(self._kernel.now, self._period, self._phase)
        )
