"""Digital potentiometers with an up/down counter, such as the AD5220 (Analog Devices, Rev. 0).

R_WB(code) = code/divisor * R_AB + R_W. The counter saturates at both ends.
"""

import math
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import StrictInt

from logicsim.core.logic import X
from logicsim.core.noise import Purpose, Stream
from logicsim.core.table import Farads, Ohms, Ratio
from logicsim.kernel.kernel import Edge
from logicsim.parts.arcs import Arc, Check, Span, Timing
from logicsim.parts.kind import ChipKind, Corner, Delays, Held, Pieces, Times, declared, number
from logicsim.parts.operations import Count, Operation
from logicsim.parts.part import Capture, Part
from logicsim.parts.socket import Socket
from logicsim.parts.spice import Place, Unshown, at, counter
from logicsim.parts.verilog import Instance, bit, ports

# A logarithmic (audio) taper reaches a tenth of its span at mid-scale: (81^x - 1) / 80.
_LOG_BASE = 81.0

ConductanceMap = Callable[[NDArray[np.float64]], NDArray[np.float64]]


_VERILOG: Final = """\
// Up/down counter that saturates; it powers up set, so its outputs have no delay then.
module counter #(parameter ACTIVE = 1'b0, parameter BITS = 7, parameter [BITS-1:0] INITIAL = 64,
    LAST = 127, parameter [63:0] CS_SETUP = 0, UD_SETUP = 0, UD_HOLD = 0, WIDTH = 0,
    CLOCK_TO_WIPER = 1) (input clk, cs, ud, output [BITS-1:0] code);
  reg was = 1'bx, cs_was = 1'bx;
  reg [63:0] moved = `NEVER, selected = `NEVER, turned = `NEVER, counted = `NEVER;
  reg [BITS-1:0] count = INITIAL;
  wire [BITS-1:0] tap;
  initial #0 was = clk;
  always @(clk) begin
    #0;
    if (^was !== 1'bx) `CHECK(width, "width", turned, WIDTH)
    if (was === ~ACTIVE && clk === ACTIVE) begin
      counted = `NEVER;
      if (cs === 1'b0) begin
        `CHECK(setup, "setup of ud", moved, UD_SETUP)
        `CHECK(setup, "setup of cs", selected, CS_SETUP)
        if (ud === 1'b1) count = count == LAST ? LAST : count + 1'b1;
        else if (ud === 1'b0) count = count == 0 ? count : count - 1'b1;
        else count = {BITS{1'bx}};
        counted = $time;
      end
    end
    was = clk;
    turned = `NOW;
  end
  initial #0 cs_was = cs;
  always @(cs) begin
    if (cs_was === 1'b1 && cs === 1'b0) selected = $time;
    cs_was = cs;
  end
  always @(ud) begin
    moved = `NOW;
    #0;
    if (counted != $time) `CHECK(hold, "hold of ud", counted, UD_HOLD)
  end
  assign #(CLOCK_TO_WIPER) tap = count;
  assign code = tap === {BITS{1'bx}} ? INITIAL : tap;
endmodule
"""


