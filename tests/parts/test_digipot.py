from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logicsim.core.logic import X, Z
from logicsim.kernel.kernel import Violation
from logicsim.parts.chips import chip
from logicsim.parts.digipot import Digipot
from logicsim.parts.kind import Corner
from tests.bed import NS, SEEDS, Bed, branch, part

CYCLE = 1000 * NS  # of the bed's clock: up at 300 ns, down at 500 ns
FALL = 500 * NS


def digipot(**numbers: Any) -> Digipot:
    made = chip("AD5220-100k", **numbers)
    assert isinstance(made, Digipot)
    return made


class Pot(Bed):
    """One potentiometer as edge 1 of a network, with a driver on each input."""

    def __init__(
        self, initial: int = 64, ud: int = 1, cs: int = 0, side: str = "free", seed: int = 1,
        corner: Corner = "typ", **numbers: Any,
    ) -> None:  # fmt: skip
        made = digipot(**numbers)
        self.rests = int(made.active == "rise")
        values = {"initial": initial, "end_to_end": 1e5, "piece": 2}
        super().__init__(
            part(made, "bed.pot", values, ab=branch(1, side)),
            levels={"clk": self.rests, "cs": cs, "ud": ud}, corner=corner, seed=seed,
            edges=[(1, 2), (2, 3)],
        )  # fmt: skip

    @property
    def wave(self) -> list[tuple[int, int]]:
        return self.waves["code"]

    @property
    def code(self) -> int:
        return self.value("code")

    def clock(self) -> int:
        """One cycle of the clock; the code after it."""
        now = self.kernel.now
        self.change(now + 300 * NS, clk=1 - self.rests)
        self.change(now + FALL, clk=self.rests)
        self.run(now + CYCLE)
        return self.code


# ---- The counter -------------------------------------------------------------------------------


def test_it_powers_up_at_half_scale_unless_told_otherwise() -> None:
    assert digipot().initial == 64
    assert Pot(initial=17).code == 17


@pytest.mark.parametrize("initial", [0, 1, 2, 3, 64, 126, 127])
def test_a_clock_fall_counts_up_with_ud_high_and_down_with_it_low(initial: int) -> None:
    assert Pot(initial, ud=1).clock() == min(initial + 1, 127)
    assert Pot(initial, ud=0).clock() == max(initial - 1, 0)


@pytest.mark.parametrize(("ud", "end", "back"), [(1, 127, 126), (0, 0, 1)])
def test_it_stops_at_either_end_and_comes_back(ud: int, end: int, back: int) -> None:
    bed = Pot(64, ud)
    codes = [bed.clock() for _ in range(70)]
    assert codes == [min(64 + n, 127) if ud else max(64 - n, 0) for n in range(1, 71)]
    assert codes[-1] == end
    bed.change(bed.kernel.now + 1, ud=1 - ud)
    assert bed.clock() == back


@given(st.lists(st.booleans(), max_size=60), st.integers(0, 127))
@settings(max_examples=20)
def test_it_counts_like_an_integer_between_two_stops(ups: list[bool], initial: int) -> None:
    bed, expected = Pot(initial), initial
    for up in ups:
        bed.change(bed.kernel.now + 1, ud=int(up))
        expected = min(max(expected + (1 if up else -1), 0), 127)
        assert bed.clock() == expected
    assert not bed.kernel.violations


@pytest.mark.parametrize("cs", [1, X, Z])
def test_it_does_not_count_unless_cs_is_low(cs: int) -> None:
    bed = Pot(cs=cs)
    assert bed.clock() == 64
    assert bed.wave == []
    bed.change(bed.kernel.now + 1, cs=0)
    assert bed.clock() == 65


