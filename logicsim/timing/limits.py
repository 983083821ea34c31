"""What limits the training rate, and what would once that is lifted.

Every slack is a sum of shares: so many steps, waits of the supervisor, periods of the oscillator,
and delays of chips. The shortest step that meets all constraints is a linear programme in how much
of each there is; to lift a limit is to let its amount go free, or to take its delays away.
"""

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from logicsim.core.units import TICKS_PER_SECOND
from logicsim.timing.paths import Owner, Path

Name = Literal[
    "converters", "debouncer capacitor", "external oscillator", "settling", "comparators", "gates"
]

_NAMES: Final[tuple[Name, ...]] = (
    "converters", "debouncer capacitor", "external oscillator", "settling", "comparators", "gates",
)  # fmt: skip
_AMOUNTS: Final[tuple[Owner, ...]] = ("rate", "converters", "oscillator")
_DELAYS: Final[tuple[Owner, ...]] = ("settling", "comparators", "gates")
_MICROSECOND: Final = TICKS_PER_SECOND // 10**6


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit and the largest rate (Hz) at which the board is in time while it holds.

    A rate of 0 says that no rate is slow enough.
    """

    name: Name
    rate: float


def limits(paths: Sequence[Path], external: float) -> Sequence[Limit]:
    """The limits in the order in which they are met, each with those before it lifted.

    Args:
        external: the shortest period of an external oscillator over that of the present one.
    """
    shares = [path.shares() for path in paths]
    left = [name for name in _NAMES if name not in _DELAYS or any(s.get(name) for s in shares)]
    lifted: set[Name] = set()
    found = []
    step = _shortest_step(shares, external, lifted)
    while left and step > 0:
        # An external oscillator limits only where there is no capacitor any more.
        next_up = [n for n in left if n != "external oscillator" or n not in lifted]
        steps = {name: _shortest_step(shares, external, lifted | {name}) for name in next_up}
        nearest = min(next_up, key=steps.__getitem__)
        found.append(Limit(nearest, 1e6 / step))
        lifted.add(nearest)
        left.remove(nearest)
        step = steps[nearest]
    return tuple(found)


def _shortest_step(
    shares: Sequence[Mapping[Owner, int]], external: float, lifted: AbstractSet[Name]
) -> float:
    """In microseconds; infinite if no step is long enough."""
    from scipy.optimize import linprog  # noqa: PLC0415  it takes its time, and few need it

    free: tuple[float, float | None] = (0.0, None)
    oscillator: tuple[float, float | None] = (1.0, 1.0)
    if "debouncer capacitor" in lifted:
        oscillator = free if "external oscillator" in lifted else (min(external, 1.0), None)
    bounds = [free, free if "converters" in lifted else (1.0, 1.0), oscillator]
    amounts = np.array([[s.get(owner, 0) for owner in _AMOUNTS] for s in shares]) / _MICROSECOND
    amounts[:, 0] = amounts[:, 0] > 0  # the step itself, in microseconds
    kept = [owner for owner in (*_DELAYS, "noise") if owner not in lifted]
    delays = np.array([sum(s.get(owner, 0) for owner in kept) for s in shares]) / _MICROSECOND
    found = linprog([1.0, 0.0, 0.0], A_ub=-amounts, b_ub=delays, bounds=bounds)
    return float(found.x[0]) if found.success else math.inf
