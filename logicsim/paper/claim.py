"""A claim: the paper's value, the measured value, and the verdict."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from logicsim.core.intervals import wilson

Verdict = Literal["reached", "not reached", "measured"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A row of the table.

    `claim` names the quantity and its unit, `paper` the paper's value ('-' if it gives none).
    `measured` is a median over seeds and `low` to `high` the range of the seeds, or a proportion
    and its 95 % Wilson interval. The verdict is on `measured`; it is 'measured' if there is nothing
    to compare with.
    """

    claim: str
    paper: str
    measured: float
    low: float
    high: float
    verdict: Verdict


def over_seeds(
    claim: str,
    paper: str,
    values: Sequence[float],
    *,
    at_least: float = -math.inf,
    at_most: float = math.inf,
) -> Claim:
    """A claim on the median of one value for each seed, with their range; NaN is the worst."""
    judged = math.isfinite(at_least) or math.isfinite(at_most)
    worst = -math.inf if math.isfinite(at_least) else math.inf
    sound = [worst if math.isnan(value) else float(value) for value in values]
    # The middle two of an even number may be infinite, so the lower one replaces their mean.
    bounded = all(math.isfinite(value) for value in sound)
    middle = float(np.quantile(sound, 0.5, method="linear" if bounded else "lower"))
    return Claim(
        claim, paper, middle, min(sound), max(sound), _verdict(middle, at_least, at_most, judged)
    )


def proportion(
    claim: str, paper: str, count: int, of: int, *, at_least: float = -math.inf
) -> Claim:
    """A claim on `count` in `of` cases, with its Wilson interval."""
    low, high = wilson(count, of)
    judged = math.isfinite(at_least)
    return Claim(
        claim, paper, count / of, low, high, _verdict(count / of, at_least, math.inf, judged)
    )


def _verdict(value: float, at_least: float, at_most: float, judged: bool) -> Verdict:
    if not judged:
        return "measured"
    return "reached" if at_least <= value <= at_most else "not reached"
