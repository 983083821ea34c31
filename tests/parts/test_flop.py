"""Flops of both kinds, on either edge of the clock; tests of only one kind are at the end."""

import math
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logicsim.core.logic import X, Z
from logicsim.kernel.kernel import Violation
from logicsim.parts.chips import chip
from logicsim.parts.flop import FlopKind, mean_time_between_failures
from logicsim.parts.kind import ChipKind, Corner
from tests.bed import NS, SEEDS, Bed, part

SETUP, HOLD, WIDTH = 16 * NS, 3 * NS, 16 * NS
CLOCK_TO_Q: dict[Corner, int] = {"min": 6 * NS, "typ": 13 * NS, "max": 32 * NS}

# The JK table by hand: q after a clock with these j, k and q before.
NEXT = {
    (0, 0, 0): 0, (0, 0, 1): 1,  # hold
    (1, 0, 0): 1, (1, 0, 1): 1,  # set
    (0, 1, 0): 0, (0, 1, 1): 0,  # reset
    (1, 1, 0): 1, (1, 1, 1): 0,  # toggle
}  # fmt: skip


def flop(**numbers: Any) -> FlopKind:
    made = chip("CD74HC73", **numbers)
    assert isinstance(made, FlopKind)
    return made


class Jk(Bed):
    """One flop with a driver on each input, clocked by the fall, or the rise, of CP."""

    def __init__(
        self, j: int = X, k: int = X, corner: Corner = "typ", seed: int = 1,
        made: ChipKind | None = None,
    ) -> None:  # fmt: skip
        made = made or flop()
        self.rests = int(dict(made)["active"] == "rise")
        super().__init__(
            part(made, "bed.flop"), levels={"j": j, "k": k, "cp": self.rests}, corner=corner,
            seed=seed,
        )  # fmt: skip

    @property
    def wave(self) -> list[tuple[int, int]]:
        return self.waves["q"]

    @property
    def q(self) -> int:
        return self.value("q")

    def feed(self, j: int, k: int, before: int = 100 * NS) -> None:
        """Bring J and K to these values `before` ticks before the next fall that `clock` makes."""
        self.change(self.kernel.now + 500 * NS - before, j=j, k=k)

    def clock(self) -> int:
        """A pulse whose fall comes 500 ns from now; Q 400 ns later, and the fall's time."""
        now = self.kernel.now
        self.change(now + 250 * NS, cp=1 - self.rests)
        self.change(now + 500 * NS, cp=self.rests)
        self.run(now + 900 * NS)
        return now + 500 * NS

    def store(self, q: int) -> None:
        """Bring Q to a known value by set or reset."""
        self.feed(q, 1 - q)
        self.clock()
        assert self.q == q

    def step(self, j: int, k: int) -> int:
        """Q after a clock with these inputs."""
        self.feed(j, k)
        self.clock()
        return self.q


@pytest.mark.parametrize(("j", "k", "q"), list(product([0, 1], repeat=3)))
def test_a_clock_fall_holds_sets_resets_or_toggles(j: int, k: int, q: int) -> None:
    bed = Jk()
    bed.store(q)
    assert bed.step(j, k) == NEXT[j, k, q]
    assert not bed.kernel.violations


@pytest.mark.parametrize(("corner", "delay"), CLOCK_TO_Q.items())
@pytest.mark.parametrize("q", [0, 1])
def test_the_output_follows_the_clock_fall_by_its_delay(corner: Corner, delay: int, q: int) -> None:
    bed = Jk(corner=corner)
    bed.store(q)
    bed.feed(1, 1)
    fall = bed.clock()
    assert bed.wave[-1] == (fall + delay, 1 - q)


def test_toggling_divides_the_clock_by_two() -> None:
    bed = Jk()
    bed.store(0)
    assert [bed.step(1, 1) for _ in range(6)] == [1, 0, 1, 0, 1, 0]


