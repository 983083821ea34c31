"""Comparators with an open-collector output, such as the LM339A (TI SNOSBJ3E, ON LM339A).

The output is released (and pulled high) when IN+ > IN- + offset, and driven low otherwise.
There is no hysteresis: an input within the noise makes it chatter.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from logicsim.core.logic import X, Z
from logicsim.core.noise import Purpose, Stream
from logicsim.core.rule import RESOLUTION
from logicsim.core.table import Ratio, Seconds, Volts
from logicsim.core.units import engineering
from logicsim.kernel.kernel import Process, React
from logicsim.parts.arcs import Arc, Span, Timing
from logicsim.parts.kind import ChipKind, Corner, Delays, Held, Pieces, Times, declared, number
from logicsim.parts.operations import Compare, Operation
from logicsim.parts.part import Part
from logicsim.parts.socket import Socket
from logicsim.parts.spice import Place, Unshown, element


class Comparator(ChipKind):
    """Delays, supply and the lumped input noise and offset of a comparator channel."""

    kind: ClassVar[str] = "comparator"
    structure: ClassVar[tuple[str, ...]] = ("chatter",)
    untimed: ClassVar[frozenset[str]] = frozenset({"offset"})
    pins: ClassVar = {"plus": "node", "minus": "node", "y": "open"}
    follows: ClassVar[Mapping[str, tuple[str, ...]]] = {"y": ("plus", "minus")}

    noise: Volts = declared(
        "10 mV", "rms input-referred noise: pickup, bias and drift lumped", "paper, Results", "D",
        ge=0,
    )  # fmt: skip
    chatter: Literal["latch", "full"] = "latch"
    noise_correlation: Seconds = declared(
        "5 us", "spacing of the noise's time grid", "comparator bandwidth and pickup", "D", gt=0
    )
    offset: Volts = declared("0 mV", "mean input offset over the edges", "ours", "D")
    offset_sigma: Volts = declared(
        "0 mV", "spread of the offset; 0 is the ideal twin", "ours", "D", ge=0
    )
    input_gain: Ratio = declared(
        1.0, "0.5 if an input of two nodes is an averaging resistor pair, else 1",
        "the paper does not say which", "D", gt=0, le=1,
    )  # fmt: skip
    supply: Volts = number("comparator supply", gt=0)
    headroom: Volts = number(
        "common mode ends this far below the supply: inputs above read low", ge=0
    )
    fastest: Delays = number("delay at 100 mV and more")
    slope: Times = number("delay added per factor e less overdrive")
    least_overdrive: Volts = number("less overdrive is no slower", gt=0)
    delay_drift: Ratio = declared(
        0.002, "delays' growth per kelvin, relative", "order of bipolar comparators", "D",
        ge=0, le=0.01,
    )  # fmt: skip
    pull_up: Delays = number("added to a rising output by its pull-up")

    def stuck(self, pin: str, level: int) -> str | Held:
        """An open input rises above the other by its bias current (PNP: 25 nA out)."""
        return Held("y", int(pin == "plus")) if level == Z else ""

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """Arcs from both inputs to the output, over all overdrives."""
        fastest, pull_up = self.fastest.ticks(corner), self.pull_up.ticks(corner)
        latest = response(self.least_overdrive, fastest, float(self.slope.ticks(corner)))
        rise, fall = Span(fastest + pull_up, latest + pull_up), Span(fastest, latest)
        late = f"{engineering(self.least_overdrive, 'V')} overdrive"
        arcs = [Arc(pin, "y", rise, fall, early="100 mV overdrive", late=late)
                for pin in ("plus", "minus")]  # fmt: skip
        return Timing(tuple(arcs))

    def operations(self) -> Sequence[Operation]:
        """One comparison."""
        return (Compare("y", "plus", "minus"),)

    def solder(self, socket: Socket) -> "Channel":
        """Start one comparator in a run."""
        return Channel(self, socket)

    def verilog(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> None:
        """None: the inputs are voltages, so the recorded output is played back."""

    def spice(self, part: Part, place: Place) -> Iterator[str]:
        """A source for the differential input, a comparison and an open collector."""
        if self.noise:
            raise Unshown("noise", self.noise)
        name = place.name
        yield f"B{name} {name} 0 V={self._difference(part, place)}"
        bridge = f"adc_bridge(in_low={RESOLUTION!r} in_high={RESOLUTION!r})"
        yield from element(f"a{name} [{name}] [{name}_y]", "compare", bridge)
        yield from element(f"a{name}_y {name}_y {place.nets['y']}", "collector", "d_open_c")

    def _difference(self, part: Part, place: Place) -> str:
        """The differential input (V) as an expression; -1 beyond the common mode."""
        plus, minus = (f"({'+'.join(place.voltages(pin))})" for pin in ("plus", "minus"))
        taps = len(part.pins["plus"])
        gain = self.input_gain if taps > 1 else 1.0
        difference = f"{gain!r}*({plus}-{minus})-({part.values.get('offset', 0.0)!r})"
        limit = self.supply - self.headroom
        if place.ceiling <= limit:
            return difference
        return f"min({plus},{minus})/{taps} > {limit!r} ? -1 : {difference}"

    @property
    def spread(self) -> bool:
        """Whether offsets are drawn."""
        return self.offset_sigma > 0

    def pieces(self, seed: int, edges: int, place: int, of: int) -> Pieces:
        """The offset (V) of each piece."""
        if not self.offset_sigma:
            return {"offset": self.offset}
        drawn = Stream(seed, Purpose.COMPARATOR_OFFSET).normals(of * edges).reshape(edges, of)
        return {"offset": self.offset + self.offset_sigma * drawn[:, place]}


def response(overdrive: float, fastest: int, slope: float) -> int:
    """The delay (ticks) at an overdrive (V): `slope` more per factor e below 100 mV."""
    return fastest + round(slope * math.log(0.1 / overdrive)) if overdrive < 0.1 else fastest


class Channel:
    """One comparator channel, which turns decision `index` of the bank into transitions."""

    __slots__ = ("_bank", "_fastest", "_least", "_pull_up", "_slope", "_y", "index")

    def __init__(self, chip: Comparator, socket: Socket) -> None:
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
        self.index = self._bank.join(
            socket.part, gain, limit, chip.noise, socket.process, self.react
        )

    def react(self) -> None:
        """Schedule the bank's decision at the output; a smaller overdrive delays it more."""
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
    """A fault of a comparator.

    The volts added to its offset and to its common-mode limit, and the factor on its noise.
    """

    offset: float = 0.0
    loudness: float = 1.0
    limit: float = 0.0

    def undone(self) -> "Disturbance":
        """The disturbance that undoes this one."""
        return Disturbance(-self.offset, 1 / self.loudness, -self.limit)


