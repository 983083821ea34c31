import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logicsim.core.logic import X, Z
from logicsim.kernel.kernel import Driver
from logicsim.parts.chips import chip
from logicsim.parts.comparator import Comparator
from logicsim.parts.kind import Corner
from tests.bed import US, Bed, node, part

SINGLE: Mapping[str, tuple[str, ...]] = {"plus": (node(1),), "minus": (node(2),)}
# The breadboard edge's comparator A: means of two, so that it compares differences.
PAIRS: Mapping[str, tuple[str, ...]] = {
    "plus": (node(1), node(2)),
    "minus": (node(1, "clamped"), node(2, "clamped")),
}


def lm339a(**numbers: Any) -> Comparator:
    made = chip("LM339A", **numbers)
    assert isinstance(made, Comparator)
    return made


class Pair(Bed):
    """One comparator on four nodes that are all held, and what its pulled-up output did."""

    def __init__(
        self,
        pins: Mapping[str, tuple[str, ...]] = SINGLE,
        corner: Corner = "typ",
        offset: float = 0.0,
        **numbers: Any,
    ) -> None:
        made = part(lm339a(**numbers), "bed.comparator", {"offset": offset}, **pins)
        super().__init__(made, levels={}, corner=corner)

    @property
    def wave(self) -> list[tuple[int, int]]:
        return self.waves["y"]

    def hold(self, time: int, *volts: float) -> None:
        """At `time`, hold node 1 and 2 of the free network, then of the clamped one."""
        self.impose(time, volts[:2], volts[2:])

    def settled(self, *volts: float) -> int:
        """What the output says to these voltages in the end."""
        self.hold(self.kernel.now + 1, *volts)
        self.run(self.kernel.now + 20 * US)
        return self.value("y")


@given(st.floats(0.0, 5.0), st.floats(0.0, 5.0))
@settings(max_examples=60)
def test_the_output_is_high_exactly_when_plus_is_above_minus(plus: float, minus: float) -> None:
    # A nanovolt is far below the 25 uV that the gain resolves.
    if abs(plus - minus) > 1e-6:
        assert Pair().settled(plus, minus) == int(plus > minus)


def test_a_tie_is_not_greater() -> None:
    assert Pair().settled(2.5, 2.5) == 0


# The declaration: 'the output lets go when IN+ > IN- + offset'.
@pytest.mark.parametrize("offset", [-0.004, -0.001, 0.001, 0.004])
@pytest.mark.parametrize("beyond", [-0.0005, 0.0005])
def test_the_output_lets_go_when_plus_exceeds_minus_by_the_offset(
    offset: float, beyond: float
) -> None:
    assert Pair(offset=offset).settled(2.0 + offset + beyond, 2.0) == int(beyond > 0)


def test_the_output_is_unknown_until_the_network_has_a_voltage() -> None:
    bed = Pair()
    bed.kernel.run(10 * US)
    assert bed.value("y") == X
    assert bed.wave == []


# ---- Delay -------------------------------------------------------------------------------------


def falls_after(overdrive: float, corner: Corner = "typ", **numbers: Any) -> int:
    """Ticks from a step that leaves `overdrive` (V) until the output is low."""
    bed = Pair(corner=corner, **numbers)
    bed.hold(1, 2.1, 2.0)
    bed.hold(50 * US, 2.0 - overdrive, 2.0)
    bed.kernel.run(100 * US)
    time, value = bed.wave[-1]
    assert value == 0
    return time - 50 * US


def rises_after(overdrive: float, corner: Corner = "typ") -> int:
    bed = Pair(corner=corner)
    bed.hold(1, 1.9, 2.0)
    bed.hold(50 * US, 2.0 + overdrive, 2.0)
    bed.kernel.run(100 * US)
    time, value = bed.wave[-1]
    assert value == 1
    return time - 50 * US


# From the vendor's macromodel. Its curve is not quite a logarithm: the two-number fit that the
# part declares is within 5 % of it, but 9 % slow at 20 mV and 12 % at 50 mV.
MACROMODEL = [(2, 1.62, 0.05), (5, 1.26, 0.05), (10, 0.99, 0.05), (20, 0.75, 0.09),
              (50, 0.47, 0.12), (100, 0.30, 0.05)]  # fmt: skip


@pytest.mark.parametrize(("millivolts", "microseconds", "tolerance"), MACROMODEL)
def test_the_delay_falls_with_overdrive_as_the_macromodel_says(
    millivolts: float, microseconds: float, tolerance: float
) -> None:
    delay = falls_after(millivolts / 1000) / US
    assert delay == pytest.approx(microseconds, rel=tolerance)


@given(st.floats(1e-4, 0.099))
@settings(max_examples=30)
def test_the_delay_is_the_declared_fit(overdrive: float) -> None:
    expected = 303_000 + 318_000 * math.log(0.1 / overdrive)
    # 2.0 - overdrive is rounded to 4e-16 V, which at 0.1 mV is 4e-12 of the overdrive.
    assert falls_after(overdrive) == pytest.approx(expected, abs=2)


