"""A task's data: valid and invalid CSV files, shuffles, and examples shown once an epoch."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logicsim.board import load
from logicsim.core.errors import BoardError
from logicsim.tasks.classification import Classification
from logicsim.tasks.data import Examples, Shuffle, read_sheet
from logicsim.tasks.regression import Regression

NETWORK = """
name = "bad"
[network]
nodes = 4
edges = [[1, 2], [2, 3], [3, 4], [4, 1]]
[[tasks]]
name = "t"
"""
POINTS = 'kind = "regression"\ninputs = { 1 = "x", 3 = "0 V" }\noutputs = { 2 = "y" }\n'
CLASSES = 'kind = "classification"\ninputs = { 1 = "a", 3 = "0 V" }\noutputs = [2, 4]\n'


def refusal(folder: Path, task: str, data: str, table: bytes | None) -> str:
    if table is not None:
        (folder / "d.csv").write_bytes(table)
    (folder / "b.toml").write_text(NETWORK + task + f"data = {data}\n")
    with pytest.raises(BoardError) as caught:
        load(folder / "b.toml")
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith(str(folder / "b.toml"))
    return text


@pytest.mark.parametrize(
    ("table", "text"),
    [
        (None, "d.csv: No such file or directory"),
        (b"", "no data; a header line and a row for each example are needed"),
        (b"x,y\n", "no data; a header line and a row for each example are needed"),
        (b"x,y\n1,2\n3\n", "line 3: 1 cells; the header has 2"),
        (b"x,y\n1,2\n3,4,5\n", "line 3: 3 cells; the header has 2"),
        (b"x,y\n1,2\n3,four\n", "line 3: column 'y': 'four' is not a number"),
        (b"x,y\n1,nan\n", "line 2: column 'y': 'nan' is not a number"),
        (b"x,y\n1,2\ninf,2\n", "line 3: column 'x': 'inf' is not a number"),
        (b"x,y\n1,\n", "line 2: column 'y' is empty"),
        (b"x,why\n1,2\n", "no column 'y'; "),
        (b"x,y,x\n1,2,3\n", "two columns are called 'x'"),
        (b"x,y\n\xff\xfe,1\n", "not a text file in UTF-8"),
        (b"\x00\x01\x02\x03", "no data"),
        (b'x,y\n"1,2\n', "not valid CSV"),
    ],
)
def test_a_bad_file_is_one_line_with_its_place(
    table: bytes | None, text: str, tmp_path: Path
) -> None:
    assert text in refusal(tmp_path, POINTS, '{ file = "d.csv" }', table)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "d.csv").mkdir()
    assert "Is a directory" in refusal(tmp_path, POINTS, '{ file = "d.csv" }', None)


@pytest.mark.parametrize(
    ("data", "table", "text"),
    [
        ('{ file = "d.csv", label = "kind" }', b"a,c\n1,x\n", "no column 'kind'; "),
        ('{ file = "d.csv", label = "c" }', b"a,c\n1,x\n2,x\n", "all labels are 'x'; two are"),
        ('{ file = "d.csv", label = "c", train_per_class = 2 }', b"a,c\n1,x\n2,x\n3,y\n",
         "2 of class 'y', which has 1 rows"),
        ('{ file = "d.csv", label = "c", train_per_class = 1 }', b"a,c\n1,x\n2,y\n",
         "leaves no row to test"),
        ('{ file = "d.csv", label = "c", train_per_class = 1 }', b"a,c\n1,x\n1,x\n1,y\n",
         "column 'a' has only one value, 1"),
        ('{ file = "d.csv", label = "a", train_per_class = 1 }', b"a,c\n1,x\n2,y\n1,x\n",
         "'a' is the label; it must not be shown"),
        ('{ file = "d.csv", label = "c", low = "5 V", high = "1 V" }', b"a,c\n1,x\n2,y\n",
         "low 5 V is not below high 1 V"),
        ('{ label = "c" }', None, "file"),
    ],
)  # fmt: skip
def test_bad_classes_are_one_line(
    data: str, table: bytes | None, text: str, tmp_path: Path
) -> None:
    assert text in refusal(tmp_path, CLASSES, data, table)


def test_a_file_as_spreadsheets_write_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes('\ufeffx, y ,"a, b"\r\n1,2,3\r\n\r\n4,5,6\r\n'.encode())
    sheet = read_sheet("d.csv", tmp_path)
    assert list(sheet.header) == ["x", "y", "a, b"]
    assert sheet.numbers("a, b").tolist() == [3, 6]
    assert list(sheet.lines) == [2, 4]


@given(rows=st.integers(2, 40), test=st.integers(0, 39), seed=st.integers(0, 10**6))
def test_examples_are_shown_once_an_epoch_and_never_from_the_test_set(
    rows: int, test: int, seed: int
) -> None:
    test = min(test, rows - 1)
    shuffle = Shuffle(seed, "t")
    order = shuffle.rows(rows)
    assert sorted(order.tolist()) == list(range(rows))
    train = order[test:]
    examples = Examples((1,), np.arange(rows, dtype=float)[:, None], train, order[:test], shuffle)
    first = [examples.row(step) for step in range(1, len(train) + 1)]
    second = [examples.row(step) for step in range(len(train) + 1, 2 * len(train) + 1)]
    assert sorted(first) == sorted(second) == sorted(train.tolist())
    again = Examples((1,), examples.volts, train, order[:test], Shuffle(seed, "t"))
    assert [again.row(step) for step in range(1, len(train) + 1)] == first
    assert examples.begins_an_epoch(1)
    assert examples.begins_an_epoch(len(train) + 1)


def test_other_seeds_and_other_tasks_shuffle_otherwise() -> None:
    orders = [Shuffle(seed, name).rows(60).tolist() for seed in (1, 2) for name in ("a", "b")]
    assert len({tuple(order) for order in orders}) == 4


def table(columns: dict[str, list[Any]], folder: Path) -> None:
    lines = [
        ",".join(columns),
        *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True)),
    ]
    (folder / "d.csv").write_text("\n".join(lines) + "\n")


def test_a_column_is_scaled_to_the_ends_of_the_range(tmp_path: Path) -> None:
    table({"a": [3, -1, 7, 5], "c": ["x", "y", "x", "y"]}, tmp_path)
    data = '{ file = "d.csv", label = "c", train_per_class = 1, low = "1 V", high = "2 V" }'
    (tmp_path / "b.toml").write_text(NETWORK + CLASSES + f"data = {data}\n")
    task = load(tmp_path / "b.toml").tasks[0]
    assert isinstance(task, Classification)
    assert task.data.scaled("a").tolist() == [1.5, 1.0, 2.0, 1.75]


def test_iris_is_the_flowers_the_paper_trains_on() -> None:
    _, task = load("twin16").task("i")
    assert isinstance(task, Classification)
    task_run = task.task_run(3)
    train, test = task_run.examples.train, task_run.examples.test
    assert (len(train), len(test)) == (30, 120)
    assert set(train.tolist()).isdisjoint(test.tolist())
    assert np.bincount(task_run.labels[train]).tolist() == [10, 10, 10]
    assert np.bincount(task_run.labels).tolist() == [50, 50, 50]
    volts = task_run.examples.volts[:, :4]
    assert volts.min(axis=0).tolist() == [0] * 4
    assert volts.max(axis=0).tolist() == [5] * 4


def test_targets_come_from_training_data_alone_once_an_epoch() -> None:
    _, task = load("twin16").task("i")
    assert isinstance(task, Classification)
    task_run = task.task_run(8)
    first = task_run.evaluation(1)
    # Each class's mean input over its ten training rows comes first in the evaluation of an epoch.
    train = task_run.examples.train
    means = [
        task_run.examples.volts[train[task_run.labels[train] == c]].mean(axis=0) for c in range(3)
    ]
    assert first.volts[:3] == pytest.approx(np.array(means))
    answers = np.random.default_rng(4).random((123, 3))
    score = task_run.score(1, {}, answers)
    distances = ((answers[3:, None] - answers[None, :3]) ** 2).sum(axis=2)
    right = distances.argmin(axis=1) == task_run.labels[task_run.examples.test]
    assert score.accuracy == pytest.approx(right.mean())
    targets = task_run.targets.copy()
    for step in range(2, 31):
        assert len(task_run.evaluation(step).volts) == 120
        task_run.score(step, {}, np.random.default_rng(step).random((120, 3)))
        assert task_run.targets.tolist() == targets.tolist()
    assert len(task_run.evaluation(31).volts) == 123


def test_a_node_adrift_is_never_right() -> None:
    _, task = load("twin16").task("i")
    task_run = task.task_run(8)
    task_run.evaluation(1)
    assert task_run.score(1, {}, np.full((123, 3), np.nan)).accuracy == 0


def test_the_desired_outputs_of_a_regression_by_hand() -> None:
    _, task = load("twin16").task("vi")
    assert isinstance(task, Regression)
    task_run = task.task_run(5)
    volts = dict(zip(task_run.examples.nodes, task_run.examples.volts.T, strict=True))
    x1, x2 = volts[3], volts[8]
    assert len(x1) == 420
    assert len(task_run.examples.test) == 20
    assert ((x1 >= 1) & (x1 <= 5)).all()
    assert task_run.desired[:, 0] == pytest.approx(0.15 * x1 + 0.20 * x2)
    assert task_run.desired[:, 1] == pytest.approx(0.25 * x1 + 0.10 * x2)
    answers = task_run.desired[task_run.examples.test] + [0.1, -0.2]
    assert task_run.score(1, {}, answers).error == pytest.approx(0.1**2 + 0.2**2)
    row = task_run.examples.row(1)
    clamped = task_run.clamp(1, {5: 1.0, 4: 2.0})
    assert clamped[5] == pytest.approx(1.0 + task.nudge * (task_run.desired[row, 0] - 1.0))
    assert clamped[4] == pytest.approx(2.0 + task.nudge * (task_run.desired[row, 1] - 2.0))


def test_a_files_own_column_may_be_the_desired_output() -> None:
    task = load("xor").tasks[0]
    assert isinstance(task, Regression)
    task_run = task.task_run(2)
    assert task_run.desired[:, 0].tolist() == [0.6, 1.2, 1.2, 0.6]
    assert sorted(task_run.examples.test.tolist()) == [0, 1, 2, 3]  # all train, all test
