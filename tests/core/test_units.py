import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logicsim.core.errors import shown
from logicsim.core.units import TICKS_PER_SECOND, engineering, quantity, seconds, ticks

POWERS = {
    "f": -15, "p": -12, "n": -9, "u": -6, "\u00b5": -6, "\u03bc": -6, "m": -3, "": 0,
    "k": 3, "M": 6, "G": 9,
}  # fmt: skip
EXAMPLES = {"V": "10 mV", "s": "16 ns", "Hz": "4 Hz", "ohm": "100 kohm", "F": "10 nF"}
units = st.sampled_from(sorted(EXAMPLES))


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("10 mV", "V", 0.01),
        ("4 Hz", "Hz", 4.0),
        ("16 ns", "s", 16e-9),
        ("100 kohm", "ohm", 1e5),
        ("100 k\u03a9", "ohm", 1e5),  # Greek capital omega
        ("100 k\u2126", "ohm", 1e5),  # the ohm sign
        ("10 nF", "F", 1e-8),
        ("3 \u00b5s", "s", 3e-6),  # the micro sign
        ("3 \u03bcs", "s", 3e-6),  # Greek mu
        ("1 fF", "F", 1e-15),
        ("2.4 GHz", "Hz", 2.4e9),
        ("1 MHz", "Hz", 1e6),
        ("1 mHz", "Hz", 1e-3),
        ("5V", "V", 5.0),
        ("  5   V  ", "V", 5.0),
        ("-1.5 V", "V", -1.5),
        ("+1.5 V", "V", 1.5),
        (".5 V", "V", 0.5),
        ("5. V", "V", 5.0),
        ("1e3 mV", "V", 1.0),
        ("1E-3 kV", "V", 1.0),
        ("0 V", "V", 0.0),
    ],
)
def test_a_quantity_is_its_number_times_its_prefix(text: str, unit: str, value: float) -> None:
    assert quantity(text, unit) == value


@given(st.decimals(-9999, 9999, places=4), st.sampled_from(sorted(POWERS)), units)
def test_a_quantity_is_the_float_nearest_to_what_is_written(
    number: Any, prefix: str, unit: str
) -> None:
    # Fraction is exact, so this is the correctly rounded product.
    exact = float(Fraction(number) * Fraction(10) ** POWERS[prefix])
    assert quantity(f"{number} {prefix}{unit}", unit) == exact


@given(st.floats(-1e12, 1e12), units)
def test_a_plain_number_is_in_si(value: float, unit: str) -> None:
    assert quantity(value, unit) == value


@given(st.floats(-1e12, 1e12), units)
def test_a_number_written_out_in_full_reads_back_exactly(value: float, unit: str) -> None:
    assert quantity(f"{value!r} {unit}", unit) == value


def test_an_integer_is_read_as_a_float() -> None:
    value = quantity(4, "Hz")
    assert type(value) is float
    assert value == 4.0


@pytest.mark.parametrize("unit", sorted(EXAMPLES))
@pytest.mark.parametrize(
    "value",
    ["", " ", "V 5", "five", "1.2.3 V", ".", "1 2 V", "1,5 V", "0x10 V", "nan V", "inf V", "--1 V",
     True, False, None, [], {}, b"5 V"],
)  # fmt: skip
def test_what_is_no_quantity_is_refused_with_a_right_one(value: object, unit: str) -> None:
    with pytest.raises(ValueError, match="is not a quantity") as error:
        quantity(value, unit)
    assert str(error.value) == (
        f"{value!r} is not a quantity in {unit}; write it like '{EXAMPLES[unit]}'"
    )


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("5", "V"),  # a string needs its unit
        ("5 m", "V"),
        ("5 A", "V"),
        ("5 v", "V"),
        ("5 s", "Hz"),
        ("5 Hz", "s"),
        ("5 hz", "Hz"),
        ("5 Ohm", "ohm"),
        ("5 f", "F"),
        ("5 xV", "V"),
        ("5 mmV", "V"),
        ("5 KHz", "Hz"),  # kelvin
        ("5 m V", "V"),
    ],
)
def test_a_wrong_unit_or_prefix_is_refused(text: str, unit: str) -> None:
    with pytest.raises(ValueError, match="is not a quantity") as error:
        quantity(text, unit)
    assert str(error.value) == (
        f"{text!r} is not a quantity in {unit}; write it like '{EXAMPLES[unit]}'"
    )


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400, "1e400 V", "-1e306 GV"])
def test_what_is_not_finite_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="is not a finite number") as error:
        quantity(value, "V")
    assert str(error.value) == f"{shown(value)} is not a finite number"


def test_every_example_in_an_error_text_is_itself_right() -> None:
    for unit, example in EXAMPLES.items():
        assert quantity(example, unit) > 0


def test_a_tick_is_a_picosecond() -> None:
    assert TICKS_PER_SECOND == 10**12
    assert ticks(1e-12) == 1
    assert ticks(0.25) == 250_000_000_000
    assert ticks(16e-9) == 16_000  # 16e-9 * 1e12 is not an integer in floating point
    assert type(ticks(16e-9)) is int


def test_a_time_goes_to_the_nearest_tick() -> None:
    assert ticks(1.4e-12) == 1
    assert ticks(1.6e-12) == 2
    assert ticks(-1.6e-12) == -2
    assert ticks(0.4e-12) == 0


# 2^53 ps are two and a half hours; up to there a float resolves a tick.
@given(st.integers(-(2**52), 2**52))
def test_ticks_and_seconds_are_inverse(number: int) -> None:
    assert ticks(seconds(number)) == number


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (3.3e-9, "s", "3.3 ns"),
        (0.01, "V", "10 mV"),
        (-0.01, "V", "-10 mV"),
        (5.0, "V", "5 V"),
        (1e5, "ohm", "100 kohm"),
        (781.25, "ohm", "781.2 ohm"),
        (2.4e9, "Hz", "2.4 GHz"),
        (1e-10, "F", "100 pF"),
        (3e-6, "s", "3 us"),
        (0.0, "V", "0 V"),
        (999.99, "V", "1 kV"),  # four digits round it up to the next prefix
    ],
)
def test_engineering_takes_the_prefix_a_person_would(value: float, unit: str, text: str) -> None:
    assert engineering(value, unit) == text


def test_engineering_does_not_stumble_over_what_is_no_number() -> None:
    assert engineering(math.nan, "V") == "nan V"
    assert engineering(-math.inf, "V") == "-inf V"


@given(st.floats(1e-12, 1e11), units)
def test_engineering_shows_one_to_a_thousand_in_front_of_the_prefix(
    value: float, unit: str
) -> None:
    shown = float(engineering(value, unit).split()[0])
    assert 1 <= shown < 1000


@given(st.floats(1e-12, 1e11), st.sampled_from([1, -1]), units)
def test_engineering_reads_back_to_four_digits(value: float, sign: int, unit: str) -> None:
    assert quantity(engineering(sign * value, unit), unit) == pytest.approx(sign * value, rel=5e-4)
