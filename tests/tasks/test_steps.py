import math

import numpy as np
import pytest

from logicsim.tasks.task_run import Step
from tests.blocks import block

MADE = [
    Step("t", 7, 0.25, 0.5, 0.75, {3: 1.5, 2: -1.0}, (64, 0, 1), (64, 1, 0)),
    Step("t", 8, 0.5, math.inf, 1.0, {3: 2.5, 2: 0.0}, (65, 1, 2), (65, 1, 2)),
    Step("t", 9, 0.75, -0.5, 0.0, {3: 3.5, 2: 1e-9}, (64, 2, 3), (63, 3, 4)),
]


def test_the_steps_of_a_block_are_had_one_by_one() -> None:
    steps = block(*MADE)
    assert len(steps) == 3
    assert list(steps) == MADE
    assert [steps[1], steps[-1]] == MADE[1:]
    with pytest.raises(IndexError):
        steps[3]


def test_a_step_is_made_of_plain_numbers() -> None:
    step = block(*MADE)[0]
    numbers = [step.step, step.time, step.error, step.accuracy, step.outputs[3], *step.codes_free]
    assert {type(number) for number in numbers} == {int, float}


def test_where_nothing_is_classified_there_is_no_accuracy() -> None:
    (step,) = block(Step("t", 1, 0.0, 1.0, None, {}, (1,), (1,)))
    assert step.accuracy is None
    assert step.outputs == {}


def test_edges_whose_codes_differ_are_mismatches() -> None:
    steps = block(*MADE)
    assert steps.mismatches.tolist() == [2, 0, 3]
    assert (steps.mismatches == np.sum(steps.codes_free != steps.codes_clamped, axis=1)).all()
