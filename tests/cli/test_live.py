import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from logicsim.board import load
from logicsim.cli.live import _Panel
from logicsim.training.run import plan, run
from tests.cli.terminal import on_a_terminal

needs_terminal = pytest.mark.skipif(os.name != "posix", reason="a terminal of POSIX")
MOVES = re.compile(r"\x1b\[\d*[A-HJ-Kf]")  # the cursor, or clears a line
COLOUR = re.compile(r"\x1b\[(\d+;)*(3[0-8]|9[0-7])[;m]")


def panel_lines(name: str, width: int, *, encoding: str = "utf-8", steps: int = 60) -> list[str]:
    board = load(name)
    chosen = plan(board, steps=steps)
    panel = _Panel(chosen, board.parts.digipot.positions)
    run(board, chosen, seed=3, on_steps=panel.add)
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, errors="replace")
    Console(file=file, width=width, height=24, no_color=True).print(panel)
    file.flush()
    return raw.getvalue().decode(encoding).splitlines()


@pytest.mark.parametrize("name", ["divider", "twin16", "edge"])
@pytest.mark.parametrize("width", [100, 40, 20])
def test_the_panel_fits_any_terminal(name: str, width: int) -> None:
    lines = panel_lines(name, width, steps=20)
    assert max(len(line) for line in lines) <= width
    assert len(lines) <= 20
    assert any(line.startswith("R clamped") for line in lines)


def test_the_panel_shows_error_outputs_and_codes() -> None:
    lines = panel_lines("divider", 100)
    assert re.match(
        r"task 2.25 V again, step 60, error \S+ V², 240 of 240, [\d,]+ steps/s", lines[0]
    )
    curve = [line[10:] for line in lines if re.match(r"(1e\S+ V²)? +[▁-█]", line)]
    assert 2 <= len(curve) <= 6
    assert set("".join(curve)) <= set(" ▁▂▃▄▅▆▇█")
    (output,) = [line for line in lines if line.startswith("node 2")]
    volts, wanted = re.findall(r"([\d.]+) V", output)
    assert float(wanted) == 2.25
    assert float(volts) == pytest.approx(2.25, abs=0.2)
    assert [len(line.split()[-1]) for line in lines if line.startswith("R ")] == [2, 2]


def test_the_curve_falls_as_the_error_does() -> None:
    lines = panel_lines("divider", 100, steps=25)
    top = next(line for line in lines if re.match(r"1e\S+ V²", line))
    assert top[10] in "▁▂▃▄▅▆▇█"  # the first error is among the largest
    assert len(top.rstrip()) < 100


def test_the_panel_has_letters_where_there_are_no_blocks() -> None:
    lines = panel_lines("divider", 60, encoding="ascii")
    assert not set("".join(lines[1:])) & set("▁▂▃▄▅▆▇█")
    assert "#" in "".join(lines)


def test_more_edges_than_columns_are_told_by_their_means() -> None:
    board = load("grid:8x8")
    chosen = plan(board, steps=2)
    panel = _Panel(chosen, 128)
    run(board, chosen, engine="vector", on_steps=panel.add)
    file = io.StringIO()
    Console(file=file, width=40).print(panel)
    strips = [line for line in file.getvalue().splitlines() if line.startswith("R ")]
    assert [len(line) for line in strips] == [40, 40]


def test_in_a_pipe_there_is_no_panel(tmp_path: Path) -> None:
    told = [
        subprocess.run(
            [sys.executable, "-m", "logicsim", "run", "edge", "--steps", "3", *live],
            cwd=tmp_path, capture_output=True, text=True, check=True,
        )
        for live in ([], ["--live"])
    ]  # fmt: skip
    plain, live = (re.sub(r"[\d,]+ steps/s", "", done.stdout) for done in told)
    assert live == plain
    assert [done.stderr for done in told] == ["", ""]
    assert "\x1b" not in live


@needs_terminal
def test_on_a_terminal_it_is_drawn_and_redrawn(tmp_path: Path) -> None:
    status, seen = on_a_terminal("run", "divider", "--live", "--steps", "800", folder=tmp_path)
    assert status == 0
    assert MOVES.search(seen)
    assert COLOUR.search(seen)
    assert "3200 of 3200" in seen


@needs_terminal
def test_no_color_is_heeded(tmp_path: Path) -> None:
    status, seen = on_a_terminal("run", "divider", "--live", folder=tmp_path, NO_COLOR="1")
    assert status == 0
    assert "400 of 400" in seen
    assert not COLOUR.search(seen)


@needs_terminal
def test_a_terminal_that_cannot_move_its_cursor_gets_the_plain_output(tmp_path: Path) -> None:
    status, seen = on_a_terminal("run", "divider", "--live", folder=tmp_path, TERM="dumb")
    assert status == 0
    assert "\x1b" not in seen
    assert "timing violations: none" in seen


@needs_terminal
def test_a_narrow_terminal_gets_all_of_the_table(tmp_path: Path) -> None:
    status, seen = on_a_terminal("run", "divider", folder=tmp_path, columns=40, NO_COLOR="1")
    assert status == 0
    assert "…" not in seen
    words = " ".join(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen).split())
    for task in ("3.75 V", "2.25 V again"):
        assert re.search(rf"task {task}: steps 100, first error \S+ V², last error \S+ V²", words)


@needs_terminal
def test_a_waveform_on_a_terminal_says_what_shows_it(tmp_path: Path) -> None:
    status, seen = on_a_terminal("run", "edge", "--vcd", "my wave.vcd", folder=tmp_path)
    assert status == 0
    assert "gtkwave 'my wave.gtkw'" in seen
    assert "logicsim measure 'my wave.vcd'" in seen
    assert "gtkwave" not in on_a_terminal("run", "edge", folder=tmp_path)[1]
