"""A study: an experiment, the picture of its outcomes, and its claims about the paper."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from matplotlib.figure import Figure

from logicsim.paper.claim import Claim

# The first seeds, so that none was chosen for its result.
SEEDS: Final = tuple(range(1, 10))

Case = TypeVar("Case", bound=Hashable)
Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class Study(Generic[Case, Outcome]):
    """One figure.

    `experiment` is a pure function of a case (a seed and any varied quantities), so cases may run
    in any order, in any process; studies that share an experiment share its outcomes. With
    `alone`, for experiments that measure time, it runs by itself after all others. `draw` and
    `claims` take the outcomes of all `cases`.
    """

    name: str
    title: str
    cases: Sequence[Case]
    experiment: Callable[[Case], Outcome]
    draw: Callable[[Mapping[Case, Outcome]], Figure]
    claims: Callable[[Mapping[Case, Outcome]], list[Claim]]
    alone: bool = False
