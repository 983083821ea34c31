from collections.abc import Mapping, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from logicsim.core.logic import X, Z
from logicsim.parts.chips import chip, read
from logicsim.parts.gate import Gate
from logicsim.parts.kind import ChipKind, Corner
from tests.bed import NS, Bed, part

XOR = "SN74ALS86"

# tPLH 3 / 6 / 17 ns, tPHL 2 / 6 / 12 ns (SDAS006).
DELAYS: list[tuple[Corner, int, int]] = [
    ("min", 3 * NS, 2 * NS),
    ("typ", 6 * NS, 6 * NS),
    ("max", 17 * NS, 12 * NS),
]


def xor(a: int, b: int, corner: Corner = "typ", gate: ChipKind | None = None, pins: int = 1) -> Bed:
    """One XOR with a driver on each input and so many pins on its output."""
    made = part(gate or chip(XOR))
    return Bed(made, levels={"a": a, "b": b}, corner=corner, loads={"y": pins})


def gate_of(table: str, inputs: Sequence[str]) -> Gate:
    delay = {"value": "5 ns", "source": "a test", "mark": "D"}
    data = {"kind": "gate", "inputs": list(inputs), "table": table, "rise": delay, "fall": delay}
    made = read("ANY", data, "test").make({})
    assert isinstance(made, Gate)
    return made


def meanings(levels: Sequence[int]) -> list[tuple[int, ...]]:
    """All that inputs may stand for: an unknown or floating one is 0 or 1."""
    return list(product(*((level,) if level < X else (0, 1) for level in levels)))


@pytest.mark.parametrize(("a", "b"), list(product([0, 1, X, Z], repeat=2)))
def test_the_output_is_high_when_the_inputs_differ_and_unknown_when_one_is(a: int, b: int) -> None:
    bed = xor(a, b)
    bed.run(100 * NS)
    if a in (X, Z) or b in (X, Z):
        assert bed.value("y") == X
    else:
        assert bed.value("y") == int(a != b)


@pytest.mark.parametrize(
    ("before", "after"), list(product(product([0, 1, X, Z], repeat=2), repeat=2))
)
def test_every_change_of_inputs_ends_where_the_truth_table_says(
    before: tuple[int, int], after: tuple[int, int]
) -> None:
    bed = xor(*before)
    a, b = after
    bed.change(100 * NS, a=a)
    bed.change(150 * NS, b=b)
    bed.run(300 * NS)
    known = a < X and b < X
    assert bed.value("y") == (int(a != b) if known else X)


@given(
    st.integers(1, 4).flatmap(
        lambda n: st.tuples(
            st.lists(st.sampled_from("01"), min_size=2**n, max_size=2**n),
            st.lists(st.lists(st.sampled_from([0, 1, X, Z]), min_size=n, max_size=n), max_size=6),
        )
    )
)
@settings(max_examples=60)
def test_any_table_is_known_wherever_no_unknown_input_decides(
    drawn: tuple[list[str], list[list[int]]],
) -> None:
    table, stimuli = drawn
    pins = [f"in{place}" for place in range((len(table) - 1).bit_length())]
    bed = Bed(part(gate_of("".join(table), pins)), levels=dict.fromkeys(pins, 0))
    for levels in stimuli:
        bed.change(bed.kernel.now + 1, **dict(zip(pins, levels, strict=True)))
        bed.run(bed.kernel.now + 100 * NS)
        found = {table[int("".join(map(str, bits)), 2)] for bits in meanings(levels)}
        assert bed.value("y") == (int(found.pop()) if len(found) == 1 else X)


@pytest.mark.parametrize("table", ["0000", "1111"])
def test_a_gate_whose_inputs_do_not_matter_is_known_from_the_first_tick(table: str) -> None:
    bed = Bed(part(gate_of(table, "ab")), levels={"a": X, "b": Z})
    bed.run(10 * NS)
    assert bed.value("y") == int(table[0])


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"table": "011"}, "table: '011' is not 4 digits, 0 or 1"),
        ({"table": "01x0"}, "table: '01x0' is not 4 digits, 0 or 1"),
        ({"inputs": []}, "inputs: 0 of them; a gate has 1 to 4"),
        ({"inputs": list("abcde")}, "inputs: 5 of them; a gate has 1 to 4"),
        ({"inputs": ["a", "a"]}, "inputs: two pins are called 'a'"),
        ({"inputs": ["a", "y"]}, "inputs: two pins are called 'y'"),
        ({"inputs": ["a", "b c"]}, "inputs: 'b c' is no name of a pin"),
        ({"inputs": ["a", "é"]}, "inputs: 'é' is no name of a pin"),
        ({"inputs": ["a", "b" * 41]}, "is no name of a pin; take up to 40 letters"),
        ({"output": "q "}, "output: 'q ' is no name of a pin"),
        ({"inputs": ["a", "chip"]}, "inputs: a pin 'chip' would have the name of another key"),
        ({"inputs": ["a", "rise"]}, "inputs: a pin 'rise' would have the name of another key"),
    ],
)
def test_a_table_that_is_none_is_refused(numbers: Mapping[str, object], message: str) -> None:
    with pytest.raises(ValidationError) as error:
        chip(XOR, **numbers)
    assert message in str(error.value)


