"""What a step of a large network costs at least: CHOLMOD, and nothing else.

The numeric factorisation of the free network's matrix, with its pattern analysed once, and three
solves with the factor. There is no rule, no logic and no assembly of the matrix.
"""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from scipy.sparse import coo_array, csc_array, tril

from logicsim.board import Board

_SUPERNODAL: Final = 2000  # unknowns above which the supernodal algorithm is faster on grids
_SOLVES: Final = 3  # in one call, which is no slower


def cholmod_loop(board: Board) -> Iterator[Any]:
    """Factor and solve, and yield the solutions, (unknowns, 3), a matrix of CVXOPT."""
    from cvxopt import cholmod, matrix, spmatrix  # noqa: PLC0415  optional: extra 'fast'

    lower = _lower(board)
    unknowns = lower.shape[0]
    columns = np.repeat(np.arange(unknowns), np.diff(lower.indptr))
    entries = spmatrix(
        matrix(lower.data), matrix(lower.indices.astype(np.intp)), matrix(columns), lower.shape
    )
    cholmod.options["supernodal"] = 2 if unknowns >= _SUPERNODAL else 0
    factor = cholmod.symbolic(entries)
    currents = matrix(np.linspace(0.0, 1e-4, unknowns * _SOLVES).reshape(unknowns, _SOLVES))
    while True:
        cholmod.numeric(entries, factor)
        volts = +currents  # a copy, which the solutions replace
        cholmod.solve(factor, volts)
        yield volts


def _lower(board: Board) -> csc_array:
    """The lower triangle of the free network's Laplacian, without the nodes held (S)."""
    (task, *_), pot = board.tasks, board.parts.digipot
    (a, b), nodes = np.array(board.network.edges).T - 1, board.network.nodes
    conductance = np.full(len(a), 1 / (pot.end_to_end / 2 + pot.wiper))
    rows, columns = np.concatenate([a, b, a, b]), np.concatenate([a, b, b, a])
    values = np.concatenate([conductance, conductance, -conductance, -conductance])
    laplacian = coo_array((values, (rows, columns)), shape=(nodes, nodes)).tocsc()
    unknown = np.setdiff1d(np.arange(nodes), np.array(list(task.nodes()["inputs"])) - 1)
    return csc_array(tril(laplacian[unknown][:, unknown], format="csc"))
