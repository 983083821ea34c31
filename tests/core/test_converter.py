import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from logicsim.core.converter import IDEAL, Quantiser, converted


def test_an_ideal_converter_changes_nothing() -> None:
    volts = np.array([0.1, math.nan, -3.0])
    assert IDEAL.convert(volts, 1) is volts


@given(st.lists(st.floats(-10, 10), max_size=5), st.sampled_from([0.001, 0.3, 0.5, 1.0]))
def test_a_quantiser_is_within_half_a_step_and_on_its_grid(volts: list[float], step: float) -> None:
    out = Quantiser(step).convert(np.array(volts), 1)
    assert np.all(np.abs(out - volts) <= step / 2 + 1e-12)
    assert np.allclose(out / step, np.round(out / step), atol=1e-9)


def test_by_node() -> None:
    assert converted(Quantiser(0.5), {3: 1.3, 1: math.nan, 2: 0.0}, 7)[3] == 1.5
    assert list(converted(Quantiser(0.5), {3: 1.3, 1: 2.0}, 7)) == [3, 1]
