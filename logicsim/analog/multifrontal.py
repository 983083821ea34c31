"""A multifrontal Cholesky factorisation of our own, on all cores."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Final

import numpy as np

from logicsim.analog.eliminating import backward, factorise, forward
from logicsim.analog.fronts import Plan, Starts, plan
from logicsim.analog.pattern import ROUNDING, SINGULAR, Floats, Ints
from logicsim.core.cores import cores
from logicsim.core.errors import SolveError

_LEVEL: Final = 3  # where the tree is divided: in 8 subtrees at most
_CASES: Final = 4  # solved together
_FEW: Final = 3e7  # multiplications; with fewer, threads do not pay

# Planar networks take some 11 multiplications for each unknown to the power of 1.5; far more says
# that the network has no small separators. There CHOLMOD's minimum degree leaves fewer entries.
_SEPARABLE: Final = 40


class Multifrontal:
    """A solver that plans its fronts once and holds the latest factor.

    Attributes:
        separable: whether the network has small separators, as planar ones have.
    """

    def __init__(self, unknowns: int, inner: Ints, half: Ints, ends: Ints) -> None:
        self._plan = plan(unknowns, inner, half, ends)
        self.separable = self._plan.operations < _SEPARABLE * unknowns**1.5
        self._ranges = _Ranges(self._plan)
        self._edges = np.concatenate([inner, half])

    @cached_property
    def _space(self) -> tuple[Floats, Floats, Starts]:
        """Panels, updates, and where each front's update begins; allocated when first used."""
        starts, size = _update_starts(self._plan, self._ranges.level)
        return np.empty(int(self._plan.panels[-1])), np.empty(size), starts

    def factor(self, conductance: Floats) -> "_Factor":
        """Factorise; the factor is valid until the next call."""
        panels, updates, starts = self._space
        least = ROUNDING * float(conductance.take(self._edges).max())

        def work(begin: int, end: int) -> int:
            return factorise(self._plan, begin, end, conductance, panels, updates, starts, least)

        if self._ranges.upwards(work) >= 0:
            raise SolveError(SINGULAR)
        return _Factor(self._plan, self._ranges, panels)

    def solve(self, conductance: Floats, currents: Floats) -> Floats:
        """The same as `factor(conductance).solve(currents)`."""
        return self.factor(conductance).solve(currents)


class _Factor:
    def __init__(self, plan: Plan, ranges: "_Ranges", panels: Floats) -> None:
        self._plan, self._ranges, self._panels = plan, ranges, panels

    def solve(self, currents: Floats) -> Floats:
        given = currents.reshape(len(currents), -1)
        solution: Floats = np.empty_like(given)
        for first in range(0, given.shape[1], _CASES):
            cases = slice(first, first + _CASES)
            self._solve(given[:, cases], solution[:, cases])
        return solution.reshape(currents.shape)

    def _solve(self, given: Floats, solution: Floats) -> None:
        known, panels = self._plan, self._panels
        volts: Floats = np.zeros((len(given), _CASES))
        volts[:, : given.shape[1]] = given[known.order]
        carried: Floats = np.empty((len(known.rows), _CASES))
        self._ranges.upwards(lambda a, b: forward(known, a, b, panels, volts, carried))
        self._ranges.downwards(lambda a, b: backward(known, a, b, panels, volts))
        solution[known.order] = volts[:, : given.shape[1]]


Work = Callable[[int, int], int | None]


class _Ranges:
    """The ranges of fronts to compute at once: subtrees, and each level of fronts above them.

    Attributes:
        level: the level of the subtrees' roots; 0 is the root of the tree.
    """

    def __init__(self, plan: Plan) -> None:
        self.level = _LEVEL if plan.operations > _FEW else 0
        roots = np.flatnonzero(plan.levels == self.level)
        first = plan.subtrees[roots]
        self._stages = [list(zip(first.tolist(), (roots + 1).tolist(), strict=True))]
        for level in range(self.level - 1, -1, -1):
            fronts = np.flatnonzero(plan.levels == level).tolist()
            self._stages.append([(front, front + 1) for front in fronts])
        self._pool = ThreadPoolExecutor(cores()) if self.level else None

    def upwards(self, work: Work) -> int:
        """Do the work from the leaves to the root; return the highest of its results, or -1."""
        return self._done(work, self._stages)

    def downwards(self, work: Work) -> None:
        """Do the work from the root to the leaves."""
        self._done(work, self._stages[::-1])

    def _done(self, work: Work, stages: Sequence[Sequence[tuple[int, int]]]) -> int:
        for stage in stages:
            begins, ends = zip(*stage, strict=True)
            found = (self._pool.map if self._pool and len(stage) > 1 else map)(work, begins, ends)
            worst = max(-1 if each is None else each for each in found)
            if worst >= 0:
                return worst
        return -1


def _update_starts(plan: Plan, level: int) -> tuple[Starts, int]:
    """Where each front's update begins, and the size of all.

    Within a subtree, of each level only two siblings are in use at a time, so all fronts of that
    level share two places.
    """
    count = len(plan.firsts)
    fronts = np.arange(count)
    blocks = (np.diff(plan.row_starts) + 3) // 4
    sizes = 8 * blocks * (blocks + 1)
    roots = np.flatnonzero(plan.levels == level)
    subtree = np.searchsorted(roots, fronts)  # of those below the level
    second = fronts == plan.children[plan.parents, 1]
    shared = (subtree * (plan.levels.max() + 1) + plan.levels) * 2 + second
    own = plan.levels <= level
    keys = np.where(own, -1 - fronts, shared)
    _, place = np.unique(keys, return_inverse=True)
    largest = np.zeros(place.max() + 1, dtype=np.int64)
    np.maximum.at(largest, place, sizes)
    starts = np.concatenate([[0], np.cumsum(largest)])
    return starts[place], int(starts[-1])
