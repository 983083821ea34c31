"""The network as the paper draws it: inputs filled red, outputs outlined purple."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from logicsim.board import NetworkTable
from logicsim.style import INPUT, OUTPUT

Floats = NDArray[np.float64]

_HALO: Final = [withStroke(linewidth=2.0, foreground="white")]  # letters stay legible over edges


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
    for number, (a, b) in enumerate(network.edges, start=1):
        _draw_edge(axes, number, places[[a - 1, b - 1]], ink)
        if number in network.diodes:
            _draw_diode(axes, places[[a - 1, b - 1]], ink)
    for node, (x, y) in enumerate(places, start=1):
        colour = INPUT if node in inputs else OUTPUT if node in outputs else "0.3"
        small = 1.0 if ink.numbers or node in inputs or node in outputs else 0.35
        face = colour if node in inputs or small < 1 else "white"
        axes.scatter([x], [y], s=230 * ink.size**2 * small, color=face, edgecolors=colour,
                     linewidths=2 * ink.size, zorder=3, clip_on=False)  # fmt: skip
        if ink.numbers:
            axes.text(x, y, str(node), ha="center", va="center", fontsize=ink.points, zorder=4,
                      color="white" if node in inputs else "black")  # fmt: skip
        if node in (ink.labels or {}):
            direction = _free_direction(network, places, node)
            _label(axes, (x, y), (ink.labels or {})[node], colour, direction, ink)


def _draw_edge(axes: Axes, number: int, ends: Floats, ink: Ink) -> None:
    (x0, y0), (x1, y1) = ends
    colours, names = ink.colours or {}, ink.names or {}
    style: dict[str, Any] = {"color": colours.get(number, "0.6"), "linewidth": 2.5 * ink.size}
    if number in colours:
        style["linewidth"] *= 1.6
    if number in ink.cut:
        style["linestyle"] = (0, (1, 1.2))
    axes.plot([x0, x1], [y0, y1], zorder=1, clip_on=False, **style)
    if number in names:
        axes.text((x0 + x1) / 2, (y0 + y1) / 2, names[number], fontsize=ink.points - 1,
                  color=ink.letters or colours.get(number, "0.25"),
                  ha="center", va="center", zorder=2, path_effects=_HALO)  # fmt: skip


def _draw_diode(axes: Axes, ends: Floats, ink: Ink) -> None:
    """An arrow head on the edge, the way the current may go."""
    middle, along = ends[0] + 0.62 * (ends[1] - ends[0]), ends[1] - ends[0]
    tail = middle - 0.02 * along
    arrow = {"arrowstyle": "-|>", "color": "0.25", "mutation_scale": 11 * ink.size, "linewidth": 0}
    axes.annotate("", middle, tail, arrowprops=arrow, zorder=2, annotation_clip=False)


def _free_direction(network: NetworkTable, places: Floats, node: int) -> Floats:
    """Of eight directions, the one farthest from the node's edges: where a label is legible."""
    others = [b if a == node else a for a, b in network.edges if node in {a, b}]
    along = places[np.array(others) - 1] - places[node - 1]
    lengths = np.hypot(*along.T)
    along = along[lengths > 0] / lengths[lengths > 0, None]
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
