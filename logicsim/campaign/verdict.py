"""The verdict on a run: what its fault did to learning, against runs without any.

Curves are compared by the running median of what is learned, in orders of magnitude of the error
or, where a task classifies, in accuracy: errors near the floor change by the step, by orders of
magnitude, and so do floors by the seed.
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

_LEAST: Final = 1e-30  # V^2, where an error of nothing is put


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a fault did.

    masked: nothing beyond what the seed does; relearned: harm, but gone `after` so many steps;
    degraded: harm to the end; broken: hardly anything is learned, or kept; undetectable: nothing
    can be seen of it by construction; failed: the run came to no end. `raised` is the floor
    against the golden runs' (their median): how many times the error, or how much less accuracy.
    """

    name: Name
    after: float = math.nan
    raised: float = math.nan
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """How much is still to be learned, a value a step; more is worse.

    `unlearned` is its value where nothing is. Curves of errors are in orders of magnitude.
    """

    heights: Floats
    unlearned: float
    logarithmic: bool


def of_errors(errors: ArrayLike) -> Curve:
    """Of errors (V^2), which begin at what the untrained network does; NaN is as bad as can be."""
    values = np.asarray(errors, dtype=np.float64)
    heights = np.log10(np.maximum(np.where(np.isnan(values), np.inf, values), _LEAST))
    return Curve(heights, float(heights[0]), logarithmic=True)


def of_accuracies(accuracies: ArrayLike, classes: int) -> Curve:
    """Of accuracies (0 to 1); who guesses has one in `classes` right."""
    return Curve(1 - np.asarray(accuracies, dtype=np.float64), 1 - 1 / classes, logarithmic=False)


@dataclass(frozen=True, slots=True)
class Standard:
    """What golden runs of a task do from step `onset` (from 1) on; what was before is no matter.

    `worst` are the heights not to exceed, `floor` is where the runs end and `unlearned` where
    they begin, all of running medians over `window` steps.
    """

    onset: int
    window: int
    worst: Floats
    floor: float
    unlearned: float
    table: VerdictTable

    @classmethod
    def of(cls, golden: Sequence[Curve], onset: int, table: VerdictTable) -> "Standard":
        """Taken from golden runs, one at least, of as many steps."""
        window = min(table.window, len(golden[0].heights) - onset + 1)
        sound = np.array([_smoothed(each.heights[onset - 1 :], window) for each in golden])
        # Where golden runs fall steeply, one that comes a little later is none the worse; but what
        # has not come by the end has not come.
        worst = maximum_filter1d(sound.max(axis=0), window, mode="nearest")
        worst[-1] = sound[:, -1].max()
        allowed = math.log10(table.factor) if golden[0].logarithmic else table.accuracy
        unlearned = float(np.median([each.unlearned for each in golden]))
        floor = float(np.median(sound[:, -1]))
        return cls(onset, window, worst + allowed, floor, unlearned, table)

    def judge(self, curve: Curve) -> Verdict:
        """The verdict on a run of the same task, whose fault acts from the onset on."""
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
