"""Confidence intervals of a proportion, from `count` cases out of `of`."""

from typing import Literal


def wilson(count: int, of: int, confidence: float = 0.95) -> tuple[float, float]:
    """The score interval (Wilson, J. Am. Stat. Assoc. 22, 209, 1927): right on average."""
    return _interval(count, of, confidence, "wilson")


def clopper_pearson(count: int, of: int, confidence: float = 0.95) -> tuple[float, float]:
    """The exact interval (Clopper and Pearson, Biometrika 26, 404, 1934): never too narrow."""
    return _interval(count, of, confidence, "exact")


def _interval(
    count: int, of: int, confidence: float, method: Literal["wilson", "exact"]
) -> tuple[float, float]:
    from scipy.stats import binomtest  # noqa: PLC0415  it takes half a second

    found = binomtest(count, of).proportion_ci(confidence, method)
    return float(found.low), float(found.high)
