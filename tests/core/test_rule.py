import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from logicsim.core.rule import clamp, direction, hardware_direction

magnitudes = st.floats(1e-6, 10.0)
drops = st.floats(-10.0, 10.0)
volts = st.floats(-100.0, 100.0)


@pytest.mark.parametrize(
    ("desired", "free", "nudge", "clamped"),
    [
        (3.75, 2.5, 1.0, 3.75),
        (3.75, 2.5, 0.0, 2.5),
        (3.75, 2.5, 0.5, 3.125),  # half way
        (1.0, 2.0, 0.25, 1.75),  # a quarter of the way down
    ],
)
def test_eq_1_nudges_the_output_part_of_the_way(
    desired: float, free: float, nudge: float, clamped: float
) -> None:
    assert clamp(desired, free, nudge) == clamped


@given(volts, volts, st.floats(0.0, 1.0))
def test_eq_1_lies_between_free_and_desired(desired: float, free: float, nudge: float) -> None:
    low, high = min(desired, free), max(desired, free)
    assert low - 1e-12 <= clamp(desired, free, nudge) <= high + 1e-12


@given(volts, st.floats(0.0, 1.0))
def test_an_output_that_is_right_is_not_nudged(right: float, nudge: float) -> None:
    assert clamp(right, right, nudge) == pytest.approx(right)


@pytest.mark.parametrize(
    ("clamped", "free", "up"), [(2, 1, 1), (1, 2, -1), (-2, -1, 1), (-1, -2, -1)]
)
def test_eq_c1_compares_magnitudes(clamped: float, free: float, up: int) -> None:
    assert direction(clamped, free) == up


@given(drops, drops)
def test_eq_c1_does_not_care_which_end_is_first(clamped: float, free: float) -> None:
    assert direction(-clamped, -free) == direction(clamped, free)


# The four sign cases, by hand: A = dVC > dVF, B = dVC < 0, U/D = A xor B.
#   dVC   dVF    A  B  up
#   +2    +1     1  0  +1        -2    -1     0  1  +1
#   +1    +2     0  0  -1        -1    -2     1  1  -1
#   +1    -2     1  0  +1        -1    +2     0  1  +1
@pytest.mark.parametrize(
    ("clamped", "free", "up"),
    [(2, 1, 1), (1, 2, -1), (-2, -1, 1), (-1, -2, -1), (1, -2, 1), (-1, 2, 1)],
)
def test_the_hardware_decides_as_its_truth_table_says(clamped: float, free: float, up: int) -> None:
    assert hardware_direction(clamped, free) == up
    assert hardware_direction(clamped, free, "hardware") == up


@given(magnitudes, magnitudes, st.sampled_from([1, -1]))
def test_the_hardware_agrees_with_eq_c1_when_drops_have_one_sign(
    clamped: float, free: float, sign: int
) -> None:
    assume(clamped != free)
    assert hardware_direction(sign * clamped, sign * free) == direction(clamped, free)


@given(magnitudes, magnitudes, st.sampled_from([1, -1]))
def test_the_hardware_steps_up_when_drops_have_opposite_signs(
    clamped: float, free: float, sign: int
) -> None:
    assert hardware_direction(sign * clamped, -sign * free) == 1


@given(magnitudes, magnitudes, st.sampled_from([1, -1]), st.sampled_from([1, -1]))
def test_the_printed_rule_does_the_opposite_in_all_four_sign_cases(
    clamped: float, free: float, sign_clamped: int, sign_free: int
) -> None:
    drops = sign_clamped * clamped, sign_free * free
    assert hardware_direction(*drops, "printed") == -hardware_direction(*drops, "hardware")


@given(magnitudes, magnitudes, st.sampled_from([1, -1]))
def test_the_printed_rule_unlearns_what_eq_c1_asks(clamped: float, free: float, sign: int) -> None:
    assume(clamped != free)
    assert hardware_direction(sign * clamped, sign * free, "printed") == -direction(clamped, free)


@given(magnitudes)
def test_a_tie_is_not_greater_so_the_sign_alone_decides_it(drop: float) -> None:
    # A = 0, so U/D = B: equal positive drops step down, equal negative drops step up.
    assert hardware_direction(drop, drop) == -1
    assert hardware_direction(-drop, -drop) == 1
