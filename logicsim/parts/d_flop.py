"""D flip-flops, with set and reset, such as one of the two in an SN74HC74 (TI SCLS094).

Set and reset are asynchronous; with both active Q is high, as in the 74HC74 and the CD4013. While
either is active, clock edges are ignored; within the recovery time after it they may be, too.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Final, Literal

from logicsim.core.logic import Function, X
from logicsim.parts.arcs import Arc, Check, Span, Timing
from logicsim.parts.flop import Flop, FlopKind
from logicsim.parts.kind import Corner, Delays, Times, declared
from logicsim.parts.operations import Clocked, Hold, Operation
from logicsim.parts.part import Part
from logicsim.parts.socket import Socket
from logicsim.parts.spice import NONE, Place, at, element
from logicsim.parts.verilog import Instance, bit, ports, sum_of_products

NEXT = Function(("d", "q"), "0011")

# The next state from set and reset (active high) and the state.
FORCED = Function(("s", "r", "q"), "01001111")

_VERILOG: Final = """\
// D flip-flop. Set and reset act at once, at level ACTS; with both Q is high.
module d_flop #(parameter ACTIVE = 1'b1, ACTS = 1'b0, parameter [63:0] SETUP = 0, HOLD = 0,
    WIDTH = 0, RECOVERY = 0, CLOCK_TO_Q = 1, SET_TO_Q = 1) (input d, cp, s, r, output q);
  reg was = 1'bx, state = 1'bx;
  reg [63:0] moved = `NEVER, turned = `NEVER, clocked = `NEVER, late = SET_TO_Q;
  reg [63:0] s_moved = `NEVER, r_moved = `NEVER;
  wire sets = ~(s ^ ACTS), resets = ~(r ^ ACTS);
  initial #0 was = cp;
  always @(cp) begin
    #0;
    if (^was !== 1'bx) `CHECK(width, "width", turned, WIDTH)
    if (was === ~ACTIVE && cp === ACTIVE && sets !== 1'b1 && resets !== 1'b1) begin
      if (sets === 1'b0) `CHECK(recovery, "recovery of s", s_moved, RECOVERY)
      if (resets === 1'b0) `CHECK(recovery, "recovery of r", r_moved, RECOVERY)
      `CHECK(setup, "setup", moved, SETUP)
      late = CLOCK_TO_Q;
      state = FORCED(D);
      clocked = $time;
    end
    was = cp;
    turned = `NOW;
  end
  always @(d) begin
    moved = `NOW;
    #0;
    if (clocked != $time) `CHECK(hold, "hold", clocked, HOLD)
  end
  always @(s) s_moved = `NOW;
  always @(r) r_moved = `NOW;
  always begin
    #0;
    if (sets !== 1'b0 || resets !== 1'b0) begin
      clocked = `NEVER;
      late = SET_TO_Q;
      state = FORCED(STATE);
    end
    @(s or r);
  end
  assign #(late) q = state;
endmodule
""".replace("FORCED(D)", sum_of_products(FORCED, {"s": "sets", "r": "resets", "q": "d"})).replace(
    "FORCED(STATE)", sum_of_products(FORCED, {"s": "sets", "r": "resets", "q": "state"})
)


class DFlop(FlopKind):
    """Setup, hold and width of a D flop, and its delays from the clock, set and reset to Q."""

    kind: ClassVar[str] = "d-flop"
    structure: ClassVar[tuple[str, ...]] = ("active", "asynchronous")
    pins: ClassVar = {"d": "in", "cp": "in", "s": "in", "r": "in", "q": "out"}
    sampled: ClassVar[tuple[str, ...]] = ("d",)

    asynchronous: Literal["low", "high"] = "low"  # the level at which set and reset act
    set_to_q: Delays = declared(
        ("6 ns", "15 ns", "40 ns"), "set or reset to Q", "order of HC flops", "D"
    )
    recovery: Times = declared(
        "5 ns", "set and reset inactive before the active edge", "order of HC flops", "D"
    )

    @property
    def ties(self) -> Mapping[str, int]:  # type: ignore[override]  # either polarity
        """Set and reset, tied to their inactive level."""
        return dict.fromkeys(("s", "r"), 1 - self.acts_at)

    @property
    def acts_at(self) -> int:
        """The level at which set and reset act."""
        return int(self.asynchronous == "high")

    @property
    def follows(self) -> Mapping[str, tuple[str, ...]]:  # type: ignore[override]  # likewise
        """Q follows set and reset."""
        return {"q": ("s", "r")}

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """Arcs from clock, set and reset to Q; setup and hold of D, recovery of set and reset."""
        clocked, at_once = self.clocked(corner), Span.exactly(self.set_to_q.ticks(corner))
        return Timing(
            (*clocked.arcs, *(Arc(pin, "q", at_once, at_once) for pin in ("s", "r"))),
            (
                *clocked.checks,
                *(Check("recovery", pin, "cp", self.recovery.ticks(corner), self.acts_at,
                        active=self.active) for pin in ("s", "r")),
            ),
        )  # fmt: skip

    def operations(self) -> Sequence[Operation]:
        """A truth table at the active edge, and one for set and reset."""
        forced = FORCED.table if self.acts_at else "11110001"  # over s, r and the state
        return (
            Clocked("q", ("d",), NEXT.table, "cp", self.active),
            Hold("q", ("s", "r"), forced),
        )

    def solder(self, socket: Socket) -> Flop:
        """Start one flip-flop in a run."""
        return _DFlop(self, socket)

    def verilog(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Instance:
        """A flop with its table at the active edge, and set and reset."""
        levels = {"ACTIVE": f"1'b{bit(self.active)}", "ACTS": f"1'b{self.acts_at}"}
        return Instance("d_flop", _VERILOG, levels | self.times(corner), ports(*self.pins))

    def spice(self, part: Part, place: Place) -> Iterator[str]:
        """A `d_dff`, unknown until it is clocked, set or reset; set overrides reset."""
        nets, name = place.nets, place.name
        sets, resets = (
            NONE if place.tied(pin) == 1 - self.acts_at
            else nets[pin] if self.acts_at else f"~{nets[pin]}"
            for pin in ("s", "r")
        )  # fmt: skip
        if NONE not in (sets, resets):
            not_set = f"~{nets['s']}" if self.acts_at else nets["s"]
            yield from element(f"a{name}_r [{resets} {not_set}] {name}_r", "and", "d_and")
            resets = f"{name}_r"
        pins = f"{nets['d']} {at(nets['cp'], self.active)} {sets} {resets} {nets['q']} {NONE}"
        yield from element(f"a{name} {pins}", "dff", "d_dff(ic=2)")


class _DFlop(Flop):
    """A D flop with set and reset."""

    __slots__ = ("_acts_at", "_at_once", "_clocked", "_recovery", "_reset", "_set")

    def __init__(self, chip: DFlop, socket: Socket) -> None:
        super().__init__(chip, socket, NEXT)
        self._acts_at = chip.acts_at
        self._at_once = chip.set_to_q.ticks(socket.corner)
        self._recovery = chip.recovery.ticks(socket.corner)
        self._clocked = False  # the last active edge set the state, and no set or reset came since
        self._set, self._reset = socket.net("s"), socket.net("r")
        for net in (self._set, self._reset):
            net.listen(socket.process, self.force)
        socket.process.notify(self.force)

    def force(self) -> None:
        """Set or reset the state; an unknown input may or may not act."""
        sets, resets = self._forced()
        if sets or resets:
            self._clocked = False
            self.hold_state(FORCED.value((sets, resets, self.state)), self._at_once)

    def _forced(self) -> tuple[int, int]:
        """Whether set and reset act: 0, 1 or X."""
        acts = self._acts_at
        return (
            int(self._set.value == acts) if self._set.value < X else X,
            int(self._reset.value == acts) if self._reset.value < X else X,
        )

    def clock(self) -> None:
        """Sample at the active edge, unless set or reset hold the state."""
        sets, resets = self._forced()
        self._clocked = 1 not in (sets, resets) and not self._lost()
        if self._clocked:
            super().clock()
            if sets or resets:
                self.hold_state(FORCED.value((sets, resets, self.state)), self._delay)

    def _lost(self) -> bool:
        """Whether an edge within the recovery time after set or reset is ignored."""
        for pin, net in (("s", self._set), ("r", self._reset)):
            still = self._kernel.now - net.changed
            if still < self._recovery and net.value == 1 - self._acts_at:
                self._socket.violate("recovery", pin, still - self._recovery)
                if self._socket.undecided(pin):
                    return True
        return False

    def disturb(self, place: int) -> None:
        """Sample D again if it moves within the hold time of a clock edge that took effect."""
        if self._clocked:
            super().disturb(place)

    def upset(self, bit: int) -> None:
        """Flip the state as a particle does, unless set or reset holds it."""
        super().upset(bit)
        self.force()
