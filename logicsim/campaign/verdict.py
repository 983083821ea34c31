"""The verdict on a run: the effect of its fault on learning, compared with golden runs.

Curves are compared by their running medians, in orders of magnitude of the error or, in a
classification, in accuracy: near the floor errors change by orders of magnitude from step to step,
and floors from seed to seed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike
from scipy.ndimage import maximum_filter1d

from logicsim.campaign.file import VerdictTable
from logicsim.campaign.row import Floats

Name = Literal["masked", "relearned", "degraded", "broken", "undetectable", "failed"]

_LEAST: Final = 1e-30  # V^2, in place of an error of 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The effect of a fault.

    masked: no more than the spread between seeds; relearned: harm that ended `after` that many
    steps; degraded: harm to the end; broken: almost nothing is learned or kept; undetectable: no
    visible effect by construction; failed: the run did not finish. `raised` compares the floor
    with the golden runs' median: the ratio of errors, or the accuracy lost.
    """

    name: Name
    after: float = math.nan
    raised: float = math.nan
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """The amount left to learn, one value for each step; more is worse.

    `unlearned` is the value before learning. Curves of errors are in orders of magnitude.
    """

    heights: Floats
    unlearned: float
    logarithmic: bool


def of_errors(errors: ArrayLike) -> Curve:
    """The curve of errors (V^2), whose first is the untrained network's; NaN is the worst."""
    values = np.asarray(errors, dtype=np.float64)
    heights = np.log10(np.maximum(np.where(np.isnan(values), np.inf, values), _LEAST))
    return Curve(heights, float(heights[0]), logarithmic=True)


def of_accuracies(accuracies: ArrayLike, classes: int) -> Curve:
    """The curve of accuracies (0 to 1); guessing gives 1 / `classes`."""
    return Curve(1 - np.asarray(accuracies, dtype=np.float64), 1 - 1 / classes, logarithmic=False)


@dataclass(frozen=True, slots=True)
class Standard:
    """The golden runs of a task from step `onset` (from 1) on.

    `worst` are the values not to exceed, `floor` is the runs' end and `unlearned` their start, all
    taken from running medians over `window` steps.
    """

    onset: int
    window: int
    worst: Floats
    floor: float
    unlearned: float
    table: VerdictTable

    @classmethod
    def of(cls, golden: Sequence[Curve], onset: int, table: VerdictTable) -> "Standard":
        """Derive the standard from golden runs, at least one, of equally many steps."""
        window = min(table.window, len(golden[0].heights) - onset + 1)
        sound = np.array([_smoothed(each.heights[onset - 1 :], window) for each in golden])
        # Where golden runs fall steeply, a slightly later run is no worse; but at the end it must
        # have fallen, too.
        worst = maximum_filter1d(sound.max(axis=0), window, mode="nearest")
        worst[-1] = sound[:, -1].max()
        allowed = math.log10(table.factor) if golden[0].logarithmic else table.accuracy
        unlearned = float(np.median([each.unlearned for each in golden]))
        floor = float(np.median(sound[:, -1]))
        return cls(onset, window, worst + allowed, floor, unlearned, table)

    def judge(self, curve: Curve) -> Verdict:
        """Judge a run of the same task, whose fault acts from the onset on."""
        heights = _smoothed(curve.heights[self.onset - 1 :], self.window)
        above = heights[-1] - self.floor
        raised = float(10**above if curve.logarithmic else above)
        harmed = np.flatnonzero(heights > self.worst)
        if not len(harmed):
            return Verdict("masked", raised=raised)
        if harmed[-1] < len(heights) - 1:
            return Verdict("relearned", float(harmed[-1] + self.window), raised)
        learned = self.table.kept * (self.unlearned - self.floor)
        broken = self.unlearned - heights[-1] < learned
        return Verdict("broken" if broken else "degraded", raised=raised)


def _smoothed(heights: Floats, window: int) -> Floats:
    medians: Floats = np.median(sliding_window_view(heights, window), axis=-1)
    return medians
