"""Symmetric positive definite systems G v = i behind one function: dense if small, else sparse."""

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dposv, dpotrf, dpotrs
from scipy.sparse import csc_array
from scipy.sparse.linalg import splu

from logicsim.errors import SolveError

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

# Where SuperLU overtakes LAPACK's Cholesky on 2-D grids, assembly included (measured, 2 cores).
DENSE_UNKNOWNS: Final = 80

_SINGULAR: Final = "the network's conductance matrix is singular to machine precision"


class Factor(Protocol):
    """The network at one set of conductances, ready for any currents."""

    def solve(self, currents: Floats) -> Floats:
        """Node voltages (V) from injected currents (A): (unknowns,), or (unknowns, cases)."""


class Solver(Protocol):
    """Solves the same pattern again and again with other conductances (S, an entry an edge).

    Both methods raise SolveError where the network is singular to machine precision.
    """

    def factor(self, conductance: Floats) -> Factor:
        """What many right-hand sides share."""

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
    if unknowns <= DENSE_UNKNOWNS:
        return _Dense(unknowns, inner, half, ends)
    return _Sparse(unknowns, inner, half, ends)


def _stamps(inner: Ints, half: Ints, ends: Ints) -> tuple[Ints, Ints, Ints, Floats]:
    """Rows, columns, edges and signs of every entry the edges stamp into the matrix."""
    edges = np.concatenate([inner, half])
    a, b = ends
    two = b >= 0
    rows = np.concatenate([a, b[two], a[two], b[two]])
    columns = np.concatenate([a, b[two], b[two], a[two]])
    source = np.concatenate([edges, edges[two], edges[two], edges[two]])
    signs = np.repeat([1.0, -1.0], [len(edges) + two.sum(), 2 * two.sum()])
    return rows, columns, source, signs


class _Dense:
    """LAPACK Cholesky; the matrix is one small matrix product away from the conductances."""

    def __init__(self, unknowns: int, inner: Ints, half: Ints, ends: Ints) -> None:
        rows, columns, edges, signs = _stamps(inner, half, ends)
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
        # By rounding, the last pivot of a singular matrix may come out a little above zero; none
        # before it can be zero where all nodes hang together (a Laplacian's minors).
        if info or factor[-1, -1] ** 2 < self._least * matrix[-1, -1]:
            raise SolveError(_SINGULAR)


class _Cholesky:
    def __init__(self, upper: Floats) -> None:
        self._upper = upper

    def solve(self, currents: Floats) -> Floats:
        solution: Floats = dpotrs(self._upper, currents)[0]
        return solution


class _Sparse:
    """SuperLU on a pattern that is laid out once."""

    def __init__(self, unknowns: int, inner: Ints, half: Ints, ends: Ints) -> None:
        rows, columns, self._edges, self._signs = _stamps(inner, half, ends)
        cells, self._places = np.unique(columns * unknowns + rows, return_inverse=True)
        self._rows = (cells % unknowns).astype(np.int32)
        counts = np.bincount(cells // unknowns, minlength=unknowns)
        self._starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        self._shape = (unknowns, unknowns)

    def solve(self, conductance: Floats, currents: Floats) -> Floats:
        return self.factor(conductance).solve(currents)

    def factor(self, conductance: Floats) -> Factor:
        stamps = conductance[self._edges] * self._signs
        data = np.bincount(self._places, stamps, minlength=len(self._rows))
        matrix = csc_array((data, self._rows, self._starts), shape=self._shape)
        try:
            factor: Factor = splu(
                matrix,
                permc_spec="MMD_AT_PLUS_A",
                diag_pivot_thresh=0.0,
                options={"SymmetricMode": True},
            )
        except RuntimeError:  # what SuperLU says of a singular matrix
            raise SolveError(_SINGULAR) from None
        return factor
