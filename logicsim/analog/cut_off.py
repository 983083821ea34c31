"""The nodes to name when a network is singular to machine precision."""

from typing import Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from logicsim.analog.pattern import ROUNDING, SINGULAR, Floats, Ints
from logicsim.core.errors import SolveError

_WIDER: Final = 16.0
_NAMED: Final = 5


def singular(ends: Ints, conductance: Floats, held: Ints) -> SolveError:
    """The error of a singular network, with the nodes that hang by a negligible conductance.

    Args:
        ends: both nodes (from 0) of every edge.
        conductance: of every edge (S).
        held: the held nodes; every node has a path to one of them.
    """
    share, nodes = ROUNDING, np.empty(0, dtype=np.intp)
    while not len(nodes) and share <= 1:
        nodes = nearly_cut_off(ends, conductance, held, share)
        if not len(nodes):  # all edges of a node may conduct little
            nodes = nearly_cut_off(ends, conductance, held, share, float(conductance.max()))
        share *= _WIDER
    names = ", ".join(map(str, nodes[:_NAMED] + 1))
    if len(nodes) > _NAMED:
        names += f" and {len(nodes) - _NAMED} more"
    which = f"node {names} hangs" if len(nodes) == 1 else f"nodes {names} hang"
    return SolveError(
        f"{SINGULAR}: {which} by a negligible conductance; hold one of them, or make it larger"
    )


def nearly_cut_off(
    ends: Ints, conductance: Floats, held: Ints, share: float, whole: float | None = None
) -> Ints:
    """The nodes without a path to a held one, if edges that conduct too little are left out.

    On a path, an edge must have more than `share` of the largest conductance at the node it leaves,
    or of `whole` (S) if given.
    """
    live = conductance > 0
    (a, b), siemens = ends[:, live], conductance[live]
    nodes = int(ends.max()) + 1
    largest = np.zeros(nodes)
    np.maximum.at(largest, a, siemens)
    np.maximum.at(largest, b, siemens)
    left, entered = np.concatenate([a, b]), np.concatenate([b, a])
    strong = np.concatenate([siemens, siemens]) > share * (
        largest[left] if whole is None else whole
    )
    # Follow the paths backwards, from an additional node that all held nodes lead to.
    begins = np.concatenate([entered[strong], np.full(len(held), nodes)])
    arcs = (begins, np.concatenate([left[strong], held]))
    graph = csr_array((np.ones(len(begins)), arcs), shape=(nodes + 1, nodes + 1))
    found = breadth_first_order(graph, nodes, return_predecessors=False)
    cut = largest > 0  # a node with no edge left is on an island, and not solved for
    cut[found[found < nodes]] = False
    nearly: Ints = np.flatnonzero(cut)
    return nearly
