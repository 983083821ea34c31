"""Islands: the parts of a network without a path to a held node."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from logicsim.analog.pattern import Ints


def grounded(nodes: int, ends: Ints, held: Collection[int]) -> NDArray[np.bool_]:
    """Whether each node has a path to a held node, or is one, (nodes,).

    Args:
        nodes: their number.
        ends: both nodes (from 0) of every edge that conducts, (2, edges).
        held: the held nodes.
    """
    a, b = ends
    graph = coo_array((np.ones(len(a)), (a, b)), shape=(nodes, nodes))
    _, island = connected_components(graph, directed=False)
    return np.isin(island, island[list(held)])


def unknown(nodes: int, ends: Ints, held: Collection[int], dead: Collection[int]) -> set[int]:
    """The nodes (from 0) to solve for: those with a path to a held node, except these.

    Args:
        ends: both nodes of every edge, (2, edges).
        dead: the edges (from 0) that conduct nothing.
    """
    reached = grounded(nodes, np.delete(ends, list(dead), axis=1), held)
    return set(np.flatnonzero(reached).tolist()).difference(held)