def test_only_the_clock_fall_matters() -> None:
    bed = Jk()
    bed.store(0)
    # Inputs that ask for a set all through the high of CP and go before it falls; a CP rise.
    bed.change(bed.kernel.now + 100 * NS, j=1)
    bed.change(bed.kernel.now + 100 * NS, k=0)
    bed.change(bed.kernel.now + 450 * NS, j=0)
    bed.clock()
    assert bed.q == 0
    assert not bed.kernel.violations


def test_the_output_is_unknown_until_it_is_first_set_or_reset() -> None:
    bed = Jk()
    assert bed.q == X
    assert bed.step(0, 0) == X  # hold what is unknown
    assert bed.step(1, 1) == X  # toggle it
    assert bed.step(1, 0) == 1
    assert [value for _, value in bed.wave] == [1]


@pytest.mark.parametrize("first", [0, 1])
def test_the_first_clock_with_a_data_bit_makes_the_output_known(first: int) -> None:
    assert Jk().step(first, 1 - first) == first


@pytest.mark.parametrize("unknown", [X, Z])
@pytest.mark.parametrize("q", [0, 1, X])
@pytest.mark.parametrize("known", [0, 1])
def test_an_unknown_input_matters_only_where_its_two_meanings_differ(
    unknown: int, q: int, known: int
) -> None:
    # j unknown, k = 0: hold or set; k = 1: reset or toggle.
    # k unknown, j = 0: hold or reset; j = 1: set or toggle.
    expected_j = {(0, 1): 1, (1, 1): 0}.get((known, q), X)
    expected_k = {(0, 0): 0, (1, 0): 1}.get((known, q), X)
    for j, k, expected in ((unknown, known, expected_j), (known, unknown, expected_k)):
        bed = Jk()
        if q != X:
            bed.store(q)
        assert bed.step(j, k) == expected


@pytest.mark.parametrize("q", [0, 1])
def test_two_unknown_inputs_make_the_output_unknown(q: int) -> None:
    bed = Jk()
    bed.store(q)
    assert bed.step(X, X) == X
    assert bed.step(1, 0) == 1


def test_a_clock_that_falls_from_unknown_does_not_clock() -> None:
    bed = Jk(j=1, k=0)
    bed.change(bed.kernel.now + 100 * NS, cp=X)
    bed.change(bed.kernel.now + 200 * NS, cp=0)
    bed.kernel.run(500 * NS)
    assert bed.q == X


# ---- Setup -------------------------------------------------------------------------------------


def changed_at(q: int, old: tuple[int, int], new: tuple[int, int], after: int, seed: int = 1) -> Jk:
    """J and K go from old to new `after` ticks after a clock fall, before it if negative."""
    bed = Jk(seed=seed)
    bed.store(q)
    bed.feed(*old, before=400 * NS)
    moved = {pin: now for pin, before, now in zip("jk", old, new, strict=True) if before != now}
    bed.change(bed.kernel.now + 500 * NS + after, **moved)
    bed.clock()
    return bed


@pytest.mark.parametrize("before", [SETUP, SETUP + 1, 100 * NS])
def test_an_input_still_for_the_setup_time_is_taken(before: int) -> None:
    for seed in range(8):
        bed = changed_at(0, (0, 0), (1, 0), -before, seed)
        assert bed.q == 1
        assert bed.found() == []


@pytest.mark.parametrize("before", [SETUP - 1, 10 * NS, 1, 0])
@pytest.mark.parametrize("pin", ["j", "k"])
def test_an_input_that_moves_within_setup_is_recorded_with_its_margin(
    before: int, pin: str
) -> None:
    new = (1, 0) if pin == "j" else (0, 1)
    bed = changed_at(0, (0, 0), new, -before)
    fall = 900 * NS + 500 * NS
    assert list(bed.kernel.violation_list) == [
        Violation(fall, "setup", "bed.flop", pin, before - SETUP)
    ]


@pytest.mark.parametrize("before", [SETUP - 1, 1])
@pytest.mark.parametrize("q", [0, 1])
@pytest.mark.parametrize("other", [0, 1])
@pytest.mark.parametrize("pin", ["j", "k"])
def test_an_input_that_moves_within_setup_is_taken_as_old_or_as_new(
    before: int, q: int, other: int, pin: str
) -> None:
    old, new = ((0, other), (1, other)) if pin == "j" else ((other, 0), (other, 1))
    outcomes = {changed_at(q, old, new, -before, seed).q for seed in SEEDS}
    assert outcomes == {NEXT[*old, q], NEXT[*new, q]}


