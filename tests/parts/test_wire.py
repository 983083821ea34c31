from itertools import product

import pytest

from logicsim.core.logic import X, Z
from logicsim.parts.chips import chip
from tests.bed import Bed, part

DELAY = 100  # ticks: 2 cm of wire


def wire(d: int = 0) -> Bed:
    return Bed(part(chip("wire")), levels={"d": d})


@pytest.mark.parametrize(("before", "after"), list(product([0, 1, X, Z], repeat=2)))
def test_every_level_arrives_a_delay_later_and_a_floating_one_as_unknown(
    before: int, after: int
) -> None:
    bed = wire(before)
    bed.change(1000, d=after)
    bed.run(2000)
    first, second = min(before, X), min(after, X)
    expected = [(DELAY, first)] if first != X else []
    expected += [(1000 + DELAY, second)] if second != first else []
    assert bed.waves["q"] == expected


@pytest.mark.parametrize("width", [1, DELAY - 1, DELAY, 5 * DELAY])
def test_it_swallows_no_pulse(width: int) -> None:
    bed = wire()
    bed.change(1000, d=1)
    bed.change(1000 + width, d=0)
    bed.run(3000)
    assert bed.waves["q"] == [(DELAY, 0), (1000 + DELAY, 1), (1000 + width + DELAY, 0)]


def test_a_train_of_pulses_comes_through_whole() -> None:
    bed = wire()
    times = [1000 + 7 * place for place in range(100)]
    for place, time in enumerate(times):
        bed.change(time, d=(place + 1) % 2)
    bed.run(3000)
    assert bed.waves["q"][1:] == [
        (time + DELAY, (place + 1) % 2) for place, time in enumerate(times)
    ]
