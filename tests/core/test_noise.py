import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, kstest

from logicsim.core.noise import Purpose, Stream

words = st.integers(0, 2**64 - 1)
small = st.integers(0, 40)
purposes = st.sampled_from(list(Purpose))


@given(words, purposes, words, words, st.integers(1, 20))
def test_the_bits_are_philox_of_key_seed_purpose_and_counter_step_index(
    seed: int, purpose: Purpose, step: int, index: int, count: int
) -> None:
    key = np.array([seed, purpose], dtype=np.uint64)
    counter = np.array([0, index, step, 0], dtype=np.uint64)
    raw = np.random.Philox(key=key, counter=counter).random_raw(count)
    # Each 64-bit word is two numbers, the lower half first, in the middle of its 2^-32 cell.
    halves = [half for word in raw.tolist() for half in (word & 0xFFFFFFFF, word >> 32)]
    expected = [(half + 0.5) / 2**32 for half in halves[:count]]
    assert Stream(seed, purpose).uniforms(count, step, index).tolist() == expected


@given(st.integers(-(10**30), 10**30), purposes, st.lists(st.tuples(small, small, small)))
def test_a_value_depends_on_its_address_and_not_on_what_was_drawn_before(
    seed: int, purpose: Purpose, calls: list[tuple[int, int, int]]
) -> None:
    stream = Stream(seed, purpose)
    first = [stream.uniforms(*call).tolist() for call in calls]
    again = [stream.uniforms(*call).tolist() for call in reversed(calls)]
    fresh = [Stream(seed, purpose).uniforms(*call).tolist() for call in calls]
    assert first == again[::-1] == fresh


@given(words, small, small, st.integers(0, 50), st.integers(0, 50))
def test_prefixes_agree_for_any_count(seed: int, step: int, index: int, one: int, two: int) -> None:
    stream = Stream(seed, Purpose.RESISTANCE)
    for draw in (stream.uniforms, stream.normals):
        first, second = draw(one, step, index), draw(two, step, index)
        shared = min(one, two)
        assert len(first) == one
        assert len(second) == two
        assert first[:shared].tolist() == second[:shared].tolist()


def test_streams_do_not_disturb_each_other() -> None:
    one, two = Stream(11, Purpose.TAPER), Stream(12, Purpose.TAPER)
    alone = [Stream(11, Purpose.TAPER).normals(3, step).tolist() for step in range(5)]
    interleaved = []
    for step in range(5):
        two.normals(7, 5 - step)
        interleaved.append(one.normals(3, step).tolist())
    assert interleaved == alone


def test_different_addresses_give_different_numbers() -> None:
    drawn = {
        tuple(Stream(seed, purpose).uniforms(4, step, index))
        for seed in range(6)
        for purpose in Purpose
        for step in range(6)
        for index in range(6)
    }
    assert len(drawn) == 6 * len(Purpose) * 6 * 6


def test_step_and_index_are_not_interchangeable() -> None:
    stream = Stream(3, Purpose.COMPARATOR_NOISE)
    assert stream.uniforms(4, 1, 2).tolist() != stream.uniforms(4, 2, 1).tolist()


def test_neighbouring_addresses_do_not_share_numbers() -> None:
    # A long draw walks the lowest counter word, which no address uses.
    stream = Stream(5, Purpose.COMPARATOR_NOISE)
    here, next_index, next_step = (
        set(stream.uniforms(400, *address).tolist()) for address in ((0, 0), (0, 1), (1, 0))
    )
    # 160 000 pairs of 32-bit numbers coincide 4e-5 times on average.
    assert not here & next_index
    assert not here & next_step


def test_no_purpose_has_the_number_of_another() -> None:
    assert len({int(purpose) for purpose in Purpose}) == len(Purpose.__members__)


@pytest.mark.parametrize("seed", [0, 1, 2**63, 2**64 - 1, 2**64, 10**40, -1, -(10**40)])
def test_any_seed_will_do(seed: int) -> None:
    numbers = Stream(seed, Purpose.TAPER).normals(8)
    assert np.isfinite(numbers).all()
    assert len(set(numbers.tolist())) == 8


@given(st.integers(-(2**63), 2**63 - 1))
@settings(max_examples=30)
def test_a_negative_index_is_an_address_like_any_other(index: int) -> None:
    stream = Stream(8, Purpose.COMPARATOR_NOISE)
    here = stream.uniforms(4, 7, index).tolist()
    assert here == stream.uniforms(4, 7, index).tolist()
    assert here != stream.uniforms(4, 7, index + 1).tolist()
    if index != 0:
        assert here != stream.uniforms(4, 7, -index).tolist() or index == -(2**63)


def test_uniforms_stay_inside_the_open_interval() -> None:
    numbers = Stream(2024, Purpose.UNDECIDED).uniforms(200_000)
    # Of 2^32 cells the outermost middles are 2^-33 from the ends, whatever the bits.
    assert numbers.min() >= 2.0**-33
    assert numbers.max() <= 1 - 2.0**-33


def test_uniforms_are_uniform() -> None:
    numbers = Stream(2024, Purpose.UNDECIDED).uniforms(50_000)
    assert kstest(numbers, "uniform").pvalue > 1e-3


def test_normals_are_normal() -> None:
    numbers = Stream(2025, Purpose.COMPARATOR_NOISE).normals(50_000)
    assert kstest(numbers, "norm").pvalue > 1e-3


def test_normals_are_normal_across_addresses_too() -> None:
    # What a comparator sees: the same place in one short draw after another.
    stream = Stream(2026, Purpose.COMPARATOR_NOISE)
    numbers = [stream.normals(3, step, cell)[2] for step in range(100) for cell in range(50)]
    assert kstest(numbers, "norm").pvalue > 1e-3
    # Successive draws are independent: their correlation is 0 within 4 / sqrt(n).
    assert abs(np.corrcoef(numbers[:-1], numbers[1:])[0, 1]) < 4 / math.sqrt(len(numbers))


def test_neighbours_in_a_draw_are_independent() -> None:
    numbers = Stream(2027, Purpose.COMPARATOR_NOISE).normals(50_000)
    for lag in (1, 2, 4):
        assert abs(np.corrcoef(numbers[:-lag], numbers[lag:])[0, 1]) < 4 / math.sqrt(50_000)


def test_no_normal_is_beyond_what_32_bits_can_say() -> None:
    # The quantile of 2^-33 is -6.338: scarcely ever drawn, so the bound is that of the docstring.
    numbers = Stream(2028, Purpose.RESISTANCE).normals(200_000)
    assert np.abs(numbers).max() < 6.4


def test_normals_and_uniforms_are_the_same_draw() -> None:
    stream = Stream(4, Purpose.TAPER)
    uniforms, normals = stream.uniforms(1000, 1, 2), stream.normals(1000, 1, 2)
    # The inverse transform is increasing, and the median of both is the same.
    assert np.argsort(uniforms).tolist() == np.argsort(normals).tolist()
    assert ((uniforms > 0.5) == (normals > 0)).all()
    errors = np.array([0.5 * math.erfc(-x / math.sqrt(2)) for x in normals]) - uniforms
    assert np.abs(errors).max() < 1e-12


def test_bits_made_of_first_uniforms_are_fair() -> None:
    stream = Stream(99, Purpose.UNDECIDED)
    ones = sum(int(stream.uniforms(1, time, 7)[0] < 0.5) for time in range(0, 4_000_000, 1000))
    assert binomtest(ones, 4000).pvalue > 1e-3