@pytest.mark.parametrize("q", [0, 1])
@pytest.mark.parametrize("d", [0, 1])
def test_a_late_data_bit_may_also_toggle_or_hold(q: int, d: int) -> None:
    # Wired as a D-flop, J = D and K = not D; both move within setup, each is old or new.
    old, new = (1 - d, d), (d, 1 - d)
    outcomes = {changed_at(q, old, new, -5 * NS, seed).q for seed in SEEDS}
    legal = {NEXT[j, k, q] for j in (0, 1) for k in (0, 1)}
    assert outcomes == legal == {0, 1}
    assert changed_at(q, old, new, -5 * NS).found() == [
        ("setup", "j", -11 * NS),
        ("setup", "k", -11 * NS),
    ]


def test_old_and_new_are_equally_likely() -> None:
    sets = sum(changed_at(0, (0, 0), (1, 0), -5 * NS, seed).q for seed in range(400))
    assert abs(sets - 200) < 5 * 10  # five standard deviations of 400 fair coins


def test_the_same_seed_decides_the_same() -> None:
    first, again = (
        [changed_at(0, (0, 0), (1, 0), -5 * NS, seed).q for seed in range(20)] for _ in range(2)
    )
    assert first == again


# ---- Hold --------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [HOLD, HOLD + 1, 50 * NS])
def test_an_input_still_for_the_hold_time_is_taken(after: int) -> None:
    for seed in range(8):
        bed = changed_at(0, (1, 0), (0, 0), after, seed)
        assert bed.q == 1
        assert bed.found() == []


@pytest.mark.parametrize("after", [1, 2 * NS, HOLD - 1])
@pytest.mark.parametrize("pin", ["j", "k"])
def test_an_input_that_moves_within_hold_is_recorded_with_its_margin(after: int, pin: str) -> None:
    new = (1, 0) if pin == "j" else (0, 1)
    bed = changed_at(0, (0, 0), new, after)
    fall = 900 * NS + 500 * NS
    assert [(v.time - fall > 0, v.kind, v.part, v.pin, v.margin)
            for v in bed.kernel.violation_list] == [
        (True, "hold", "bed.flop", pin, after - HOLD)
    ]  # fmt: skip


@pytest.mark.parametrize("after", [1, HOLD - 1])
@pytest.mark.parametrize("q", [0, 1])
@pytest.mark.parametrize("other", [0, 1])
@pytest.mark.parametrize("pin", ["j", "k"])
def test_an_input_that_moves_within_hold_is_taken_as_old_or_as_new(
    after: int, q: int, other: int, pin: str
) -> None:
    old, new = ((0, other), (1, other)) if pin == "j" else ((other, 0), (other, 1))
    outcomes = {changed_at(q, old, new, after, seed).q for seed in SEEDS}
    assert outcomes == {NEXT[*old, q], NEXT[*new, q]}


def test_both_inputs_that_move_within_hold_are_recorded_once_each() -> None:
    bed = changed_at(0, (1, 0), (0, 1), 1 * NS)
    assert sorted(bed.found()) == [("hold", "j", -2 * NS), ("hold", "k", -2 * NS)]


@pytest.mark.parametrize("order", ["data first", "clock first"])
def test_an_input_that_moves_with_the_clock_misses_setup_whoever_commits_first(order: str) -> None:
    # At the very fall it has not been still for 16 ns before it; nothing moved after it.
    outcomes = set()
    for seed in SEEDS:
        bed = Jk(seed=seed)
        bed.store(0)
        bed.feed(0, 0, before=400 * NS)
        if order == "data first":
            bed.change(bed.kernel.now + 500 * NS, j=1)
        bed.change(bed.kernel.now + 250 * NS, cp=1)
        bed.change(bed.kernel.now + 500 * NS, cp=0)
        if order == "clock first":
            bed.change(bed.kernel.now + 500 * NS, j=1)
        bed.kernel.run(bed.kernel.now + 900 * NS)
        assert bed.found() == [("setup", "j", -SETUP)]
        outcomes.add(bed.q)
    assert outcomes == {0, 1}


