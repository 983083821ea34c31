"""The plan of a multifrontal factorisation: every index list, made once for a network's graph.

A front is a small dense matrix: the columns it eliminates, and rows for the later unknowns that
they reach. It has a panel (the columns of the factor) and an update (what their elimination changes
among the rows). Both are in blocks of four rows, each column after column, filled up to whole
blocks. Element (i, j) of a panel with k columns is at 4 k (i // 4) + i % 4 + 4 j. An update has
only the tiles up to the diagonal: element (i, j) is at 8 t (t + 1) + i % 4 + 4 j, with t = i // 4.

Duff and Reid, ACM Trans. Math. Softw. 9, 302 (1983).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logicsim.analog.dissection import dissect, sort_by
from logicsim.analog.pattern import Ints
from logicsim.core.jit import kernel

Starts = NDArray[np.int64]
Indices = NDArray[np.int32]


class Plan(NamedTuple):
    """The fronts, children before parents; `starts` have one more entry than what they divide.

    `order` are the unknowns in their new order. Front f eliminates `order[firsts[f] : ends[f]]`, in
    `columns[f]` columns, and has the rows (of the new order) `rows[row_starts[f] :
    row_starts[f + 1]]`, which its parent has at `places`. Its children are `children[f]`, -1 if it
    has none, and its subtree begins with front `subtrees[f]`. Its panel begins at `panels[f]`.

    Assembly subtracts the conductance of edge `off_edges` at `off_places` of the panel, and adds
    that of `on_edges` at `on_places`; `off_starts` and `on_starts` divide these by fronts.
    """

    order: Starts
    firsts: Starts
    ends: Starts
    columns: Starts
    parents: Starts
    children: Starts
    subtrees: Starts
    levels: Starts
    row_starts: Starts
    rows: Indices
    places: Indices
    panels: Starts
    off_starts: Starts
    off_places: Starts
    off_edges: Indices
    on_starts: Starts
    on_places: Starts
    on_edges: Indices

    @property
    def operations(self) -> float:
        """The multiplications of a factorisation."""
        k, u = self.columns.astype(float), np.diff(self.row_starts).astype(float)
        return float((k**3 / 6 + k**2 * u / 2 + k * u**2 / 2).sum())


def plan(unknowns: int, inner: Ints, half: Ints, ends: Ints) -> Plan:
    """Plan the factorisation; the arguments are those of a solver."""
    a, b = ends[:, : len(inner)]
    parts = dissect(unknowns, a, b)
    order, firsts, lasts = parts.order, parts.firsts, parts.ends
    position = np.empty(unknowns, np.int64)
    position[order] = np.arange(unknowns)
    lower, upper = np.minimum(position[a], position[b]), np.maximum(position[a], position[b])
    front = np.repeat(np.arange(len(firsts)), lasts - firsts)  # of each position
    columns = (lasts - firsts + 3) // 4 * 4
    by_lower = np.argsort(lower, kind="stable")
    neighbours = upper[by_lower].astype(np.int32)
    counts = np.concatenate([[0], np.cumsum(np.bincount(lower, minlength=unknowns))])
    children = _children(parts.parents)
    row_starts, rows = _rows(firsts, lasts, children, counts, neighbours, unknowns)
    places = _places(firsts, lasts, columns, parts.parents, row_starts, rows)
    heights = columns + (np.diff(row_starts) + 3) // 4 * 4
    panels = np.concatenate([[0], np.cumsum(heights * columns)])
    off_front = front[lower]
    off = _addresses(lower, upper, off_front, firsts, lasts, columns, row_starts, rows)
    on = position[np.concatenate([a, b, ends[0, len(inner) :]])]
    on_front = front[on]
    column = on - firsts[on_front]
    on_places = column // 4 * 4 * columns[on_front] + column % 4 + 4 * column
    count = len(firsts)
    return Plan(
        order, firsts, lasts, columns, parts.parents, children, _subtrees(children),
        _levels(parts.parents), row_starts, rows, places, panels,
        *_grouped(off_front, off, inner, count),
        *_grouped(on_front, on_places, np.concatenate([inner, inner, half]), count),
    )  # fmt: skip


def _grouped(
    front: Starts, places: Starts, edges: Ints, fronts: int
) -> tuple[Starts, Starts, Indices]:
    by_front = np.lexsort((places, front))
    starts = np.concatenate([[0], np.cumsum(np.bincount(front, minlength=fronts))])
    return starts, places[by_front], edges[by_front].astype(np.int32)


@kernel
def _children(parents: Starts) -> Starts:
    """Both children of each front, (fronts, 2); -1 of a leaf."""
    children = np.full((len(parents), 2), -1)
    for front in range(len(parents)):
        parent = parents[front]
        if parent >= 0:
            children[parent, 0 if children[parent, 0] < 0 else 1] = front
    return children


@kernel
def _subtrees(children: Starts) -> Starts:
    """The first front of each front's subtree."""
    begins = np.arange(len(children))
    for front in range(len(children)):
        if children[front, 0] >= 0:
            begins[front] = begins[children[front, 0]]
    return begins