@pytest.mark.parametrize(("corner", "rise", "fall"), DELAYS)
@pytest.mark.parametrize("other", [0, 1])
@pytest.mark.parametrize("pin", ["a", "b"])
def test_rise_and_fall_take_the_datasheets_delay_in_every_corner(
    corner: Corner, rise: int, fall: int, other: int, pin: str
) -> None:
    bed = xor(*((0, other) if pin == "a" else (other, 0)), corner)
    bed.change(100 * NS, **{pin: 1})
    bed.change(200 * NS, **{pin: 0})
    bed.run(400 * NS)
    # With the other input low the gate follows, with it high it inverts; it leaves X at power-up.
    if other == 0:
        assert bed.waves["y"] == [(fall, 0), (100 * NS + rise, 1), (200 * NS + fall, 0)]
    else:
        assert bed.waves["y"] == [(rise, 1), (100 * NS + fall, 0), (200 * NS + rise, 1)]


@pytest.mark.parametrize(("corner", "rise", "fall"), DELAYS)
@pytest.mark.parametrize("level", [0, 1])
def test_a_change_to_unknown_takes_the_shorter_delay(
    corner: Corner, rise: int, fall: int, level: int
) -> None:
    bed = xor(level, 0, corner)
    bed.change(100 * NS, a=Z)
    bed.run(200 * NS)
    assert bed.waves["y"][1:] == [(100 * NS + min(rise, fall), X)]


@pytest.mark.parametrize(("corner", "rise", "fall"), DELAYS)
@pytest.mark.parametrize("level", [0, 1])
def test_a_pulse_shorter_than_the_delay_is_swallowed(
    corner: Corner, rise: int, fall: int, level: int
) -> None:
    # The output first has to go to `1 - level`, which takes this long.
    delay = fall if level else rise
    back = rise if level else fall
    for width, passes in ((1, False), (delay - 1, False), (delay, True), (delay + 1, True)):
        bed = xor(level, 0, corner)
        bed.change(100 * NS, a=1 - level)
        bed.change(100 * NS + width, a=level)
        bed.run(300 * NS)
        pulse = [(100 * NS + delay, 1 - level), (100 * NS + width + back, level)]
        assert bed.waves["y"][1:] == (pulse if passes else [])


@pytest.mark.parametrize("level", [0, 1])
def test_inputs_that_swap_at_one_instant_make_no_glitch(level: int) -> None:
    bed = xor(level, 1 - level)
    bed.change(100 * NS, a=1 - level, b=level)
    bed.run(200 * NS)
    assert bed.waves["y"] == [(6 * NS, 1)]


@given(st.integers(1, 30_000))
@settings(max_examples=50)
def test_inputs_that_swap_one_after_the_other_glitch_if_the_gate_is_fast_enough(skew: int) -> None:
    bed = xor(0, 1, "max")
    bed.change(100 * NS, a=1)
    bed.change(100 * NS + skew, b=0)
    bed.run(300 * NS)
    # Equal for `skew`: the output falls if that is at least tPHL = 12 ns, then rises in 17 ns.
    glitch = [(112 * NS, 0), (117 * NS + skew, 1)] if skew >= 12 * NS else []
    assert bed.waves["y"] == [(17 * NS, 1), *glitch]


def test_its_delays_can_be_corrected() -> None:
    bed = xor(0, 0, "max", chip(XOR, rise="20 ns", fall="30 ns"))
    bed.change(100 * NS, a=1)
    bed.run(200 * NS)
    assert bed.waves["y"] == [(30 * NS, 0), (120 * NS, 1)]


# A pin is 10 pF; beyond 50 pF the output is slower by 60 ohm times the rest, so 0.6 ns a pin.
@pytest.mark.parametrize(("corner", "rise", "fall"), DELAYS)
@pytest.mark.parametrize(
    ("pins", "slower"), [(0, 0), (5, 0), (6, 600), (32, 16_200), (48, 25_800), (64, 35_400)]
)
def test_a_net_of_many_pins_is_slower(
    corner: Corner, rise: int, fall: int, pins: int, slower: int
) -> None:
    bed = xor(0, 0, corner, pins=pins)
    bed.change(100 * NS, a=1)
    bed.change(200 * NS, a=0)
    bed.run(400 * NS)
    assert bed.waves["y"][1:] == [(100 * NS + rise + slower, 1), (200 * NS + fall + slower, 0)]


def test_more_pins_than_an_output_drives_are_shared_out_and_make_it_no_slower() -> None:
    beds = [xor(0, 0, pins=pins) for pins in (64, 65, 300_000)]
    for bed in beds:
        bed.change(100 * NS, a=1)
        bed.run(400 * NS)
    assert beds[0].waves == beds[1].waves == beds[2].waves


def test_the_load_of_a_net_can_be_corrected() -> None:
    numbers = {"pin_load": "20 pF", "rated_load": "0 F", "drive": "100 ohm", "fan_out": 3}
    bed = xor(0, 0, gate=chip(XOR, **numbers), pins=10)
    bed.change(100 * NS, a=1)
    bed.run(200 * NS)
    # 3 pins of 20 pF at 100 ohm are 6 ns on top of 6
    assert bed.waves["y"][-1] == (112 * NS, 1)
