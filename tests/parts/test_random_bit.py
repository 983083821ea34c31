from itertools import pairwise
from typing import Any

import pytest

from logicsim.core.logic import X
from logicsim.parts.chips import chip
from tests.bed import NS, Bed, Wave, part

DELAY = 13 * NS  # typical
CYCLE = 1000 * NS


def bits(count: int, seed: int = 1, name: str = "bed.source", **numbers: Any) -> Bed:
    """A source after so many clocks, each falling and rising once."""
    bed = Bed(part(chip("ideal-random-bit", **numbers), name), levels={"cp": 1}, seed=seed)
    for place in range(1, count + 1):
        bed.change(place * CYCLE, cp=0)
        bed.change(place * CYCLE + CYCLE // 2, cp=1)
    bed.run((count + 1) * CYCLE)
    return bed


def wave(count: int, seed: int = 1, name: str = "bed.source", **numbers: Any) -> Wave:
    return bits(count, seed, name, **numbers).waves["y"]


def level_after(changes: Wave, place: int) -> int:
    """The bit of the clock numbered `place`, from 1."""
    end = place * CYCLE + CYCLE - 1
    return [value for time, value in changes if time <= end][-1]


def test_the_bit_is_unknown_until_the_first_clock() -> None:
    assert bits(0).value("y") == X


@pytest.mark.parametrize(("active", "offset"), [("fall", 0), ("rise", CYCLE // 2)])
def test_a_new_bit_comes_a_delay_behind_every_active_edge_and_at_no_other_time(
    active: str, offset: int
) -> None:
    changes = wave(60, active=active)
    assert len(changes) > 15
    assert {(time - offset - DELAY) % CYCLE for time, _ in changes} == {0}
    assert {value for _, value in changes} == {0, 1}


def test_the_same_seed_gives_the_same_bits_and_another_seed_or_part_others() -> None:
    assert wave(40) == wave(40)
    assert len({str(wave(40, seed, name)) for seed in (1, 2) for name in ("a.a", "a.b")}) == 4


@pytest.mark.parametrize("probability", [0.5, 0.2, 0.9])
def test_the_share_of_high_bits_is_the_probability(probability: float) -> None:
    count = 1000
    changes = wave(count, probability=probability)
    high = sum(level_after(changes, place) for place in range(1, count + 1))
    sigma = (count * probability * (1 - probability)) ** 0.5
    assert abs(high - count * probability) < 4.5 * sigma


@pytest.mark.parametrize("probability", [0, 1])
def test_a_certain_bit_is_always_the_same(probability: int) -> None:
    assert [value for _, value in wave(50, probability=probability)] == [probability]


def test_bits_that_follow_one_another_are_independent() -> None:
    changes = wave(1000)
    levels = [level_after(changes, place) for place in range(1, 1001)]
    same = sum(a == b for a, b in pairwise(levels))
    assert abs(same - 500) < 4.5 * 15.8


def test_a_clock_that_is_too_short_is_recorded() -> None:
    bed = Bed(part(chip("ideal-random-bit", width="20 ns")), levels={"cp": 1})
    bed.change(100 * NS, cp=0)
    bed.change(119 * NS, cp=1)
    bed.run(200 * NS)
    assert bed.found() == [("width", "cp", -NS)]
