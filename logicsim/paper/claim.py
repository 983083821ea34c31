"""A claim: what the paper says, what this machine does, and whether it is so."""

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

    `claim` says what is counted and in which unit, `paper` what the paper has for it ('-' where it
    has nothing). `measured` is a median over seeds and `low` to `high` the range of the seeds, or
    a proportion and its 95 % Wilson interval. The verdict is on `measured`; it is 'measured' where
    there is nothing to hold it against.
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
    """The median of one value a seed, and their range; NaN counts as the worst of all."""
    judged = math.isfinite(at_least) or math.isfinite(at_most)
    worst = -math.inf if math.isfinite(at_least) else math.inf
    sound = [worst if math.isnan(value) else float(value) for value in values]
    # Of an even number, the middle two may be infinite: the lower is as good as their mean.
    bounded = all(math.isfinite(value) for value in sound)
    middle = float(np.quantile(sound, 0.5, method="linear" if bounded else "lower"))
    return Claim(
        claim, paper, middle, min(sound), max(sound), _verdict(middle, at_least, at_most, judged)
    )


def proportion(
    claim: str, paper: str, count: int, of: int, *, at_least: float = -math.inf
) -> Claim:
    """`count` in `of` cases, with its Wilson interval."""
    low, high = wilson(count, of)
    judged = math.isfinite(at_least)
    return Claim(
        claim, paper, count / of, low, high, _verdict(count / of, at_least, math.inf, judged)
    )


def _verdict(value: float, at_least: float, at_most: float, judged: bool) -> Verdict:
    if not judged:
        return "measured"
    return "reached" if at_least <= value <= at_most else "not reached"