def test_only_the_clock_fall_counts() -> None:
    bed = Pot()
    bed.change(bed.kernel.now + 100 * NS, clk=1)
    bed.kernel.run(1000 * NS)
    assert bed.code == 64
    bed.change(bed.kernel.now + 1000 * NS, clk=X)
    bed.change(bed.kernel.now + 2000 * NS, clk=0)
    bed.kernel.run(9000 * NS)
    assert bed.code == 64


def test_cs_and_ud_do_nothing_by_themselves() -> None:
    bed = Pot(cs=1)
    for place in range(1, 11):
        bed.change(bed.kernel.now + place * 100 * NS, ud=place % 2)
        bed.change(bed.kernel.now + place * 150 * NS, cs=1 - place % 2)
    bed.kernel.run(10_000 * NS)
    assert bed.wave == []
    assert not bed.kernel.violations


@pytest.mark.parametrize(("corner", "delay"), [("min", 5), ("typ", 10), ("max", 20)])
def test_the_new_tap_comes_a_delay_after_the_clock_fall(corner: Corner, delay: int) -> None:
    bed = Pot(corner=corner)
    bed.clock()
    assert bed.wave == [(FALL + delay * NS, 65)]


def test_positions_can_be_other_than_128() -> None:
    bed = Pot(initial=30, positions=32)
    assert [bed.clock() for _ in range(3)] == [31, 31, 31]


# ---- The resistance ----------------------------------------------------------------------------


def test_the_linear_resistance_is_the_datasheets() -> None:
    resistances = digipot().resistances(1e5, seed=1, piece=0)
    # R_WB = code/128 * 100 k + 40: at 64 half of 100 k, at 127 100 k - 781.25.
    assert len(resistances) == 128
    assert resistances[0] == pytest.approx(40)
    assert resistances[64] == pytest.approx(50_040)
    assert resistances[127] == pytest.approx(99_258.75)
    assert np.diff(resistances) == pytest.approx(np.full(127, 781.25))


@given(st.floats(7e4, 1.3e5))
@settings(max_examples=20)
def test_resistance_scales_with_the_pieces_own_r_ab_but_not_the_wiper(end_to_end: float) -> None:
    resistances = digipot().resistances(end_to_end, seed=1, piece=0)
    assert resistances[[0, 64]] == pytest.approx([40, end_to_end / 2 + 40])


def test_the_log_taper_rises_ever_faster_from_the_same_start() -> None:
    resistances = digipot(taper="log").resistances(1e5, seed=1, piece=0)
    steps = np.diff(resistances)
    assert resistances[0] == pytest.approx(40)
    assert (steps > 0).all()
    assert (np.diff(steps) > 0).all()
    # An audio taper: a tenth of the span at half scale,.
    assert resistances[64] == pytest.approx(10_040)
    # One position short of the end: 81^(127/128) = 78.266, so 77.266/80 of the span.
    assert resistances[127] == pytest.approx(96_623, abs=5)


@given(st.integers(0, 2**64 - 1), st.integers(0, 200))
@settings(max_examples=40)
def test_the_datasheets_nonlinearity_stays_small_and_monotone(seed: int, piece: int) -> None:
    # INL and DNL sigma of 0.1 LSB. No deviate is beyond 6.4 sigma, so a tap is off by at most
    # 6.4 * (0.1 + 0.1/sqrt 2) = 1.1 LSB, and a step is at least
    # 1 - 2 * 6.4 * 0.1/sqrt 2 - 6.4 * 0.1 * pi/128 = 0.08 LSB.
    resistances = digipot(inl=0.1, dnl=0.1).resistances(1e5, seed, piece)
    ideal = np.arange(128) / 128 * 1e5 + 40
    assert np.abs(resistances - ideal).max() < 1.1 * 781.25
    assert (np.diff(resistances) > 0.07 * 781.25).all()
    assert resistances.min() >= 40


