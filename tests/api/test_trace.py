"""Waveforms for Python users."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import logicsim
from logicsim.core.errors import TraceError
from logicsim.waveforms.trace import History, Signal


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("trace") / "w.vcd"
    logicsim.load("divider").run("1 V", steps=4, vcd=path)
    return path


@pytest.fixture(scope="module")
def trace(path: Path) -> logicsim.Trace:
    return logicsim.read_trace(str(path))


def hand_made() -> logicsim.Trace:
    lives = {
        "edge1.up": ("wire", [0, 10, 30], ["x", "1", "0"]),
        "edge1.code_free": ("bus", [0, 20], [64, 65]),
        "node1.free": ("real", [10, 10, 25], [1.0, 2.0, 1.5]),
    }
    made = {
        name: History(Signal(name, kind), np.array(times), np.array(values))  # type: ignore[arg-type]
        for name, (kind, times, values) in lives.items()
    }
    return logicsim.Trace(made, 40)


def test_measures_are_the_commands(path: Path, trace: logicsim.Trace) -> None:
    done = subprocess.run([sys.executable, "-m", "logicsim", "measure", path, "--json", "-",
                           "--glitch", "1 us"], capture_output=True, check=True)  # fmt: skip
    measures = trace.measure(glitch="1 us")
    assert json.loads(json.dumps(measures.as_json())) == json.loads(done.stdout)
    assert measures == trace.measure(glitch=1e-6)
    assert measures.steps == 4


def test_differences_are_found(path: Path, trace: logicsim.Trace, tmp_path: Path) -> None:
    assert trace.diff(trace) == []
    other = logicsim.load("divider").run("1 V", steps=4, waveform=True, vcd=tmp_path / "o.vcd",
                                         faults="stuck-at-0:edge2.a").waveform  # fmt: skip
    found = logicsim.diff(path, other, tolerance="1 mV")
    assert found == trace.diff(other, tolerance=1e-3)
    assert "edge2.a" in {difference.name for difference in found}
    done = subprocess.run([sys.executable, "-m", "logicsim", "diff", path, tmp_path / "o.vcd",
                           "--tolerance", "1 mV"], capture_output=True, check=False)  # fmt: skip
    assert done.returncode == 1
    told = [line.split(b":")[0].decode() for line in done.stdout.splitlines()]
    assert told == [difference.name for difference in found]
    assert {"name", "time", "first", "second"} == set(asdict(found[0]))


@pytest.mark.parametrize(("call", "message"), [
    (lambda t: t.diff(t, tolerance="1 s"), "not a quantity in V"),
    (lambda t: t.measure(glitch="1 V"), "not a quantity in s"),
])  # fmt: skip
def test_a_wrong_unit_is_refused(call: Any, message: str, trace: logicsim.Trace) -> None:
    with pytest.raises(ValueError, match=message):
        call(trace)


def test_a_table_has_every_instant_and_what_holds_there() -> None:
    table = hand_made().table()
    assert (table.index * 1e12).round(3).tolist() == [0, 10, 20, 25, 30]
    assert table["edge1.up"].tolist() == ["x", "1", "1", "1", "0"]
    assert table["edge1.code_free"].tolist() == [64, 64, 65, 65, 65]
    assert table["node1.free"].isna().tolist() == [True, False, False, False, False]
    assert table["node1.free"].tolist()[1:] == [2.0, 2.0, 1.5, 1.5]
    assert hand_made().table("node1.*").shape == (2, 1)
    assert isinstance(table, pd.DataFrame)


def test_a_trace_is_a_mapping_of_names(trace: logicsim.Trace) -> None:
    assert list(trace) == list(trace.histories)
    assert len(trace) == len(trace.histories)
    assert "clock.cs" in trace
    assert "clock.sc" not in trace
    assert trace.get("clock.sc") is None


def test_signals_are_chosen_by_pattern(trace: logicsim.Trace) -> None:
    assert set(trace.only("clock.c?", "edge1.up").histories) == {
        "clock.cs", "edge1.up",
    }  # fmt: skip
    assert trace.only("edge1.up").end == trace.end
    with pytest.raises(TraceError, match=r"'edge1.upp' matches no signal; did you mean 'edge1.up'"):
        trace.table("edge1.upp")


def test_a_picture_has_steps_for_nets_and_a_row_for_a_nodes_voltages(trace: logicsim.Trace) -> None:
    figure: Any = trace.plot("clock.cs", "edge1.up", "node2.*")
    assert [axes.get_ylabel() for axes in figure.axes] == ["clock.cs", "edge1.up", "node2"]
    (level,) = figure.axes[0].lines
    assert level.get_drawstyle() == "steps-post"
    assert set(level.get_ydata()) <= {0.0, 0.5, 1.0}
    labels = [text.get_text() for text in figure.axes[2].get_legend().get_texts()]
    assert labels == ["free", "clamped"]
    assert figure.axes[2].get_xlabel() == "time (s)"
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_a_picture_of_a_while_shows_what_held_before(trace: logicsim.Trace) -> None:
    figure = hand_made().plot(between=(15e-12, 35e-12))
    up, code, node = (axes.lines[0] for axes in figure.axes)
    assert np.asarray(up.get_xdata()).tolist() == [-5, 15, 20]
    assert np.asarray(up.get_ydata()).tolist() == [1, 0, 0]
    assert np.asarray(code.get_ydata()).tolist() == [64, 65, 65]
    assert np.asarray(node.get_ydata()).tolist() == [2.0, 1.5, 1.5]
    assert figure.axes[0].get_xlim() == (0, 20)
    assert figure.axes[2].get_xlabel() == "time after 15 ps (ps)"
    with pytest.raises(TraceError, match="the first time must come before the second"):
        trace.plot(between=(2, 1))


def test_what_cannot_be_drawn_says_what_can() -> None:
    many = logicsim.load("twin16").run("ii", steps=1, waveform=True).waveform
    with pytest.raises(TraceError, match=r"choose up to 40, e.g. plot\('clock"):
        many.plot()


def test_a_trace_is_told_in_a_line() -> None:
    assert repr(hand_made()) == "<Trace: 3 signals, 8 values, to 40 ps>"
