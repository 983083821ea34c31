"""JK flip-flops, such as one of the two in a CD74HC73 (TI SCHS134).

An asynchronous reset is tied to its inactive level on the breadboard and left out. There is no
power-on reset: Q is unknown until the first active edge that sets or resets it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Final

from logicsim.core.logic import Function
from logicsim.parts.arcs import Timing
from logicsim.parts.flop import Flop, FlopKind
from logicsim.parts.kind import Corner
from logicsim.parts.operations import Clocked, Operation
from logicsim.parts.part import Part
from logicsim.parts.socket import Socket
from logicsim.parts.spice import NONE, Place, at, element
from logicsim.parts.verilog import Instance, bit, ports, sum_of_products

# The next state from J, K and Q: 00 holds, 10 sets, 01 resets, 11 toggles.
NEXT = Function(("j", "k", "q"), "01001110")


_VERILOG: Final = """\
// JK flip-flop. An edge in Verilog may come from x, so the level before the edge is checked.
module jk_flop #(parameter ACTIVE = 1'b0,
    parameter [63:0] SETUP = 0, HOLD = 0, WIDTH = 0, CLOCK_TO_Q = 1) (input j, k, cp, output q);
  reg was = 1'bx, state = 1'bx;
  reg [63:0] moved = `NEVER, turned = `NEVER, clocked = `NEVER;
  initial #0 was = cp;
  always @(cp) begin
    #0;
    if (^was !== 1'bx) `CHECK(width, "width", turned, WIDTH)
    if (was === ~ACTIVE && cp === ACTIVE) begin
      `CHECK(setup, "setup", moved, SETUP)
      state = NEXT;
      clocked = $time;
    end
    was = cp;
    turned = `NOW;
  end
  always @(j or k) begin
    moved = `NOW;
    #0;
    if (clocked != $time) `CHECK(hold, "hold", clocked, HOLD)
  end
  assign #(CLOCK_TO_Q) q = state;
endmodule
""".replace("NEXT", sum_of_products(NEXT, {"q": "state"}))


class JkFlop(FlopKind):
    """Setup, hold and width of a JK flop, and its clock-to-output delay."""

    kind: ClassVar[str] = "jk-flop"
    pins: ClassVar = {"j": "in", "k": "in", "cp": "in", "q": "out"}
    sampled: ClassVar[tuple[str, ...]] = ("j", "k")

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """The arc from CP to Q; setup and hold of J and K, widths of CP."""
        return self.clocked(corner)

    def operations(self) -> Sequence[Operation]:
        """A truth table at the active edge."""
        return (Clocked("q", ("j", "k"), NEXT.table, "cp", self.active),)

    def solder(self, socket: Socket) -> Flop:
        """Start one flip-flop in a run."""
        return Flop(self, socket, NEXT)

    def verilog(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Instance:
        """A flop with its table at the active edge."""
        numbers = {"ACTIVE": f"1'b{bit(self.active)}"} | self.times(corner)
        return Instance("jk_flop", _VERILOG, numbers, ports(*self.pins))

    def spice(self, part: Part, place: Place) -> Iterator[str]:
        """A `d_jkff`, unknown until it is clocked."""
        nets, nothing = place.nets, f"{NONE} {NONE}"
        inputs = f"{nets['j']} {nets['k']} {at(nets['cp'], self.active)}"
        pins = f"a{place.name} {inputs} {nothing} {nets['q']} {NONE}"
        return element(pins, "jk", "d_jkff(ic=2)")
