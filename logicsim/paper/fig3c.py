"""Fig. 3C: the network's answers to the test set of Fig. 3B at three steps."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from matplotlib.figure import Figure

from logicsim.figures.style import COLOURS
from logicsim.paper.axes import PAGE
from logicsim.paper.claim import Claim, over_seeds
from logicsim.paper.fig3b import SNAPSHOTS, Regressed, experiment, task
from logicsim.paper.study import SEEDS, Study


def claims(outcomes: Mapping[int, Regressed]) -> list[Claim]:
    """The accuracy behind 'an accurate result despite its small size'."""
    last = SNAPSHOTS[-1]
    wrong = [1e3 * float(np.sqrt(((run.answers[last] - run.desired) ** 2).mean()))
             for run in outcomes.values()]  # fmt: skip
    return [over_seeds("rms error of the outputs over the test set at the last step (mV)",
                       "accurate; no figure", wrong)]  # fmt: skip


def draw(outcomes: Mapping[int, Regressed]) -> Figure:
    """Draw both outputs against the second input, divided by the first, with the desired lines."""
    run = outcomes[min(outcomes)]
    first, second = run.volts[:, 0], run.volts[:, 1]
    figure = Figure(figsize=(PAGE, 2.5), dpi=300, layout="constrained")
    panels = figure.subplots(1, len(SNAPSHOTS), sharex=True, sharey=True)
    for axes, step in zip(panels, SNAPSHOTS, strict=True):
        axes.set_title(f"step {step}")
        axes.set_xlabel("$V_2^I / V_1^I$")
        grid = np.array([0, float((second / first).max()) * 1.05])
        for place, (wanted, colour, marker) in enumerate(
            zip(task().outputs.values(), (COLOURS[0], COLOURS[4]), "os", strict=True)
        ):
            assert isinstance(wanted, dict)
            line = wanted["x1"] + wanted["x2"] * grid
            axes.plot(grid, line, color=colour, linewidth=1)
            axes.plot(second / first, run.answers[step][:, place] / first, marker, color=colour,
                      markersize=4.5, markeredgecolor="white", markeredgewidth=0.4,
                      label=f"$V_{place + 1}$; line: ${wanted['x1']:g}\\,V_1^I "
                            f"+ {wanted['x2']:g}\\,V_2^I$")  # fmt: skip
    panels[0].set_ylabel("$V_i / V_1^I$")
    panels[0].legend(loc="upper left")
    return figure


STUDY: Final = Study(
    "fig3c", "Regression: the answers at three steps", SEEDS, experiment, draw, claims
)
