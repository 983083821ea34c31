"""Speed against the number of edges, and its crossing with the pace of the paper's bench."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from matplotlib.axes import Axes

from logicsim.figures.style import COLOURS

BENCH: Final = (3.0, 5.0)  # Hz, the paper's bench
_INKS: Final = (COLOURS[0], COLOURS[1], COLOURS[2], COLOURS[3], COLOURS[5], COLOURS[6])
_MARKS: Final = ("o-", "s--")  # the inks once, then once more
PACE: Final = 4.0  # Hz, its middle


@dataclass(frozen=True, slots=True)
class Speed:
    """The speed of a board of `edges` edges, in steps a second of computing."""

    edges: int
    steps_per_s: float


def crossing(speeds: Sequence[Speed], rate: float) -> float:
    """The edges at which the speed falls to `rate`, interpolated; infinite if beyond all sizes."""
    for a, b in pairwise(speeds):
        if a.steps_per_s >= rate > b.steps_per_s:
            part = np.log(a.steps_per_s / rate) / np.log(a.steps_per_s / b.steps_per_s)
            return float(a.edges * (b.edges / a.edges) ** part)
    return np.inf


def draw_speeds(axes: Axes, speeds: Mapping[str, Sequence[Speed]], crossed: Sequence[str]) -> None:
    """Draw a line for each name, the bench's pace as a band, and the crossings of `crossed`."""
    axes.axhspan(*BENCH, color=COLOURS[4], alpha=0.5, linewidth=0, label="the paper's bench")
    for number, (name, line) in enumerate(speeds.items()):
        again, place = divmod(number, len(_INKS))
        ink = _INKS[place]
        axes.loglog([s.edges for s in line], [s.steps_per_s for s in line], _MARKS[again],
                    color=ink, markersize=4, label=name)  # fmt: skip
        edges = crossing(line, PACE)
        if name in crossed and np.isfinite(edges):
            axes.plot([edges], [PACE], "o", color="none", markeredgecolor=ink, markersize=10,
                      markeredgewidth=1.8, label=f"as fast at {edges:,.0f} edges")  # fmt: skip
    axes.set_xlabel("edges")
    axes.set_ylabel("training steps per second")
