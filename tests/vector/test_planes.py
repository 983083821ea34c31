"""The planes against the tables that define the gates."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logicsim.core.logic import X, four_valued, index
from logicsim.vector.planes import Level, filled, known, level, pack, unpack, unsure

TABLES = st.integers(1, 4).flatmap(lambda n: st.text("01", min_size=2**n, max_size=2**n))


def planes(values: list[int]) -> Level:
    array = np.array(values)
    return level(array == 1, array == X)


def values(net: Level, count: int) -> list[int]:
    high, low = unpack(net.high, (count,)), unpack(net.low, (count,))
    return [X if both else int(up) for up, both in zip(high, high & low, strict=True)]


@given(TABLES)
def test_a_table_over_levels_is_the_table_of_every_bit(table: str) -> None:
    inputs = (len(table) - 1).bit_length()
    cases = list(product((0, 1, X), repeat=inputs))
    operands = [planes([case[pin] for case in cases]) for pin in range(inputs)]
    wanted = [four_valued(table)[index(case)] for case in cases]
    assert values(unsure(table)(operands), len(cases)) == wanted


@given(TABLES)
def test_a_table_over_known_planes_is_the_table_of_every_bit(table: str) -> None:
    inputs = (len(table) - 1).bit_length()
    cases = list(product((0, 1), repeat=inputs))
    operands = [pack(np.array([case[pin] for case in cases]) == 1) for pin in range(inputs)]
    made = known(table)
    if made is None:
        assert len(set(table)) == 1
        return
    wanted = [bit == "1" for bit in table]
    assert unpack(made(operands), (len(cases),)).tolist() == wanted


@pytest.mark.parametrize("shape", [(5, 13), (16,), (1,), (3, 8)])
def test_a_plane_keeps_the_bits_of_any_shape(shape: tuple[int, ...]) -> None:
    bits = np.random.default_rng(4).random(shape) < 0.5
    assert (unpack(pack(bits), shape) == bits).all()


@pytest.mark.parametrize("value", [0, 1])
def test_a_filled_plane_has_equal_bits(value: int) -> None:
    assert unpack(filled(11, value), (11,)).tolist() == [bool(value)] * 11
