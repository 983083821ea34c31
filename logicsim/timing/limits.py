"""The limits of the training rate, each with the limits before it lifted.

Every slack is a sum of shares: steps, waits of the supervisor, periods of the oscillator, and
delays of chips. The shortest step that meets all constraints is a linear programme over these
amounts. Lifting a limit makes its amount free or removes its delays.
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
_OSCILLATORS: Final = ("debouncer capacitor", "external oscillator")
_DELAYS: Final[tuple[Owner, ...]] = ("settling", "comparators", "gates")
_MICROSECOND: Final = TICKS_PER_SECOND // 10**6


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit and the largest rate (Hz) that it allows; 0 if no rate is slow enough.

    The limits before it are lifted.
    """

    name: Name
    rate: float


def limits(paths: Sequence[Path], period: int, external: float | None) -> Sequence[Limit]:
    """The limits in order of their rates, each with those before it lifted.

    Args:
        period: the period of the paths' step, in ticks.
        external: the shortest period of an external oscillator over that of the present one; None
            if there is no oscillator.
    """
    shares = [path.shares() for path in paths]
    left = [name for name in _NAMES if name not in _DELAYS or any(s.get(name) for s in shares)]
    if external is None:
        left = [name for name in left if name not in _OSCILLATORS]
    lifted: set[Name] = set()
    found = []

    def shortest(lifted: AbstractSet[Name]) -> float:
        return _shortest_step(shares, period, external or 1.0, lifted)

    step = shortest(lifted)
    while left and step > 0:
        # An external oscillator is a limit only after the capacitor's is lifted.
        next_up = [n for n in left if n != "external oscillator" or n not in lifted]
        steps = {name: shortest(lifted | {name}) for name in next_up}
        nearest = min(next_up, key=steps.__getitem__)
        found.append(Limit(nearest, 1e6 / step))
        lifted.add(nearest)
        left.remove(nearest)
        step = steps[nearest]
    return tuple(found)


def _shortest_step(
    shares: Sequence[Mapping[Owner, int]], period: int, external: float,
    lifted: AbstractSet[Name],
) -> float:  # fmt: skip
    """The shortest step (us) that meets all constraints; infinite if there is none."""
    from scipy.optimize import linprog  # noqa: PLC0415  slow to import, rarely needed

    free: tuple[float, float | None] = (0.0, None)
    oscillator: tuple[float, float | None] = (1.0, 1.0)
    if "debouncer capacitor" in lifted:
        oscillator = free if "external oscillator" in lifted else (min(external, 1.0), None)
    bounds = [free, free if "converters" in lifted else (1.0, 1.0), oscillator]
    amounts = np.array([[s.get(owner, 0) for owner in _AMOUNTS] for s in shares]) / _MICROSECOND
    amounts[:, 0] = [s.get("rate", 0) / period for s in shares]  # steps, in microseconds
    kept = [owner for owner in (*_DELAYS, "noise") if owner not in lifted]
    delays = np.array([sum(s.get(owner, 0) for owner in kept) for s in shares]) / _MICROSECOND
    found = linprog([1.0, 0.0, 0.0], A_ub=-amounts, b_ub=delays, bounds=bounds)
    return float(found.x[0]) if found.success else math.inf
