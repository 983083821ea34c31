"""Solvers for symmetric positive definite systems G v = i: dense if small, otherwise sparse."""

from typing import Any, Final, Protocol

import numpy as np
from scipy.linalg.lapack import dposv, dpotrf, dpotrs
from scipy.sparse import eye_array
from scipy.sparse.linalg import splu

from logicsim.analog import cholmod
from logicsim.analog.pattern import SINGULAR, Floats, Ints, Pattern, stamps
from logicsim.core.errors import SolveError

# The sizes above which SuperLU and CHOLMOD are faster than LAPACK's Cholesky on 2-D grids, with
# assembly (measured, 2 cores).
DENSE_UNKNOWNS: Final = 80
DENSE_UNKNOWNS_BESIDE_CHOLMOD: Final = 24


class Factor(Protocol):
    """The factorised matrix of one set of conductances, valid until the solver's next factor."""

    def solve(self, currents: Floats) -> Floats:
        """Node voltages (V) from injected currents (A): (unknowns,), or (unknowns, cases)."""


class Solver(Protocol):
    """Solves systems of one pattern with changing conductances (S, one for each edge).

    Both methods raise SolveError if the network is singular to machine precision.
    """

    def factor(self, conductance: Floats) -> Factor:
        """Factorise the matrix, to solve it for many right-hand sides."""

    def solve(self, conductance: Floats, currents: Floats) -> Floats:
        """The same as `factor(conductance).solve(currents)`."""


def solver(unknowns: int, inner: Ints, half: Ints, ends: Ints) -> Solver:
    """The solver for a network of this size.

    Args:
        unknowns: number of free nodes.
        inner: edges with two free ends, indices into the conductances.
        half: edges with one free and one fixed end.
        ends: the free ends: (2, len(inner) + len(half)); the second row is -1 for `half`.
    """
    fast = cholmod.available()
    if unknowns <= (DENSE_UNKNOWNS_BESIDE_CHOLMOD if fast else DENSE_UNKNOWNS):
        return _Dense(unknowns, inner, half, ends)
    return (cholmod.Cholmod if fast else _SuperLU)(unknowns, inner, half, ends)


class _Dense:
    """LAPACK Cholesky; one matrix product turns conductances into the matrix."""

    def __init__(self, unknowns: int, inner: Ints, half: Ints, ends: Ints) -> None:
        rows, columns, edges, signs = stamps(inner, half, ends)
        self._edges, places = np.unique(edges, return_inverse=True)
        self._assemble = np.zeros((unknowns * unknowns, len(self._edges)))
        np.add.at(self._assemble, (rows * unknowns + columns, places), signs)
        self._shape = (unknowns, unknowns)
        self._least = unknowns * float(np.finfo(np.float64).eps)

    def factor(self, conductance: Floats) -> "_Cholesky":
        matrix = self._matrix(conductance)
        factor, info = dpotrf(matrix)
        self._check(matrix, factor, info)
        return _Cholesky(factor)

    def solve(self, conductance: Floats, currents: Floats) -> Floats:
        matrix = self._matrix(conductance)
        factor, voltages, info = dposv(matrix, currents)
        self._check(matrix, factor, info)
        solution: Floats = voltages
        return solution

    def _matrix(self, conductance: Floats) -> Floats:
        matrix: Floats = (self._assemble @ conductance.take(self._edges)).reshape(self._shape)
        return matrix

    def _check(self, matrix: Floats, factor: Floats, info: int) -> None:
        # Rounding may leave the last pivot of a singular matrix slightly above zero; no earlier one
        # can be zero if all nodes are connected (a Laplacian's minors).
        if info or factor[-1, -1] ** 2 < self._least * matrix[-1, -1]:
            raise SolveError(SINGULAR)


class _Cholesky:
    def __init__(self, upper: Floats) -> None:
        self._upper = upper

    def solve(self, currents: Floats) -> Floats:
        solution: Floats = dpotrs(self._upper, currents)[0]
        return solution


class _SuperLU:
    """SciPy's SuperLU, on a pattern laid out in a fill-reducing order."""

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
        try:
            factor = _splu(self._pattern.matrix(conductance), "NATURAL")
        except RuntimeError:  # SuperLU's error for a singular matrix
            raise SolveError(SINGULAR) from None
        return _LU(factor, self._back, self._place[:-1])

    def solve(self, conductance: Floats, currents: Floats) -> Floats:
        return self.factor(conductance).solve(currents)


def _splu(matrix: Any, order: str) -> Any:
    return splu(matrix, permc_spec=order, diag_pivot_thresh=0.0, options={"SymmetricMode": True})


class _LU:
    def __init__(self, factor: Any, back: Ints, place: Ints) -> None:
        self._factor, self._back, self._place = factor, back, place

    def solve(self, currents: Floats) -> Floats:
        solution: Floats = self._factor.solve(currents[self._back])[self._place]
        return solution