@kernel
def _levels(parents: Starts) -> Starts:
    """The number of fronts above each."""
    levels = np.zeros(len(parents), np.int64)
    for front in range(len(parents) - 2, -1, -1):
        levels[front] = levels[parents[front]] + 1
    return levels


@kernel
def _rows(
    firsts: Starts, ends: Starts, children: Starts, counts: Starts,
    neighbours: Indices, unknowns: int,
) -> tuple[Starts, Indices]:  # fmt: skip
    """The rows of each front after its own columns, ascending."""
    starts = np.zeros(len(firsts) + 1, np.int64)
    rows = np.empty(16 + 4 * unknowns, np.int32)
    seen = np.full(unknowns, -1, np.int64)
    filled = 0
    for front in range(len(firsts)):
        end = ends[front]
        if filled + unknowns > len(rows):  # it may need as many more
            longer = np.empty(2 * len(rows), np.int32)
            longer[:filled] = rows[:filled]
            rows = longer
        begin = filled
        for at in range(counts[firsts[front]], counts[end]):
            row = neighbours[at]
            if row >= end and seen[row] != front:
                seen[row] = front
                rows[filled] = row
                filled += 1
        for child in children[front]:
            if child >= 0:
                for at in range(starts[child], starts[child + 1]):
                    row = rows[at]
                    if row >= end and seen[row] != front:
                        seen[row] = front
                        rows[filled] = row
                        filled += 1
        sort_by(rows[begin:filled], np.empty(filled - begin, np.int32))
        starts[front + 1] = filled
    return starts, rows[:filled].copy()


@kernel
def _places(
    firsts: Starts, ends: Starts, columns: Starts, parents: Starts, starts: Starts, rows: Indices
) -> Indices:
    """Where the parent of each front has its rows, ascending."""
    places = np.empty(len(rows), np.int32)
    for front in range(len(firsts)):
        parent = parents[front]
        at = starts[parent]
        for n in range(starts[front], starts[front + 1]):
            row = rows[n]
            if row < ends[parent]:
                places[n] = row - firsts[parent]
            else:
                while rows[at] < row:
                    at += 1
                places[n] = columns[parent] + at - starts[parent]
    return places


@kernel
def _addresses(
    lower: Starts, upper: Starts, fronts: Starts, firsts: Starts, ends: Starts, columns: Starts,
    starts: Starts, rows: Indices,
) -> Starts:  # fmt: skip
    """Where the panels have the entries of edges that join two unknowns."""
    found = np.empty(len(lower), np.int64)
    for n in range(len(lower)):
        front = fronts[n]
        first, row = firsts[front], upper[n]
        if row < ends[front]:
            place = row - first
        else:
            begin, end = starts[front], starts[front + 1]
            while end - begin > 1:
                middle = (begin + end) // 2
                if rows[middle] <= row:
                    begin = middle
                else:
                    end = middle
            place = columns[front] + begin - starts[front]
        found[n] = place // 4 * 4 * columns[front] + place % 4 + 4 * (lower[n] - first)
    return found
