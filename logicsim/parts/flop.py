"""Edge-triggered flops: sampling at the active edge, setup and hold violations, metastability.

An input that moves within setup or hold is sampled as its old or its new value with equal
probability, so a D that reaches J and K at different times may also toggle or hold. The flop
decides at an unknown instant of that window. A change closer than T_W to that instant delays Q
by a further tau ln(T_W / distance).
"""

import math
from collections.abc import Sequence
from functools import partial
from typing import ClassVar, Final, Literal

from logicsim.core.logic import Function, X, four_valued
from logicsim.core.table import Ratio, Seconds, Volts
from logicsim.core.units import TICKS_PER_SECOND, ticks
from logicsim.kernel.kernel import Edge, Net
from logicsim.parts.arcs import Arc, Check, Span, Timing
from logicsim.parts.kind import ChipKind, Corner, Delays, Held, Times, declared, number
from logicsim.parts.part import Capture
from logicsim.parts.socket import Socket

_LARGEST: Final = 700.0  # the largest exponent of e that a float holds


class FlopKind(ChipKind):
    """The numbers common to all flops: setup, hold, width and clock-to-output delay."""

    structure: ClassVar[tuple[str, ...]] = ("active",)
    state_bits: ClassVar[int] = 1
    sampled: ClassVar[tuple[str, ...]]

    active: Edge = "fall"
    setup: Times = number("inputs stable before the active edge")
    hold: Times = number("inputs stable after the active edge")
    width: Times = number("shortest CP pulse, high or low")
    clock_to_q: Delays = number("active CP edge to Q")
    input_high: Volts | None = declared(None, "least high input", "not said", "D", gt=0)
    delay_drift: Ratio = declared(
        0.003, "delays' growth per kelvin, relative", "order of HC logic", "D", ge=0, le=0.01
    )
    metastable_window: Seconds = declared(
        "0.5 ns", "part of setup and hold in which Q resolves late", "order of HC flops", "D", gt=0
    )
    metastable_decay: Seconds = declared(
        "1.5 ns", "time constant of a late Q's resolution", "order of HC flops", "D", gt=0
    )

    @property
    def capture(self) -> Capture:
        """The inputs are sampled at the active edge of CP."""
        return Capture("cp", self.active, self.sampled)

    def stuck(self, pin: str, level: int) -> str | Held:
        """The flop never samples with a stuck clock, whatever its level."""
        return "unclocked" if pin == "cp" and level < X else ""

    def clocked(self, corner: Corner) -> Timing:
        """The arc from the clock to Q; setup and hold of the inputs, widths of the clock."""
        to_q, width = Span.exactly(self.clock_to_q.ticks(corner)), self.width.ticks(corner)
        limits: Sequence[tuple[Literal["setup", "hold"], Times]] = (
            ("setup", self.setup), ("hold", self.hold),
        )  # fmt: skip
        return Timing(
            (Arc("cp", "q", to_q, to_q, active=self.active),),
            (
                *(Check(kind, pin, "cp", limit.ticks(corner), active=self.active)
                  for kind, limit in limits for pin in self.sampled),
                *(Check("width", "cp", "cp", width, level) for level in (0, 1)),
            ),
        )  # fmt: skip


def mean_time_between_failures(
    chip: FlopKind, resolve: float, clock: float, changes: float
) -> float:
    """The mean time (s) between outputs unresolved `resolve` seconds after their normal delay.

    exp(t / tau) / (T_W f_clock f_data) for data that changes `changes` times a second, at random,
    sampled `clock` times a second; infinite where that overflows.
    """
    exponent = resolve / chip.metastable_decay
    if exponent > _LARGEST:
        return math.inf
    return math.exp(exponent) / (chip.metastable_window * clock * changes)


class Flop:
    """A flop at work: at the active edge, `following` gives the next state from inputs and Q."""

    __slots__ = (
        "_active", "_before", "_cp", "_decay", "_delay", "_following", "_hold", "_inputs",
        "_kernel", "_late", "_metastable", "_q", "_sampled", "_setup", "_socket", "_state",
    )  # fmt: skip

    def __init__(self, chip: FlopKind, socket: Socket, following: Function) -> None:
        timing, process = chip.clocked(socket.corner), socket.process
        self._socket = socket
        self._kernel = socket.kernel
        self._following = four_valued(following.table)
        self._inputs = [(pin, socket.net(pin)) for pin in chip.sampled]
        self._cp = socket.net("cp")
        self._active = chip.active
        self._q = socket.driver("q")
        self._setup = timing.limit("setup", chip.sampled[0])
        self._hold = timing.limit("hold", chip.sampled[0])
        self._delay = timing.arc("cp", "q").rise.late
        self._decay = chip.metastable_decay * TICKS_PER_SECOND
        # The probability that a change anywhere in the window is that close.
        self._metastable = ticks(chip.metastable_window) / max(self._setup + self._hold, 1)
        self._late = 0
        self._state = self._before = X
        self._sampled = [X] * len(self._inputs)
        self._cp.listen_edge(chip.active, process, self.clock)
        for place, (_, net) in enumerate(self._inputs):
            disturb = partial(self.disturb, place)
            net.listen_hold(self._cp, self._hold, process, disturb, chip.active)
        for level in (0, 1):
            self._cp.constrain_width(socket.part.name, "cp", level, timing.limit("width", "cp"))

    def clock(self) -> None:
        """Sample at the active edge."""
        self._before, self._late = self._state, 0
        limit = self._kernel.now - self._setup
        sampled = self._sampled
        for place, (pin, net) in enumerate(self._inputs):
            sampled[place] = net.value if net.changed <= limit else self._sample(pin, net)
        self._advance()

    def _sample(self, pin: str, net: Net) -> int:
        value, still = net.value, self._kernel.now - net.changed
        self._socket.violate("setup", pin, still - self._setup)
        self._delay_resolution(pin)
        return value ^ self._socket.undecided(pin) if value < X else value

    def disturb(self, place: int) -> None:
        """Sample an input again that moved within the hold time."""
        pin, net = self._inputs[place]
        since = self._kernel.now - self._cp.went(self._active)
        self._socket.violate("hold", pin, since - self._hold)
        self._delay_resolution(pin)
        if self._socket.undecided(pin):
            self._sampled[place] = net.value
        self._advance()

    def _delay_resolution(self, pin: str) -> None:
        distance = self._socket.uniform(f"{pin}.metastable")
        if distance < self._metastable:
            late = round(self._decay * math.log(self._metastable / distance))
            self._late = max(self._late, late)

    def upset(self, bit: int) -> None:
        """Flip the state (bit 0, the only one) as a particle does; unknown stays unknown."""
        self._state = self._before = self._state ^ 1 if self._state < X else X
        self._q.inertial(self._state, self._delay)

    def hold_state(self, state: int, delay: int) -> None:
        """Set the state asynchronously; Q follows after `delay` ticks."""
        self._state = self._before = state
        self._q.inertial(state, delay)

    @property
    def state(self) -> int:
        """The state: 0, 1, or X before anything has set it."""
        return self._state

    def _advance(self) -> None:
        place = 0
        for level in self._sampled:
            place = place << 2 | level
        self._state = self._following[place << 2 | self._before]
        self._q.inertial(self._state, self._delay + self._late)
