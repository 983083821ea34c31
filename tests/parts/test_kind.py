"""The declarations of every kind and of every shipped chip."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from logicsim.core.errors import BoardError
from logicsim.parts.catalogue import Parts
from logicsim.parts.chips import chip, chip_file, kinds, read, shipped
from logicsim.parts.kind import ChipKind, Corner, Limits, Mark
from logicsim.parts.part import Role
from tests.bed import part
from tests.parts.walk import VALUES

CHIPS: dict[str, ChipKind] = {name: chip(name) for name in shipped()}
CORNERS: tuple[Corner, ...] = get_args(Corner)
XOR = "SN74ALS86"


def numbers() -> Iterator[tuple[str, str]]:
    """Every key of every chip but its name and its structure."""
    for name, made in CHIPS.items():
        for key in type(made).model_fields:
            if key not in ("model", *made.structure):
                yield name, key


def defaults() -> Iterator[tuple[str, str]]:
    """Every key of every kind that a chip's file may leave out."""
    for name, kind in kinds().items():
        for key, field in kind.model_fields.items():
            if key not in ("model", *kind.structure) and not field.is_required():
                yield name, key


NUMBERS = list(numbers())
LIMITS = [(name, key) for name, key in NUMBERS if isinstance(getattr(CHIPS[name], key), Limits)]
TIMES = [(name, key) for name, key in LIMITS if key != "period_spread"]


def refusal(name: str, **settings: Any) -> str:
    with pytest.raises(ValidationError) as error:
        chip(name, **settings)
    (details,) = error.value.errors(include_url=False)
    return str(details["msg"]).removeprefix("Value error, ")


def test_every_kind_has_a_chip_that_ships() -> None:
    assert {made.kind for made in CHIPS.values()} == set(kinds())
    assert len(NUMBERS) > 100


def test_every_slot_of_a_board_has_a_shipped_chip() -> None:
    slots = Parts().slots()
    assert {"comparator", "xor", "flop", "digipot", "debouncer", "diode"} < set(slots)
    assert {made.model for made in slots.values()} <= set(CHIPS)


@pytest.mark.parametrize(("name", "key"), NUMBERS)
def test_every_number_says_what_it_is_whence_and_how_sure(name: str, key: str) -> None:
    assert type(CHIPS[name]).model_fields[key].description
    source = CHIPS[name].source(key)
    assert source is not None
    assert source.source.strip()
    assert source.mark in get_args(Mark)


@pytest.mark.parametrize(("name", "key"), list(defaults()))
def test_every_default_of_a_kind_says_whence_it_is_and_how_sure(name: str, key: str) -> None:
    extra = kinds()[name].model_fields[key].json_schema_extra
    assert isinstance(extra, dict)
    assert extra["source"]
    assert extra["mark"] in get_args(Mark)


def test_a_number_of_the_file_has_the_files_source_and_keeps_it_when_corrected() -> None:
    for made in (chip(XOR), chip(XOR, rise="9 ns")):
        source = made.source("rise")
        assert source is not None
        assert "SDAS006" in source.source


@pytest.mark.parametrize("name", CHIPS)
def test_every_pin_has_a_role(name: str) -> None:
    pins = CHIPS[name].pins
    assert pins
    assert set(pins.values()) <= set(get_args(Role))


@pytest.mark.parametrize("name", CHIPS)
def test_what_a_chip_says_of_its_pins_is_about_pins_it_has(name: str) -> None:
    made = CHIPS[name]
    named = {*made.follows, *(pin for pins in made.follows.values() for pin in pins)}
    named |= {*made.ties, *made.widths}
    if made.capture is not None:
        named |= {made.capture.clock, *made.capture.pins}
    assert named <= set(made.pins)


