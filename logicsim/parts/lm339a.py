"""LM339A: one of four comparators with an open-collector output (TI SNOSBJ3E, ON LM339A).

The output lets go (and is pulled high) when IN+ > IN- + offset, and is driven low otherwise.
There is no hysteresis: an input within the noise makes it chatter.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from logicsim.core.logic import X, Z
from logicsim.core.rule import RESOLUTION
from logicsim.core.table import Ratio, Seconds, Volts
from logicsim.core.units import engineering
from logicsim.kernel.kernel import Process, React
from logicsim.parts.arcs import Arc, Span, Timing
from logicsim.parts.declaration import Corner, Declaration, Delays, Times, declared
from logicsim.parts.part import Part
from logicsim.parts.socket import Socket

_FIT = "fit to a vendor macromodel: 1.62 us at 2 mV to 0.30 us at 100 mV overdrive"


class Lm339a(Declaration):
    """Delays, supply and the lumped input noise and offset of a comparator channel."""

    pins: ClassVar = {"plus": "node", "minus": "node", "y": "open"}

    model: Literal["LM339A"] = "LM339A"
    noise: Volts = declared(
        "10 mV", "rms input-referred noise: pickup, bias and drift lumped", "paper, Results", "D",
        ge=0,
    )  # fmt: skip
    chatter: Literal["latch", "full"] = "latch"
    noise_correlation: Seconds = declared(
        "5 us", "spacing of the noise's time grid", "comparator bandwidth and pickup", "D", gt=0
    )
    offset: Volts = declared("0 mV", "mean input offset over the edges", "SNOSBJ3E", "F")
    offset_sigma: Volts = declared(
        "0 mV", "spread of the offset; the part has 1 mV, 0 is the ideal twin", "SNOSBJ3E", "F",
        ge=0,
    )  # fmt: skip
    input_gain: Ratio = Field(
        default=1.0,
        gt=0,
        le=1,
        description="0.5 if dVC > dVF is formed by two averaging resistor pairs, else 1",
        json_schema_extra={"source": "the paper does not say which", "mark": "D"},
    )
    supply: Volts = declared(
        "12 V", "comparator supply; inputs above supply - 1.5 V read low", "SNOSBJ3E", "F", gt=0
    )
    headroom: Volts = declared(
        "1.5 V", "common mode ends this far below the supply", "SNOSBJ3E", "F", ge=0
    )
    fastest: Delays = declared(
        ("212 ns", "303 ns", "394 ns"), "delay at 100 mV and more", _FIT, "D"
    )
    slope: Times = declared(
        ("223 ns", "318 ns", "413 ns"), "delay added per factor e less overdrive", _FIT, "D"
    )
    least_overdrive: Volts = declared(
        "25 uV", "less overdrive is no slower: 5 V over the gain of 200 V/mV", _FIT, "D", gt=0
    )
    delay_drift: Ratio = declared(
        0.002, "delays' growth per kelvin, relative", "order of bipolar comparators", "D",
        ge=0, le=0.01,
    )  # fmt: skip
    pull_up: Delays = declared(
        ("25 ns", "35 ns", "50 ns"), "added to a rising output by 5.1 kohm into 15-30 pF",
        "5.1 kohm * 15-30 pF to 1.4 V", "D",
    )  # fmt: skip

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """From either input to the output, for any overdrive."""
        fastest, pull_up = self.fastest.ticks(corner), self.pull_up.ticks(corner)
        latest = response(self.least_overdrive, fastest, float(self.slope.ticks(corner)))
        rise, fall = Span(fastest + pull_up, latest + pull_up), Span(fastest, latest)
        late = f"{engineering(self.least_overdrive, 'V')} overdrive"
        arcs = [Arc(pin, "y", "either", rise, fall, early="100 mV overdrive", late=late)
                for pin in ("plus", "minus")]  # fmt: skip
        return Timing(tuple(arcs))

    def solder(self, socket: Socket) -> "Comparator":
        """Put one comparator to work."""
        return Comparator(self, socket)


def response(overdrive: float, fastest: int, slope: float) -> int:
    """Ticks a comparator takes at an overdrive in volts: `slope` more per factor e below 100 mV."""
    return fastest + round(slope * math.log(0.1 / overdrive)) if overdrive < 0.1 else fastest


class Comparator:
    """One channel: turns the decisions of the bank, where it is `index`, into transitions."""

    __slots__ = ("_bank", "_fastest", "_least", "_pull_up", "_slope", "_y", "index")

    def __init__(self, chip: Lm339a, socket: Socket) -> None:
        corner = socket.corner
        self._fastest = chip.fastest.ticks(corner)
        self._slope = float(chip.slope.ticks(corner))
        self._least = chip.least_overdrive
        self._pull_up = chip.pull_up.ticks(corner)
        self._y = socket.driver("y")
        self._bank = socket.bench.comparators
        averaged = len(socket.part.pins["plus"]) > 1
        gain = chip.input_gain if averaged else 1.0
        limit = chip.supply - chip.headroom
        self.index = self._bank.join(socket.part, gain, limit, socket.process, self.react)

    def react(self) -> None:
        """Take the bank's decision to the output, the later the smaller the overdrive."""
        decision = self._bank.decision(self.index)
        if decision == X:
            self._y.inertial(X, self._fastest)
            return
        overdrive = max(self._bank.overdrive(self.index), self._least)
        delay = response(overdrive, self._fastest, self._slope)
        if decision:
            self._y.inertial(Z, delay + self._pull_up)
        else:
            self._y.inertial(0, delay)


