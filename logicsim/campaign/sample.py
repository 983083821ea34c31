"""Sampling of faults: the sample size, the draw, and the stopping rule."""

import math
from collections.abc import Iterator, Sequence

from scipy.special import ndtri

from logicsim.core.intervals import clopper_pearson
from logicsim.core.noise import Purpose, Stream


def sample_size(population: int, margin: float, confidence: float, share: float = 0.5) -> int:
    """The sample size that gives a share within `margin` (Leveugle et al., DATE 2009).

    Args:
        share: the expected share; 0.5 needs the largest sample.
    """
    t = float(ndtri((1 + confidence) / 2))
    size = population / (1 + margin**2 * (population - 1) / (t**2 * share * (1 - share)))
    return min(math.ceil(size), population)


def draw(population: int, size: int, seed: int) -> Sequence[int]:
    """Draw `size` different numbers below `population`; a larger draw starts with the same ones."""
    drawn: dict[int, None] = {}
    for number in _numbers(population, seed):
        drawn.setdefault(number)
        if len(drawn) == size:
            break
    return list(drawn)


def _numbers(population: int, seed: int) -> Iterator[int]:
    stream, step = Stream(seed, Purpose.SAMPLE), 0
    while True:
        high, low = stream.uniforms(2, step)  # 32 bits are too few for many steps times faults
        yield min(int((high + low * 2.0**-32) * population), population - 1)
        step += 1


def moments(size: int, seed: int) -> Sequence[float]:
    """The moment of each of `size` faults, as a fraction of its step in millionths."""
    stream = Stream(seed, Purpose.SAMPLE)
    return [int(share * 1e6) / 1e6 for share in stream.uniforms(size, index=1).tolist()]


def enough(count: int, of: int, margin: float, confidence: float) -> bool:
    """Whether the share's exact interval is narrow enough."""
    if not of:
        return False
    low, high = clopper_pearson(count, of, confidence)
    return (high - low) / 2 <= margin
