"""A progress line with the time left, for work in equal pieces; silent in a pipe."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

OnProgress = Callable[[int, int], None]  # how many pieces are done, and of how many


_NARROW: Final = 60  # columns, in which a bar has no room


def progress_line(console: Console, unit: str) -> Progress:
    """A line that goes when the work is done: what, a bar, how many of `unit`, the time left."""
    columns: list[ProgressColumn] = [TextColumn("{task.description}", markup=False)]
    if console.width >= _NARROW:
        columns.append(BarColumn())
    columns.append(MofNCompleteColumn())
    if console.width >= _NARROW:
        columns += [TextColumn(f"{unit}, left" if unit else "left"), TimeRemainingColumn()]
    return Progress(*columns, console=console, transient=True, refresh_per_second=4)


@contextmanager
def progress(pieces: str, *, show: bool = True) -> Iterator[OnProgress]:
    """What to call after each piece; `pieces` is what they are called."""
    if not show or not sys.stderr.isatty():
        yield lambda _done, _of: None
        return
    with progress_line(Console(stderr=True), "") as line:
        task = line.add_task(pieces, total=None)
        yield lambda done, of: line.update(task, completed=done, total=of)
