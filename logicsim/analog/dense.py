"""Dense systems: LAPACK's Cholesky factorisation."""

import numpy as np
from scipy.linalg.lapack import dposv, dpotrf, dpotrs

from logicsim.analog.pattern import ROUNDING, SINGULAR, Floats, Ints, stamps
from logicsim.core.errors import SolveError


class Dense:
    """LAPACK Cholesky; one matrix product turns conductances into the matrix."""

    def __init__(self, unknowns: int, inner: Ints, half: Ints, ends: Ints) -> None:
        rows, columns, edges, signs = stamps(inner, half, ends)
        self._edges, places = np.unique(edges, return_inverse=True)
        self._assemble = np.zeros((unknowns * unknowns, len(self._edges)))
        np.add.at(self._assemble, (rows * unknowns + columns, places), signs)
        self._shape = (unknowns, unknowns)

    def factor(self, conductance: Floats) -> "_Cholesky":
        """Factorise."""
        matrix = self._matrix(conductance)
        factor, info = dpotrf(matrix)
        self._check(matrix, factor, info)
        return _Cholesky(factor)

    def solve(self, conductance: Floats, currents: Floats) -> Floats:
        """The same as `factor(conductance).solve(currents)`, in one call."""
        matrix = self._matrix(conductance)
        factor, voltages, info = dposv(matrix, currents)
        self._check(matrix, factor, info)
        solution: Floats = voltages
        return solution

    def _matrix(self, conductance: Floats) -> Floats:
        matrix: Floats = self._assemble.dot(conductance[self._edges]).reshape(self._shape)
        return matrix

    def _check(self, matrix: Floats, factor: Floats, info: int) -> None:
        # Not `min` and `max`, whose overhead on a small array is larger.
        least, largest = np.minimum.reduce(factor.diagonal()), np.maximum.reduce(matrix.diagonal())
        if info or least**2 < ROUNDING * largest:
            raise SolveError(SINGULAR)


class _Cholesky:
    def __init__(self, upper: Floats) -> None:
        self._upper = upper

    def solve(self, currents: Floats) -> Floats:
        solution: Floats = dpotrs(self._upper, currents)[0]
        return solution
