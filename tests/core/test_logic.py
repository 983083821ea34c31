from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logicsim.core.logic import SYMBOLS, Function, X, Z, primes, resolve

values = st.lists(st.sampled_from([0, 1, X, Z]), max_size=6)

XOR = Function(("a", "b"), "0110")


@pytest.mark.parametrize(("a", "b"), list(product(range(4), repeat=2)))
def test_xor_is_known_only_where_both_inputs_are(a: int, b: int) -> None:
    # IEEE 1364: an unknown or floating input makes an exclusive-or unknown.
    if a in (X, Z) or b in (X, Z):
        assert XOR.value((a, b)) == X
    else:
        assert XOR.value((a, b)) == (1 if a != b else 0)


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


# A two-way switch: y is b where s is high, else a.
SWITCH = Function(("s", "a", "b"), "00110101")


@pytest.mark.parametrize(
    ("levels", "value"),
    [
        ((0, 1, X), 1),
        ((1, 1, X), X),
        ((X, 1, 1), 1),
        ((X, 0, 0), 0),
        ((X, 0, 1), X),
        ((Z, 1, 1), 1),
    ],
)
def test_a_function_is_unknown_only_where_an_unknown_input_decides(
    levels: tuple[int, ...], value: int
) -> None:
    assert SWITCH.value(levels) == value


def test_a_tied_input_leaves_a_function_of_the_others() -> None:
    assert SWITCH.tied({"s": 1}) == Function(("a", "b"), "0101")
    assert SWITCH.tied({"s": 1, "a": 0}) == Function(("b",), "01")
    assert SWITCH.tied({"s": 0, "a": 1, "b": 0}) == Function((), "1")


@pytest.mark.parametrize(
    ("table", "unateness"),
    [("0001", "positive"), ("0111", "positive"), ("1110", "negative"), ("1000", "negative"),
     ("0110", "either"), ("0101", None), ("0011", "positive"), ("0000", None)],
)  # fmt: skip
def test_unateness_is_the_way_the_output_goes_when_the_input_rises(
    table: str, unateness: str | None
) -> None:
    assert Function(("a", "b"), table).unateness("a") == unateness


@pytest.mark.parametrize(
    ("table", "expected"),
    [("0110", {"01", "10"}), ("0111", {"1-", "-1"}), ("1110", {"0-", "-0"}), ("0000", set()),
     ("1111", {"--"}), ("00110101", {"01-", "1-1", "-11"})],
)  # fmt: skip
def test_prime_implicants_are_those_that_no_other_contains(table: str, expected: set[str]) -> None:
    # The switch has its consensus: where both are high, it does not matter which is chosen.
    assert set(primes(table)) == expected


@given(st.integers(1, 4).flatmap(lambda n: st.text("01", min_size=2**n, max_size=2**n)))
def test_their_sum_of_products_is_unknown_only_where_an_unknown_input_decides(table: str) -> None:
    def product_of(cube: str, levels: tuple[int, ...]) -> int:
        literals = [level if want == "1" or level == X else 1 - level
                    for want, level in zip(cube, levels, strict=True) if want != "-"]  # fmt: skip
        return 0 if 0 in literals else max(literals, default=1)

    inputs = (len(table) - 1).bit_length()
    function = Function(tuple("abcd"[:inputs]), table)
    for levels in product((0, 1, X), repeat=inputs):
        terms = [product_of(cube, levels) for cube in primes(table)]
        assert (1 if 1 in terms else max(terms, default=0)) == function.value(levels)


def test_an_inverter_is_negative_and_a_tied_xor_one_of_both() -> None:
    assert Function(("a",), "10").unateness("a") == "negative"
    assert XOR.tied({"b": 1}).unateness("a") == "negative"
    assert XOR.tied({"b": 0}).unateness("a") == "positive"
