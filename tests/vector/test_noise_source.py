"""The noise and the decisions do not depend on pieces and cores."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.special import ndtri

from logicsim.board import load
from logicsim.core.noise import Purpose, Stream
from logicsim.vector import comparators
from logicsim.vector.noise_source import NoiseSource, Numbers
from logicsim.vector.planes import unpack
from logicsim.vector.wiring import wire


@pytest.mark.parametrize("of", [1, 2, 3, 4])
@pytest.mark.parametrize("edges", [1, 13, 1 << 14, (1 << 14) + 1, 50_003])
def test_the_noise_is_the_streams(edges: int, of: int) -> None:
    drawn = NoiseSource(7, edges, of).draw(3)
    if isinstance(drawn, Numbers):
        drawn = ndtri((drawn.halves + 0.5) * 2.0**-32)
    deviates = Stream(7, Purpose.COMPARATOR_NOISE).normals(of * edges, step=3)
    assert (drawn == deviates.reshape(-1, of).T).all()


@pytest.mark.parametrize("rms", [0.0, 1e-4, 3.0])
def test_bounds_of_the_noise_decide_as_the_noise_itself(rms: float) -> None:
    edges, rng = 40_001, np.random.default_rng(8)
    numbers = NoiseSource(7, edges, 2).draw(5, 1)
    assert isinstance(numbers, Numbers)
    deviates = ndtri((numbers.halves + 0.5) * 2.0**-32)
    chips = replace(
        wire(load("divider"), 0).comparators,
        noise=np.array([[rms], [2 * rms]]),
        offsets=rng.normal(0, 1e-4, (2, edges)),
    )
    free = rng.normal(2, 1e-4, (2, edges))
    clamped = free + rng.normal(0, 1e-4, (2, edges))
    # Thresholds that lie exactly at some of the deviates.
    chips.offsets[0, ::7] = (deviates[0] * rms)[::7]
    free[1, ::7], clamped[1, ::7] = free[0, ::7], clamped[0, ::7]
    with_bounds = comparators.decide(chips, free, clamped, numbers).levels()
    for level, right in zip(
        with_bounds, comparators.decide(chips, free, clamped, deviates).levels(), strict=True
    ):
        assert level == right


def test_every_draw_of_a_step_is_its_own() -> None:
    source = NoiseSource(7, 5, 2)
    first, second = source.draw(3), source.draw(3, 1)
    assert not isinstance(first, Numbers)
    assert not isinstance(second, Numbers)
    assert not np.isin(first, second).any()


def test_numbers_may_be_asked_for_from_any_eighth_on() -> None:
    stream = Stream(7, Purpose.COMPARATOR_NOISE)
    whole = stream.uniforms(100, step=2, index=5)
    for first, behind in pairwise((0, 8, 24, 96, 100)):
        piece = stream.uniforms(behind - first, step=2, index=5, first=first)
        assert (piece == whole[first:behind]).all()


def test_comparators_decide_alike_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    free, clamped, noise = (rng.normal(2, 1, (2, 1001)) for _ in range(3))
    chips = replace(wire(load("divider"), 0).comparators, offsets=rng.normal(0, 1, (2, 1001)))
    free[0, 500], clamped[:, 900] = np.nan, 12.0
    whole = comparators.decide(chips, free, clamped, noise).levels()
    monkeypatch.setattr(comparators, "_PIECE", 64)
    pieces = comparators.decide(chips, free, clamped, noise).levels()
    assert any(level.unknown.any() for level in whole)
    for one, other in zip(whole, pieces, strict=True):
        for plane, piece in zip(one, other, strict=True):
            assert (unpack(plane, (1001,)) == unpack(piece, (1001,))).all()