def test_dnl_is_the_spread_of_a_steps_width() -> None:
    chip = digipot(dnl=0.2)
    steps = np.array([np.diff(chip.resistances(1e5, seed=3, piece=p)[1:]) for p in range(100)])
    # 12600 steps, neighbours correlated by -1/2: a standard error of about 1 %.
    assert steps.std() / 781.25 == pytest.approx(0.2, rel=0.05)
    assert steps.mean() / 781.25 == pytest.approx(1, abs=0.01)


def test_inl_is_a_bow_that_leaves_the_ends_alone() -> None:
    chip = digipot(inl=0.5)
    ideal = np.arange(128) / 128 * 1e5 + 40
    bows = np.array([chip.resistances(1e5, seed=3, piece=p) - ideal for p in range(400)]) / 781.25
    assert np.abs(bows[:, 0]).max() < 1e-9
    # Largest at half scale, where its sigma is the declared one: 400 pieces tell it to 3.5 %.
    assert (np.abs(bows).argmax(axis=1) == 64).all()
    assert bows[:, 64].std() == pytest.approx(0.5, rel=0.15)


def test_every_piece_has_its_own_nonlinearity_and_keeps_it() -> None:
    chip = digipot(dnl=0.1)
    pieces = [tuple(chip.resistances(1e5, seed, piece)) for seed in (1, 2) for piece in (2, 3)]
    assert len(set(pieces)) == 4
    assert pieces[0] == tuple(chip.resistances(1e5, 1, 2))


@pytest.mark.parametrize("side", ["free", "clamped"])
def test_the_wiper_sets_the_conductance_of_its_branch(side: str) -> None:
    bed = Pot(side=side)
    mine, other = bed.twin.free, bed.twin.clamped
    if side == "clamped":
        mine, other = other, mine
    settled: list[int] = []
    bed.kernel.settle = lambda: settled.append(bed.kernel.now)
    assert mine.conductance.tolist() == pytest.approx([1 / 50_040, 0])
    bed.clock()
    # Code 65: 50 781.25 + 40 ohm; the other branch and the other network are not its business.
    assert mine.conductance.tolist() == pytest.approx([1 / 50_821.25, 0])
    assert other.conductance.tolist() == [0, 0]
    assert settled[-1] == FALL + 10 * NS


def test_a_divider_moves_with_the_wiper() -> None:
    bed = Pot()
    bed.twin.free.set(1, 1 / 50_040)
    bed.twin.free.hold({0: 5.0, 2: 0.0})
    bed.kernel.settle = bed.twin.solve
    bed.kernel.schedule(1, lambda _: setattr(bed.kernel, "unsettled", True), None, "bed")
    bed.kernel.run(100 * NS)
    assert bed.twin.free.voltages[1] == pytest.approx(2.5)
    for _ in range(10):
        bed.clock()
    # Ten steps of 781.25 ohm more above the middle.
    assert bed.twin.free.voltages[1] == pytest.approx(5 * 50_040 / (2 * 50_040 + 7812.5))


# ---- Constraints -------------------------------------------------------------------------------


def timed(
    pin: str, before: int, value: int, seed: int = 1, initial: int = 64, corner: Corner = "typ"
) -> Pot:
    """A cycle in which `pin` goes to `value` so long before the clock fall (after it if < 0)."""
    bed = Pot(initial, ud=1 - value if pin == "ud" else 1, cs=1 if pin == "cs" else 0, seed=seed,
              corner=corner)  # fmt: skip
    bed.change(FALL - before, **{pin: value})
    bed.clock()
    return bed


@pytest.mark.parametrize("before", [20 * NS, 20 * NS + 1, 200 * NS])
def test_cs_that_is_low_for_its_setup_time_enables_the_count(before: int) -> None:
    for seed in range(8):
        bed = timed("cs", before, 0, seed)
        assert bed.code == 65
        assert not bed.kernel.violations


