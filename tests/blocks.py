"""Blocks of steps, made by hand."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from logicsim.tasks.task_run import Floats, Step, Steps


def block(*steps: Step) -> Steps:
    """Consecutive steps of one task."""
    accuracies = [step.accuracy for step in steps if step.accuracy is not None]
    return Steps(
        steps[0].task,
        steps[0].step,
        np.array([step.time for step in steps]),
        np.array([step.error for step in steps]),
        np.array(accuracies) if accuracies else None,
        tuple(steps[0].outputs),
        np.array([list(step.outputs.values()) for step in steps], float),
        np.array([step.codes_free for step in steps], np.int32),
        np.array([step.codes_clamped for step in steps], np.int32),
    )


def cut(whole: Steps, places: Sequence[int]) -> list[Steps]:
    """The same steps in several blocks, the later ones beginning at these places."""
    spans = [slice(*ends) for ends in pairwise([0, *sorted(set(places)), len(whole)])]
    return [_part(whole, span) for span in spans]


def _part(whole: Steps, span: slice) -> Steps:
    def of(values: Floats | None) -> Floats | None:
        return None if values is None else values[span]

    free = whole.codes_free[span]
    same = whole.codes_clamped is whole.codes_free
    return Steps(
        whole.task, whole.first + span.start, whole.time[span], whole.error[span],
        of(whole.accuracy), whole.nodes, whole.outputs[span],
        free, free if same else whole.codes_clamped[span],
    )  # fmt: skip
