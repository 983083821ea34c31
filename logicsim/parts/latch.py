"""Transparent latches, such as one of the four in an SN74HC75: Q follows D while EN is open.

D must be stable around the closing edge of EN; a D that moves within setup or hold is caught as its
old or its new value with equal probability.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Final, Literal

from logicsim.core.logic import Function, X
from logicsim.core.table import Ratio, Volts
from logicsim.kernel.kernel import Edge
from logicsim.parts.arcs import Arc, Check, Span, Timing
from logicsim.parts.kind import ChipKind, Corner, Delays, Times, declared, number
from logicsim.parts.operations import Hold, Operation
from logicsim.parts.part import Capture, Part
from logicsim.parts.socket import Socket
from logicsim.parts.spice import NONE, Place, element
from logicsim.parts.verilog import Instance, ports, sum_of_products

# The next Q from D, EN (open while high) and Q.
NEXT = Function(("d", "en", "q"), "01000111")
_CLOSED_HIGH = "00011101"  # the same for a latch that is open while EN is low

_VERILOG: Final = """\
// Transparent latch, open while EN is at level OPEN.
module latch #(parameter OPEN = 1'b1, parameter [63:0] SETUP = 0, HOLD = 0, WIDTH = 0, D_TO_Q = 1,
    ENABLE_TO_Q = 1) (input d, en, output q);
  reg was = 1'bx, data = 1'bx, state = 1'bx;
  reg [63:0] moved = `NEVER, turned = `NEVER, closed = `NEVER, late = ENABLE_TO_Q;
  wire opens = ~(en ^ OPEN);
  always begin
    #0;
    if (d !== data) begin
      moved = `NOW;
      `CHECK(hold, "hold", closed, HOLD)
    end
    late = en !== was ? ENABLE_TO_Q : D_TO_Q;
    if (en !== was) begin
      if (was === OPEN) `CHECK(width, "width", turned, WIDTH)
      if (was === OPEN && en === ~OPEN) begin
        `CHECK(setup, "setup", moved, SETUP)
        closed = $time;
      end
      turned = `NOW;
    end
    state = NEXT;
    was = en;
    data = d;
    @(d or en);
  end
  assign #(late) q = state;