class Disturbance(NamedTuple):
    """What may go wrong with a comparator.

    Volts added to its offset and to its common-mode limit, and how many times its noise it hears.
    """

    offset: float = 0.0
    loudness: float = 1.0
    limit: float = 0.0

    def undone(self) -> "Disturbance":
        """What takes it back."""
        return Disturbance(-self.offset, 1 / self.loudness, -self.limit)


class ComparatorBank:
    """Every comparator of the board in arrays: one look decides which of them flip.

    A comparator's inputs are means of one or two node voltages; its differential input is
    gain * (sum of plus - sum of minus) - offset + noise.
    """

    def __init__(self, place: Callable[[str], int], ground: int) -> None:
        self._place = place
        self._ground = ground
        self._taps: list[tuple[int, int, int, int]] = []
        self._listed: list[tuple[float, float, float]] = []  # gain, offset, limit
        self._reacts: list[tuple[Process, React]] = []

    def join(self, part: Part, gain: float, limit: float, process: Process, react: React) -> int:
        """Add a comparator; `react` runs in `process` when its decision flips. Its index."""
        plus, minus = (self._pair(part.pins[pin]) for pin in ("plus", "minus"))
        self._taps.append((*plus, *minus))
        self._listed.append((gain, part.values.get("offset", 0.0), limit))
        self._reacts.append((process, react))
        return len(self._taps) - 1

    def _pair(self, nodes: Sequence[str]) -> tuple[int, int]:
        first, *rest = (self._place(node) for node in nodes)
        return first, (rest[0] if rest else self._ground)

    def __len__(self) -> int:
        return len(self._taps)

    def close(self) -> None:
        """Turn the lists into arrays, when all comparators have joined."""
        self._all_taps = np.array(self._taps, dtype=np.intp).reshape(-1, 4).T
        self._gain, self._offset, self._limit = np.array(self._listed).reshape(-1, 3).T
        self._noise: NDArray[np.float64] = np.zeros(len(self))
        self._loudness = np.ones(len(self))
        self._weights: NDArray[np.float64] | None = None
        self.heard = False  # new noise or offsets, since someone last cared
        self._set_bias()
        self._inputs = np.full(len(self), np.nan)
        self._decisions = np.full(len(self), X, dtype=np.int8)
        self._lowest_limit = self._limit.min(initial=math.inf)
        # Two nodes are averaged by resistors, so the pin sees half their sum.
        self._share = np.where(self._all_taps[1] == self._ground, 1.0, 0.5)

    def hear(self, noise: NDArray[np.float64]) -> None:
        """Take new input noise (V), one value a comparator in the order of joining."""
        self._noise = noise
        self._set_bias()

    def _set_bias(self) -> None:
        self._bias = self._noise * self._loudness - self._offset
        self.heard = True

    def disturb(self, index: int, change: Disturbance) -> None:
        """Change one comparator for the worse, or with the opposite back again."""
        self._offset[index] += change.offset
        self._loudness[index] *= change.loudness
        self._limit[index] += change.limit
        self._lowest_limit = self._limit.min()
        self._set_bias()

    def look(self, voltages: NDArray[np.float64]) -> None:
        """Compare all inputs and wake the owners of those that flipped."""
        taps = voltages.take(self._all_taps)
        plus, minus = taps[0] + taps[1], taps[2] + taps[3]
        inputs = self._gain * (plus - minus) + self._bias
        decisions = (inputs > RESOLUTION).view(np.int8)
        if not voltages.max() <= self._lowest_limit:  # too high, or NaN, from an island
            both_high = self._share * np.minimum(plus, minus) > self._limit
            decisions[both_high] = 0
            decisions[np.isnan(inputs)] = X
        self._inputs = inputs
        flipped = (decisions != self._decisions).nonzero()[0]
        self._decisions = decisions
        for index in flipped.tolist():
            process, react = self._reacts[index]
            process.notify(react)

    def weighed(self, voltages: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What decides, above 0 for high: weights of so many voltages, and what is added (V).

        Inputs above the common-mode limit are left out.
        """
        if self._weights is None:
            self._weights = np.zeros((len(self), voltages))
            rows = np.arange(len(self))
            for taps, sign in zip(self._all_taps, (1, 1, -1, -1), strict=True):
                np.add.at(self._weights, (rows, taps), sign * self._gain)
            self._weights[:, self._ground] = 0.0
        return self._weights, self._bias - RESOLUTION

    def turn(self, index: int, overdrive: float) -> None:
        """Have a comparator decide the other way, its inputs going on to an overdrive (V)."""
        self._decisions[index] ^= 1
        self._inputs[index] = overdrive
        process, react = self._reacts[index]
        process.notify(react)

    def decision(self, index: int) -> int:
        """0, 1, or X on an island without a fixed node."""
        return int(self._decisions[index])

    def overdrive(self, index: int) -> float:
        """By how much the inputs are apart, offset and noise included, in volts."""
        return abs(float(self._inputs[index]))