@pytest.mark.parametrize(
    ("name", "key"), [(name, key) for name, made in CHIPS.items() for key in sorted(made.untimed)]
)
@pytest.mark.parametrize("corner", CORNERS)
def test_what_is_said_to_time_nothing_times_nothing(name: str, key: str, corner: Corner) -> None:
    """Breadboards that differ in such values alone are timed as one (`uniquify`)."""
    soldered = part(CHIPS[name], values=VALUES)
    changed = replace(soldered, values={**VALUES, key: 3 * VALUES.get(key, 1.0) + 1})
    timings = [CHIPS[name].timing(each, corner, {}) for each in (soldered, changed)]
    assert timings[0] == timings[1]


def test_the_one_value_that_times_a_piece_is_not_among_them() -> None:
    made = CHIPS["MC14490"]
    soldered = part(made, values=VALUES)
    changed = replace(soldered, values={**VALUES, "capacitance": 2 * VALUES["capacitance"]})
    assert made.timing(soldered, "typ", {}) != made.timing(changed, "typ", {})
    assert "capacitance" not in made.untimed


@pytest.mark.parametrize("name", CHIPS)
def test_every_channel_of_a_package_has_all_pins_of_the_chip(name: str) -> None:
    made = CHIPS[name]
    # Brought out to no leg: the counter's code is inside, a wiper has three legs, and ties.
    inside = {pin for pin, role in made.pins.items() if role in ("code", "branch")}
    for channel in chip_file(name).package.get("channels", ()):
        assert set(made.pins) - inside - set(made.ties) <= set(channel)


@pytest.mark.parametrize("name", CHIPS)
def test_every_chip_is_called_by_its_file(name: str) -> None:
    assert CHIPS[name].model == chip_file(name).name == name
    assert chip_file(name).title


@pytest.mark.parametrize(("name", "key"), LIMITS)
def test_declared_corners_do_not_decrease(name: str, key: str) -> None:
    limits = getattr(CHIPS[name], key)
    assert 0 <= limits.min <= limits.typ <= limits.max
    assert [limits.at(corner) for corner in CORNERS] == [limits.min, limits.typ, limits.max]


@pytest.mark.parametrize(("name", "key"), TIMES)
def test_every_time_can_be_corrected_by_one_quantity_or_by_three(name: str, key: str) -> None:
    same = getattr(chip(name, **{key: "7 ns"}), key)
    assert [same.ticks(corner) for corner in CORNERS] == [7_000, 7_000, 7_000]
    for value in ({"min": "1 ns", "typ": 2e-9, "max": "0.003 us"}, ["1 ns", "2 ns", 3e-9]):
        three = getattr(chip(name, **{key: value}), key)
        assert [three.ticks(corner) for corner in CORNERS] == [1_000, 2_000, 3_000]


@pytest.mark.parametrize(("name", "key"), LIMITS)
@pytest.mark.parametrize("corners", [(2, 1, 3), (1, 3, 2), (3, 2, 1)])
def test_corners_that_contradict_are_refused(
    name: str, key: str, corners: tuple[float, ...]
) -> None:
    low, typ, high = corners
    text = refusal(name, **{key: {"min": low, "typ": typ, "max": high}})
    found = re.fullmatch(
        r"the corners contradict: min (\d) ?s?, typ (\d) ?s?, max (\d) ?s?; they must not decrease",
        text,
    )
    assert found is not None
    assert [float(each) for each in found.groups()] == [low, typ, high]


def test_contradictory_corners_are_told_with_their_unit() -> None:
    text = refusal(XOR, rise={"min": "5 ns", "typ": "4 ns", "max": "6 ns"})
    assert text == ("the corners contradict: min 5 ns, typ 4 ns, max 6 ns; they must not decrease")


@given(st.lists(st.floats(1e-12, 1e-3), min_size=3, max_size=3))
def test_any_corners_in_order_are_taken(corners: list[float]) -> None:
    low, typ, high = sorted(corners)
    rise = dict(chip(XOR, rise={"min": low, "typ": typ, "max": high}))["rise"]
    assert (rise.min, rise.typ, rise.max) == (low, typ, high)


