import csv
import io
import json
import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from logicsim.board import load
from logicsim.kernel.kernel import Violation
from logicsim.tasks.allostery import Allostery
from logicsim.tasks.bench import Bench
from logicsim.tasks.result import HistoryWriter, Result, TaskSummary, read_history
from logicsim.tasks.task_run import Step
from logicsim.training.run import plan, run
from tests.blocks import block

FIRST = Allostery.model_validate(
    {"name": 'one, "two"', "kind": "allostery", "inputs": {"1": 5}, "outputs": {"3": 1, "2": 2}}
)  # fmt: skip
SECOND = Allostery.model_validate(
    {"name": "b", "kind": "allostery", "inputs": {"1": 5}, "outputs": {"4": 1}, "nudge": 0.25}
)
BENCH = Bench.model_validate({"name": "c", "kind": "bench", "free": {"1": 1}, "clamped": {"1": 2}})


def result(tasks: Sequence[TaskSummary] = (), **changes: Any) -> Result:
    values: dict[str, Any] = {
        "version": "1.2.3", "board": "t", "engine": "event", "seed": 7,
        "solver": "dense", "tasks": tasks,
        "outputs_free": {2: 1.5}, "codes_free": (1, 2, 3), "codes_clamped": (1, 0, 4),
        "violations": {"hold": 2}, "violation_list": (), "missed_on": {}, "opposed": 3,
        "events": 10,
        "simulated_s": 1.0, "wall_s": 0.5,
    }  # fmt: skip
    return Result(**values | changes)


def summary(task: Allostery | Bench, errors: Sequence[float]) -> TaskSummary:
    made = TaskSummary(task)
    for error in errors:
        made.add(np.array([error]))
    return made


def step(task: str, number: int, outputs: dict[int, float], error: float = 0.5) -> Step:
    return Step(task, number, number / 4, error, None, outputs, (64, number), (63, number))


def test_a_result_has_every_promised_key_with_its_type() -> None:
    board = load("divider", {"parts.comparator.noise": 0})
    data = json.loads(json.dumps(run(board, plan(board, ["1 V"], 3), seed=5).as_json()))
    promised = {
        "logicsim": str, "board": str, "engine": str, "seed": int, "tasks": list,
        "outputs_free": dict, "codes": dict, "mismatches": int, "violations": dict,
        "events": int, "simulated_s": float, "wall_s": float, "steps_per_s": float,
    }  # fmt: skip
    assert {key: type(data.get(key)) for key in promised} == promised
    (task,) = data["tasks"]
    promised = {
        "name": str, "kind": str, "steps": int, "nudge": float, "error_first": float,
        "error_last": float, "error_min": float, "error_median": float,
    }  # fmt: skip
    assert {key: type(task.get(key)) for key in promised} == promised
    assert (data["board"], data["engine"], data["seed"]) == ("divider", "event", 5)
    assert (task["name"], task["kind"], task["steps"]) == ("1 V", "allostery", 3)
    assert data["outputs_free"].keys() == {"2"}
    assert data["codes"].keys() == {"free", "clamped"}
    assert [len(codes) for codes in data["codes"].values()] == [2, 2]
    assert data["violations"].keys() == {"setup", "hold", "width", "recovery", "spacing"}
    assert data["simulated_s"] == pytest.approx(3 / 4, abs=0.1)  # three steps at 4 Hz
    assert data["steps_per_s"] == pytest.approx(3 / data["wall_s"])


def test_what_is_undefined_is_null_in_json() -> None:
    data = result([summary(BENCH, [math.nan] * 3)], outputs_free={1: math.nan, 2: 0.0}).as_json()
    text = json.dumps(data, allow_nan=False)
    (task,) = json.loads(text)["tasks"]
    for key in ("nudge", "error_first", "error_last", "error_min", "error_median"):
        assert task[key] is None
    assert json.loads(text)["outputs_free"] == {"1": None, "2": 0.0}


def test_an_infinite_error_does_not_make_invalid_json() -> None:
    data = result([summary(FIRST, [math.inf, 1.0])], outputs_free={2: math.inf}).as_json()
    json.dumps(data, allow_nan=False)


def test_a_task_that_did_not_run_has_no_errors() -> None:
    data = summary(FIRST, []).as_json()
    assert data["steps"] == 0
    assert data["error_first"] is data["error_last"] is data["error_median"] is None


def test_edges_whose_codes_differ_are_mismatches_and_absent_violations_are_none() -> None:
    data = result().as_json()
    assert data["mismatches"] == 2
    assert data["codes"] == {"free": [1, 2, 3], "clamped": [1, 0, 4]}
    assert data["violations"] == {"setup": 0, "hold": 2, "width": 0, "recovery": 0, "spacing": 0}


def test_the_median_error_is_over_the_last_thirty_steps() -> None:
    # Thirty from 101 to 130, whose median is 115.5; what came before must not count.
    errors = [1e6] * 50 + [float(error) for error in range(130, 100, -1)]
    data = summary(FIRST, errors).as_json()
    assert data["error_median"] == 115.5
    assert (data["error_first"], data["error_last"], data["error_min"]) == (1e6, 101, 101)
    assert summary(FIRST, [3, 1, 2]).as_json()["error_median"] == 2


