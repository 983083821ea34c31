"""Wires: a jumper in place of a part, such as the one that bypasses the D-flop."""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Final

from logicsim.core.logic import Function, X
from logicsim.parts.arcs import Arc, Span, Timing
from logicsim.parts.kind import ChipKind, Corner, Delays, number
from logicsim.parts.operations import Lookup, Operation
from logicsim.parts.part import Part
from logicsim.parts.socket import Socket
from logicsim.parts.spice import Place, element
from logicsim.parts.verilog import Instance, ports

_VERILOG: Final = """\
// A wire delays and swallows nothing. Its last picosecond is an assign's, so that it changes
// in the active region as all nets do.
module jumper #(parameter [63:0] DELAY = 1) (input d, output q);
  reg late = 1'bx;
  always begin
    late <= #(DELAY - 1) d ^ 1'b0;
    @(d);
  end
  assign #1 q = late;
endmodule
"""


class Wire(ChipKind):
    """A jumper that passes every pulse (transport delay)."""

    kind: ClassVar[str] = "wire"
    pins: ClassVar = {"d": "in", "q": "out"}
    follows: ClassVar[Mapping[str, tuple[str, ...]]] = {"q": ("d",)}

    delay: Delays = number("from one end to the other")

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """The arc from one end to the other."""
        delay = Span.exactly(self.delay.ticks(corner))
        return Timing((Arc("d", "q", delay, delay),), functions={"q": Function(("d",), "01")})

    def operations(self) -> Sequence[Operation]:
        """A truth table of one input."""
        return (Lookup("q", ("d",), "01"),)

    def solder(self, socket: Socket) -> None:
        """Start one jumper in a run."""
        d, q, delay = socket.net("d"), socket.driver("q"), socket.timing.arc("d", "q").rise.late

        def react() -> None:
            q.transport(min(d.value, X), delay)

        d.listen(socket.process, react)
        socket.process.notify(react)

    def verilog(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Instance:
        """A transport delay."""
        return Instance("jumper", _VERILOG, self.times(corner), ports("d", "q"))

    def spice(self, part: Part, place: Place) -> Iterator[str]:
        """A buffer."""
        pins = f"a{place.name} {place.nets['d']} {place.nets['q']}"
        return element(pins, "buffer", "d_buffer")
