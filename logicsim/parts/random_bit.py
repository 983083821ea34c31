"""A source of random bits: a new, independent bit at every active edge of CP.

No single chip does this; amplified noise, a comparator and a flop do.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from logicsim.core.logic import X
from logicsim.core.table import Ratio
from logicsim.kernel.kernel import Edge
from logicsim.parts.arcs import Arc, Check, Span, Timing
from logicsim.parts.kind import ChipKind, Corner, Delays, Held, Times, declared, number
from logicsim.parts.operations import Draw, Operation
from logicsim.parts.part import Capture, Part
from logicsim.parts.socket import Socket
from logicsim.parts.verilog import Instance, long, ports

_VERILOG: Final = """\
// Random bit: its bits are the emulator's.
module random_bit #(parameter [63:0] WIDTH = 0) (input cp);
  reg was = 1'bx;
  reg [63:0] turned = `NEVER;
  initial #0 was = cp;
  always @(cp) begin
    #0;
    if (^was !== 1'bx) `CHECK(width, "width", turned, WIDTH)
    was = cp;
    turned = `NOW;
  end
endmodule
"""


class RandomBit(ChipKind):
    """The probability of a high bit, and the delay."""

    kind: ClassVar[str] = "random-bit"
    structure: ClassVar[tuple[str, ...]] = ("active",)
    pins: ClassVar = {"cp": "in", "y": "out"}

    active: Edge = "fall"
    probability: Ratio = declared(0.5, "share of bits that are high", "ours", "D", ge=0, le=1)
    clock_to_y: Delays = number("active CP edge to Y")
    width: Times = declared("0 ns", "shortest CP pulse, high or low", "ours", "D")
    delay_drift: Ratio = declared(
        0.003, "delays' growth per kelvin, relative", "order of HC logic", "D", ge=0, le=0.01
    )

    @property
    def capture(self) -> Capture:
        """No pin is sampled; the active edge of CP draws a bit."""
        return Capture("cp", self.active, ())

    def stuck(self, pin: str, level: int) -> str | Held:
        """The source never draws with a stuck clock, whatever its level."""
        return "unclocked" if level < X else ""

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """The arc from CP to Y, and the widths of CP."""
        to_y, width = Span.exactly(self.clock_to_y.ticks(corner)), self.width.ticks(corner)
        checks = (Check("width", "cp", "cp", width, level) for level in (0, 1) if width)
        return Timing((Arc("cp", "y", to_y, to_y, active=self.active),), tuple(checks))

    def operations(self) -> Sequence[Operation]:
        """A draw at the active edge."""
        return (Draw("y", "cp", self.active, self.probability),)

    def solder(self, socket: Socket) -> None:
        """Start one source; its bit is unknown until the first clock edge."""
        y, delay = socket.driver("y", X), self.clock_to_y.ticks(socket.corner)
        cp, width = socket.net("cp"), self.width.ticks(socket.corner)

        def draw() -> None:
            y.inertial(int(socket.uniform("bit") < self.probability), delay)

        cp.listen_edge(self.active, socket.process, draw)
        for level in (0, 1):
            if width:
                cp.constrain_width(socket.part.name, "cp", level, width)

    def verilog(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Instance:
        """The width checks of CP: Verilog cannot draw the same bits, so they are played back."""
        width = {"WIDTH": long(self.width.ticks(corner))}
        return Instance("random_bit", _VERILOG, width, ports("cp"))
