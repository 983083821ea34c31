"""CD74HC73: one of two JK flip-flops, clocked by the fall of CP (TI SCHS134).

The asynchronous reset R is tied high on the breadboard and left out. There is no power-on
reset: Q is unknown until the first CP fall that sets or resets it.
"""

import math
from collections.abc import Mapping
from functools import partial
from typing import ClassVar, Final, Literal

from logicsim.core.logic import X
from logicsim.core.table import Ratio, Seconds, Volts
from logicsim.core.units import TICKS_PER_SECOND, ticks
from logicsim.kernel.kernel import Net
from logicsim.parts.arcs import Arc, Check, Span, Timing
from logicsim.parts.declaration import Corner, Declaration, Delays, Times, declared
from logicsim.parts.part import Part
from logicsim.parts.socket import Socket

_SOURCE = "TI SCHS134, 4.5 V; from memory of the table and read for a sibling part"
_LARGEST: Final = 700.0  # exponents that a float's range allows


class Cd74hc73(Declaration):
    """Setup, hold and width of the JK flop, and its clock-to-output delay."""

    pins: ClassVar = {"j": "in", "k": "in", "cp": "in", "q": "out"}

    model: Literal["CD74HC73"] = "CD74HC73"
    setup: Times = declared("16 ns", "J and K still before the CP fall", _SOURCE, "M")
    hold: Times = declared("3 ns", "J and K still after the CP fall", _SOURCE, "M")
    width: Times = declared("16 ns", "shortest CP pulse, high or low", _SOURCE, "M")
    clock_to_q: Delays = declared(
        ("6 ns", "13 ns", "32 ns"), "CP fall to Q; min from memory, max M", "TI SCHS134", "M"
    )
    input_high: Volts = declared("3.5 V", "least high input, 0.7 VCC", "TI SCHS134", "M", gt=0)
    delay_drift: Ratio = declared(
        0.003, "delays' growth per kelvin, relative", "order of HC logic", "D", ge=0, le=0.01
    )
    metastable_window: Seconds = declared(
        "0.5 ns", "part of setup and hold in which Q resolves late", "order of HC flops", "D", gt=0
    )
    metastable_decay: Seconds = declared(
        "1.5 ns", "time constant of a late Q's resolution", "order of HC flops", "D", gt=0
    )

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """From the CP fall to Q; J and K still around it, and how long CP stays high or low."""
        to_q, width = Span.exactly(self.clock_to_q.ticks(corner)), self.width.ticks(corner)
        return Timing(
            (Arc("cp", "q", "falling", to_q, to_q),),
            (
                *(Check("setup", pin, "cp", self.setup.ticks(corner)) for pin in ("j", "k")),
                *(Check("hold", pin, "cp", self.hold.ticks(corner)) for pin in ("j", "k")),
                *(Check("width", "cp", "cp", width, level) for level in (0, 1)),
            ),
        )

    def solder(self, socket: Socket) -> "JkFlop":
        """Put one flip-flop to work."""
        return JkFlop(self, socket)


def mean_time_between_failures(
    chip: Cd74hc73, resolve: float, clock: float, changes: float
) -> float:
    """Seconds between outputs still unresolved `resolve` seconds after their normal delay.

    exp(t / tau) / (T_W f_clock f_data) for data that changes `changes` times a second, at random,
    sampled `clock` times a second; infinite where that overflows.
    """
    exponent = resolve / chip.metastable_decay
    if exponent > _LARGEST:
        return math.inf
    return math.exp(exponent) / (chip.metastable_window * clock * changes)


def jk(j: int, k: int, q: int) -> int:
    """The next state: 00 holds, 10 sets, 01 resets, 11 toggles; X where that is not certain."""
    if j >= X or k >= X:
        outcomes = {jk(a, b, q) for a in _meanings(j) for b in _meanings(k)}
        return outcomes.pop() if len(outcomes) == 1 else X
    if j != k:
        return j
    return q if not j or q == X else 1 - q


def _meanings(value: int) -> tuple[int, ...]:
    return (0, 1) if value >= X else (value,)


class JkFlop:
    """Samples J and K at the CP fall.

    An input that moves within setup or hold is taken for its old or its new value, each as
    likely, so a changing D that reaches J and K at different times may also toggle or hold. The
    closer it comes to the unknown instant in that window at which the flop decides, the later Q
    is: by tau ln(T_W / distance) where the distance is less than T_W.
    """

    __slots__ = (
        "_before", "_cp", "_decay", "_delay", "_hold", "_j", "_k", "_kernel", "_late",
        "_metastable", "_q", "_sampled", "_setup", "_socket", "_state",
    )  # fmt: skip

    def __init__(self, chip: Cd74hc73, socket: Socket) -> None:
        timing = socket.timing
        self._socket = socket
        self._kernel = socket.kernel
        self._j, self._k, self._cp = socket.net("j"), socket.net("k"), socket.net("cp")
        self._q = socket.driver("q")
        self._setup, self._hold = timing.limit("setup", "j"), timing.limit("hold", "j")
        self._delay = timing.arc("cp", "q").rise.late
        self._decay = chip.metastable_decay * TICKS_PER_SECOND
        # The chance that a change somewhere in the window is that close.
        self._metastable = ticks(chip.metastable_window) / max(self._setup + self._hold, 1)
        self._late = 0
        self._state = self._before = X
        self._sampled = [X, X]
        self._cp.listen_fall(socket.process, self.clock)
        for pin, net in enumerate((self._j, self._k)):
            disturb = partial(self.disturb, pin)
            net.listen_hold(self._cp, self._hold, socket.process, disturb)
        for level in (0, 1):
            width = timing.limit("width", "cp")
            self._cp.constrain_width(socket.part.name, "cp", level, width)

    def clock(self) -> None:
        """Sample at the CP fall."""
        self._before, self._late = self._state, 0
        j, k = self._j, self._k
        limit = self._kernel.now - self._setup
        if j.changed <= limit and k.changed <= limit:
            self._sampled = [j.value, k.value]
        else:
            self._sampled = [self._sample("j", j), self._sample("k", k)]
        self._advance()

    def _sample(self, pin: str, net: Net) -> int:
        value, still = net.value, self._kernel.now - net.changed
        if still < self._setup:
            self._socket.violate("setup", pin, still - self._setup)
            self._delay_resolution(pin)
            if value < X:
                return value ^ self._socket.undecided(pin)
        return value

    def disturb(self, place: int) -> None:
        """Sample again an input, J (0) or K (1), that moved within the hold time."""
        pin, net = (("j", self._j), ("k", self._k))[place]
        self._socket.violate("hold", pin, self._kernel.now - self._cp.fell - self._hold)
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
        """Have a particle turn over the state; unknown stays unknown. There is one bit, 0."""
        self._state = self._before = self._state ^ 1 if self._state < X else X
        self._q.inertial(self._state, self._delay)

    def _advance(self) -> None:
        j, k = self._sampled
        self._state = jk(j, k, self._before)
        self._q.inertial(self._state, self._delay + self._late)