@pytest.mark.parametrize("before", [20 * NS - 1, 5 * NS, 1, 0])
def test_cs_that_falls_too_late_is_recorded_and_may_or_may_not_enable(before: int) -> None:
    beds = [timed("cs", before, 0, seed) for seed in SEEDS]
    for bed in beds:
        assert list(bed.kernel.violation_list) == [
            Violation(FALL, "setup", "bed.pot", "cs", before - 20 * NS)
        ]
    assert {bed.code for bed in beds} == {64, 65}


def test_cs_that_falls_after_the_clock_does_not_enable() -> None:
    bed = timed("cs", -1, 0)
    assert bed.code == 64
    assert not bed.kernel.violations


@pytest.mark.parametrize("before", [10 * NS, 10 * NS + 1, 200 * NS])
@pytest.mark.parametrize("value", [0, 1])
def test_ud_that_is_still_for_its_setup_time_is_obeyed(before: int, value: int) -> None:
    for seed in range(8):
        bed = timed("ud", before, value, seed)
        assert bed.code == (65 if value else 63)
        assert not bed.kernel.violations


@pytest.mark.parametrize("before", [10 * NS - 1, 5 * NS, 1])
@pytest.mark.parametrize("value", [0, 1])
def test_ud_that_moves_within_setup_is_recorded_and_counts_either_way(
    before: int, value: int
) -> None:
    beds = [timed("ud", before, value, seed) for seed in SEEDS]
    for bed in beds:
        assert bed.found() == [("setup", "ud", before - 10 * NS)]
    assert {bed.code for bed in beds} == {63, 65}


@pytest.mark.parametrize("after", [10 * NS, 10 * NS + 1, 200 * NS])
def test_ud_that_is_still_for_its_hold_time_is_obeyed(after: int) -> None:
    for seed in range(8):
        bed = timed("ud", -after, 0, seed)
        assert bed.code == 65
        assert not bed.kernel.violations


@pytest.mark.parametrize("after", [1, 5 * NS, 10 * NS - 1])
@pytest.mark.parametrize("value", [0, 1])
@pytest.mark.parametrize("corner", ["min", "typ", "max"])
def test_ud_that_moves_within_hold_is_recorded_and_counts_either_way(
    after: int, value: int, corner: Corner
) -> None:
    beds = [timed("ud", -after, value, seed, corner=corner) for seed in SEEDS]
    for bed in beds:
        assert list(bed.kernel.violation_list) == [
            Violation(FALL + after, "hold", "bed.pot", "ud", after - 10 * NS)
        ]
    assert {bed.code for bed in beds} == {63, 65}


@pytest.mark.parametrize("initial", [0, 127])
@pytest.mark.parametrize("before", [5 * NS, -5 * NS])
def test_at_a_stop_a_ud_in_its_window_stays_or_steps_off(initial: int, before: int) -> None:
    # Either way is as good as any: up and down from a stop are 'stay' and 'one step off'.
    for value in (0, 1):
        codes = {timed("ud", before, value, seed, initial).code for seed in SEEDS}
        assert codes == {initial, abs(initial - 1)}


@pytest.mark.parametrize("order", ["ud first", "clock first"])
def test_ud_that_moves_with_the_clock_misses_setup_whoever_commits_first(order: str) -> None:
    codes = set()
    for seed in SEEDS:
        bed = Pot(seed=seed)
        if order == "ud first":
            bed.change(bed.kernel.now + FALL, ud=0)
        bed.change(bed.kernel.now + 300 * NS, clk=1)
        bed.change(bed.kernel.now + FALL, clk=0)
        if order == "clock first":
            bed.change(bed.kernel.now + FALL, ud=0)
        bed.kernel.run(CYCLE)
        assert bed.found() == [("setup", "ud", -10 * NS)]
        codes.add(bed.code)
    assert codes == {63, 65}


def test_a_deselected_part_has_no_timing_but_the_clocks_width() -> None:
    bed = Pot(cs=1)
    bed.change(bed.kernel.now + FALL - 1, ud=0)
    bed.change(bed.kernel.now + FALL + 1, ud=1)
    bed.clock()
    assert bed.code == 64
    assert not bed.kernel.violations


