"""Static elimination: G = L D L' with an order and index lists made once, for kernels.

Arrays of numbers have the lane last: one network in one lane, or several networks of one graph
side by side, which the processor computes together. `lanes` is a tuple with an entry for each lane,
since kernels need their number when they are compiled.
"""

from collections.abc import Collection, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logicsim.analog.pattern import ROUNDING, SINGULAR, Floats, Ints
from logicsim.core.errors import SolveError
from logicsim.core.jit import inner, kernel

Indices = NDArray[np.uint32]  # unsigned, so that kernels need not look for negative ones
Starts = NDArray[np.int64]


class Elimination(NamedTuple):
    """The order of elimination of a network's unknown nodes, and the index lists of its steps.

    Unknown nodes are numbered in this order. A held end of an edge has the number of unknowns, and
    an edge that has no entry in L has the number of entries, so both refer to a spare row.

    `nodes`: the node of each unknown. `starts`, `rows`: the rows below the diagonal of each column
    of L. `runs`: neighbouring entries that each entry of L changes, as rows of the first and their
    number, and `changes`: the first run of each entry. `ends`: the unknowns at each edge's ends,
    (2, edges). `entries`: each edge's entry of L. `half`: edges with one held end, as rows of edge,
    unknown end, held node.
    """

    nodes: Indices
    starts: Starts
    rows: Indices
    runs: Indices
    changes: Starts
    ends: Indices
    entries: Indices
    half: Indices


def elimination(
    edges: Sequence[tuple[int, int]], unknown: Collection[int], last: Sequence[int] = (),
    dead: Collection[int] = (),
) -> Elimination:  # fmt: skip
    """Find the order of elimination, by minimum degree, and its fill-in.

    Args:
        edges: both ends (nodes from 0) of every edge.
        unknown: the nodes to solve for; each has a path to a held one.
        last: those of them to eliminate last, in this order.
        dead: the edges (from 0) that conduct nothing, and may lead to an island.
    """
    live = [edge for number, edge in enumerate(edges) if number not in dead]
    columns = _columns(live, unknown, last)
    place = {node: number for number, node in enumerate(columns)}
    rows = [sorted(place[node] for node in near) for near in columns.values()]
    starts = np.cumsum([0, *map(len, rows)])
    entry = {
        (i, j): int(starts[j]) + p for j, below in enumerate(rows) for p, i in enumerate(below)
    }
    changed = [[entry[i, k] for i in below[q + 1 :]] for below in rows for q, k in enumerate(below)]
    runs = [_runs(entries) for entries in changed]
    count, spare = len(columns), len(entry)
    ends = np.array([[place.get(node, count) for node in edge] for edge in edges]).reshape(-1, 2)
    ends[list(dead)] = count
    entries = [entry.get((max(a, b), min(a, b)), spare) for a, b in ends.tolist()]
    half = [
        (number, min(a, b), edge[int(a < b)])
        for number, (edge, (a, b)) in enumerate(zip(edges, ends.tolist(), strict=True))
        if min(a, b) < count == max(a, b)
    ]
    return Elimination(
        np.array(list(columns), dtype=np.uint32),
        starts.astype(np.int64),
        np.array([i for below in rows for i in below], dtype=np.uint32),
        np.array(list(chain.from_iterable(runs)), dtype=np.uint32).reshape(-1, 2),
        np.cumsum([0, *map(len, runs)]),
        np.ascontiguousarray(ends.T, dtype=np.uint32),
        np.array(entries, dtype=np.uint32),
        np.array(half, dtype=np.uint32).reshape(-1, 3),
    )


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """The runs of consecutive numbers: the first of each, and how many there are."""
    if not numbers:
        return []
    breaks = [n for n in range(1, len(numbers)) if numbers[n] != numbers[n - 1] + 1]
    return [(numbers[begin], end - begin) for begin, end in pairwise([0, *breaks, len(numbers)])]


def _columns(
    edges: Sequence[tuple[int, int]], unknown: Collection[int], last: Sequence[int]
) -> dict[int, set[int]]:
    """The nodes in order of elimination, each with its neighbours at that time."""
    neighbours: dict[int, set[int]] = {node: set() for node in unknown}
    for a, b in edges:
        if a != b and a in neighbours and b in neighbours:
            neighbours[a].add(b)
            neighbours[b].add(a)
    waiting: list[set[int]] = [set() for _ in neighbours]  # nodes by degree
    for node, near in neighbours.items():
        if node not in last:
            waiting[len(near)].add(node)
    columns: dict[int, set[int]] = {}

    def eliminate(node: int) -> None:
        near = columns[node] = neighbours.pop(node)
        for other in near:
            there = neighbours[other]
            if other not in last:
                waiting[len(there)].discard(other)
            there |= near
            there -= {node, other}
            if other not in last:
                waiting[len(there)].add(other)

    lowest = 0
    while len(neighbours) > len(last):
        lowest = next(n for n in range(max(lowest - 1, 0), len(waiting)) if waiting[n])
        node = min(waiting[lowest])
        waiting[lowest].discard(node)
        eliminate(node)
    for node in last:
        eliminate(node)
    return columns