@pytest.mark.parametrize(("name", "key"), TIMES)
def test_negative_times_are_refused(name: str, key: str) -> None:
    assert refusal(name, **{key: "-1 ns"}) == "-1 ns is negative; times are 0 or more"


@pytest.mark.parametrize("missing", CORNERS)
def test_a_missing_corner_is_named(missing: str) -> None:
    corners = {corner: "5 ns" for corner in CORNERS if corner != missing}
    assert refusal(XOR, fall=corners) == f"'{missing}' is missing; give min, typ and max"


def test_a_list_of_corners_has_three() -> None:
    assert refusal(XOR, fall=["1 ns", "2 ns"]) == "2 values; give min, typ and max"


def test_an_unknown_corner_is_answered_with_the_nearest() -> None:
    corners = dict.fromkeys([*CORNERS, "typical"], "5 ns")
    assert "typical" in refusal(XOR, fall=corners)


def test_a_wrong_unit_is_refused_with_a_right_one() -> None:
    assert refusal(XOR, rise="6 mV") == "'6 mV' is not a quantity in s; write it like '16 ns'"


@pytest.mark.parametrize("name", CHIPS)
def test_an_unknown_number_is_answered_with_the_nearest(name: str) -> None:
    key = next(key for key in type(CHIPS[name]).model_fields if key != "model")
    assert refusal(name, **{key + "x": 1}) == f"unknown key '{key}x'; did you mean '{key}'?"


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


# ---- A chip's own file -------------------------------------------------------------------------

FACT = {"value": "5 ns", "source": "a sheet", "mark": "F"}
NAND = {"kind": "gate", "inputs": ["a", "b"], "table": "1110", "rise": FACT, "fall": FACT}


def test_a_second_make_of_a_known_kind_is_one_table() -> None:
    made = read("MY00", NAND, "mine").make({})
    assert (made.model, dict(made)["rise"].ticks("typ")) == ("MY00", 5_000)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "gat"}, "mine: kind: 'gat' is no kind of chip; did you mean 'gate'?"),
        ({"kind": None}, "mine: kind: this key is required"),
        ({"ris": FACT}, "mine: unknown key 'ris'; did you mean 'rise'?"),
        ({"rise": "5 ns"}, "mine: rise: '5 ns' is not a number's table"),
        ({"rise": {"value": "5 ns", "mark": "F"}}, "mine: rise: 'source' is missing"),
        ({"rise": {"value": "5 ns", "source": "a"}}, "mine: rise: 'mark' is missing"),
        ({"rise": {**FACT, "mark": "Q"}}, "mine: rise: mark: 'Q'; it is F, S, M or D"),
        ({"rise": {**FACT, "source": " "}}, "mine: rise: source: ' '; say where"),
        ({"rise": {**FACT, "value": "-5 ns"}}, "-5 ns is negative"),
        ({"rise": {**FACT, "value": "0 ns"}}, "every part takes at least 1 ps"),
        ({"rise": {**FACT, "value": ["3 ns", "2 ns", "4 ns"]}}, "the corners contradict"),
        ({"table": "111"}, "table: '111' is not 4 digits, 0 or 1"),
    ],
)
def test_a_chips_table_that_is_wrong_is_refused_in_one_line(
    change: Mapping[str, Any], message: str
) -> None:
    with pytest.raises(BoardError) as error:
        read("MY00", {**NAND, **change}, "mine")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_number_that_a_kind_needs_cannot_be_left_out() -> None:
    without = {key: value for key, value in NAND.items() if key != "fall"}
    with pytest.raises(BoardError, match="mine: fall: "):
        read("MY00", without, "mine")


def test_a_chip_that_is_not_there_is_answered_with_the_nearest() -> None:
    with pytest.raises(BoardError, match="there is no chip 'LM339'; did you mean 'LM339A'"):
        chip_file("LM339")
