"""Contact bounce eliminators, such as one of the six in an MC14490 (ON Semiconductor MC14490/D).

The output follows the input once it has held for four periods of the chip's oscillator: at the
fourth oscillator edge after the change plus half a period. So an asynchronous change takes 3.5
to 4.5 periods, and a change from another section of the chip exactly 4.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Final

from logicsim.core.logic import Function, X
from logicsim.core.noise import Purpose, Stream
from logicsim.core.table import Ratio
from logicsim.core.units import TICKS_PER_SECOND
from logicsim.parts.arcs import Arc, Span, Timing
from logicsim.parts.kind import ChipKind, Corner, Delays, Pieces, Spread, declared, number
from logicsim.parts.operations import Lookup, Operation
from logicsim.parts.part import Part
from logicsim.parts.socket import Socket
from logicsim.parts.spice import PERIOD, Place, element
from logicsim.parts.verilog import Instance, long, ports

_HELD: Final = 4  # oscillator periods an input must hold

_VERILOG: Final = """\
// Debouncer section: follows an input that has held for HELD oscillator edges, half a period on.
module debouncer #(parameter [63:0] PERIOD = 2, PHASE = 0, parameter HELD = 4)
    (input d, output reg q);
  reg level = 1'bx;
  integer held = 0;
  initial q = 1'bx;
  always begin
    #0;
    if (level !== (d ^ 1'b0)) begin  // z reads as x
      level = d ^ 1'b0;
      held = 0;
    end
    @(d);
  end
  always begin
    wait (level !== q);
    #(PERIOD - ($time + PERIOD - PHASE) % PERIOD) held = held + 1;
    if (held == HELD) #(PERIOD / 2) if (held == HELD) q = level;
  end
endmodule
"""


class Debouncer(ChipKind):
    """The oscillator period and its dependence on the capacitor."""

    kind: ClassVar[str] = "debouncer"
    pins: ClassVar = {"d": "in", "q": "out"}
    untimed: ClassVar[frozenset[str]] = frozenset({"phase"})
    follows: ClassVar[Mapping[str, tuple[str, ...]]] = {"q": ("d",)}

    period_spread: Spread = number("oscillator period over nominal")
    external_period: Delays = number("shortest of an external oscillator")
    capacitance_rate: Ratio = number("oscillator frequency times its capacitor, F/s", gt=0)
    delay_drift: Ratio = declared(
        0.001, "the period's growth per kelvin, relative", "order of CMOS RC oscillators", "D",
        ge=0, le=0.01,
    )  # fmt: skip

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """The arc from input to output, for an input that may change at any time (`respond`)."""
        period = self.period(part.values["capacitance"], corner)
        least = (_HELD - 1) * period + period // 2
        span = Span(least + 1, least + period)
        early, late = "3.5 periods", "4.5 periods"
        return Timing(
            (Arc("d", "q", span, span, grid=period, early=early, late=late),),
            functions={"q": Function(("d",), "01")},
        )

    def operations(self) -> Sequence[Operation]:
        """A copy of the input, since the vector engine has no delays."""
        return (Lookup("q", ("d",), "01"),)

    def solder(self, socket: Socket) -> None:
        """Start one section in a run."""
        Section(self, socket)

    def verilog(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Instance:
        """A module of one section with its oscillator."""
        period = self.period(part.values["capacitance"], corner)
        phase = round(part.values["phase"] * period)
        return Instance(
            "debouncer", _VERILOG,
            {"PERIOD": long(period), "PHASE": long(phase), "HELD": str(_HELD)},
            ports("d", "q"),
        )  # fmt: skip

    def spice(self, part: Part, place: Place) -> Iterator[str]:
        """A delay of the periods its input must hold."""
        delay = f"{_HELD}{PERIOD}"
        model = f"d_buffer(rise_delay={delay} fall_delay={delay})"
        return element(f"a{place.name} {place.nets['d']} {place.nets['q']}", "section", model)

    def pieces(self, seed: int, edges: int, place: int, of: int) -> Pieces:
        """The phase (0 to 1 periods) of the oscillator at power-up, which all sections share."""
        return {"phase": float(Stream(seed, Purpose.OSCILLATOR_PHASE).uniforms(1)[0])}

    def period(self, capacitance: float, corner: Corner) -> int:
        """The oscillator's period in ticks with a capacitor of `capacitance` farads."""
        nominal = capacitance / self.capacitance_rate
        return max(1, round(nominal * self.period_spread.at(corner) * TICKS_PER_SECOND))


def respond(now: int, period: int, phase: float) -> int:
    """Ticks until a section's output follows an input that changed at `now` and holds.

    The oscillator's edges are at (phase + k) * period for all integer k.
    """
    to_next_edge = period - (now - round(phase * period)) % period
    return to_next_edge + (_HELD - 1) * period + period // 2


def spacing_periods(depth: int) -> int:
    """The periods that a chain of `depth` debouncers needs at most, at any oscillator phase.

    The first takes up to 4.5, each other 4; 13 for the paper's three.
    """
    return _HELD * depth + 1


class Section:
    """One section, modelled as an inertial delay counted in oscillator periods."""

    __slots__ = ("_d", "_kernel", "_period", "_phase", "_q")

    def __init__(self, chip: Debouncer, socket: Socket) -> None:
        self._kernel = socket.kernel
        self._d = socket.net("d")
        self._q = socket.driver("q")
        self._period = socket.timing.arc("d", "q").grid
        self._phase = socket.values["phase"]
        self._d.listen(socket.process, self.react)
        socket.process.notify(self.react)

    def react(self) -> None:
        """Schedule the input's new level, or cancel it if the input bounced back."""
        self._q.inertial(
            min(self._d.value, X), respond(self._kernel.now, self._period, self._phase)
        )
