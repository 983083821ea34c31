"""A progress line with the time left, on terminals and in notebooks; silent in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from rich import get_console
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

if TYPE_CHECKING:
    from logicsim.tasks.task_run import Steps
    from logicsim.training.run import OnSteps, Plan

OnProgress = Callable[[int, int], None]  # (pieces done, all pieces)

_NARROW: Final = 60  # columns below which a bar does not fit
_REFRESH: Final = 0.25  # s


@contextmanager
def progress(pieces: str, *, show: bool | None = None) -> Iterator[OnProgress]:
    """Show a progress line, and give the function to call after each piece.

    Args:
        pieces: the name of the pieces.
        show: None shows it only on a terminal and in a notebook.
    """
    with _line(pieces, show) as update:
        yield lambda done, of: update(completed=done, total=of)


@contextmanager
def training(plan: Plan, *, show: bool | None = None) -> Iterator[OnSteps | None]:
    """Show the progress of a run, and give the function to call with its steps, if any."""
    if not _shown(show):
        yield None
        return
    done, due = 0, monotonic()
    with _line("training", show) as update:
        update(total=sum(steps for _, _, steps in plan))

        def on_steps(steps: Steps) -> None:
            nonlocal done, due
            done += len(steps)
            if monotonic() >= due:
                update(completed=done, description=f"task {steps.task}")
                due = monotonic() + _REFRESH

        yield on_steps


def _shown(show: bool | None) -> bool:
    return show if show is not None else get_console().is_jupyter or sys.stderr.isatty()


@contextmanager
def _line(description: str, show: bool | None) -> Iterator[Callable[..., None]]:
    """Make a line of rich, and give the function that updates it."""
    if not _shown(show):
        yield lambda **_: None
        return
    notebook = get_console().is_jupyter
    console = None if notebook else Console(stderr=True, force_terminal=show)
    line = Progress(
        *_columns((console or get_console()).width),
        console=console, transient=True, refresh_per_second=1 / _REFRESH,
    )  # fmt: skip
    task = line.add_task(description, total=None)
    with _in_notebook(line) if notebook else _on_terminal(line) as refresh:

        def update(**what: Any) -> None:
            line.update(task, **what)
            refresh()

        yield update


def _columns(width: int) -> Iterator[ProgressColumn]:
    """The columns that fit: description, bar, number of pieces, and time left."""
    yield TextColumn("{task.description}", markup=False)
    if width >= _NARROW:
        yield BarColumn()
    yield MofNCompleteColumn()
    if width >= _NARROW:
        yield TextColumn("left")
        yield TimeRemainingColumn()


@contextmanager
def _on_terminal(line: Progress) -> Iterator[Callable[[], None]]:
    """Let rich redraw the line."""
    with line:
        yield lambda: None


@contextmanager
def _in_notebook(line: Progress) -> Iterator[Callable[[], None]]:
    """Show the line in a notebook's output, replaced now and then and empty at the end.

    Rich's own live display would need ipywidgets.
    """
    notebook: Any = import_module("IPython.display")  # it exists only in a notebook
    place = notebook.display(line, display_id=True)
    shown = monotonic()

    def refresh() -> None:
        nonlocal shown
        if monotonic() - shown > _REFRESH:
            place.update(line)
            shown = monotonic()

    try:
        yield refresh
    finally:
        place.update(notebook.HTML(""))
