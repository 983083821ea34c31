"""The network as the paper draws it: inputs filled red, outputs outlined purple."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from logicsim.circuit.tables import NetworkTable
from logicsim.figures.style import INPUT, OUTPUT

Floats = NDArray[np.float64]

_HALO: Final = [withStroke(linewidth=4.0, foreground="white")]  # letters stay legible over edges
_ALONG: Final = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2)  # where on an edge its name may be, best first
_APART: Final = 0.05  # of the picture, between names


@dataclass(frozen=True, slots=True)
class Ink:
    """What to draw besides nodes and plain edges; nodes and edges are numbered from 1.

    `labels` are for nodes, `names` for edges; edges in `colours` are drawn thick in their colour,
    those in `cut` dotted. Names are in their edges' colours, or all in `letters`. `size` scales
    nodes and lines, `points` is the size of letters.
    """

    labels: Mapping[int, str] | None = None
    names: Mapping[int, str] | None = None
    colours: Mapping[int, str] | None = None
    letters: str | None = None
    cut: Collection[int] = ()
    numbers: bool = False
    size: float = 1.0
    points: float = 8.0


def draw_diagram(
    axes: Axes,
    network: NetworkTable,
    inputs: Collection[int] = (),
    outputs: Collection[int] = (),
    ink: Ink | None = None,
) -> None:
    """Draw a network into `axes`, which lose their frame."""
    ink = ink or Ink()
    places = positions(network)
    axes.set_axis_off()
    axes.set_aspect("equal", adjustable="datalim")
    axes.margins(0.15)
    ends = places[np.array(network.edges) - 1]
    _draw_edges(axes, ends, ink)
    _draw_names(axes, ends, ink)
    for number in network.diodes:
        _draw_diode(axes, ends[number - 1], ink)
    _draw_nodes(axes, places, inputs, outputs, ink)
    for node, text in (ink.labels or {}).items():
        colour = _colour(node, inputs, outputs)
        direction = _free_direction(network, places, node)
        _label(axes, tuple(places[node - 1]), text, colour, direction, ink)


def _draw_edges(axes: Axes, ends: Floats, ink: Ink) -> None:
    colours, numbers = ink.colours or {}, range(1, len(ends) + 1)
    width = 2.5 * ink.size
    axes.add_collection(
        LineCollection(
            list(ends),
            colors=[colours.get(number, "0.6") for number in numbers],
            linewidths=[width * (1.6 if number in colours else 1) for number in numbers],
            linestyles=[(0, (1, 1.2)) if number in ink.cut else "solid" for number in numbers],
            zorder=1, clip_on=False,
        )
    )  # fmt: skip


def _draw_names(axes: Axes, ends: Floats, ink: Ink) -> None:
    """Write on the edges, each where it is far from the names already there."""
    colours = ink.colours or {}
    apart = _APART * float(np.ptp(ends.reshape(-1, 2), axis=0).max(initial=0.0))
    taken: list[Floats] = []
    for number, name in (ink.names or {}).items():
        along = ends[number - 1, 0] + np.outer(_ALONG, ends[number - 1, 1] - ends[number - 1, 0])
        room = np.full(len(along), np.inf)
        for place in taken:
            room = np.minimum(room, np.hypot(*(along - place).T))
        x, y = place = along[np.minimum(room, apart).argmax()]  # the middle, where that will do
        taken.append(place)
        axes.text(x, y, name, fontsize=ink.points - 1, ha="center", va="center", zorder=2,
                  color=ink.letters or colours.get(number, "0.25"), path_effects=_HALO)  # fmt: skip


def _draw_nodes(
    axes: Axes, places: Floats, inputs: Collection[int], outputs: Collection[int], ink: Ink
) -> None:
    nodes = range(1, len(places) + 1)
    colours = [_colour(node, inputs, outputs) for node in nodes]
    large = [ink.numbers or node in inputs or node in outputs for node in nodes]
    faces = [
        colour if node in inputs or not big else "white"
        for node, colour, big in zip(nodes, colours, large, strict=True)
    ]
    sizes = 230 * ink.size**2 * np.where(large, 1.0, 0.35)
    order = np.argsort(large, kind="stable")  # the large ones are not covered
    x, y = places[order].T
    axes.scatter(x, y, s=sizes[order], color=[faces[i] for i in order],
                 edgecolors=[colours[i] for i in order], linewidths=2 * ink.size, zorder=3,
                 clip_on=False)  # fmt: skip
    for node, (x, y) in enumerate(places, start=1) if ink.numbers else ():
        axes.text(x, y, str(node), ha="center", va="center", fontsize=ink.points, zorder=4,
                  color="white" if node in inputs else "black")  # fmt: skip


def _colour(node: int, inputs: Collection[int], outputs: Collection[int]) -> str:
    return INPUT if node in inputs else OUTPUT if node in outputs else "0.3"


def _draw_diode(axes: Axes, ends: Floats, ink: Ink) -> None:
    """An arrow head on the edge, the way the current may go."""
    middle, along = ends[0] + 0.85 * (ends[1] - ends[0]), ends[1] - ends[0]
    tail = middle - 0.02 * along
    arrow = {"arrowstyle": "-|>", "color": "0.25", "mutation_scale": 11 * ink.size, "linewidth": 0}
    axes.annotate("", middle, tail, arrowprops=arrow, zorder=2, annotation_clip=False)


def _free_direction(network: NetworkTable, places: Floats, node: int) -> Floats:
    """Of eight directions, the one farthest from the node's edges: where a label is legible.

    An edge counts the less the longer it is: at its end is another node.
    """
    others = [b if a == node else a for a, b in network.edges if node in {a, b}]
    along = places[np.array(others) - 1] - places[node - 1]
    lengths = np.hypot(*along.T)
    along, lengths = along[lengths > 0], lengths[lengths > 0]
    along *= lengths.min(initial=np.inf) / lengths[:, None] ** 2
    outward = places[node - 1] - places.mean(axis=0)
    angles = np.arange(8) * np.pi / 4
    directions = np.column_stack([np.cos(angles), np.sin(angles)]).round(9)
    # The larger the cosine, the closer an edge; away from the middle where edges leave a choice.
    crowded = (directions @ along.T).max(axis=1, initial=-1.0)
    inward = directions @ outward / (np.hypot(*outward) or 1.0)
    best: Floats = directions[np.argmin(crowded - 0.2 * inward)]
    return best


def _label(
    axes: Axes, place: tuple[float, float], text: str, colour: str, direction: Floats, ink: Ink
) -> None:
    """Write beside a node."""
    x, y = direction
    away = 7.6 * ink.size + 2.5  # points; the node's radius and a gap
    axes.annotate(
        text, place, (x * away, y * away), textcoords="offset points", fontsize=ink.points,
        color=colour, ha="left" if x > 0.1 else "right" if x < -0.1 else "center",
        va="bottom" if y > 0.1 else "top" if y < -0.1 else "center", zorder=5,
        path_effects=_HALO,
    )  # fmt: skip


def positions(network: NetworkTable) -> Floats:
    """Where the nodes are; the board file's y points down. Without positions, on a circle."""
    if network.positions is not None:
        return np.array(network.positions) * [1.0, -1.0]
    angles = 2 * np.pi * np.arange(network.nodes) / network.nodes
    return np.column_stack([np.sin(angles), np.cos(angles)])