@pytest.mark.parametrize("overdrive", [0.1000001, 0.15, 1.0, 1.9])
def test_no_overdrive_makes_it_faster_than_at_100_mv(overdrive: float) -> None:
    assert falls_after(overdrive) == 303_000


@pytest.mark.parametrize("overdrive", [25e-6, 10e-6, 1e-7, 0.0])
def test_less_overdrive_than_the_gain_resolves_is_no_slower(overdrive: float) -> None:
    # 303 + 318 ln(100 mV / 25 uV) = 303 + 318 * 8.294 = 2940.5 ns
    assert falls_after(overdrive) == pytest.approx(2_940_500, abs=100)


def test_a_rising_output_is_slower_by_the_pull_up() -> None:
    # 5.1 kohm into 15 to 30 pF reaches 1.4 V of 5 V after 0.33 RC: 25 to 50 ns, 35 typical.
    assert rises_after(0.2) == 303_000 + 35_000
    assert rises_after(0.01) - falls_after(0.01) == pytest.approx(35_000, abs=2)


@pytest.mark.parametrize(
    ("corner", "fastest", "pull_up"),
    [("min", 212_000, 25_000), ("typ", 303_000, 35_000), ("max", 394_000, 50_000)],
)
def test_the_corners_scale_the_delay(corner: Corner, fastest: int, pull_up: int) -> None:
    assert falls_after(0.5, corner) == fastest
    assert rises_after(0.5, corner) == fastest + pull_up
    slope = {"min": 223_000, "typ": 318_000, "max": 413_000}[corner]
    # A tenth of 100 mV costs ln 10 = 2.302585 slopes.
    assert falls_after(0.01, corner) == pytest.approx(fastest + 2.302585 * slope, abs=2)


def test_the_offset_counts_as_overdrive() -> None:
    # 10 mV below, and the offset adds or takes 5 mV: 15 or 5 mV, either way round.
    delays = {falls_after_with_offset(offset) for offset in (-0.005, 0.005)}
    expected = {303_000 + 318_000 * math.log(0.1 / volts) for volts in (0.005, 0.015)}
    assert sorted(delays) == pytest.approx(sorted(expected), abs=2)


def falls_after_with_offset(offset: float) -> int:
    bed = Pair(offset=offset)
    bed.hold(1, 2.1, 2.0)
    bed.hold(50 * US, 1.99, 2.0)
    bed.kernel.run(100 * US)
    return bed.wave[-1][0] - 50 * US


def test_a_crossing_shorter_than_the_delay_is_swallowed() -> None:
    for width, passes in ((100_000, False), (302_999, False), (303_000, True)):
        bed = Pair()
        bed.hold(1, 2.5, 2.0)
        bed.hold(50 * US, 1.5, 2.0)
        bed.hold(50 * US + width, 2.5, 2.0)
        bed.kernel.run(100 * US)
        falls = [(time, value) for time, value in bed.wave if time > 50 * US]
        rise = (50 * US + width + 338_000, 1)
        assert falls == ([(50 * US + 303_000, 0), rise] if passes else [])


# ---- Output ------------------------------------------------------------------------------------


def test_the_output_lets_go_and_the_resistor_pulls_it_up() -> None:
    bed = Pair()
    assert bed.settled(3.0, 2.0) == 1
    (driver,) = bed.kernel.nets["y"].drivers
    assert driver.value == Z
    assert bed.settled(2.0, 3.0) == 0
    assert driver.value == 0


def test_two_outputs_on_one_net_are_high_only_together() -> None:
    bed = Pair()
    other = Driver(bed.kernel.nets["y"], "another comparator", initial=Z)
    assert bed.settled(3.0, 2.0) == 1
    other.transport(0, 10)
    bed.kernel.run(bed.kernel.now + 100)
    assert bed.value("y") == 0
    other.transport(Z, 10)
    bed.kernel.run(bed.kernel.now + 100)
    assert bed.value("y") == 1


# ---- Inputs ------------------------------------------------------------------------------------


def test_a_pair_of_inputs_compares_their_sums() -> None:
    # (1.0 + 2.0) against (0.5 + 2.4), then (0.5 + 2.6)
    assert Pair(PAIRS).settled(1.0, 2.0, 0.5, 2.4) == 1
    assert Pair(PAIRS).settled(1.0, 2.0, 0.5, 2.6) == 0


