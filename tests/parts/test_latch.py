from typing import Any

import pytest

from logicsim.core.logic import X, Z
from logicsim.parts.chips import chip
from tests.bed import NS, SEEDS, Bed, part

# SN74HC75, typical: setup 25 ns, hold 5 ns, width 20 ns; 14 ns from D and 15 ns from EN to Q.
SETUP, HOLD, WIDTH = 25 * NS, 5 * NS, 20 * NS
THROUGH, OPENED = 14 * NS, 15 * NS
CLOSES = 500 * NS

BOTH = pytest.mark.parametrize("level", ["high", "low"])


class Latch(Bed):
    """One latch that is closed at power-up, and the levels of EN at which it is open and closed."""

    def __init__(self, level: str = "high", d: int = 0, seed: int = 1, **numbers: Any) -> None:
        self.opened = int(level == "high")
        self.closed = 1 - self.opened
        made = part(chip("SN74HC75", open=level, **numbers), "bed.latch")
        super().__init__(made, levels={"d": d, "en": self.closed}, seed=seed)

    @property
    def q(self) -> int:
        return self.value("q")

    def pulse(self, opens: int = 100 * NS) -> None:
        """Open at `opens`, close at 500 ns."""
        self.change(opens, en=self.opened)
        self.change(CLOSES, en=self.closed)


@BOTH
def test_q_is_unknown_until_it_is_first_opened(level: str) -> None:
    bed = Latch(level, d=1)
    bed.run(100 * NS)
    assert bed.q == X
    bed.change(200 * NS, en=bed.opened)
    bed.run(300 * NS)
    assert bed.waves["q"] == [(200 * NS + OPENED, 1)]


@BOTH
def test_an_open_latch_follows_and_a_closed_one_holds(level: str) -> None:
    bed = Latch(level)
    bed.pulse()
    for time, d in ((200, 1), (300, 0), (400, 1), (600, 0), (700, 1), (800, 0)):
        bed.change(time * NS, d=d)
    bed.run(1000 * NS)
    moves = [(200, 1), (300, 0), (400, 1)]
    assert bed.waves["q"] == [
        (100 * NS + OPENED, 0), *((time * NS + THROUGH, d) for time, d in moves),
    ]  # fmt: skip
    assert not bed.kernel.violations


@BOTH
@pytest.mark.parametrize("unknown", [X, Z])
def test_an_unknown_d_comes_through_as_unknown_and_is_held(level: str, unknown: int) -> None:
    bed = Latch(level)
    bed.pulse()
    bed.change(200 * NS, d=unknown)
    bed.change(700 * NS, d=1)
    bed.run(1000 * NS)
    assert bed.waves["q"][1:] == [(200 * NS + THROUGH, X)]


@pytest.mark.parametrize("unknown", [X, Z])
@pytest.mark.parametrize("d", [0, 1])
@pytest.mark.parametrize("q", [0, 1])
def test_an_unknown_enable_matters_only_where_d_is_not_what_is_held(
    unknown: int, d: int, q: int
) -> None:
    bed = Latch(d=q)
    bed.pulse()
    bed.change(700 * NS, d=d)
    bed.change(800 * NS, en=unknown)
    bed.run(1000 * NS)
    assert bed.q == (q if d == q else X)


@BOTH
@pytest.mark.parametrize("before", [SETUP, SETUP + 1])
def test_a_d_still_for_the_setup_time_is_caught(level: str, before: int) -> None:
    for seed in range(8):
        bed = Latch(level, seed=seed)
        bed.pulse()
        bed.change(CLOSES - before, d=1)
        bed.run(1000 * NS)
        assert bed.q == 1
        assert not bed.kernel.violations


@BOTH
@pytest.mark.parametrize("before", [SETUP - 1, NS, 0])
def test_a_d_that_moves_within_setup_is_caught_as_old_or_as_new(level: str, before: int) -> None:
    outcomes = set()
    for seed in SEEDS:
        bed = Latch(level, seed=seed)
        bed.pulse()
        bed.change(CLOSES - before, d=1)
        bed.run(1000 * NS)
        assert bed.found() == [("setup", "d", before - SETUP)]
        outcomes.add(bed.q)
    assert outcomes == {0, 1}


@BOTH
@pytest.mark.parametrize("after", [1, HOLD - 1])
def test_a_d_that_moves_within_hold_is_caught_as_old_or_as_new(level: str, after: int) -> None:
    outcomes = set()
    for seed in SEEDS:
        bed = Latch(level, seed=seed)
        bed.pulse()
        bed.change(CLOSES + after, d=1)
        bed.run(1000 * NS)
        assert bed.found() == [("hold", "d", after - HOLD)]
        outcomes.add(bed.q)
    assert outcomes == {0, 1}


@BOTH
def test_a_d_that_moves_behind_hold_or_around_the_opening_edge_is_no_violation(level: str) -> None:
    bed = Latch(level)
    bed.pulse()
    bed.change(100 * NS - 1, d=1)
    bed.change(100 * NS + 1, d=0)
    bed.change(CLOSES + HOLD, d=1)
    bed.run(1000 * NS)
    assert bed.q == 0
    assert not bed.kernel.violations


@BOTH
@pytest.mark.parametrize(("width", "margin"), [(WIDTH, None), (WIDTH - 1, -1)])
def test_only_an_open_pulse_can_be_too_short(level: str, width: int, margin: int | None) -> None:
    bed = Latch(level)
    bed.pulse(CLOSES - width)
    bed.change(CLOSES + NS, en=bed.opened)  # closed for 1 ns, which nothing forbids
    bed.run(1000 * NS)
    assert bed.found() == ([] if margin is None else [("width", "en", margin)])


def test_a_particle_turns_over_what_is_held_and_nothing_while_open() -> None:
    bed = Latch(d=1)
    bed.pulse()
    latch: Any = bed.soldered["bed.latch"]
    bed.run(300 * NS)
    latch.upset(0)
    bed.run(400 * NS)
    assert bed.q == 1
    bed.run(700 * NS)
    latch.upset(0)
    bed.run(800 * NS)
    assert bed.q == 0
