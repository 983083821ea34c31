import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logicsim.analog.twin import Twin
from logicsim.core.logic import X, Z
from logicsim.kernel.kernel import Driver, Kernel, Violation
from logicsim.parts.cd74hc73 import Cd74hc73, mean_time_between_failures
from logicsim.parts.declaration import Corner
from logicsim.parts.lm339a import ComparatorBank
from logicsim.parts.part import Part
from logicsim.parts.socket import Bench, Socket

NS = 1000
SETUP, HOLD, WIDTH = 16 * NS, 3 * NS, 16 * NS
CLOCK_TO_Q: dict[Corner, int] = {"min": 6 * NS, "typ": 13 * NS, "max": 32 * NS}
SEEDS = range(32)  # that two equally likely outcomes both turn up: 1 - 2^-31

# The JK table by hand: q after a clock with these j, k and q before.
NEXT = {
    (0, 0, 0): 0, (0, 0, 1): 1,  # hold
    (1, 0, 0): 1, (1, 0, 1): 1,  # set
    (0, 1, 0): 0, (0, 1, 1): 0,  # reset
    (1, 1, 0): 1, (1, 1, 1): 0,  # toggle
}  # fmt: skip


class Bed:
    """One flop with a driver on each input, and what its output did."""

    def __init__(
        self, j: int = X, k: int = X, corner: Corner = "typ", seed: int = 1,
        chip: Cd74hc73 | None = None,
    ) -> None:  # fmt: skip
        self.kernel = kernel = Kernel()
        twin = Twin(2, [(0, 1)])
        bench = Bench(kernel, twin, ComparatorBank(twin.place, ground=4), corner, seed)
        self.q = kernel.net("q")
        self.j, self.k, self.cp = (
            Driver(kernel.net(name), name, value) for name, value in (("j", j), ("k", k), ("cp", 0))
        )
        part = Part("bed.flop", chip or Cd74hc73(), {pin: (pin,) for pin in ("j", "k", "cp", "q")})
        process = kernel.process("bed")
        part.chip.solder(Socket(part, process, bench))
        self.wave: list[tuple[int, int]] = []
        self.q.listen(process, lambda: self.wave.append((kernel.now, self.q.value)))
        kernel.start(process.react())

    def feed(self, j: int, k: int, before: int = 100 * NS) -> None:
        """Bring J and K to these values `before` ticks before the next fall that `clock` makes."""
        delay = 500 * NS - before
        self.j.transport(j, delay)
        self.k.transport(k, delay)

    def clock(self) -> int:
        """A pulse whose fall comes 500 ns from now; Q 400 ns later, and the fall's time."""
        now = self.kernel.now
        self.cp.transport(1, 250 * NS)
        self.cp.transport(0, 500 * NS)
        # Something to bring time along even where nothing changes.
        self.kernel.schedule(900 * NS, lambda _: None, None, "bed")
        self.kernel.run(now + 900 * NS + 1)
        return now + 500 * NS

    def store(self, q: int) -> None:
        """Bring Q to a known value by set or reset."""
        self.feed(q, 1 - q)
        self.clock()
        assert self.q.value == q

    def step(self, j: int, k: int) -> int:
        """Q after a clock with these inputs."""
        self.feed(j, k)
        self.clock()
        return self.q.value

    def found(self) -> list[tuple[str, str, int]]:
        return [(v.kind, v.pin, v.margin) for v in self.kernel.violation_list]


@pytest.mark.parametrize(("j", "k", "q"), list(product([0, 1], repeat=3)))
def test_a_clock_fall_holds_sets_resets_or_toggles(j: int, k: int, q: int) -> None:
    bed = Bed()
    bed.store(q)
    assert bed.step(j, k) == NEXT[j, k, q]
    assert not bed.kernel.violations


@pytest.mark.parametrize(("corner", "delay"), CLOCK_TO_Q.items())
@pytest.mark.parametrize("q", [0, 1])
def test_the_output_follows_the_clock_fall_by_its_delay(corner: Corner, delay: int, q: int) -> None:
    bed = Bed(corner=corner)
    bed.store(q)
    bed.feed(1, 1)
    fall = bed.clock()
    assert bed.wave[-1] == (fall + delay, 1 - q)