endmodule
""".replace("NEXT", sum_of_products(NEXT, {"en": "opens", "q": "state"}))


class Latch(ChipKind):
    """Setup and hold around the closing edge, width, and delays from D and EN to Q."""

    kind: ClassVar[str] = "latch"
    structure: ClassVar[tuple[str, ...]] = ("open",)
    pins: ClassVar = {"d": "in", "en": "in", "q": "out"}
    state_bits: ClassVar[int] = 1

    open: Literal["low", "high"] = "high"  # the level of EN at which Q follows D
    setup: Times = number("D stable before the closing edge")
    hold: Times = number("D stable after the closing edge")
    width: Times = number("shortest open pulse of EN")
    d_to_q: Delays = number("D to Q while open")
    enable_to_q: Delays = number("opening edge to Q")
    input_high: Volts | None = declared(None, "least high input", "not said", "D", gt=0)
    delay_drift: Ratio = declared(
        0.003, "delays' growth per kelvin, relative", "order of HC logic", "D", ge=0, le=0.01
    )

    @property
    def opens_at(self) -> int:
        """The level of EN at which Q follows D."""
        return int(self.open == "high")

    @property
    def closing(self) -> Edge:
        """The edge of EN at which D is caught."""
        return "fall" if self.opens_at else "rise"

    @property
    def capture(self) -> Capture:
        """D is sampled at the closing edge of EN."""
        return Capture("en", self.closing, ("d",))

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """Arcs from D and from the opening edge to Q; setup and hold of D at the closing edge."""
        through, opened = (
            Span.exactly(delay.ticks(corner)) for delay in (self.d_to_q, self.enable_to_q)
        )
        opening: Edge = "rise" if self.opens_at else "fall"
        return Timing(
            (Arc("d", "q", through, through), Arc("en", "q", opened, opened, active=opening)),
            (
                Check("setup", "d", "en", self.setup.ticks(corner), active=self.closing),
                Check("hold", "d", "en", self.hold.ticks(corner), active=self.closing),
                Check("width", "en", "en", self.width.ticks(corner), self.opens_at),
            ),
            {"q": Function(("d",), "01")},
        )

    def operations(self) -> Sequence[Operation]:
        """A truth table with a state."""
        table = NEXT.table if self.opens_at else _CLOSED_HIGH
        return (Hold("q", ("d", "en"), table),)

    def solder(self, socket: Socket) -> "TransparentLatch":
        """Start one latch in a run."""
        return TransparentLatch(self, socket)

    def verilog(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Instance:
        """A latch with one delay from D and one from EN."""
        numbers = {"OPEN": f"1'b{self.opens_at}"} | self.times(corner)
        return Instance("latch", _VERILOG, numbers, ports(*self.pins))

    def spice(self, part: Part, place: Place) -> Iterator[str]:
        """A `d_dlatch`, unknown until it is opened."""
        nets = place.nets
        enable = nets["en"] if self.opens_at else f"~{nets['en']}"
        pins = f"{nets['d']} {enable} {NONE} {NONE} {nets['q']} {NONE}"
        return element(f"a{place.name} {pins}", "latch", "d_dlatch(ic=2)")


class TransparentLatch:
    """A latch at work: it follows D while open and holds the caught value while closed."""

    def __init__(self, chip: Latch, socket: Socket) -> None:
        corner, process = socket.corner, socket.process
        self._socket = socket
        self._kernel = socket.kernel
        self._d, self._en = socket.net("d"), socket.net("en")
        self._q = socket.driver("q")
        self._opens_at, self._closing = chip.opens_at, chip.closing
        self._setup, self._hold = chip.setup.ticks(corner), chip.hold.ticks(corner)
        self._through, self._opened = chip.d_to_q.ticks(corner), chip.enable_to_q.ticks(corner)
        self._state = X
        self._d.listen(process, self.follow)
        self._en.listen(process, self.open_or_close)
        self._d.listen_hold(self._en, self._hold, process, self.disturb, chip.closing)
        self._en.constrain_width(socket.part.name, "en", chip.opens_at, chip.width.ticks(corner))
        process.notify(self.open_or_close)

    def _opens(self) -> int:
        """1 if open, 0 if closed, X if unknown."""
        level = self._en.value
        return int(level == self._opens_at) if level < X else X

    def follow(self) -> None:
        """Pass a change of D to Q if the latch is open."""
        opened_now = self._en.changed == self._kernel.now
        self._take(
            NEXT.value((self._d.value, self._opens(), self._state)),
            self._opened if opened_now else self._through,
        )

    def open_or_close(self) -> None:
        """Pass D or catch it when EN changes."""
        opens, kernel = self._opens(), self._kernel
        if opens == 0 and self._en.went(self._closing) == kernel.now:
            still = kernel.now - self._d.changed
            if still < self._setup:
                self._socket.violate("setup", "d", still - self._setup)
                if self._d.value < X:
                    self._take(self._d.value ^ self._socket.undecided("d"), self._through)
                    return
        self._take(NEXT.value((self._d.value, opens, self._state)), self._opened)

    def disturb(self) -> None:
        """Catch D again after it moved within the hold time."""
        since = self._kernel.now - self._en.went(self._closing)
        self._socket.violate("hold", "d", since - self._hold)
        if self._socket.undecided("d"):
            self._take(min(self._d.value, X), self._through)

    def upset(self, bit: int) -> None:
        """Flip the value held while closed (bit 0, the only one) as a particle does."""
        state = self._state ^ 1 if self._state < X else X
        self._take(NEXT.value((self._d.value, self._opens(), state)), self._through)

    def _take(self, state: int, delay: int) -> None:
        self._state = state
        self._q.inertial(state, delay)
