"""Runs for Python users: arrays, tables, pictures and a page."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import logicsim
from logicsim.api import history
from logicsim.api import run as runs
from logicsim.api.history import History
from logicsim.core.errors import (
    BoardError,
    EngineError,
    FaultError,
    LogicsimError,
    OutputError,
    TraceError,
)
from logicsim.tasks.task_run import Step
from logicsim.training.run import plan
from tests.blocks import block
from tests.circuits import edge

UNLIKE = ("wall_s", "steps_per_s")  # what no two runs have the same


@pytest.fixture(scope="module")
def divider() -> logicsim.Run:
    return logicsim.load("divider").run(steps=6, seed=3, waveform=True)


def same(run: dict[str, Any], other: dict[str, Any]) -> bool:
    return {k: v for k, v in run.items() if k not in UNLIKE} == {
        k: v for k, v in other.items() if k not in UNLIKE
    }


@pytest.mark.parametrize("engine", ["event", "vector"])
def test_a_run_is_the_commands(engine: Any, tmp_path: Path) -> None:
    tasks = ("vi", "i", "iv")
    named = [word for task in tasks for word in ("--task", task)]
    command = ["run", "twin16", *named, "--steps", "4", "--seed", "5", "--engine", engine]
    done = subprocess.run(  # and without a progress line in a pipe
        [sys.executable, "-m", "logicsim", *command, "--out", "theirs", "--quiet"],
        cwd=tmp_path, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    assert done.stdout == done.stderr == b""
    theirs = tmp_path / "theirs"
    run = logicsim.load("twin16").run(tasks, steps=4, seed=5, engine=engine, out=tmp_path / "ours")
    for name in ("history.csv", "history.png"):
        assert (theirs / name).read_bytes() == (tmp_path / "ours" / name).read_bytes(), name
    assert same(run.as_json(), json.loads((theirs / "result.json").read_text()))
    table = pd.read_csv(theirs / "history.csv")
    pd.testing.assert_frame_equal(run.table(), table, check_dtype=False, check_exact=True)


def test_waveforms_and_page_are_the_commands(tmp_path: Path) -> None:
    chosen = ["--steps", "3", "--probe", "edge1.*", "--probe", "clock.*", "--window", "2:3"]
    command = ["run", "divider", *chosen, "--vcd", "theirs.vcd", "--fst", "theirs.fst"]
    subprocess.run([sys.executable, "-m", "logicsim", *command, "--quiet"], cwd=tmp_path,
                   check=True, timeout=120)  # fmt: skip
    run = logicsim.load("divider").run(
        steps=3, probes=["edge1.*", "clock.*"], window=(2, 3), waveform=True,
        vcd=tmp_path / "ours.vcd", fst=str(tmp_path / "ours.fst"), html=tmp_path / "ours.html",
    )  # fmt: skip
    assert (tmp_path / "ours.vcd").read_bytes() == (tmp_path / "theirs.vcd").read_bytes()
    assert (tmp_path / "ours.gtkw").exists()
    assert logicsim.diff(tmp_path / "ours.fst", tmp_path / "theirs.fst") == []
    digital = [name for name in run.waveform.histories if ".drop_" not in name]
    read = logicsim.read_trace(tmp_path / "ours.vcd")
    assert run.waveform.only(*digital).diff(read.only(*digital)) == []
    assert run.waveform.diff(read, tolerance="1 nV") == []
    page = (tmp_path / "ours.html").read_text()
    assert "board.run(steps=3, engine=&#39;event&#39;)" in page


def test_history_is_arrays_a_row_a_step(divider: logicsim.Run) -> None:
    seen = divider.history
    assert len(seen) == 24
    assert seen.task.tolist()[5:8] == ["3.75 V", "2.25 V", "2.25 V"]
    assert seen.step.tolist()[5:8] == [6, 1, 2]
    assert seen.error[0] == pytest.approx(1.25**2)  # equal codes give 2.5 V
    assert np.isnan(seen.accuracy).all()
    assert seen.outputs[2][0] == pytest.approx(2.5)
    assert seen.codes_free.shape == (24, 2)
    assert seen.codes_free.dtype == np.uint8
    assert seen.codes_free[0].tolist() == [64, 64]
    assert (np.abs(np.diff(seen.codes_free.astype(int), axis=0)) == 1).all()
    assert (seen.codes_clamped == seen.codes_free).all()
    assert np.diff(seen.time) == pytest.approx(0.25)


def test_an_output_of_another_task_is_nan_and_so_is_an_accuracy() -> None:
    run = logicsim.load("twin16").run(["ii", "i"], steps=2)
    assert np.isnan(run.history.outputs[1]).tolist() == [True, True, False, False]
    assert np.isnan(run.history.accuracy).tolist() == [True, True, False, False]
    assert "accuracy" in run.table().columns
    assert "accuracy" in str(run)


def test_codes_beyond_a_limit_are_thinned(monkeypatch: pytest.MonkeyPatch) -> None:
    full = logicsim.load("divider").run(["1 V"], steps=10, seed=1)
    monkeypatch.setattr(history, "MOST_BYTES", 2 * 2 * 10 // 3)
    thin = logicsim.load("divider").run(["1 V"], steps=10, seed=1)
    assert thin.history.every == 4
    assert thin.history.codes_free.tolist() == full.history.codes_free[::4].tolist()
    assert thin.history.error.tolist() == full.history.error.tolist()
    assert thin.table().equals(full.table().iloc[::4].reset_index(drop=True))
    rows, steps = thin.history.thinned()
    assert steps.tolist() == [1, 5, 9]
    assert list(rows.columns["free_1"]) == thin.history.codes_free[:, 0].tolist()
    assert [number for number, _ in thin.history.steps()] == [1, 5, 9]


def test_a_picture_and_a_page_have_but_so_many_steps() -> None:
    board = logicsim.load("edge")
    seen = History(board, plan(board, steps=4000))
    for number in range(12_000):
        made = Step("t", number + 1, 0.25 * number, 1.0, None, {}, (number % 100,), (1,))
        seen.add(block(made))
    rows, steps = seen.thinned()
    assert len(rows.tasks) == len(steps) == 4000
    assert list(rows.columns["free_1"])[:3] == [0, 3, 6]
    few = seen.steps(most=1000)
    assert len(few) == 1001
    assert few[-1][0] == 12_000
    assert few[1][0] == 13
    assert few[1][1].codes_free == (12,)


@pytest.mark.parametrize("own", [False, True])
def test_potentiometers_of_many_positions_have_room(*, own: bool) -> None:
    many = {"positions": 1024, "initial": 512}
    pots = edge(digipot_free=many, digipot_clamped=many)
    settings = {"edge.circuit": pots} if own else {f"parts.digipot.{k}": v for k, v in many.items()}
    board = logicsim.load("divider", settings)
    assert board.positions == 1024
    codes = board.run(["1 V"], steps=3).history.codes_free
    assert codes.dtype == np.uint16
    assert codes[0].tolist() == [512, 512]


def test_an_early_stop_leaves_whole_files_and_no_line(tmp_path: Path) -> None:
    def stop(step: Step) -> None:
        if step.step == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        logicsim.load("divider").run(out=tmp_path, vcd=tmp_path / "w.vcd", on_step=stop)
    assert len((tmp_path / "history.csv").read_text().splitlines()) == 4
    assert logicsim.read_trace(tmp_path / "w.vcd").end > 0


def test_a_resumed_run_has_the_steps_since(tmp_path: Path) -> None:
    board = logicsim.load("divider")
    whole = board.run(["1 V"], steps=60, engine="vector", out=tmp_path / "whole")

    def stop(step: Step) -> None:
        if step.step == 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        board.run(["1 V"], steps=60, engine="vector", out=tmp_path / "half", on_step=stop)
    rest = board.run(["1 V"], steps=60, engine="vector", out=tmp_path / "half", resume=True)
    assert 0 < len(rest.history) <= 60
    assert rest.history.error.tolist() == whole.history.error.tolist()[-len(rest.history) :]
    assert rest.result.codes_free == whole.result.codes_free


def test_what_is_broken_is_a_word_away() -> None:
    board = logicsim.load("divider")
    stuck = board.run("3.75 V", steps=5, faults="stuck-at-1:edge1.ud")
    assert stuck.result.codes_free[0] == 64 + 5
    assert board.run("3.75 V", steps=5).result.codes_free[0] == 64 - 5
    with pytest.raises(FaultError, match="no kind of fault"):
        board.run(faults="stack-at-1:edge1.ud")


@pytest.mark.parametrize(
    ("keys", "error", "message"),
    [
        ({"tasks": "2 V"}, BoardError, "has no task '2 V'; did you mean '2.25 V'"),
        ({"steps": 0}, ValueError, "steps 0: there is at least 1"),
        ({"seed": -1}, ValueError, "seed -1: it is from 0 to"),
        ({"engine": "steam"}, EngineError, "no engine 'steam'; choose from: event, vector"),
        ({"engine": "vector", "waveform": True, "faults": "cut:edge1"}, EngineError, "no waveform"),
        ({"probes": "edge1.*"}, TraceError, "add waveform=True or vcd=FILE"),
        ({"window": (3, 4)}, TraceError, "add waveform=True or vcd=FILE"),
        ({"waveform": True, "window": (5, 4)}, TraceError, r"window \(5, 4\)"),
        ({"waveform": True, "window": (500, 501)}, TraceError, "begins after the last step"),
        ({"waveform": True, "probes": "egde1.*"}, TraceError, "matches no signal"),
        ({"resume": True}, EngineError, "checkpoints"),
        ({"html": "no/such/page.html"}, OutputError, "cannot be written"),
        ({"out": "/dev/null/out"}, OutputError, "cannot be written"),
    ],
)
def test_a_run_that_cannot_be_is_refused_in_a_line(
    keys: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        logicsim.load("divider").run(**keys)
    assert len(str(caught.value).splitlines()) == 1


def test_a_board_without_tasks_says_what_to_do() -> None:
    network = {"nodes": 2, "edges": [(1, 2)]}
    with pytest.raises(BoardError, match=r"give it some: tasks=\[...\]"):
        logicsim.Board(name="bare", network=network).run()


def test_a_waveform_that_was_not_asked_for_is_missed_clearly() -> None:
    run = logicsim.load("divider").run("1 V", steps=1)
    with pytest.raises(TraceError, match=r"ask for one: board.run\(waveform=True\)"):
        run.waveform  # noqa: B018


def test_a_waveform_too_long_for_memory_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "MOST_CHANGES", 100)
    with pytest.warns(
        UserWarning, match="cut after 100 changes; choose probes or a window"
    ) as told:
        run = logicsim.load("divider").run(steps=5, waveform=True)
    assert told[0].filename == __file__
    assert run.waveform.end < 10**12


def test_without_pandas_a_table_says_how_to_have_one(
    divider: logicsim.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    for table in (divider.table, divider.waveform.table):
        with pytest.raises(LogicsimError, match=r"pip install 'logicsim\[pandas\]'"):
            table()


def test_without_plotly_a_page_is_refused_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "plotly.offline", None)

    def never(_: Step) -> None:
        raise AssertionError

    with pytest.raises(OutputError, match=r"pip install 'logicsim\[html\]'"):
        logicsim.load("divider").run(html=tmp_path / "p.html", on_step=never)


def test_a_run_is_drawn_told_and_shown(divider: logicsim.Run, tmp_path: Path) -> None:
    assert repr(divider) == "<Run of 'divider': 24 steps, event engine, seed 3>"
    assert [line.split()[0] for line in str(divider).splitlines()][:3] == ["task", "3.75", "2.25"]
    figure: Any = divider.plot()
    assert [axes.get_ylabel() for axes in figure.axes][:3] == [
        "error (V²)", "output (V)", "resistance (kΩ)",
    ]  # fmt: skip
    (curve,) = figure.axes[0].lines[:1]
    assert np.array_equal(curve.get_ydata(), divider.history.error)
    assert figure._repr_png_().startswith(b"\x89PNG")
    divider.html(tmp_path / "p.html")
    assert "<!doctype html>" in (tmp_path / "p.html").read_text()


def test_a_vector_run_has_a_page_of_its_steps(tmp_path: Path) -> None:
    logicsim.load("divider").run(steps=3, engine="vector").html(tmp_path / "p.html")
    assert '"wave":null' in (tmp_path / "p.html").read_text()


def test_a_vector_run_has_a_waveform_for_the_asking() -> None:
    board = logicsim.load("divider")
    event, vector = (
        board.run("1 V", steps=6, engine=engine, probes="edge1.*", window=(3, 5), waveform=True)
        for engine in ("event", "vector")
    )
    assert vector.waveform.diff(event.waveform, tolerance="1 nV") == []
    assert vector.history.codes_free.tolist() == event.history.codes_free.tolist()


def test_names_from_a_file_are_text_in_a_notebook() -> None:
    board = logicsim.load("divider")
    hostile = "<img src=x onerror=alert(1)>[red]"
    task = {**board.tasks[0].model_dump(), "name": hostile}
    run = logicsim.Board(name="b", network=board.network, tasks=[task]).run(steps=1)
    assert "&lt;img src=x onerror=alert(1)&gt;[red]" in run._repr_html_()
    assert "<img" not in run._repr_html_()
    assert hostile in str(run)
