"""However a run's steps come in blocks, all that is made of them is the same."""

import csv
import io
import math
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logicsim.api import history
from logicsim.api.history import History
from logicsim.board import load
from logicsim.core.decimated import Decimated
from logicsim.figures.page.page import _history
from logicsim.figures.page.recorder import PageRecorder
from logicsim.tasks.result import HistoryWriter, TaskSummary
from logicsim.tasks.task_run import Floats, Step, Steps
from logicsim.training.run import plan
from tests.blocks import cut

BOARD = load("twin16")
LEARNED = ("ii", "i")  # the second one classifies
_EDGES = len(BOARD.network.edges)
_PLACES = st.lists(st.integers(1, 59), max_size=12)


def trained(seed: int, *, shared: bool) -> list[Steps]:
    """A block for each task, with all kinds of numbers; `shared`: both networks' codes are one."""
    rng = np.random.default_rng(seed)
    blocks = []
    for name in LEARNED:
        _, task = BOARD.task(name)
        classifies = task.kind == "classification"
        free = rng.integers(0, 128, (60, _EDGES), dtype=np.int32)
        clamped = np.clip(free + rng.integers(-1, 2, free.shape, dtype=np.int32), 0, 127)
        blocks.append(Steps(
            name, 1, np.arange(1, 61) / 3, _odd(rng, 60), rng.random(60) if classifies else None,
            tuple(task.output_nodes), _odd(rng, 60, len(task.output_nodes)),
            free, free if shared else clamped,
        ))  # fmt: skip
    return blocks


def _odd(rng: np.random.Generator, *shape: int) -> Floats:
    """Small and large numbers, and now and then one that is none."""
    values: Floats = rng.choice([-1, 1, 1], shape) * 10 ** rng.uniform(-20, 20, shape)
    return np.where(rng.random(shape) < 0.1, rng.choice([np.nan, np.inf, 0.0], shape), values)


def same(one: object, other: object) -> bool:
    """Whether two things print the same, so that NaN is NaN."""
    return repr(one) == repr(other)


def pieces(blocks: Sequence[Steps], places: Sequence[Sequence[int]]) -> list[Steps]:
    cuts = zip(blocks, places, strict=True)
    return list(chain.from_iterable(cut(whole, where) for whole, where in cuts))


split = given(seed=st.integers(0, 2**32), places=st.tuples(_PLACES, _PLACES), shared=st.booleans())


@split
def test_the_history_file_is_the_same(
    seed: int, places: tuple[list[int], list[int]], *, shared: bool
) -> None:
    blocks, tasks = trained(seed, shared=shared), [BOARD.task(name)[1] for name in LEARNED]
    file, plain = io.StringIO(), io.StringIO()
    writer = HistoryWriter(file, tasks, _EDGES, 128)
    for steps in pieces(blocks, places):
        writer.add(steps)
    nodes = sorted({node for task in tasks for node in task.output_nodes})
    rows = csv.writer(plain, lineterminator="\n")
    for step in chain.from_iterable(blocks):
        volts = [step.outputs.get(node) for node in nodes]
        rows.writerow([step.task, step.step, step.time, step.error, step.accuracy, *volts,
                       *step.codes_free, *step.codes_clamped])  # fmt: skip
    _, _, body = file.getvalue().partition("\n")
    assert body == plain.getvalue()


@split
def test_the_summary_of_a_task_is_the_same(
    seed: int, places: tuple[list[int], list[int]], *, shared: bool
) -> None:
    for whole, where in zip(trained(seed, shared=shared), places, strict=True):
        summary, single = (TaskSummary(BOARD.task(whole.task)[1]) for _ in range(2))
        for steps in cut(whole, where):
            summary.add(steps.error, steps.accuracy)
        for steps in cut(whole, range(1, len(whole))):
            single.add(steps.error, steps.accuracy)
        found, errors = summary.as_json(), whole.error.tolist()
        assert found == single.as_json()
        assert summary.steps == len(errors)
        lowest = errors[0]
        for error in errors:
            lowest = min(lowest, error)
        assert same(summary.lowest, lowest)
        assert same(summary.last, errors[-1])
        if whole.accuracy is not None:
            assert found["accuracy_max"] == whole.accuracy.max()
            assert found["accuracy_last"] == pytest.approx(whole.accuracy[-30:].mean())


@split
def test_the_history_in_memory_is_the_same(
    seed: int, places: tuple[list[int], list[int]], *, shared: bool
) -> None:
    blocks, planned = trained(seed, shared=shared), plan(BOARD, LEARNED, 60)
    steps = list(chain.from_iterable(blocks))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "MOST_BYTES", 2 * 120 * _EDGES // (1 + seed % 7))
        seen = History(BOARD, planned)
    assert seen.every == math.ceil(2 * 120 * _EDGES / (2 * 120 * _EDGES // (1 + seed % 7)))
    for each in pieces(blocks, places):
        seen.add(each)
    assert len(seen) == 120
    assert seen.task.tolist() == [step.task for step in steps]
    assert seen.step.tolist() == [step.step for step in steps]
    assert seen.time.tolist() == [step.time for step in steps]
    assert same(seen.error.tolist(), [step.error for step in steps])
    accuracies = [math.nan if step.accuracy is None else step.accuracy for step in steps]
    assert same(seen.accuracy.tolist(), accuracies)
    for node, volts in seen.outputs.items():
        assert same(volts.tolist(), [step.outputs.get(node, math.nan) for step in steps])
    kept = steps[:: seen.every]
    assert seen.codes_free.tolist() == [list(step.codes_free) for step in kept]
    assert seen.codes_clamped.tolist() == [list(step.codes_clamped) for step in kept]


@split
def test_a_page_shows_the_same(
    seed: int, places: tuple[list[int], list[int]], *, shared: bool
) -> None:
    blocks = trained(seed, shared=shared)
    steps = list(chain.from_iterable(blocks))
    kept = PageRecorder(most=16)
    for each in pieces(blocks, places):
        kept.add(each)
    numbers = [*range(1, 121, 8), 120]
    shown: Any = _history([(number, steps[number - 1]) for number in numbers])
    assert same(_history(kept.steps), shown)


@given(sizes=st.lists(st.integers(1, 30), max_size=20), most=st.integers(1, 12))
def test_what_is_decimated_is_evenly_spaced_and_ends_with_the_last(
    sizes: list[int], most: int
) -> None:
    kept: Decimated[int] = Decimated(most)
    for size in sizes:
        kept.add(range(kept.seen + 1, kept.seen + size + 1))
    assert kept.seen == sum(sizes)
    assert kept.items == kept.numbers
    if sizes:
        every = next(2**n for n in range(20) if 2**n * most >= kept.seen)
        numbers = list(range(1, kept.seen + 1, every))
        assert kept.items == numbers + [kept.seen] * (numbers[-1] != kept.seen)


def test_a_block_that_is_kept_by_one_makes_no_other_step() -> None:
    asked = []

    class Blocks:
        def __len__(self) -> int:
            return 1000

        def __getitem__(self, place: int) -> Step:
            asked.append(place)
            return Step("t", place, 0.0, 0.0, None, {}, (), ())

    kept: Decimated[Step] = Decimated(8)
    for _ in range(100):
        kept.add(Blocks())
    assert len(kept.items) <= 9
    assert len(asked) < 100