def test_the_smallest_error_is_over_all_steps() -> None:
    data = summary(FIRST, [5.0, 0.25] + [3.0] * 100).as_json()
    assert data["error_min"] == 0.25


def test_an_error_that_becomes_undefined_does_not_hide_the_smallest() -> None:
    data = summary(FIRST, [5.0, 2.0, math.nan, math.nan]).as_json()
    assert data["error_min"] == 2.0
    assert data["error_last"] is None


def test_steps_a_second_are_over_all_tasks() -> None:
    tasks = [summary(FIRST, [1.0] * 10), summary(SECOND, [1.0] * 20)]
    assert result(tasks, wall_s=0.25).steps_per_s == 120


def test_a_history_is_read_back_as_it_was_written() -> None:
    file = io.StringIO()
    writer = HistoryWriter(file, [FIRST, SECOND], edges=2, positions=128)
    first = step(FIRST.name, 1, {2: 0.1 + 0.2, 3: 1e-9})
    writer.add(block(first, step(FIRST.name, 2, {2: math.nan, 3: -1.0}, error=math.nan)))
    writer.add(block(step("b", 1, {4: 2.5})))
    file.seek(0)
    table = read_history(file, rows=3)
    assert table.tasks == [FIRST.name, FIRST.name, "b"]
    assert list(table.columns) == [
        "step", "time_s", "error", "output_2", "output_3", "output_4",
        "free_1", "free_2", "clamped_1", "clamped_2",
    ]  # fmt: skip
    assert table.columns["step"] == [1, 2, 1]
    assert table.columns["time_s"] == [0.25, 0.5, 0.25]
    assert table.columns["output_2"][0] == 0.1 + 0.2  # to the last bit
    assert table.columns["free_2"] == [1, 2, 1]
    assert table.columns["clamped_1"] == [63, 63, 63]
    assert math.isnan(table.columns["error"][1])
    assert [math.isnan(volts) for volts in table.columns["output_2"]] == [False, True, True]
    assert [math.isnan(volts) for volts in table.columns["output_4"]] == [True, True, False]


def test_a_history_is_plain_csv() -> None:
    file = io.StringIO()
    writer = HistoryWriter(file, [FIRST], edges=2, positions=128)
    writer.add(block(step(FIRST.name, 1, {2: 1.5, 3: 2.5})))
    header, row = csv.reader(io.StringIO(file.getvalue()))
    assert header[:4] == ["task", "step", "time_s", "error"]
    assert dict(zip(header, row, strict=True)) == {
        "task": FIRST.name, "step": "1", "time_s": "0.25", "error": "0.5",
        "output_2": "1.5", "output_3": "2.5",
        "free_1": "64", "free_2": "1", "clamped_1": "63", "clamped_2": "1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "most", "kept"), [(10, 10, 10), (11, 10, 6), (100, 10, 10), (7, 3, 3), (1, 5, 1)]
)
def test_a_long_history_is_thinned_evenly_from_its_first_row(
    rows: int, most: int, kept: int
) -> None:
    file = io.StringIO()
    writer = HistoryWriter(file, [SECOND], edges=2, positions=128)
    for number in range(1, rows + 1):
        writer.add(block(step("b", number, {4: 0.0})))
    file.seek(0)
    steps = read_history(file, rows, most).columns["step"]
    assert len(steps) == kept <= most
    assert steps[0] == 1
    assert len({b - a for a, b in pairwise(steps)}) <= 1


def test_a_history_without_rows_can_be_read() -> None:
    file = io.StringIO()
    HistoryWriter(file, [SECOND], edges=1, positions=128)
    file.seek(0)
    table = read_history(file, rows=0)
    assert list(table.tasks) == []
    assert [list(column) for column in table.columns.values()] == [[]] * 6


def test_violations_are_listed_with_time_place_and_margin_in_seconds() -> None:
    missed = (
        Violation(5_000_000, "hold", "edge12.digipot_free", "ud", -4000),
        Violation(7_000_000, "spacing", "clock.section1", "d", -(10**9)),
    )
    edges = {"edge12.digipot_free": 12}
    data = json.loads(json.dumps(result(violation_list=missed, missed_on=edges).as_json()))
    assert data["violation_list"] == [
        {"time_s": 5e-6, "kind": "hold", "part": "edge12.digipot_free", "pin": "ud", "edge": 12,
         "margin_s": -4e-9},
        {"time_s": 7e-6, "kind": "spacing", "part": "clock.section1", "pin": "d", "edge": None,
         "margin_s": -1e-3},
    ]  # fmt: skip


def test_a_violation_says_on_which_edge_it_was() -> None:
    board = load("divider", {"parts.flop.setup": "0.2 s"})
    data = run(board, plan(board, ["1 V"], 2), seed=5).as_json()
    assert {(missed["part"], missed["edge"]) for missed in data["violation_list"]} == {
        ("edge1.flop", 1), ("edge2.flop", 2),
    }  # fmt: skip
