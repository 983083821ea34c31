"""The elements of a campaign: faults, runs, and outcomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from logicsim.campaign.file import Engine

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Listing:
    """A fault of a campaign, or several simultaneous ones.

    `name` has no time if the campaign sets it. `part` is the object that breaks; `represents` are
    the names of equivalent faults; `undetectable` is the reason why the fault cannot be seen in
    `task` and is not run ('' if it may be seen).
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
    """A run to make: together with the board it determines the outcome.

    `number` counts from 1 in the campaign's order. `fault` is the name of the fault ('' in a golden
    run) and `listed` the name it is listed under; it acts from step `onset` on.
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
    """The outcome of a row's run.

    `errors` (V^2) and `accuracies` have one value for each step; `accuracies` is empty if nothing
    is classified. The codes are those after the last step, in edge order. `failure` is the reason
    why the run did not finish; '' if it did.
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
    """The outcome of a run that did not finish, with its errors so far."""
    return Outcome(row.number, np.array(errors), np.array([]), (), (), {}, 0, 0, failure)
