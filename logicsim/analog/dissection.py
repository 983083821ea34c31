"""Nested dissection: an order of elimination that leaves few entries in the factor.

A separator divides a graph into two parts without an edge between them. It is eliminated after both
parts, which are divided likewise (George, SIAM J. Numer. Anal. 10, 345 (1973)). The graph has no
places in a plane, so distances from a few far nodes serve as coordinates (Harel and Koren, Graph
Drawing 2002); a part is swept along its longest axis, and divided where the fewest nodes have
neighbours ahead.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from logicsim.core.jit import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Indices = NDArray[np.int32]

LEAF: Final = 20  # unknowns to eliminate together without dividing them further (measured)
_PIVOTS: Final = 6  # far nodes
_AXES: Final = 3  # coordinates kept
_SMOOTHINGS: Final = 6
_MIDDLE: Final = 0.3  # share of a part at each end of the sweep where it is not divided
_POWERS: Final = 12  # iterations for the longest axis


class Dissection(NamedTuple):
    """The order of elimination and the tree of its fronts, children before parents.

    `order` are the nodes in their new order. A front eliminates `order[firsts[f] : ends[f]]`; its
    subtree begins at `order[begins[f]]`. `parents` is -1 at the root.
    """

    order: Ints
    begins: Ints
    firsts: Ints
    ends: Ints
    parents: Ints


def dissect(nodes: int, a: Ints, b: Ints) -> Dissection:
    """Divide a graph whose edges join nodes `a` to nodes `b`, all below `nodes`."""
    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(nodes, nodes)).tocsr()
    graph = graph + graph.T
    starts, near = graph.indptr.astype(np.int64), graph.indices.astype(np.int32)
    order, rows = _divide(starts, near, _coordinates(starts, near), LEAF)
    begins, firsts, ends, parents = rows[::-1].T
    parents = np.where(parents < 0, -1, len(rows) - 1 - parents)
    return Dissection(order, begins.copy(), firsts.copy(), ends.copy(), parents)


def _coordinates(starts: Ints, near: Indices) -> Floats:
    """Place each node by its distances from far nodes, reduced to the longest axes."""
    nodes = len(starts) - 1
    source, nearest = (
        int(_distances(starts, near, 0).argmax()),
        np.full(nodes, nodes, dtype=np.int32),
    )
    columns = []
    for _ in range(min(_PIVOTS, nodes)):
        distances = _distances(starts, near, source)
        columns.append(distances)
        nearest = np.minimum(nearest, distances)
        source = int(nearest.argmax())
    places = np.stack(columns, axis=1).astype(np.float64)
    places -= places.mean(axis=0)
    _, axes = np.linalg.eigh(places.T @ places)
    found: Floats = np.ascontiguousarray(places @ axes[:, : -_AXES - 1 : -1])
    for _ in range(_SMOOTHINGS):
        found = _smoothed(starts, near, found)
    return found


@kernel
def _distances(starts: Ints, near: Indices, source: int) -> Indices:
    """Count the edges from a node to each; in other islands, one more than to the farthest."""
    nodes = len(starts) - 1
    distances = np.full(nodes, -1, np.int32)
    queue = np.empty(nodes, np.int32)
    distances[source], queue[0], head, tail = 0, source, 0, 1
    while head < tail:
        node = queue[head]
        head += 1
        for at in range(starts[node], starts[node + 1]):
            other = near[at]
            if distances[other] < 0:
                distances[other] = distances[node] + 1
                queue[tail] = other
                tail += 1
    last = queue[tail - 1]
    for node in range(nodes):
        if distances[node] < 0:
            distances[node] = distances[last] + 1
    return distances


@kernel
def _smoothed(starts: Ints, near: Indices, places: Floats) -> Floats:
    """Move each node halfway to the middle of its neighbours, which straightens the separators."""
    moved = places.copy()
    for node in range(len(places)):
        count = starts[node + 1] - starts[node]
        for axis in range(places.shape[1]):
            total = 0.0
            for at in range(starts[node], starts[node + 1]):
                total += places[near[at], axis]
            if count:
                moved[node, axis] = 0.5 * (places[node, axis] + total / count)
    return moved


@kernel
def _divide(starts: Ints, near: Indices, places: Floats, leaf: int) -> tuple[Ints, Ints]:
    """Divide all parts; return the order, and rows of begin, first, end and parent.

    The rows come parents first, and of two parts the second first.
    """
    nodes = len(starts) - 1
    order, position = np.arange(nodes), np.arange(nodes)
    ahead = np.empty(nodes, np.int64)  # of each node in the order: its last neighbour's position
    counts = np.empty(nodes + 2, np.int64)
    rows = np.empty((2 * nodes + 2, 4), np.int64)
    stack = np.empty((2 * nodes + 2, 3), np.int64)
    stack[0, 0], stack[0, 1], stack[0, 2] = 0, nodes, -1
    waiting, made = 1, 0
    while waiting:
        waiting -= 1
        begin, end, parent = stack[waiting, 0], stack[waiting, 1], stack[waiting, 2]
        first, middle = begin, begin
        if end - begin > leaf:
            _sort(order, position, places, begin, end)
            cut = _sweep(starts, near, order, position, ahead, counts, begin, end)
            middle, first = _separate(order, position, ahead, begin, cut, end)
            if not begin < middle < first:  # no nodes are left on one side
                first = middle = begin
        rows[made, 0], rows[made, 1], rows[made, 2], rows[made, 3] = begin, first, end, parent
        if first > begin:
            stack[waiting, 0], stack[waiting, 1], stack[waiting, 2] = begin, middle, made
            stack[waiting + 1, 0], stack[waiting + 1, 1] = middle, first
            stack[waiting + 1, 2] = made
            waiting += 2
        made += 1
    return order, rows[:made].copy()


@kernel
def _sort(order: Ints, position: Ints, places: Floats, begin: int, end: int) -> None:
    """Sort the nodes of a part along its longest axis."""
    axis = _longest_axis(order, places, begin, end)
    along = np.empty(end - begin)
    for at in range(begin, end):
        total = 0.0
        for i in range(len(axis)):
            total += places[order[at], i] * axis[i]
        along[at - begin] = total
    sort_by(along, order[begin:end])
    for at in range(begin, end):
        position[order[at]] = at


@kernel
def _longest_axis(order: Ints, places: Floats, begin: int, end: int) -> Floats:
    """The direction in which the nodes of a part are spread the farthest, by power iteration."""
    axes = places.shape[1]
    mean, spread = np.zeros(axes), np.zeros((axes, axes))
    for at in range(begin, end):
        for i in range(axes):
            mean[i] += places[order[at], i] / (end - begin)
    for at in range(begin, end):
        for i in range(axes):
            for j in range(axes):
                here = places[order[at], i] - mean[i]
                spread[i, j] += here * (places[order[at], j] - mean[j])
    axis, turned = np.ones(axes), np.zeros(axes)
    for _ in range(_POWERS):
        size = 0.0
        for i in range(axes):
            turned[i] = 0.0
            for j in range(axes):
                turned[i] += spread[i, j] * axis[j]
            size += turned[i] ** 2
        for i in range(axes):
            axis[i] = turned[i] / np.sqrt(size) if size > 0.0 else 1.0
    return axis


@kernel
def sort_by(keys: NDArray[Any], items: NDArray[Any]) -> None:
    """Sort keys, and items with them, in place (heapsort; numpy's takes seconds to compile)."""
    count = len(keys)
    for step in range(count // 2 + count - 1):
        heap = count if step < count // 2 else count - 1 - (step - count // 2)
        root = count // 2 - 1 - step if step < count // 2 else 0
        if step >= count // 2:
            keys[0], keys[heap] = keys[heap], keys[0]
            items[0], items[heap] = items[heap], items[0]
        key, item = keys[root], items[root]
        child = 2 * root + 1
        while child < heap:
            if child + 1 < heap and keys[child + 1] > keys[child]:
                child += 1
            if keys[child] <= key:
                break
            keys[root], items[root] = keys[child], items[child]
            root, child = child, 2 * child + 1
        keys[root], items[root] = key, item


@kernel
def _sweep(
    starts: Ints, near: Indices, order: Ints, position: Ints, ahead: Ints, counts: Ints,
    begin: int, end: int,
) -> int:  # fmt: skip
    """Find where to cut: a node behind the cut with a neighbour ahead of it is in the separator."""
    for at in range(end - begin + 2):
        counts[at] = 0
    for at in range(begin, end):
        last = at
        node = order[at]
        for n in range(starts[node], starts[node + 1]):
            there = position[near[n]]
            if begin <= there < end and there > last:
                last = there
        ahead[at] = last
        counts[at + 1 - begin] += 1
        counts[last + 1 - begin] -= 1
    size, best, chosen = 0, np.inf, begin
    count = end - begin
    for cut in range(1, count):
        size += counts[cut]
        share = cut / count
        if _MIDDLE <= share <= 1 - _MIDDLE:
            off = 2 * share - 1
            cost = size * (1 + off * off)
            if cost < best:
                best, chosen = cost, begin + cut
    return chosen


@kernel
def _separate(
    order: Ints, position: Ints, ahead: Ints, begin: int, cut: int, end: int
) -> tuple[int, int]:
    """Put the separator last; return where the second part and where the separator begin."""
    separator = np.empty(cut - begin, np.int64)
    kept, taken = begin, 0
    for at in range(begin, cut):
        if ahead[at] >= cut:
            separator[taken] = order[at]
            taken += 1
        else:
            order[kept] = order[at]
            kept += 1
    for at in range(cut, end):
        order[at - taken] = order[at]
    for n in range(taken):
        order[end - taken + n] = separator[n]
    for at in range(begin, end):
        position[order[at]] = at
    return kept, end - taken
