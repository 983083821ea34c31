"""What a campaign is made of: faults, runs, and what came of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from logicsim.campaign.file import Engine

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Listing:
    """A fault of a campaign, or several at once.

    `name` is without its time where the campaign decides on that. `part` is what breaks;
    `represents` are the names of equivalent faults; `undetectable` says why nothing of it can be
    seen when it is `task` that is learned, so that it is not run ('' if something may).
    """

    task: str
    name: str
    kind: str
    site: str
    part: str
    represents: Sequence[str]
    undetectable: str


@dataclass(frozen=True, slots=True)
class Row:
    """A run to make: all that decides what comes of it, but for the board.

    `number` counts from 1 in the campaign's order. `fault` is what is broken ('' in a golden run)
    and `listed` the name it is listed
    under; it acts from step `onset` on.
    """

    number: int
    fault: str
    listed: str
    task: str
    steps: int
    onset: int
    seed: int
    engine: Engine


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a row's run.

    `errors` (V^2) and `accuracies` have a value a step; there are no accuracies where nothing is
    classified. The codes are those after the last step, in edge order. `failure` says why a run
    came to no end; '' if it did.
    """

    number: int
    errors: Floats
    accuracies: Floats
    codes_free: Sequence[int]
    codes_clamped: Sequence[int]
    violations: Mapping[str, int]
    opposed: int
    events: int
    failure: str = ""


def failed(row: Row, failure: str, errors: Sequence[float] = ()) -> Outcome:
    """The outcome of a run that came to no end, after so many errors."""
    return Outcome(row.number, np.array(errors), np.array([]), (), (), {}, 0, 0, failure)
