"""Boards of any size by name: 'grid:30x30', 'geometric:1000', 'smallworld:1000,seed=3,outputs=4'.

Each has one task, to divide 5 V at outputs between its two inputs. All randomness comes from the
seed in the name; a run's seed does not change the board.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree

from logicsim.core.errors import BoardError, nearest
from logicsim.core.noise import Floats, Purpose, Stream

Ints = NDArray[np.int64]

_MOST: Final = 10_000_000  # nodes
_DEGREE: Final = 6  # mean number of neighbours of a node far from the boundary
_FEW: Final = 16  # candidate points near the place of an output
_REWIRED: Final = 0.1  # share of the links to second neighbours
_INPUT: Final = 5.0  # V
_WANTED: Final = 4.0  # V at the output next to that input; equal edges start a fifth above it


class Layout(NamedTuple):
    """A graph to train, nodes from 0: edges (edges, 2), places (nodes, 2), two inputs, outputs."""

    edges: Ints
    positions: Floats
    inputs: tuple[int, int]
    outputs: Ints


def _grid(width: int, height: int, chance: Stream, shares: Floats) -> Layout:
    """A square grid with a diagonal of random direction across each cell."""
    nodes = np.arange(width * height).reshape(height, width)
    rising = chance.uniforms((width - 1) * (height - 1)).reshape(height - 1, width - 1) < 0.5
    links = [
        (nodes[:, :-1], nodes[:, 1:]),
        (nodes[:-1], nodes[1:]),
        (np.where(rising, nodes[1:, :-1], nodes[:-1, :-1]),
         np.where(rising, nodes[:-1, 1:], nodes[1:, 1:])),
    ]  # fmt: skip
    edges = np.concatenate([np.stack([a.ravel(), b.ravel()], axis=1) for a, b in links])
    y, x = np.divmod(np.arange(width * height), width)
    column = np.ceil(shares * (width - 1)).astype(np.int64)
    row = np.floor(shares * (height - 1)).astype(np.int64)
    return Layout(
        edges, np.stack([x, y], axis=1) * 1.0, (0, width * height - 1), nodes[row, column]
    )


def _geometric(count: int, chance: Stream, shares: Floats) -> Layout:
    """Random points in a square, joined if close; a minimum spanning tree keeps it connected."""
    from scipy.spatial import Delaunay, cKDTree  # noqa: PLC0415  slow to import, rarely needed

    points = chance.uniforms(2 * count).reshape(count, 2)
    space = cKDTree(points)
    close = space.query_pairs(np.sqrt(_DEGREE / (np.pi * count)), output_type="ndarray")
    # The minimum spanning tree is a subgraph of the Delaunay triangulation.
    corners = Delaunay(points).simplices
    sides = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
    a, b = _each_once(sides, count).T
    lengths = np.linalg.norm(points[a] - points[b], axis=1)
    tree = minimum_spanning_tree(coo_array((lengths, (a, b)), shape=(count, count))).tocoo()
    edges = _each_once(np.concatenate([close, np.stack([tree.row, tree.col], axis=1)]), count)
    along = points.sum(axis=1)
    first, last = int(along.argmin()), int(along.argmax())
    between = points[first] + shares[:, None] * (points[last] - points[first])
    return Layout(edges, points, (first, last), _closest(space, between, (first, last)))


def _closest(space: Any, places: Floats, taken: Iterable[int]) -> Ints:
    """For each place the closest free point among the closest few."""
    gone, found = set(taken), []
    for near in space.query(places, min(_FEW, space.n))[1].tolist():
        found.append(next((point for point in near if point not in gone), near[0]))
        gone.add(found[-1])
    return np.array(found)


def _each_once(pairs: Ints, count: int) -> Ints:
    """Sort pairs of `count` nodes and remove duplicates in either direction."""
    low, high = pairs.min(axis=1), pairs.max(axis=1)
    return np.stack(np.divmod(np.unique(low * np.int64(count) + high), count), axis=1)


def _smallworld(count: int, chance: Stream, shares: Floats) -> Layout:
    """A ring with links to first and second neighbours, some of the latter rewired at random.

    As in Watts and Strogatz, Nature 393, 440 (1998), except that the ring itself stays intact.
    """
    nodes = np.arange(count)
    rewired, anywhere = chance.uniforms(2 * count).reshape(2, count)
    step = np.where(rewired < _REWIRED, 2 + (anywhere * (count - 3)).astype(np.int64), 2)
    ends = np.concatenate([nodes + 1, nodes + step]) % count
    angle = 2 * np.pi * nodes / count
    half = count // 2
    return Layout(
        _each_once(np.stack([np.tile(nodes, 2), ends], axis=1), count),
        np.stack([np.cos(angle), np.sin(angle)], axis=1),
        (0, half),
        np.rint(shares * half).astype(np.int64),
    )


class _Kind(NamedTuple):
    size: str
    example: str
    least: int  # the minimum of each number in the size
    lay: Callable[..., Layout]


_KINDS: Final[Mapping[str, _Kind]] = {
    "grid": _Kind("WxH", "30x30", 2, _grid),
    "geometric": _Kind("NODES", "1000", 4, _geometric),
    "smallworld": _Kind("NODES", "1000", 5, _smallworld),
}
_OPTIONS: Final = {"seed": 0, "outputs": 2}


def generated(name: str) -> dict[str, Any]:
    """Generate a board by its name, in the form of a board file.

    `grid:WxH` is a triangulated grid, `geometric:NODES` a random geometric graph of mean degree
    6, `smallworld:NODES` a ring with shortcuts. `,seed=S` draws another, `,outputs=K` sets how
    many outputs (2) lie between the two inputs.

    Raises:
        BoardError: there is no such generator or option, or the size is out of range.
    """
    kind, _, rest = name.partition(":")
    if kind not in _KINDS:
        raise BoardError(f"{name}: there is no generator '{kind}'; {nearest(kind, _KINDS)}")
    size, *assignments = rest.split(",")
    sides = _sides(name, kind, size)
    options = _OPTIONS | dict(_option(name, assignment) for assignment in assignments)
    count = min(options["outputs"], math.prod(sides))  # which is too many, but can be counted
    shares = np.arange(1, count + 1) / (count + 1)
    layout = _KINDS[kind].lay(*sides, Stream(options["seed"], Purpose.NETWORK), shares)
    if len({*layout.outputs.tolist(), *layout.inputs}) < count + 2:
        raise BoardError(
            f"{name}: there is no room for {options['outputs']} outputs between the inputs"
        )
    return {"name": f"{kind}-{size}", "title": f"Generated: {name}", **_tables(layout, shares)}


def _sides(name: str, kind: str, size: str) -> list[int]:
    form, example, least, _ = _KINDS[kind]
    numbers = size.split("x")
    if len(numbers) != form.count("x") + 1 or not all(map(_is_count, numbers)):
        raise BoardError(f"{name}: write {kind}:{form}, e.g. {kind}:{example}")
    sides = [int(number) for number in numbers]
    if min(sides) < least or math.prod(sides) > _MOST:
        raise BoardError(f"{name}: {form} is from {least} on, up to {_MOST:,} nodes in all")
    return sides


def _option(name: str, assignment: str) -> tuple[str, int]:
    key, _, value = assignment.partition("=")
    if key not in _OPTIONS:
        raise BoardError(f"{name}: there is no option '{key}'; {nearest(key, _OPTIONS)}")
    if not _is_count(value) or (key == "outputs" and int(value) == 0):
        raise BoardError(f"{name}: {key}: '{value}' is not a number; write e.g. {key}=4")
    return key, int(value)


def _is_count(text: str) -> bool:
    return re.fullmatch(r"\d{1,9}", text, re.ASCII) is not None


def _tables(layout: Layout, shares: Floats) -> dict[str, Any]:
    first, last = layout.inputs
    wanted = _WANTED * (1 - shares)
    return {
        "network": {
            "nodes": len(layout.positions),
            "edges": (layout.edges + 1).tolist(),
            "positions": layout.positions.tolist(),
        },
        "tasks": [{
            "name": "divide", "kind": "allostery",
            "inputs": {first + 1: _INPUT, last + 1: 0.0},
            "outputs": dict(zip((layout.outputs + 1).tolist(), wanted.tolist(), strict=True)),
        }],
    }  # fmt: skip
