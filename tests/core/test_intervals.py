import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from logicsim.core.intervals import clopper_pearson, wilson


def test_the_score_interval_by_hand() -> None:
    # 5 of 9, z = 1.959964: (0.5556 + z^2/18 +- z sqrt(0.2469/9 + z^2/324)) / (1 + z^2/9)
    assert wilson(5, 9) == pytest.approx((0.26665, 0.81122), abs=2e-4)
    assert wilson(0, 9)[0] == 0
    assert wilson(9, 9)[1] == 1


def test_the_exact_interval_of_none_by_hand() -> None:
    # None of n: the upper end p has (1 - p)^n = 2.5 %.
    assert clopper_pearson(0, 20) == pytest.approx((0.0, 1 - 0.025 ** (1 / 20)))


@given(st.integers(1, 60), st.data(), st.sampled_from([0.8, 0.95, 0.99]))
def test_beyond_an_exact_end_the_tail_is_as_unlikely_as_said(
    of: int, data: st.DataObject, confidence: float
) -> None:
    count = data.draw(st.integers(0, of))
    low, high = clopper_pearson(count, of, confidence)
    tail = (1 - confidence) / 2
    if count:
        assert math.isclose(binom.sf(count - 1, of, low), tail, rel_tol=1e-6)
    if count < of:
        assert math.isclose(binom.cdf(count, of, high), tail, rel_tol=1e-6)
