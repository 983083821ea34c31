from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logicsim.core.logic import SYMBOLS, XOR, X, Z, resolve

values = st.lists(st.sampled_from([0, 1, X, Z]), max_size=6)


@pytest.mark.parametrize(("a", "b"), list(product(range(4), repeat=2)))
def test_xor_is_known_only_where_both_inputs_are(a: int, b: int) -> None:
    # IEEE 1364: an unknown or floating input makes an exclusive-or unknown.
    if a in (X, Z) or b in (X, Z):
        assert XOR[a][b] == X
    else:
        assert XOR[a][b] == (1 if a != b else 0)


def test_symbols_are_those_of_a_waveform_file() -> None:
    assert (SYMBOLS[0], SYMBOLS[1], SYMBOLS[X], SYMBOLS[Z]) == ("0", "1", "x", "z")


def test_nobody_drives_is_z() -> None:
    assert resolve([]) == Z
    assert resolve([Z, Z]) == Z


@pytest.mark.parametrize("value", [0, 1, X, Z])
def test_z_yields_to_any_value(value: int) -> None:
    assert resolve([Z, value, Z]) == value


@pytest.mark.parametrize("value", [0, 1, X])
def test_drivers_that_agree_give_their_value(value: int) -> None:
    assert resolve([value, value, value]) == value


def test_drivers_that_contradict_give_x() -> None:
    assert resolve([0, 1]) == X
    assert resolve([1, Z, 0]) == X


@pytest.mark.parametrize("value", [0, 1, X, Z])
def test_an_unknown_driver_makes_the_net_unknown(value: int) -> None:
    assert resolve([X, value]) == X
    assert resolve([value, X]) == X


@given(values, st.randoms(use_true_random=False))
def test_the_order_of_drivers_does_not_matter(offers: list[int], random: Random) -> None:
    shuffled = list(offers)
    random.shuffle(shuffled)
    assert resolve(shuffled) == resolve(offers)


@given(values, values)
def test_drivers_may_be_resolved_in_groups(first: list[int], second: list[int]) -> None:
    assert resolve([resolve(first), resolve(second)]) == resolve(first + second)