# ---- Width -------------------------------------------------------------------------------------


@given(st.integers(1, 40_000), st.integers(1, 40_000))
@settings(max_examples=50)
def test_clock_pulses_that_are_too_short_are_recorded(high: int, low: int) -> None:
    bed = Jk(j=1, k=0)
    times = [100 * NS, 100 * NS + high, 100 * NS + high + low, 300 * NS]
    for place, time in enumerate(times, start=1):
        bed.change(bed.kernel.now + time, cp=place % 2)
    bed.kernel.run(1000 * NS)
    expected = [(times[place], width - WIDTH) for place, width in ((1, high), (2, low))
                if width < WIDTH]  # fmt: skip
    found = [(v.time, v.margin) for v in bed.kernel.violation_list]
    assert found == expected
    assert {(v.kind, v.part, v.pin) for v in bed.kernel.violation_list} <= {
        ("width", "bed.flop", "cp")
    }


def test_a_clock_pulse_exactly_as_wide_as_asked_is_met() -> None:
    bed = Jk(j=1, k=0)
    bed.change(bed.kernel.now + 100 * NS, cp=1)
    bed.change(bed.kernel.now + 100 * NS + WIDTH, cp=0)
    bed.change(bed.kernel.now + 100 * NS + 2 * WIDTH, cp=1)
    bed.kernel.run(1000 * NS)
    assert not bed.kernel.violations
    assert bed.q == 1


# Metastability


# Its window of late resolution is half of setup and hold, to see it often.
METASTABLE = flop(metastable_window="9.5 ns", metastable_decay="2 ns")


def lateness(seed: int, before: int) -> int:
    """How much later than 13 ns after the fall Q rises when J and K change `before` it."""
    bed = Jk(seed=seed, made=METASTABLE)
    bed.store(0)
    bed.wave.clear()
    bed.feed(1, 0, before=before)
    fall = bed.clock()
    return bed.wave[0][0] - fall - CLOCK_TO_Q["typ"] if bed.wave else -1


def test_an_input_that_keeps_its_distance_is_never_late() -> None:
    assert {lateness(seed, SETUP) for seed in range(20)} == {0}


def test_a_change_within_the_window_resolves_late_with_an_exponential_tail() -> None:
    late = np.array([lateness(seed, 5 * NS) for seed in range(1500)])
    late = late[late >= 0]  # Q set, whether by J and K or by a toggle
    # J and K are each within T_W = 9.5 ns of 19 ns with probability 1/2; the later one counts.
    # P(late > t) = 1 - (1 - e^(-t/tau)/2)^2
    for t in (0, 1 * NS, 3 * NS, 6 * NS):
        expected = 1 - (1 - math.exp(-t / (2 * NS)) / 2) ** 2
        sigma = math.sqrt(expected * (1 - expected) / len(late))
        assert np.mean(late > t) == pytest.approx(expected, abs=4.5 * sigma)


def test_the_mean_time_between_failures_by_hand() -> None:
    chip = flop()  # tau 1.5 ns, T_W 0.5 ns
    # e^10 / (0.5 ns * 1 MHz * 10 MHz) = 22026.47 / 5000
    failures = mean_time_between_failures(chip, 15e-9, clock=1e6, changes=1e7)
    assert failures == pytest.approx(4.405293, rel=1e-6)
    # At 4 Hz the potentiometers give Q 26 ms: beyond all floats.
    assert mean_time_between_failures(chip, 26e-3, clock=4.0, changes=2e5) == math.inf


# ---- Either edge -------------------------------------------------------------------------------


