from collections.abc import Iterator
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from logicsim.core.table import Table
from logicsim.parts.catalogue import Parts
from logicsim.parts.declaration import Corner, Declaration, Limits, Mark
from logicsim.parts.part import Role
from logicsim.parts.sn74als86 import Sn74als86
from logicsim.parts.wire import Wire

CATALOGUE = {name: value for name, value in iter(Parts()) if isinstance(value, Declaration)}
CHIPS: dict[str, Declaration] = {**CATALOGUE, "wire": Wire()}
CORNERS: tuple[Corner, ...] = get_args(Corner)


def numbers() -> Iterator[tuple[str, str]]:
    """Every field of every chip that holds a number or a list of corners."""
    for name, chip in CHIPS.items():
        for key, value in iter(chip):
            if isinstance(value, int | float | Limits):
                yield name, key


NUMBERS = list(numbers())
LIMITS = [(name, key) for name, key in NUMBERS if isinstance(getattr(CHIPS[name], key), Limits)]
TIMES = [(name, key) for name, key in LIMITS if (name, key) != ("debouncer", "period_spread")]


def refusal(chip: type[Table], **settings: Any) -> str:
    with pytest.raises(ValidationError) as error:
        chip(**settings)
    (details,) = error.value.errors(include_url=False)
    return str(details["msg"]).removeprefix("Value error, ")


def test_the_catalogue_has_a_chip_of_each_kind() -> None:
    assert set(CATALOGUE) == {"comparator", "xor", "flop", "digipot", "debouncer", "diode"}
    assert len(NUMBERS) > 25


@pytest.mark.parametrize(("name", "key"), NUMBERS)
def test_every_number_says_what_it_is_whence_and_how_sure(name: str, key: str) -> None:
    field = type(CHIPS[name]).model_fields[key]
    assert field.description
    assert isinstance(field.json_schema_extra, dict)
    assert field.json_schema_extra["source"]
    assert field.json_schema_extra["mark"] in get_args(Mark)


@pytest.mark.parametrize("name", CHIPS)
def test_every_pin_has_a_role(name: str) -> None:
    pins = CHIPS[name].pins
    assert pins
    assert set(pins.values()) <= set(get_args(Role))


@pytest.mark.parametrize("name", CHIPS)
def test_every_chip_names_its_model(name: str) -> None:
    # That of its file, perhaps with a suffix: AD5220-100k.
    model = dict(CHIPS[name])["model"].partition("-")[0].lower()
    assert type(CHIPS[name]).__module__ == f"logicsim.parts.{model}"


@pytest.mark.parametrize(("name", "key"), LIMITS)
def test_declared_corners_do_not_decrease(name: str, key: str) -> None:
    limits = getattr(CHIPS[name], key)
    assert 0 < limits.min <= limits.typ <= limits.max
    assert [limits.at(corner) for corner in CORNERS] == [limits.min, limits.typ, limits.max]


@pytest.mark.parametrize(("name", "key"), TIMES)
def test_every_time_can_be_corrected_by_one_quantity_or_by_three(name: str, key: str) -> None:
    chip = type(CHIPS[name])
    same = getattr(chip(**{key: "7 ns"}), key)
    assert [same.ticks(corner) for corner in CORNERS] == [7_000, 7_000, 7_000]
    three = getattr(chip(**{key: {"min": "1 ns", "typ": 2e-9, "max": "0.003 us"}}), key)
    assert [three.ticks(corner) for corner in CORNERS] == [1_000, 2_000, 3_000]


@pytest.mark.parametrize(("name", "key"), LIMITS)
@pytest.mark.parametrize("corners", [(2, 1, 3), (1, 3, 2), (3, 2, 1)])
def test_corners_that_contradict_are_refused(
    name: str, key: str, corners: tuple[float, ...]
) -> None:
    low, typ, high = corners
    text = refusal(type(CHIPS[name]), **{key: {"min": low, "typ": typ, "max": high}})
    assert text.startswith(f"the corners contradict: min {low}, typ {typ}, max {high}")
    assert text.endswith("; they must not decrease")


def test_contradictory_corners_are_told_with_their_unit() -> None:
    text = refusal(Sn74als86, rise={"min": "5 ns", "typ": "4 ns", "max": "6 ns"})
    assert text == (
        "the corners contradict: min 5e-09, typ 4e-09, max 6e-09 s; they must not decrease"
    )


@given(st.lists(st.floats(1e-12, 1e-3), min_size=3, max_size=3))
def test_any_corners_in_order_are_taken(corners: list[float]) -> None:
    low, typ, high = sorted(corners)
    rise = Sn74als86(rise={"min": low, "typ": typ, "max": high}).rise
    assert (rise.min, rise.typ, rise.max) == (low, typ, high)


@pytest.mark.parametrize(("name", "key"), TIMES)
def test_negative_times_are_refused(name: str, key: str) -> None:
    assert (
        refusal(type(CHIPS[name]), **{key: "-1 ns"}) == "-1e-09 s is negative; times are 0 or more"
    )


@pytest.mark.parametrize("missing", CORNERS)
def test_a_missing_corner_is_named(missing: str) -> None:
    corners = {corner: "5 ns" for corner in CORNERS if corner != missing}
    assert refusal(Sn74als86, fall=corners) == f"'{missing}' is missing; give min, typ and max"


def test_an_unknown_corner_is_answered_with_the_nearest() -> None:
    corners = dict.fromkeys([*CORNERS, "typical"], "5 ns")
    assert "typical" in refusal(Sn74als86, fall=corners)


def test_a_wrong_unit_is_refused_with_a_right_one() -> None:
    assert refusal(Sn74als86, rise="6 mV") == (
        "'6 mV' is not a quantity in s; write it like '16 ns'"
    )


@pytest.mark.parametrize("name", CHIPS)
def test_an_unknown_number_is_answered_with_the_nearest(name: str) -> None:
    key = next(iter(type(CHIPS[name]).model_fields))
    assert refusal(type(CHIPS[name]), **{key + "x": 1}) == (
        f"unknown key '{key}x'; did you mean '{key}'?"
    )


@pytest.mark.parametrize("name", CHIPS)
def test_a_declaration_is_frozen(name: str) -> None:
    key = next(iter(type(CHIPS[name]).model_fields))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(CHIPS[name], key, "other")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 0.0, -1.0])
def test_an_oscillator_spread_that_gives_no_period_is_refused(value: float) -> None:
    with pytest.raises(ValidationError):
        Parts.model_validate(
            {"debouncer": {"period_spread": {"min": value, "typ": value, "max": value}}}
        )
