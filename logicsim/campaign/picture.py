"""The pictures of a report: the network coloured by harm, and the curves by verdict."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm, Normalize, to_hex
from matplotlib.figure import Figure

from logicsim.board import Board
from logicsim.campaign.row import Floats
from logicsim.campaign.runs import VERDICTS
from logicsim.figures.diagram import Ink, draw_diagram
from logicsim.figures.style import COLOURS
from logicsim.tasks import AnyTask

# From harmless to fatal; the colour-blind can distinguish them.
INKS: Final[Mapping[str, str]] = {
    "masked": "#b8b8b8", "relearned": COLOURS[5], "degraded": COLOURS[4], "broken": COLOURS[1],
    "undetectable": "#e2e2e2", "failed": COLOURS[6],
}  # fmt: skip
_MOST: Final = 60  # curves of a kind that can still be distinguished
_WORST: Final = 1e4  # times the golden floor: the end of the colour scale


def draw_maps(board: Board, task: AnyTask, harms: Mapping[str, Mapping[int, float]]) -> Figure:
    """The network once for each of `harms`, by title, its edges (from 1) coloured by their harm.

    Harm is the ratio of the error's floor to the golden one's; in a classification it is the
    accuracy lost. Edges without a value are grey.
    """
    classifies = task.kind == "classification"
    least, most = (0.0, 1.0) if classifies else (1.0, _WORST)
    norm = Normalize(least, most) if classifies else LogNorm(least, most)
    scale = ScalarMappable(norm, "viridis_r")
    figure = Figure(figsize=(4.0 * len(harms) + 0.8, 3.9), dpi=150, layout="constrained")
    panels = figure.subplots(1, len(harms), squeeze=False)[0]
    roles = task.nodes()
    names = {edge: str(edge) for edge in range(1, len(board.network.edges) + 1)}
    for axes, (title, harm) in zip(panels, harms.items(), strict=True):
        shades = scale.to_rgba(np.clip(list(harm.values()), least, most))
        colours = {edge: to_hex(tuple(shade)) for edge, shade in zip(harm, shades, strict=True)}
        ink = Ink(names=names, colours=colours, letters="black", numbers=True)
        draw_diagram(axes, board.network, roles.get("inputs", ()), roles.get("outputs", ()), ink)
        axes.set_title(title)
    label = "accuracy lost" if classifies else "floor of the error over the golden runs'"
    figure.colorbar(scale, ax=list(panels), shrink=0.8, label=label, extend="max")
    return figure


def draw_curves(
    golden: Sequence[Floats], faulty: Mapping[str, Sequence[Floats]], window: int, label: str
) -> Figure:
    """Draw a panel for each verdict: running medians over `window` steps, golden runs in black."""
    shown = [verdict for verdict in VERDICTS if faulty.get(verdict)]
    figure = Figure(figsize=(2.5 * max(len(shown), 2) + 0.8, 2.7), dpi=150, layout="constrained")
    panels = figure.subplots(1, max(len(shown), 1), sharex=True, sharey=True, squeeze=False)[0]
    for axes, verdict in zip(panels, shown, strict=False):
        curves = faulty[verdict]
        for curve in curves[:: max(1, -(-len(curves) // _MOST))]:
            axes.plot(*_smooth(curve, window), color=INKS[verdict], linewidth=0.6)
        for curve in golden:
            axes.plot(*_smooth(curve, window), color="black", linewidth=0.8)
        axes.set_title(f"{verdict}, {len(curves)} runs")
        axes.set_xlabel("training step")
    if label != "accuracy":
        panels[0].set_yscale("log")
    panels[0].set_ylabel(label)
    return figure


def _smooth(curve: Floats, window: int) -> tuple[Floats, Floats]:
    """The steps, and the running median around each."""
    window = min(window, len(curve))
    rows = np.lib.stride_tricks.sliding_window_view(curve, window)
    steps = np.arange(len(rows), dtype=np.float64) + (window + 1) / 2
    medians: Floats = np.median(rows, axis=1)
    return steps, medians