@pytest.mark.parametrize(("j", "k", "q"), list(product([0, 1], repeat=3)))
def test_a_flop_of_the_other_edge_does_the_same_at_a_rise(j: int, k: int, q: int) -> None:
    bed = Jk(made=flop(active="rise"))
    bed.store(q)
    bed.feed(j, k)
    rise = bed.clock()
    assert bed.q == NEXT[j, k, q]
    if NEXT[j, k, q] != q:
        assert bed.wave[-1] == (rise + CLOCK_TO_Q["typ"], 1 - q)
    assert not bed.kernel.violations


def test_a_flop_of_the_other_edge_has_its_window_at_the_rise() -> None:
    for after, kind, limit in ((-5 * NS, "setup", SETUP), (2 * NS, "hold", HOLD)):
        bed = Jk(made=flop(active="rise"))
        bed.store(0)
        bed.feed(0, 0, before=400 * NS)
        bed.change(bed.kernel.now + 500 * NS + after, j=1)
        bed.clock()
        assert bed.found() == [(kind, "j", abs(after) - limit)]


# ---- D flops -----------------------------------------------------------------------------------

# SN74HC74, typical: setup 25 ns, hold 0, recovery 5 ns; 20 ns from the clock, set or reset to Q.
D_DELAY = 20 * NS
RECOVERY = 5 * NS


class D(Bed):
    """One D flop at rest, neither set nor reset, its clock at the level before the active edge."""

    def __init__(self, seed: int = 1, d: int = 0, **numbers: Any) -> None:
        made = chip("SN74HC74", **numbers)
        self.active = dict(made)["active"]
        self.idle = 1 - int(dict(made)["asynchronous"] == "high")
        self.rests = int(self.active == "fall")
        levels = {"d": d, "cp": self.rests, "s": self.idle, "r": self.idle}
        super().__init__(part(made, "bed.flop"), levels=levels, seed=seed)

    @property
    def q(self) -> int:
        return self.value("q")

    def clock(self, **late: tuple[int, int]) -> int:
        """An active edge 500 ns from now; `late` are pins to (ticks after it, value)."""
        now = self.kernel.now
        for pin, (after, value) in late.items():
            self.change(now + 500 * NS + after, **{pin: value})
        self.change(now + 500 * NS, cp=1 - self.rests)
        self.change(now + 750 * NS, cp=self.rests)
        self.run(now + 1000 * NS)
        return now + 500 * NS

    def force(self, pin: str, level: int | None = None) -> None:
        """Set or reset until the next line."""
        self.change(self.kernel.now + 1, **{pin: 1 - self.idle if level is None else level})
        self.run(self.kernel.now + 100 * NS)

    def store(self, q: int) -> None:
        self.force("s" if q else "r")
        self.force("s" if q else "r", self.idle)
        assert self.q == q


POLARITIES = [
    {"active": active, "asynchronous": level} for active in ("rise", "fall")
    for level in ("low", "high")
]  # fmt: skip


@pytest.mark.parametrize("numbers", POLARITIES)
@pytest.mark.parametrize("q", [0, 1, X])
@pytest.mark.parametrize("d", [0, 1, X, Z])
def test_an_active_edge_takes_d(numbers: dict[str, Any], q: int, d: int) -> None:
    bed = D(d=d, **numbers)
    if q != X:
        bed.store(q)
    edge = bed.clock()
    assert bed.q == min(d, X)
    if bed.waves["q"] and bed.q != q:
        assert bed.waves["q"][-1] == (edge + D_DELAY, min(d, X))
    assert not bed.kernel.violations


@pytest.mark.parametrize("numbers", POLARITIES)
def test_set_and_reset_act_at_once_and_hold_against_the_clock(numbers: dict[str, Any]) -> None:
    for pin, level in (("s", 1), ("r", 0)):
        bed = D(d=1 - level, **numbers)
        assert bed.q == X
        begun = bed.kernel.now
        bed.force(pin)
        assert bed.waves["q"] == [(begun + 1 + D_DELAY, level)]
        bed.clock()
        assert bed.q == level
        bed.force(pin, bed.idle)
        assert bed.q == level  # it stays
        bed.clock()
        assert bed.q == 1 - level
        assert not bed.kernel.violations


