"""CHOLMOD, the sparse Cholesky factorisation of SuiteSparse, through CVXOPT (extra `fast`).

Chen, Davis, Hager, Rajamanickam, ACM Trans. Math. Softw. 35, 22 (2008). The fill-reducing order
is computed once.
"""

from typing import Any, Final

import numpy as np

from logicsim.analog.pattern import ROUNDING, SINGULAR, Floats, Ints, Pattern
from logicsim.core.errors import SolveError

# The size above which the supernodal algorithm is faster on grids (measured, 2 cores).
_SUPERNODAL: Final = 2000  # unknowns

_DIAGONAL: Final = 6  # CVXOPT's code for solving D x = b with the factors L D L^T


class Cholmod:
    """A solver that analyses its pattern once and holds the latest factor."""

    def __init__(self, unknowns: int, inner: Ints, half: Ints, ends: Ints) -> None:
        from cvxopt import cholmod, matrix, spmatrix  # noqa: PLC0415  optional: extra 'fast'

        self._cholmod, self._array = cholmod, matrix
        self._supernodal = unknowns >= _SUPERNODAL
        self._pattern = Pattern(unknowns, inner, half, ends, lower=True)
        rows, columns = self._pattern.rows, self._pattern.columns
        self._matrix = spmatrix(
            1.0, matrix(rows.astype(np.intp)), matrix(columns), (unknowns, unknowns)
        )
        before = cholmod.options.get("supernodal", 2)
        cholmod.options["supernodal"] = 2 if self._supernodal else 0
        try:
            self._factor: Any = cholmod.symbolic(self._matrix)
        finally:
            cholmod.options["supernodal"] = before

    def factor(self, conductance: Floats) -> "_Factor":
        """Factorise; the factor is valid until the next call."""
        entries = self._pattern.entries(conductance)
        self._matrix.V = self._array(entries)
        try:
            self._cholmod.numeric(self._matrix, self._factor)
        except ArithmeticError:  # a pivot is not above zero
            raise SolveError(SINGULAR) from None
        if self._least_pivot() < ROUNDING * entries.max():
            raise SolveError(SINGULAR)
        return _Factor(self._cholmod.solve, self._factor, self._array)

    def solve(self, conductance: Floats, currents: Floats) -> Floats:
        """The same as `factor(conductance).solve(currents)`."""
        return self.factor(conductance).solve(currents)

    def _least_pivot(self) -> float:
        if self._supernodal:
            return float(np.min(self._cholmod.diag(self._factor))) ** 2
        inverse = self._array(1.0, (len(self._pattern.starts) - 1, 1))
        self._cholmod.solve(self._factor, inverse, sys=_DIAGONAL)
        # Not `min`, whose overhead on a small array is larger.
        return float(np.minimum.reduce(1 / np.asarray(inverse), axis=None))


class _Factor:
    def __init__(self, solve: Any, factor: Any, array: Any) -> None:
        self._solve, self._factor, self._array = solve, factor, array

    def solve(self, currents: Floats) -> Floats:
        volts = self._array(currents)
        self._solve(self._factor, volts)
        return np.asarray(volts, dtype=np.float64).reshape(currents.shape, order="F")
