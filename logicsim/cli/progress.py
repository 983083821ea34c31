"""A progress line with the time left, for work in equal pieces; silent in a pipe."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

OnProgress = Callable[[int, int], None]  # how many pieces are done, and of how many


@contextmanager
def progress(pieces: str, *, show: bool = True) -> Iterator[OnProgress]:
    """What to call after each piece; `pieces` is what they are called."""
    if not show or not sys.stderr.isatty():
        yield lambda _done, _of: None
        return
    columns = (TextColumn(pieces), BarColumn(), MofNCompleteColumn(), TextColumn("left"),
               TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as line:
        task = line.add_task(pieces, total=None)
        yield lambda done, of: line.update(task, completed=done, total=of)
