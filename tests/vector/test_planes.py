"""The planes against the tables that define the gates."""

from itertools import product

import numpy as np

from logicsim.core.logic import XOR, X
from logicsim.parts.cd74hc73 import jk as jk_of_one
from logicsim.vector.planes import Level, jk, level, pack, unpack, xor


def planes(values: list[int]) -> Level:
    array = np.array(values)
    return level(array == 1, array == X)


def values(net: Level, count: int) -> list[int]:
    high, low = unpack(net.high, (count,)), unpack(net.low, (count,))
    return [X if both else int(up) for up, both in zip(high, high & low, strict=True)]


def test_the_xor_of_planes_is_the_xor_of_every_bit() -> None:
    pairs = list(product((0, 1, X), repeat=2))
    a, b = ([pair[pin] for pair in pairs] for pin in (0, 1))
    assert values(xor(planes(a), planes(b)), 9) == [XOR[x][y] for x, y in pairs]


def test_the_flop_of_planes_goes_where_every_flop_goes() -> None:
    cases = list(product((0, 1, X), repeat=3))
    j, k, q = ([case[pin] for case in cases] for pin in range(3))
    assert values(jk(planes(j), planes(k), planes(q)), 27) == [jk_of_one(*case) for case in cases]


def test_a_plane_keeps_the_bits_of_any_shape() -> None:
    bits = np.random.default_rng(4).random((5, 13)) < 0.5
    assert (unpack(pack(bits), bits.shape) == bits).all()