@inner
def factor(
    plan: Elimination, conductance: Floats, inverse: Floats, lower: Floats, matrix: Floats,
    lanes: tuple[int, ...],
) -> int:  # fmt: skip
    """Factorise for conductances (S), (edges, lanes).

    Args:
        inverse: where to put 1 / D, (unknowns + 1, lanes).
        lower: where to put L, (entries + 1, lanes).
        matrix: space for G, (entries + 1, lanes).

    Returns:
        -1, or an unknown (from 0) that has no conductance to a held node, to machine precision.
    """
    _assemble(plan, conductance, inverse, matrix, lanes)
    least = 0.0
    for j in range(len(inverse)):
        for lane in range(len(lanes)):
            least = max(least, ROUNDING * inverse[j, lane])
    starts, rows, runs, changes = plan.starts, plan.rows, plan.runs, plan.changes
    singular = -1
    for j in range(len(starts) - 1):
        begin, end = starts[j], starts[j + 1]
        for lane in range(len(lanes)):
            if not inverse[j, lane] > least:
                singular = j
            inverse[j, lane] = 1.0 / inverse[j, lane]
        for q in range(begin, end):
            i = rows[q]
            for lane in range(len(lanes)):
                lower[q, lane] = matrix[q, lane] * inverse[j, lane]
                inverse[i, lane] -= matrix[q, lane] * lower[q, lane]
            p = q + 1
            for run in range(changes[q], changes[q + 1]):
                first = int(runs[run, 0])
                for place in range(int(runs[run, 1])):
                    for lane in range(len(lanes)):
                        matrix[first + place, lane] -= matrix[p + place, lane] * lower[q, lane]
                p += int(runs[run, 1])
    return singular


@inner
def _assemble(
    plan: Elimination, conductance: Floats, diagonal: Floats, matrix: Floats, lanes: tuple[int, ...]
) -> None:
    """Sum the matrix of a network."""
    clear(diagonal, lanes)
    clear(matrix, lanes)
    for e in range(len(plan.entries)):
        a, b, entry = plan.ends[0, e], plan.ends[1, e], plan.entries[e]
        for lane in range(len(lanes)):
            siemens = conductance[e, lane]
            diagonal[a, lane] += siemens
            diagonal[b, lane] += siemens
            matrix[entry, lane] -= siemens


@inner
def clear(numbers: Floats, lanes: tuple[int, ...]) -> None:
    """Set numbers, (any, lanes), to zero."""
    for place in range(len(numbers)):
        for lane in range(len(lanes)):
            numbers[place, lane] = 0.0


@inner
def inject(
    half: Indices, conductance: Floats, volts: Floats, currents: Floats, lanes: tuple[int, ...]
) -> None:
    """Sum the currents (A) from held nodes into unknowns, (unknowns, lanes).

    Args:
        half: of the elimination.
        volts: the voltages (V) of the held nodes, in (nodes, lanes).
    """
    clear(currents, lanes)
    for h in range(len(half)):
        e, inner, outer = half[h, 0], half[h, 1], half[h, 2]
        for lane in range(len(lanes)):
            currents[inner, lane] += conductance[e, lane] * volts[outer, lane]


@inner
def forward(
    starts: Starts, rows: Indices, inverse: Floats, lower: Floats, x: Floats, lanes: tuple[int, ...]
) -> None:
    """Solve L D y = x in place, (unknowns, lanes)."""
    for j in range(len(starts) - 1):
        for p in range(starts[j], starts[j + 1]):
            i = rows[p]
            for lane in range(len(lanes)):
                x[i, lane] -= lower[p, lane] * x[j, lane]
        for lane in range(len(lanes)):
            x[j, lane] *= inverse[j, lane]


@inner
def backward(
    starts: Starts, rows: Indices, lower: Floats, x: Floats, first: int, end: int,
    lanes: tuple[int, ...],
) -> None:  # fmt: skip
    """Solve L' v = x in place for unknowns from `first` to `end`; those after them are known."""
    for j in range(end - 1, first - 1, -1):
        for p in range(starts[j], starts[j + 1]):
            i = rows[p]
            for lane in range(len(lanes)):
                x[j, lane] -= lower[p, lane] * x[i, lane]


@kernel
def _factorise(plan: Elimination, conductance: Floats, inverse: Floats, lower: Floats) -> int:
    return factor(plan, conductance, inverse, lower, np.empty_like(lower), (0,))


@kernel
def _substitute(plan: Elimination, inverse: Floats, lower: Floats, x: Floats) -> None:
    forward(plan.starts, plan.rows, inverse, lower, x, (0,))
    backward(plan.starts, plan.rows, lower, x, 0, len(x), (0,))


class Static:
    """The elimination as a solver; kernels of whole steps use it without this class."""

    def __init__(self, unknowns: int, inner: Ints, half: Ints, ends: Ints) -> None:
        # A node beyond the unknowns stands for all held ones.
        pairs = [(int(a), int(b) if b >= 0 else unknowns) for a, b in ends.T]
        self._edges = np.concatenate([inner, half])
        self._plan = elimination(pairs, range(unknowns))
        self._order = self._plan.nodes.astype(np.intp)

    def factor(self, conductance: Floats) -> "_Factor":
        """Factorise."""
        plan = self._plan
        inverse, lower = np.empty((len(plan.nodes) + 1, 1)), np.empty((len(plan.rows) + 1, 1))
        siemens = conductance.take(self._edges)[:, None]
        if _factorise(plan, siemens, inverse, lower) >= 0:
            raise SolveError(SINGULAR)
        return _Factor(plan, self._order, inverse, lower)

    def solve(self, conductance: Floats, currents: Floats) -> Floats:
        """The same as `factor(conductance).solve(currents)`."""
        return self.factor(conductance).solve(currents)


class _Factor:
    def __init__(self, plan: Elimination, order: Ints, inverse: Floats, lower: Floats) -> None:
        self._plan, self._order, self._inverse, self._lower = plan, order, inverse, lower

    def solve(self, currents: Floats) -> Floats:
        plan, volts = self._plan, np.empty_like(currents)
        for column, out in zip(currents.reshape(len(currents), -1).T,
                               volts.reshape(len(currents), -1).T, strict=True):  # fmt: skip
            x = column[self._order][:, None]
            _substitute(plan, self._inverse, self._lower, x)
            out[self._order] = x[:, 0]
        return volts