@pytest.mark.parametrize(("gain", "counts"), [(1.0, 1), (0.5, 2)])
@pytest.mark.parametrize("offset", [0.002, -0.002])
def test_resistors_that_average_make_the_offset_count_twice(
    gain: float, counts: int, offset: float
) -> None:
    # The threshold in dVC - dVF is the offset over the gain, 2 mV or 4 mV; look 0.5 mV either side.
    decisions = []
    for sign in (1, -1):
        for beyond in (-0.0005, 0.0005):
            bed = Pair(PAIRS, offset=offset, input_gain=gain)
            decisions.append(bed.settled(1.0 + sign * counts * offset + beyond, 2.0, 1.0, 2.0))
    # On one side of zero there is the threshold; on the other the decision does not depend on it.
    first, second = decisions[:2], decisions[2:]
    assert [0, 1] in (first, second)
    assert first != second


def test_a_single_input_is_not_averaged_so_its_offset_counts_once() -> None:
    full, half = (Pair(offset=0.002, input_gain=gain) for gain in (1.0, 0.5))
    for plus in (1.9975, 1.9985, 2.0015, 2.0025):
        assert full.settled(plus, 2.0) == half.settled(plus, 2.0)


def test_averaging_halves_the_overdrive_of_a_pair() -> None:
    bed = Pair(PAIRS, input_gain=0.5)
    bed.hold(1, 1.5, 2.0, 1.0, 2.0)
    bed.hold(50 * US, 0.98, 2.0, 1.0, 2.0)
    bed.kernel.run(100 * US)
    time, value = bed.wave[-1]
    assert value == 0
    assert time - 50 * US == pytest.approx(303_000 + 318_000 * math.log(0.1 / 0.01), abs=2)


# With a 5 V supply the common mode ends at 3.5 V.
@pytest.mark.parametrize(
    ("plus", "minus", "output"),
    [
        (3.49, 3.4, 1),
        (3.6, 3.49, 1),  # one input within the range decides
        (3.51, 3.505, 0),  # both above: low whatever the comparison
        (5.0, 3.6, 0),
        (3.6, 5.0, 0),
        (3.4, 5.0, 0),
        (5.0, 3.4, 1),
    ],
)
def test_both_inputs_above_the_common_mode_make_the_output_low(
    plus: float, minus: float, output: int
) -> None:
    assert Pair(supply=5.0).settled(plus, minus) == output


def test_the_common_mode_of_a_pair_is_that_of_its_mean() -> None:
    # Means 3.6 and 3.55 V are both above 3.5 V; 3.4 and 3.35 V are not, though one node is at 5 V.
    assert Pair(PAIRS, supply=5.0).settled(5.0, 2.2, 5.0, 2.1) == 0
    assert Pair(PAIRS, supply=5.0).settled(5.0, 1.8, 5.0, 1.7) == 1


def test_the_default_supply_keeps_all_node_voltages_within_the_common_mode() -> None:
    assert Pair().settled(5.0, 4.9) == 1
    # The datasheet's 'VCC - 1.5 V' is what ends it.
    assert lm339a().headroom == 1.5
    assert Pair(supply="6.3 V").settled(5.0, 4.9) == 0


def test_an_input_on_an_island_makes_the_output_unknown() -> None:
    bed = Pair(PAIRS)
    assert bed.settled(3.0, 2.0, 2.0, 2.0) == 1
    # Only the free network is held any longer: the clamped one floats.
    assert bed.settled(3.0, 2.0) == X
    assert np.isnan(bed.twin.clamped.voltages).all()
    assert bed.settled(1.0, 2.0, 2.0, 2.0) == 0


def test_an_island_does_not_touch_comparators_elsewhere() -> None:
    bed = Pair()
    assert bed.settled(3.0, 2.0) == 1
    assert bed.settled(2.0, 3.0) == 0


# ---- Noise -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("noise", "output"), [(0.0, 1), (-0.009, 1), (-0.011, 0), (0.1, 1)])
def test_noise_adds_to_the_differential_input(noise: float, output: int) -> None:
    bed = Pair()
    bed.bank.hear(np.array([noise / 10e-3]))  # deviates of its 10 mV
    assert bed.settled(2.01, 2.0) == output


def test_noise_is_heard_by_place_in_the_bank() -> None:
    outputs = ("y1", "y2", "y3")
    parts = [part(lm339a(), f"bed.{y}", {}, **{**SINGLE, "y": (y,)}) for y in outputs]
    bed = Bed(*parts, levels={})
    assert len(bed.bank) == 3
    bed.bank.hear(np.array([2.0, -2.0, 2.0]))  # 20 mV, for a noise of 10 mV
    bed.impose(1, (2.0, 2.0))
    bed.run(20 * US)
    assert [bed.value(y) for y in outputs] == [1, 0, 1]


def decisions_along(volts: Sequence[float]) -> list[int]:
    bed = Pair()
    return [bed.settled(2.0 + value, 2.0) for value in volts]


def test_there_is_no_hysteresis() -> None:
    sweep = [-0.01, -0.001, 0.001, 0.01]
    assert decisions_along(sweep) == decisions_along(sweep[::-1])[::-1] == [0, 0, 1, 1]
