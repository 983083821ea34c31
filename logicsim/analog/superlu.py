"""SuperLU, the sparse factorisation that comes with SciPy."""

from typing import Any

import numpy as np
from scipy.sparse import eye_array
from scipy.sparse.linalg import splu

from logicsim.analog.pattern import ROUNDING, SINGULAR, Floats, Ints, Pattern
from logicsim.core.errors import SolveError


class SuperLU:
    """A solver that lays its pattern out in a fill-reducing order."""

    def __init__(self, unknowns: int, inner: Ints, half: Ints, ends: Ints) -> None:
        first = Pattern(unknowns, inner, half, ends)
        # Any nonsingular values serve to find the order: unit edges and a larger diagonal.
        matrix = first.matrix(np.ones(1 + int(max(inner.max(initial=0), half.max(initial=0)))))
        order = _splu(matrix + eye_array(unknowns, format="csc"), "MMD_AT_PLUS_A").perm_c
        # The new index of each free end; -1, which is no free end, stays -1.
        self._place = np.append(order, -1).astype(np.intp)
        self._pattern = Pattern(unknowns, inner, half, self._place[ends])
        self._back = np.argsort(order)

    def factor(self, conductance: Floats) -> "_LU":
        """Factorise."""
        try:
            matrix = self._pattern.matrix(conductance)
            factor = _splu(matrix, "NATURAL")
        except RuntimeError:  # SuperLU's error for a singular matrix
            raise SolveError(SINGULAR) from None
        if factor.U.diagonal().min() < ROUNDING * matrix.data.max():
            raise SolveError(SINGULAR)
        return _LU(factor, self._back, self._place[:-1])

    def solve(self, conductance: Floats, currents: Floats) -> Floats:
        """The same as `factor(conductance).solve(currents)`."""
        return self.factor(conductance).solve(currents)


def _splu(matrix: Any, order: str) -> Any:
    return splu(matrix, permc_spec=order, diag_pivot_thresh=0.0, options={"SymmetricMode": True})


class _LU:
    def __init__(self, factor: Any, back: Ints, place: Ints) -> None:
        self._factor, self._back, self._place = factor, back, place

    def solve(self, currents: Floats) -> Floats:
        solution: Floats = self._factor.solve(currents[self._back])[self._place]
        return solution