class ComparatorBank:
    """All comparators of the board in arrays, compared together.

    A comparator's inputs are means of one or two node voltages; its differential input is
    gain * (sum of plus - sum of minus) - offset + noise.
    """

    def __init__(self, place: Callable[[str], int], ground: int) -> None:
        self._place = place
        self._ground = ground
        self._taps: list[tuple[tuple[int, int], tuple[int, int]]] = []  # plus, minus
        self._listed: list[tuple[float, float, float, float]] = []  # gain, offset, limit, noise
        self._reacts: list[tuple[Process, React]] = []

    def join(
        self, part: Part, gain: float, limit: float, noise: float, process: Process, react: React
    ) -> int:
        """Add a comparator and return its index; a changed decision runs `react` in `process`."""
        plus, minus = (self._pair(part.pins[pin]) for pin in ("plus", "minus"))
        self._taps.append((plus, minus))
        self._listed.append((gain, part.values.get("offset", 0.0), limit, noise))
        self._reacts.append((process, react))
        return len(self._taps) - 1

    def _pair(self, nodes: Sequence[str]) -> tuple[int, int]:
        first, *rest = (self._place(node) for node in nodes)
        return first, (rest[0] if rest else self._ground)

    def __len__(self) -> int:
        return len(self._taps)

    def close(self) -> None:
        """Convert the lists into arrays after all comparators have joined."""
        # (2 taps, plus or minus, comparators)
        taps = np.array(self._taps, dtype=np.intp).reshape(-1, 2, 2)
        self._all_taps = np.ascontiguousarray(taps.T)
        self._gain, self._offset, self._limit, self._sigma = np.array(self._listed).reshape(-1, 4).T
        self._noise: NDArray[np.float64] = np.zeros(len(self))
        self._loudness = np.ones(len(self))
        self._weights: NDArray[np.float64] | None = None
        self.heard = False  # noise or offsets changed since the last look at the crossings
        self._set_bias()
        self._inputs = np.full(len(self), np.nan)
        self._decisions = np.full(len(self), X, dtype=np.int8)
        self._lowest_limit = self._limit.min(initial=math.inf)
        # Two nodes are averaged by resistors, so the pin sees half their sum.
        self._share = np.where(self._all_taps[1, 0] == self._ground, 1.0, 0.5)

    @property
    def noisy(self) -> bool:
        """Whether any comparator has noise."""
        return bool(self._sigma.any())

    def hear(self, deviates: NDArray[np.float64]) -> None:
        """Set new standard normal deviates, one for each comparator in the order of joining."""
        self._noise = deviates * self._sigma
        self._set_bias()

    def _set_bias(self) -> None:
        self._bias = self._noise * self._loudness - self._offset
        self.heard = True

    def disturb(self, index: int, change: Disturbance) -> None:
        """Add a disturbance to one comparator, or remove it by adding the opposite."""
        self._offset[index] += change.offset
        self._loudness[index] *= change.loudness
        self._limit[index] += change.limit
        self._lowest_limit = self._limit.min()
        self._set_bias()

    def look(self, voltages: NDArray[np.float64]) -> None:
        """Compare all inputs and wake the processes of those whose decision changed."""
        taps = voltages[self._all_taps]
        sums = taps[0] + taps[1]
        inputs = sums[0] - sums[1]
        inputs *= self._gain
        inputs += self._bias
        decisions = (inputs > RESOLUTION).view(np.int8)
        highest = voltages[voltages.argmax()]  # faster than `max`; NaN if there is one
        if not highest <= self._lowest_limit:  # too high, or NaN, from an island
            both_high = self._share * np.minimum(*sums) > self._limit
            decisions[both_high] = 0
            decisions[np.isnan(inputs)] = X
        self._inputs = inputs
        flipped = (decisions != self._decisions).nonzero()[0]
        self._decisions = decisions
        for index in flipped.tolist():
            process, react = self._reacts[index]
            process.notify(react)

    def weighed(self, voltages: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The decision as a linear function of voltages, high above 0: weights and constants (V).

        The common-mode limit is not included.
        """
        if self._weights is None:
            self._weights = np.zeros((len(self), voltages))
            rows = np.arange(len(self))
            for side, sign in enumerate((1, -1)):
                for taps in self._all_taps[:, side]:
                    np.add.at(self._weights, (rows, taps), sign * self._gain)
            self._weights[:, self._ground] = 0.0
        return self._weights, self._bias - RESOLUTION

    def turn(self, index: int, overdrive: float) -> None:
        """Flip a comparator's decision, with inputs that move on to an overdrive (V)."""
        self._decisions[index] ^= 1
        self._inputs[index] = overdrive
        process, react = self._reacts[index]
        process.notify(react)

    def decision(self, index: int) -> int:
        """0, 1, or X on an island without a fixed node."""
        decision: int = self._decisions.item(index)
        return decision

    def overdrive(self, index: int) -> float:
        """The differential input (V), with offset and noise."""
        difference: float = self._inputs.item(index)
        return abs(difference)
