import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logicsim.core.logic import X
from logicsim.core.rule import RESOLUTION
from logicsim.kernel.kernel import Kernel
from logicsim.parts.chips import chip
from logicsim.parts.comparator import ComparatorBank
from logicsim.parts.part import Part

NAN = float("nan")
NODES = 6
SIGMA = 1.0  # V, so that a deviate is the noise


@dataclass(frozen=True)
class Channel:
    plus: tuple[int, ...]
    minus: tuple[int, ...]
    gain: float = 1.0
    offset: float = 0.0
    limit: float = 10.5

    def decide(self, volts: Sequence[float], noise: float) -> int:
        """What one comparator by itself makes of the voltages."""
        plus, minus = [volts[n] for n in self.plus], [volts[n] for n in self.minus]
        if any(math.isnan(v) for v in (*plus, *minus)):
            return X
        if min(sum(plus) / len(plus), sum(minus) / len(minus)) > self.limit:
            return 0
        return int(self.gain * (sum(plus) - sum(minus)) - self.offset + noise > RESOLUTION)


class Bench:
    """A bank and a record of who was woken."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        self.kernel = Kernel()
        self.woken: list[int] = []
        self.bank = ComparatorBank(lambda node: int(node.removeprefix("node")), ground=NODES)
        process = self.kernel.process("edge1")
        for index, channel in enumerate(channels):
            pins = {
                "plus": tuple(f"node{n}" for n in channel.plus),
                "minus": tuple(f"node{n}" for n in channel.minus),
                "y": (f"edge1.y{index}",),
            }
            part = Part(f"edge1.c{index}", chip("LM339A"), pins, {"offset": channel.offset})

            def react(index: int = index) -> None:
                self.woken.append(index)

            joined = self.bank.join(part, channel.gain, channel.limit, SIGMA, process, react)
            assert joined == index
        self.bank.close()
        self.kernel.start(process.react())

    def look(self, volts: Sequence[float]) -> list[int]:
        """All decisions at these voltages; `woken` tells who flipped."""
        self.woken.clear()
        voltages = np.array([*volts, 0.0])
        self.kernel.schedule(1, self.bank.look, voltages, "test")
        self.kernel.run(self.kernel.now + 2)
        return [self.bank.decision(index) for index in range(len(self.bank))]


# Binary fractions: sums are exact in any order, so a tie is a tie.
QUARTERS = st.integers(-8, 56).map(lambda n: n / 4)
TAPS = st.lists(st.integers(0, NODES - 1), min_size=1, max_size=2)


@st.composite
def channels(draw: st.DrawFn) -> Channel:
    plus = tuple(draw(TAPS))
    minus = tuple(draw(st.lists(st.integers(0, NODES - 1), min_size=len(plus),
                                max_size=len(plus))))  # fmt: skip
    return Channel(
        plus,
        minus,
        draw(st.sampled_from([1.0, 0.5])),
        draw(st.integers(-2, 2)) / 4,
        draw(st.sampled_from([3.5, 10.5])),
    )


@given(st.lists(channels(), min_size=1, max_size=9), st.data())
def test_the_bank_decides_as_its_comparators_one_by_one(
    listed: list[Channel], data: st.DataObject
) -> None:
    bench = Bench(listed)
    before = [X] * len(listed)
    noise = [0.0] * len(listed)
    for _ in range(4):
        if data.draw(st.booleans()):
            noise = [data.draw(QUARTERS) for _ in listed]
            bench.bank.hear(np.array(noise))
        volts = [data.draw(QUARTERS | st.just(NAN)) for _ in range(NODES)]
        expected = [c.decide(volts, n) for c, n in zip(listed, noise, strict=True)]
        assert bench.look(volts) == expected
        flipped = [i for i, (was, now) in enumerate(zip(before, expected, strict=True))
                   if was != now]  # fmt: skip
        assert sorted(bench.woken) == flipped
        before = expected


def test_equal_inputs_are_not_greater() -> None:
    assert Bench([Channel((0,), (1,))]).look([2.5, 2.5, 0, 0, 0, 0]) == [0]


@pytest.mark.parametrize("ulps", [1, -1, 3, -3])
def test_a_difference_of_rounding_is_a_tie(ulps: int) -> None:
    volts = 2.5 + ulps * math.ulp(2.5)
    assert Bench([Channel((0,), (1,))]).look([volts, 2.5, 0, 0, 0, 0]) == [0]


@pytest.mark.parametrize(("apart", "decision"), [(2e-9, 1), (0.5e-9, 0), (-2e-9, 0), (1e-6, 1)])
def test_a_nanovolt_is_the_finest_difference(apart: float, decision: int) -> None:
    assert Bench([Channel((0,), (1,))]).look([1.0 + apart, 1.0, 0, 0, 0, 0]) == [decision]


def test_drops_equal_by_construction_never_depend_on_the_last_bit() -> None:
    # dVC > dVF as V_C1 + V_F2 > V_F1 + V_C2 with both networks the same, but summed otherwise.
    bench = Bench([Channel((0, 3), (1, 2))])
    for volts in np.random.default_rng(99).uniform(0, 5, (200, 2)):
        one, two = volts.tolist()
        assert bench.look([one, math.nextafter(one, 9), two, math.nextafter(two, 9), 0, 0]) == [0]


def test_an_open_input_is_unknown_and_leaves_the_others_alone() -> None:
    bench = Bench([Channel((0,), (1,)), Channel((2,), (3,)), Channel((1, 2), (3, 4))])
    assert bench.look([1.0, NAN, 3.0, 2.0, 0.0, 0.0]) == [X, 1, X]
    assert bench.look([2.0, 1.0, 3.0, 2.0, 0.0, 0.0]) == [1, 1, 1]
    assert sorted(bench.woken) == [0, 2]


def test_a_node_nobody_looks_at_may_be_open() -> None:
    assert Bench([Channel((0,), (1,))]).look([1.0, 0.0, NAN, NAN, NAN, NAN]) == [1]


def test_offset_is_taken_from_the_input_and_noise_added() -> None:
    bench = Bench([Channel((0,), (1,), offset=-3e-3), Channel((0,), (1,))])
    volts = [1.0, 1.002, 0, 0, 0, 0]
    assert bench.look(volts) == [1, 0]
    bench.bank.hear(np.array([-2e-3, 5e-3]))
    assert bench.look(volts) == [0, 1]
    assert bench.bank.overdrive(0) == pytest.approx(1e-3, rel=1e-9)
    assert bench.bank.overdrive(1) == pytest.approx(3e-3, rel=1e-9)


def test_inputs_beyond_the_common_mode_read_low_only_together() -> None:
    bench = Bench([Channel((0,), (1,), limit=10.5)])
    assert bench.look([11.5, 10.0, 0, 0, 0, 0]) == [1]
    assert bench.look([11.5, 11.0, 0, 0, 0, 0]) == [0]


def test_averaged_inputs_reach_the_limit_by_their_mean() -> None:
    # Means of 10 V and 9.5 V are within 10.5 V, though the sums are not.
    assert Bench([Channel((0, 1), (2, 3))]).look([12.0, 8.0, 9.5, 9.5, 0, 0]) == [1]


def test_a_bank_of_none_looks_at_nothing() -> None:
    assert Bench([]).look([1.0] * NODES) == []