def test_toggling_divides_the_clock_by_two() -> None:
    bed = Bed()
    bed.store(0)
    assert [bed.step(1, 1) for _ in range(6)] == [1, 0, 1, 0, 1, 0]


def test_only_the_clock_fall_matters() -> None:
    bed = Bed()
    bed.store(0)
    # Inputs that ask for a set all through the high of CP and go before it falls; a CP rise.
    bed.j.transport(1, 100 * NS)
    bed.k.transport(0, 100 * NS)
    bed.j.transport(0, 450 * NS)
    bed.clock()
    assert bed.q.value == 0
    assert not bed.kernel.violations


def test_the_output_is_unknown_until_it_is_first_set_or_reset() -> None:
    bed = Bed()
    assert bed.q.value == X
    assert bed.step(0, 0) == X  # hold what is unknown
    assert bed.step(1, 1) == X  # toggle it
    assert bed.step(1, 0) == 1
    assert [value for _, value in bed.wave] == [1]


@pytest.mark.parametrize("first", [0, 1])
def test_the_first_clock_with_a_data_bit_makes_the_output_known(first: int) -> None:
    assert Bed().step(first, 1 - first) == first


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
        bed = Bed()
        if q != X:
            bed.store(q)
        assert bed.step(j, k) == expected


@pytest.mark.parametrize("q", [0, 1])
def test_two_unknown_inputs_make_the_output_unknown(q: int) -> None:
    bed = Bed()
    bed.store(q)
    assert bed.step(X, X) == X
    assert bed.step(1, 0) == 1


def test_a_clock_that_falls_from_unknown_does_not_clock() -> None:
    bed = Bed(j=1, k=0)
    bed.cp.transport(X, 100 * NS)
    bed.cp.transport(0, 200 * NS)
    bed.kernel.run(500 * NS)
    assert bed.q.value == X


# ---- Setup -------------------------------------------------------------------------------------


def changed_at(
    q: int, old: tuple[int, int], new: tuple[int, int], after: int, seed: int = 1
) -> Bed:
    """J and K go from old to new `after` ticks after a clock fall, before it if negative."""
    bed = Bed(seed=seed)
    bed.store(q)
    bed.feed(*old, before=400 * NS)
    for driver, before, now in zip((bed.j, bed.k), old, new, strict=True):
        if before != now:
            driver.transport(now, 500 * NS + after)
    bed.clock()
    return bed


@pytest.mark.parametrize("before", [SETUP, SETUP + 1, 100 * NS])
def test_an_input_still_for_the_setup_time_is_taken(before: int) -> None:
    for seed in range(8):
        bed = changed_at(0, (0, 0), (1, 0), -before, seed)
        assert bed.q.value == 1
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
    outcomes = {changed_at(q, old, new, -before, seed).q.value for seed in SEEDS}
    assert outcomes == {NEXT[*old, q], NEXT[*new, q]}


@pytest.mark.parametrize("q", [0, 1])
@pytest.mark.parametrize("d", [0, 1])
def test_a_late_data_bit_may_also_toggle_or_hold(q: int, d: int) -> None:
    # Wired as a D-flop, J = D and K = not D; both move within setup, each is old or new.
    old, new = (1 - d, d), (d, 1 - d)
    outcomes = {changed_at(q, old, new, -5 * NS, seed).q.value for seed in SEEDS}
    legal = {NEXT[j, k, q] for j in (0, 1) for k in (0, 1)}
    assert outcomes == legal == {0, 1}
    assert changed_at(q, old, new, -5 * NS).found() == [
        ("setup", "j", -11 * NS),
        ("setup", "k", -11 * NS),
    ]


def test_old_and_new_are_equally_likely() -> None:
    sets = sum(changed_at(0, (0, 0), (1, 0), -5 * NS, seed).q.value for seed in range(400))
    assert abs(sets - 200) < 5 * 10  # five standard deviations of 400 fair coins


