"""The progress line: on a terminal, in a notebook, and nowhere else."""

import io
import sys
from types import ModuleType
from typing import Any

import pytest
from rich import get_console
from rich.progress import Progress

import logicsim
from logicsim.core.errors import BoardError
from logicsim.training.progress import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Shown(list[Any]):
    """The place of a notebook's display, which can be replaced."""

    update = list.append


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Shown:
    """A notebook as far as we need one: what it was asked to show."""
    shown, module = Shown(), ModuleType("IPython.display")

    def display(what: Any, *, display_id: bool) -> Shown:
        assert display_id
        shown.append(what)
        return shown

    module.display, module.HTML = display, str  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    monkeypatch.setattr(get_console(), "is_jupyter", True)
    monkeypatch.setattr("logicsim.training.progress._REFRESH", 1e-6)
    return shown


def stderr(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Put in place in the test: pytest has its own at the end of a fixture."""
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    return stream


def test_a_terminal_sees_a_line_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = stderr(Terminal(), monkeypatch)
    logicsim.load("divider").run("1 V", steps=40)
    assert "/40" in seen.getvalue()
    with progress("machines") as on_progress:
        on_progress(1, 3)
    assert "machines" in seen.getvalue()
    assert seen.getvalue().endswith("\x1b[2K")  # cleared


def test_it_can_be_had_and_be_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    board = logicsim.load("divider")
    seen = stderr(Terminal(), monkeypatch)
    board.run("1 V", steps=20, progress=False)
    assert seen.getvalue() == ""
    pipe = stderr(io.StringIO(), monkeypatch)
    board.run("1 V", steps=20)
    assert pipe.getvalue() == ""
    board.run("1 V", steps=20, progress=True)
    assert "/20" in pipe.getvalue()


def test_a_notebook_sees_a_line_without_widgets_and_nothing_in_the_end(notebook: Shown) -> None:
    logicsim.load("divider").run("1 V", steps=40)
    first, *later, last = notebook
    assert isinstance(first, Progress)
    drawn: Any = first
    assert "task 1 V" in drawn._repr_mimebundle_([], [])["text/html"]
    assert "40/40" in drawn._repr_mimebundle_([], [])["text/plain"]
    assert later
    assert set(later) == {first}
    assert last == ""


def test_a_notebooks_line_goes_away_on_an_error_too(notebook: Shown) -> None:
    with pytest.raises(BoardError), progress("runs"):
        logicsim.load("dividr")
    assert notebook[-1] == ""