@pytest.mark.parametrize("numbers", POLARITIES)
@pytest.mark.parametrize("last", ["s", "r"])
def test_with_both_active_q_is_high_and_who_stays_last_wins(
    numbers: dict[str, Any], last: str
) -> None:
    bed = D(**numbers)
    bed.force("r")
    bed.force("s")
    assert bed.q == 1
    bed.force("r" if last == "s" else "s", bed.idle)
    assert bed.q == int(last == "s")


@pytest.mark.parametrize("unknown", [X, Z])
@pytest.mark.parametrize(("pin", "level"), [("s", 1), ("r", 0)])
@pytest.mark.parametrize("q", [0, 1])
def test_an_unknown_set_or_reset_matters_only_where_it_would_change_the_state(
    unknown: int, pin: str, level: int, q: int
) -> None:
    bed = D()
    bed.store(q)
    bed.force(pin, unknown)
    assert bed.q == (q if q == level else X)


@pytest.mark.parametrize(("pin", "level"), [("s", 1), ("r", 0)])
@pytest.mark.parametrize("d", [0, 1])
def test_a_clock_with_an_unknown_set_or_reset_is_known_where_both_give_the_same(
    pin: str, level: int, d: int
) -> None:
    bed = D(d=d)
    bed.store(1 - level)
    bed.force(pin, X)
    assert bed.q == X
    bed.clock()
    assert bed.q == (d if d == level else X)


@pytest.mark.parametrize("still", [1, RECOVERY - 1])
@pytest.mark.parametrize(("pin", "level"), [("s", 1), ("r", 0)])
def test_a_clock_within_recovery_is_recorded_and_may_be_lost(
    still: int, pin: str, level: int
) -> None:
    outcomes = set()
    for seed in SEEDS:
        bed = D(seed, d=1 - level)
        bed.force(pin)
        bed.clock(**{pin: (-still, bed.idle)})
        assert bed.found() == [("recovery", pin, still - RECOVERY)]
        outcomes.add(bed.q)
    assert outcomes == {0, 1}


def test_a_clock_after_recovery_is_obeyed() -> None:
    for seed in range(8):
        bed = D(seed, d=1)
        bed.force("r")
        bed.clock(r=(-RECOVERY, bed.idle))
        assert bed.q == 1
        assert not bed.kernel.violations


@pytest.mark.parametrize("before", [25 * NS - 1, 1, 0])
def test_a_d_that_moves_within_setup_is_taken_as_old_or_as_new(before: int) -> None:
    outcomes = set()
    for seed in SEEDS:
        bed = D(seed)
        bed.clock(d=(-before, 1))
        assert bed.found() == [("setup", "d", before - 25 * NS)]
        outcomes.add(bed.q)
    assert outcomes == {0, 1}


def test_a_d_that_moves_within_hold_is_taken_as_old_or_as_new() -> None:
    outcomes = set()
    for seed in SEEDS:
        bed = D(seed, hold="3 ns")
        bed.clock(d=(NS, 1))
        assert bed.found() == [("hold", "d", -2 * NS)]
        outcomes.add(bed.q)
    assert outcomes == {0, 1}


@pytest.mark.parametrize("when", ["before the clock", "after the clock"])
def test_a_flop_that_is_set_has_nothing_to_hold(when: str) -> None:
    # Set holds the state whatever D does after a clock that it overrules.
    for seed in SEEDS:
        bed = D(seed, d=1, hold="3 ns")
        late = {"s": (-100 * NS, 0)} if when == "before the clock" else {"s": (NS, 0)}
        bed.clock(**late, d=(2 * NS, 0))
        assert bed.q == 1
        assert not bed.kernel.violations


def test_a_particle_turns_over_the_state_unless_it_is_held() -> None:
    bed = D()
    bed.store(0)
    flop_ = bed.soldered["bed.flop"]
    flop_.upset(0)  # type: ignore[attr-defined]
    bed.run(bed.kernel.now + 100 * NS)
    assert bed.q == 1
    bed.force("r")
    flop_.upset(0)  # type: ignore[attr-defined]
    bed.run(bed.kernel.now + 100 * NS)
    assert bed.q == 0