def test_a_part_that_did_not_count_has_nothing_to_hold() -> None:
    # Deselected at the fall, selected 1 ns after it; U/D moves 2 ns after it.
    bed = Pot(cs=1)
    bed.change(bed.kernel.now + FALL + NS, cs=0)
    bed.change(bed.kernel.now + FALL + 2 * NS, ud=0)
    bed.clock()
    assert bed.code == 64
    assert not bed.kernel.violations


@pytest.mark.parametrize("unknown", [X, Z])
def test_an_unknown_ud_counts_either_way(unknown: int) -> None:
    beds = [Pot(ud=unknown, seed=seed) for seed in SEEDS]
    assert {bed.clock() for bed in beds} == {63, 65}
    assert not any(bed.kernel.violations for bed in beds)


def ups(seeds: Sequence[int]) -> int:
    return sum(Pot(ud=X, seed=seed).clock() == 65 for seed in seeds)


def test_either_way_is_equally_likely() -> None:
    assert abs(ups(range(400)) - 200) < 5 * 10  # five standard deviations of 400 fair coins


@given(st.integers(1, 60_000), st.integers(1, 60_000))
@settings(max_examples=50)
def test_clock_pulses_that_are_too_short_are_recorded(high: int, low: int) -> None:
    bed = Pot()
    times = [100 * NS, 100 * NS + high, 100 * NS + high + low, 400 * NS]
    for place, time in enumerate(times, start=1):
        bed.change(bed.kernel.now + time, clk=place % 2)
    bed.kernel.run(1000 * NS)
    expected = [Violation(times[place], "width", "bed.pot", "clk", width - 25 * NS)
                for place, width in ((1, high), (2, low)) if width < 25 * NS]  # fmt: skip
    assert list(bed.kernel.violation_list) == expected


# ---- Other potentiometers ----------------------------------------------------------------------


def test_a_rising_active_edge_counts_and_a_fall_does_not() -> None:
    bed = Pot(64, ud=1, active="rise")
    now = bed.kernel.now
    bed.change(now + 300 * NS, clk=0)
    bed.run(now + 400 * NS)
    assert bed.code == 64
    bed.change(now + 500 * NS, clk=1)
    bed.run(now + 600 * NS)
    assert bed.wave == [(510 * NS, 65)]


@pytest.mark.parametrize("after", [1, 5 * NS, 10 * NS - 1])
def test_hold_is_counted_from_the_active_edge(after: int) -> None:
    codes = set()
    for seed in SEEDS:
        bed = Pot(seed=seed, active="rise")
        bed.change(FALL + after, ud=0)
        bed.clock()
        assert bed.found() == [("hold", "ud", after - 10 * NS)]
        codes.add(bed.code)
    assert codes == {63, 65}


def test_the_divisor_is_the_number_of_steps_in_the_whole_resistance() -> None:
    # 100 positions with 99 steps between them, as in an X9C104: the last is all of R_AB.
    resistances = digipot(positions=100, divisor=99).resistances(1e5, seed=1, piece=0)
    assert resistances[[0, 33, 99]] == pytest.approx([40, 1e5 / 3 + 40, 1e5 + 40])


def test_the_bow_is_in_steps_of_the_divisor_and_leaves_both_ends_alone() -> None:
    chip_ = digipot(positions=100, divisor=99, inl=0.5)
    ideal = np.arange(100) / 99 * 1e5 + 40
    bows = np.array([chip_.resistances(1e5, 3, piece) - ideal for piece in range(400)]) / (1e5 / 99)
    assert np.abs(bows[:, [0, 99]]).max() < 1e-9
    assert np.abs(bows[:, 49:51]).std() > 0
    assert bows[:, 49].std() == pytest.approx(0.5, rel=0.15)