class Digipot(ChipKind):
    """Resistances, spread and timing of the potentiometer."""

    kind: ClassVar[str] = "digipot"
    structure: ClassVar[tuple[str, ...]] = ("active", "taper")
    untimed: ClassVar[frozenset[str]] = frozenset({"end_to_end", "initial", "piece"})
    pins: ClassVar = {"clk": "in", "cs": "in", "ud": "in", "code": "code", "ab": "branch"}

    active: Edge = "fall"
    end_to_end: Ohms = number("R_AB, nominal", gt=0)
    wiper: Ohms = number("R_W, wiper and switch", gt=0)
    tolerance: Ratio = declared(
        0.0, "relative sigma of R_AB between pieces; 0 is the ideal twin", "ours", "D",
        ge=0, le=0.2,
    )  # fmt: skip
    inl: Ratio = declared(0.0, "sigma of the bow of R(code), LSB", "ours", "D", ge=0, le=2)
    dnl: Ratio = declared(0.0, "sigma of a step's width, LSB", "ours", "D", ge=0, le=0.25)
    taper: Literal["linear", "log"] = "linear"
    positions: StrictInt = number("wiper positions", ge=2, le=65536)
    divisor: StrictInt | None = declared(
        None, "R = code / divisor * R_AB + R_W; as many as positions if not said", "ours", "D", ge=1
    )
    initial: StrictInt | list[StrictInt] = number("code at power-up, one for all or one an edge")
    delay_drift: Ratio = declared(
        0.003, "delays' growth per kelvin, relative", "order of CMOS logic", "D", ge=0, le=0.01
    )
    temperature_coefficient: Ratio = number("of R_AB per kelvin", ge=-0.01, le=0.01)
    terminal_capacitance: Farads = number("of terminal A or B, at the edge's first node", ge=0)
    wiper_capacitance: Farads = number("of terminal W, at the edge's second node", ge=0)
    cs_setup: Times = number("CS low before the active CLK edge")
    ud_setup: Times = number("U/D stable before the active CLK edge")
    ud_hold: Times = number("U/D stable after the active CLK edge")
    width: Times = number("shortest CLK pulse, high or low")
    clock_to_wiper: Delays = number("active CLK edge to the new tap")

    @property
    def steps(self) -> int:
        """The number of steps (LSB) that R_AB divides into."""
        return self.divisor or self.positions

    @property
    def widths(self) -> Mapping[str, int]:
        """The width of the code bus."""
        return {"code": (self.positions - 1).bit_length()}

    @property
    def state_bits(self) -> int:  # type: ignore[override]  # as its counter has
        """The number of bits of the counter."""
        return self.widths["code"]

    def stuck(self, pin: str, level: int) -> str | Held:
        """The counter never counts with a stuck clock, nor while it is not selected."""
        clock = pin == "clk" and level < X
        return "frozen" if clock or (pin == "cs" and level == 1) else ""

    @property
    def capture(self) -> Capture:
        """U/D and CS are sampled at the active edge of CLK."""
        return Capture("clk", self.active, ("ud", "cs"))

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """The arc from CLK to the wiper; setup of CS, setup and hold of U/D, widths."""
        to_wiper, width = Span.exactly(self.clock_to_wiper.ticks(corner)), self.width.ticks(corner)
        return Timing(
            (Arc("clk", "code", to_wiper, to_wiper, active=self.active),),
            (
                Check("setup", "cs", "clk", self.cs_setup.ticks(corner), falls=True,
                      active=self.active),
                Check("setup", "ud", "clk", self.ud_setup.ticks(corner), active=self.active),
                Check("hold", "ud", "clk", self.ud_hold.ticks(corner), active=self.active),
                *(Check("width", "clk", "clk", width, level) for level in (0, 1)),
            ),
        )  # fmt: skip

    def operations(self) -> Sequence[Operation]:
        """One count at the active edge."""
        return (Count("clk", self.active, "cs", "ud", "ab"),)

    def solder(self, socket: Socket) -> "Counter":
        """Start one potentiometer in a run."""
        return Counter(self, socket)

    def verilog(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Instance:
        """A module of the counter."""
        last = self.positions - 1
        numbers = {
            "ACTIVE": f"1'b{bit(self.active)}", "BITS": str(last.bit_length()),
            "INITIAL": str(int(part.values["initial"])), "LAST": str(last),
        }  # fmt: skip
        pins = ports("clk", "cs", "ud", "code")
        return Instance("counter", _VERILOG, numbers | self.times(corner), pins)

    def spice(self, part: Part, place: Place) -> Iterator[str]:
        """The counter, whose code is a voltage, and a resistance that follows the code."""
        for key in ("inl", "dnl"):
            if value := getattr(self, key):
                raise Unshown(key, value)
        nets = {**place.nets, "clk": at(place.nets["clk"], self.active)}
        yield from counter(place.name, nets, self.positions - 1, int(part.values["initial"]))
        a, b = place.resistance("ab")
        ohms = self._ohms(part, nets["code"])
        yield f"B{place.name} {a} {b} I=V({a},{b})/({ohms}){place.live('ab')}"

    def _ohms(self, part: Part, code: str) -> str:
        """R_WB as an expression of the code, the voltage of node `code`."""
        end_to_end = part.values["end_to_end"]
        if self.taper == "linear":
            return f"{end_to_end / self.steps!r}*V({code})+{self.wiper!r}"
        ohms = self.resistances(end_to_end, seed=0, piece=0).tolist()
        points = (f"{x},{each!r}" for x, each in enumerate(ohms))
        return f"pwl(V({code}),{','.join(points)})"

    @property
    def spread(self) -> bool:
        """Whether resistances are drawn."""
        return bool(self.tolerance or self.inl or self.dnl)

    def pieces(self, seed: int, edges: int, place: int, of: int) -> Pieces:
        """R_AB (ohm), the code at power-up, and the number `piece` that selects the taper."""
        end_to_end: float | NDArray[np.float64] = self.end_to_end
        if self.tolerance:
            drawn = Stream(seed, Purpose.RESISTANCE).normals(of * edges).reshape(edges, of)
            # Clipped where a resistance would no longer be one: 4 sigma at the largest tolerance.
            end_to_end = self.end_to_end * np.maximum(1 + self.tolerance * drawn[:, place], 0.2)
        initial = np.array(self.initial) if isinstance(self.initial, list) else self.initial
        return {
            "end_to_end": end_to_end,
            "initial": initial,
            "piece": of * np.arange(1, edges + 1) + place,
        }

    def resistances(self, end_to_end: float, seed: int, piece: int) -> NDArray[np.float64]:
        """R_WB in ohms at every code, for the piece numbered `piece` with its own R_AB."""
        resistances: NDArray[np.float64] = self.travel(seed, piece) * end_to_end + self.wiper
        return resistances

    def travel(self, seed: int, piece: int) -> NDArray[np.float64]:
        """The fraction of R_AB at every code; without inl and dnl it is the same for all pieces."""
        x = np.arange(self.positions) / self.steps
        if self.taper == "log":
            x = (_LOG_BASE**x - 1) / (_LOG_BASE - 1)
        if self.inl or self.dnl:
            normals = Stream(seed, Purpose.TAPER).normals(self.positions + 1, step=piece)
            bow = self.inl * normals[0] * np.sin(np.pi * x)
            x = x + (bow + self.dnl / math.sqrt(2) * normals[1:]) / self.steps
            x = np.maximum(x, 0.0)
        return x


class Counter:
    """A counter that counts at the active CLK edge while CS is low, and sets a branch's resistance.

    If U/D moves within setup or hold or is unknown, the counter counts up or down with equal
    probability; if CS falls too late, the count may be lost.
    """

    __slots__ = (
        "_active", "_before", "_clk", "_code", "_conductances", "_counted", "_cs", "_cs_setup",
        "_delay", "_driver", "_hold", "_kernel", "_last", "_maps", "_move", "_siemens", "_socket",
        "_ud", "_ud_setup",
    )  # fmt: skip

    def __init__(self, chip: Digipot, socket: Socket) -> None:
        timing, process = socket.timing, socket.process
        self._socket = socket
        self._kernel = socket.kernel
        self._clk, self._cs, self._ud = socket.net("clk"), socket.net("cs"), socket.net("ud")
        self._cs_setup = timing.limit("setup", "cs")
        self._ud_setup, self._hold = timing.limit("setup", "ud"), timing.limit("hold", "ud")
        self._delay = timing.arc("clk", "code").rise.late
        self._last = chip.positions - 1
        self._code = self._before = int(socket.values["initial"])
        self._counted = False
        self._driver = socket.driver("code", self._code)
        self._connect(chip)
        self._active = chip.active
        self._clk.listen_edge(chip.active, process, self.clock)
        self._ud.listen_hold(self._clk, self._hold, process, self.disturb, chip.active)
        for level in (0, 1):
            width = timing.limit("width", "clk")
            self._clk.constrain_width(socket.part.name, "clk", level, width)

    def _connect(self, chip: Digipot) -> None:
        """Connect the wiper to a conductance of its network."""
        socket = self._socket
        network, edge = socket.branch("ab")
        end_to_end = socket.values["end_to_end"]
        piece = int(socket.values["piece"])
        self._siemens = 1 / chip.resistances(end_to_end, socket.bench.seed, piece)
        self._conductances = array("d", self._siemens.tobytes())  # smaller than a list
        self._maps: list[ConductanceMap] = []
        kernel = socket.kernel

        def move(code: int) -> None:
            network.set(edge, self._conductances[code])
            kernel.unsettled = True

        move(self._code)
        self._move = socket.net("code").moves = move

    def remap(self, mapping: ConductanceMap, there: bool) -> None:
        """Apply a mapping to the conductances (S, by code), or remove it if `there` is false."""
        (self._maps.append if there else self._maps.remove)(mapping)
        siemens = self._siemens
        for each in self._maps:
            siemens = each(siemens)
        self._conductances = array("d", siemens.tobytes())
        self._move(self._code)

    def clock(self) -> None:
        """Count at the active edge of CLK."""
        self._before, self._counted = self._code, False
        if self._cs.value == 0:
            now, up = self._kernel.now, self._ud.value
            still = now - self._ud.changed
            if still < self._ud_setup:
                self._socket.violate("setup", "ud", still - self._ud_setup)
                up = X
            selected = now - self._cs.fell
            if selected < self._cs_setup:
                self._socket.violate("setup", "cs", selected - self._cs_setup)
                if not self._socket.undecided("cs"):
                    return
            self._count(up if up < X else self._socket.undecided("ud"))

    def disturb(self) -> None:
        """Decide again when U/D moved within the hold time of a count."""
        if self._counted:
            self._socket.violate(
                "hold", "ud", self._kernel.now - self._clk.went(self._active) - self._hold
            )
            self._count(self._socket.undecided("ud"))

    def upset(self, bit: int) -> None:
        """Flip a bit of the counter as a particle does; the code stays within the positions."""
        self._code = self._before = min(self._code ^ 1 << bit, self._last)
        self._driver.inertial(self._code, self._delay)

    def _count(self, up: int) -> None:
        self._counted = True
        code = self._before
        if up:
            if code < self._last:
                code += 1
        elif code:
            code -= 1
        self._code = code
        self._driver.inertial(code, self._delay)