def test_the_same_seed_decides_the_same() -> None:
    first, again = (
        [changed_at(0, (0, 0), (1, 0), -5 * NS, seed).q.value for seed in range(20)]
        for _ in range(2)
    )
    assert first == again


# ---- Hold --------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [HOLD, HOLD + 1, 50 * NS])
def test_an_input_still_for_the_hold_time_is_taken(after: int) -> None:
    for seed in range(8):
        bed = changed_at(0, (1, 0), (0, 0), after, seed)
        assert bed.q.value == 1
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
    outcomes = {changed_at(q, old, new, after, seed).q.value for seed in SEEDS}
    assert outcomes == {NEXT[*old, q], NEXT[*new, q]}


def test_both_inputs_that_move_within_hold_are_recorded_once_each() -> None:
    bed = changed_at(0, (1, 0), (0, 1), 1 * NS)
    assert sorted(bed.found()) == [("hold", "j", -2 * NS), ("hold", "k", -2 * NS)]


@pytest.mark.parametrize("order", ["data first", "clock first"])
def test_an_input_that_moves_with_the_clock_misses_setup_whoever_commits_first(order: str) -> None:
    # At the very fall it has not been still for 16 ns before it; nothing moved after it.
    outcomes = set()
    for seed in SEEDS:
        bed = Bed(seed=seed)
        bed.store(0)
        bed.feed(0, 0, before=400 * NS)
        if order == "data first":
            bed.j.transport(1, 500 * NS)
        bed.cp.transport(1, 250 * NS)
        bed.cp.transport(0, 500 * NS)
        if order == "clock first":
            bed.j.transport(1, 500 * NS)
        bed.kernel.run(bed.kernel.now + 900 * NS)
        assert bed.found() == [("setup", "j", -SETUP)]
        outcomes.add(bed.q.value)
    assert outcomes == {0, 1}


# ---- Width -------------------------------------------------------------------------------------


@given(st.integers(1, 40_000), st.integers(1, 40_000))
@settings(max_examples=50)
def test_clock_pulses_that_are_too_short_are_recorded(high: int, low: int) -> None:
    bed = Bed(j=1, k=0)
    times = [100 * NS, 100 * NS + high, 100 * NS + high + low, 300 * NS]
    for place, time in enumerate(times, start=1):
        bed.cp.transport(place % 2, time)
    bed.kernel.run(1000 * NS)
    expected = [(times[place], width - WIDTH) for place, width in ((1, high), (2, low))
                if width < WIDTH]  # fmt: skip
    found = [(v.time, v.margin) for v in bed.kernel.violation_list]
    assert found == expected
    assert {(v.kind, v.part, v.pin) for v in bed.kernel.violation_list} <= {
        ("width", "bed.flop", "cp")
    }


def test_a_clock_pulse_exactly_as_wide_as_asked_is_met() -> None:
    bed = Bed(j=1, k=0)
    bed.cp.transport(1, 100 * NS)
    bed.cp.transport(0, 100 * NS + WIDTH)
    bed.cp.transport(1, 100 * NS + 2 * WIDTH)
    bed.kernel.run(1000 * NS)
    assert not bed.kernel.violations
    assert bed.q.value == 1


# Metastability


# Its window of late resolution is half of setup and hold, to see it often.
METASTABLE = Cd74hc73.model_validate({"metastable_window": "9.5 ns", "metastable_decay": "2 ns"})


def lateness(seed: int, before: int) -> int:
    """How much later than 13 ns after the fall Q rises when J and K change `before` it."""
    bed = Bed(seed=seed, chip=METASTABLE)
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
    chip = Cd74hc73()  # tau 1.5 ns, T_W 0.5 ns
    # e^10 / (0.5 ns * 1 MHz * 10 MHz) = 22026.47 / 5000
    failures = mean_time_between_failures(chip, 15e-9, clock=1e6, changes=1e7)
    assert failures == pytest.approx(4.405293, rel=1e-6)
    # At 4 Hz the potentiometers give Q 26 ms: beyond all floats.
    assert mean_time_between_failures(chip, 26e-3, clock=4.0, changes=2e5) == math.inf
