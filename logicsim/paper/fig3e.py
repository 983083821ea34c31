"""Fig. 3E: the flowers of Fig. 3D that the network classifies wrongly, at three steps."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from matplotlib.figure import Figure

from logicsim.figures.style import INPUT
from logicsim.paper.axes import PAGE
from logicsim.paper.claim import Claim, proportion
from logicsim.paper.fig3d import SNAPSHOTS, Classified, experiment, task
from logicsim.paper.study import SEEDS, Study

_ACROSS: Final = "sepal length"
_UP: Final = "petal width"
_APART: Final = "setosa"  # the cluster that overlaps with no other


def claims(outcomes: Mapping[int, Classified]) -> list[Claim]:
    """Flowers are classified wrongly where species overlap."""
    apart = task().data.classes.index(_APART)
    last = SNAPSHOTS[-1]
    wrong = [run.labels[run.labels != run.guesses[last]] for run in outcomes.values()]
    labels = np.concatenate(wrong)
    return [proportion("wrong flowers at the last step that are of the two species which overlap",
                       "along the overlap", int((labels != apart).sum()), len(labels),
                       at_least=0.9)]  # fmt: skip


def draw(outcomes: Mapping[int, Classified]) -> Figure:
    """Draw the test flowers by sepal length and petal width, a marker a species, errors in red."""
    run = outcomes[min(outcomes)]
    nodes = {name: place for place, name in enumerate(task().inputs.values())}
    across, up = run.volts[:, nodes[_ACROSS]], run.volts[:, nodes[_UP]]
    figure = Figure(figsize=(PAGE, 2.75), dpi=300, layout="constrained")
    panels = figure.subplots(1, len(SNAPSHOTS), sharex=True, sharey=True)
    for axes, step in zip(panels, SNAPSHOTS, strict=True):
        right = run.guesses[step] == run.labels
        axes.set_title(f"step {step}: {right.mean():.1%} right")
        for place, (name, marker) in enumerate(zip(task().data.classes, "os^", strict=True)):
            for good in (True, False):
                here = (run.labels == place) & (right == good)
                face = {"color": "0.72"} if good else {"color": INPUT, "zorder": 3}
                axes.scatter(across[here], up[here], 20, marker=marker, edgecolors="white",
                             linewidths=0.4, label=name if good else None, **face)  # fmt: skip
        axes.set_xlabel(f"{_ACROSS} (V)")
    panels[0].set_ylabel(f"{_UP} (V)")
    panels[0].scatter([], [], 20, marker="D", color=INPUT, label="wrong, any species")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


STUDY: Final = Study(
    "fig3e", "Classification: which flowers are wrong", SEEDS, experiment, draw, claims
)
