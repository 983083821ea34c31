"""The sparsity pattern of a network's matrix, laid out once and filled in many times."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csc_array

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

# A pivot below this share of the largest conductance is zero: rounding may leave one of a singular
# matrix slightly above it.
ROUNDING: Final = 64 * float(np.finfo(np.float64).eps)

SINGULAR: Final = "the network's conductance matrix is singular to machine precision"


def stamps(inner: Ints, half: Ints, ends: Ints) -> tuple[Ints, Ints, Ints, Floats]:
    """Rows, columns, edges and signs of every entry the edges stamp into the matrix."""
    edges = np.concatenate([inner, half])
    a, b = ends
    two = b >= 0
    rows = np.concatenate([a, b[two], a[two], b[two]])
    columns = np.concatenate([a, b[two], b[two], a[two]])
    source = np.concatenate([edges, edges[two], edges[two], edges[two]])
    signs = np.repeat([1.0, -1.0], [len(edges) + two.sum(), 2 * two.sum()])
    return rows, columns, source, signs


class Pattern:
    """The matrix or its lower triangle in compressed columns.

    Attributes:
        rows: the row of each entry, ascending in a column.
        starts: the index of each column's first entry, and the end of the last column.
    """

    def __init__(
        self, unknowns: int, inner: Ints, half: Ints, ends: Ints, *, lower: bool = False
    ) -> None:
        rows, columns, edges, signs = stamps(inner, half, ends)
        if lower:
            kept = rows >= columns
            rows, columns, edges, signs = rows[kept], columns[kept], edges[kept], signs[kept]
        cells, places = np.unique(columns * unknowns + rows, return_inverse=True)
        counts = np.bincount(cells // unknowns, minlength=unknowns)
        self.rows = (cells % unknowns).astype(np.int32)
        self.starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        self._shape = (unknowns, unknowns)
        self._edges, sources = np.unique(edges, return_inverse=True)
        shape = (len(cells), len(self._edges))
        self._sums: Any = coo_array((signs, (places, sources)), shape=shape).tocsr()

    @property
    def columns(self) -> Ints:
        """The column of each entry."""
        return np.repeat(np.arange(self._shape[0]), np.diff(self.starts))

    def entries(self, conductance: Floats) -> Floats:
        """The matrix's entries (S), in the order of `rows`."""
        filled: Floats = self._sums @ conductance.take(self._edges)
        return filled

    def matrix(self, conductance: Floats) -> Any:
        """The matrix in SciPy's format."""
        return csc_array((self.entries(conductance), self.rows, self.starts), shape=self._shape)
