"""What a shell may complete an argument with; nothing heavy is imported for it."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import click
from click.shell_completion import CompletionItem

from logicsim.core.files import shipped_boards

VARIABLE: Final = "_LOGICSIM_COMPLETE"  # what click looks at
GENERATED: Final = ("grid:30x30", "geometric:1000", "smallworld:1000")

Items = list[CompletionItem[str]]


def boards(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> Items:
    """Shipped boards with their titles, a generator's example each, or a file."""
    shipped = {path.stem: _read(path).get("title", "") for path in _tomls(shipped_boards())}
    return _files(incomplete) + _items(shipped | dict.fromkeys(GENERATED, "generated"), incomplete)


def campaigns(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> Items:
    """Shipped campaigns, or a file."""
    names = [path.stem for path in _tomls(shipped_boards() / "campaigns")]
    return _files(incomplete) + _items(dict.fromkeys(names, ""), incomplete)


def tasks(ctx: click.Context, _param: click.Parameter, incomplete: str) -> Items:
    """The names of the tasks of the board that was given."""
    board = next(iter(ctx.args), "")  # where click leaves it while an option waits for its value
    shipped = {path.stem: path for path in _tomls(shipped_boards())}
    told = _read(shipped.get(board, Path(board))).get("tasks", [])
    names = {str(task.get("name")): str(task.get("kind", "")) for task in told if "name" in task}
    return _items(names, incomplete)


def keys(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> Items:
    """The keys of a board file that `--set` may change; these the board's own module knows."""
    from logicsim.board import Board

    return _items(dict.fromkeys((f"{key}=" for key in _keys(Board, "")), ""), incomplete)


def _keys(table: Any, path: str) -> Iterable[str]:
    for name, field in table.model_fields.items():
        key = path + (field.alias or name)
        if hasattr(field.annotation, "model_fields"):
            yield from _keys(field.annotation, f"{key}.")
        else:
            yield key


def _tomls(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.toml"))


def _read(path: Path) -> dict[str, Any]:
    """A board file, or nothing where it cannot be read: a shell is no place for errors."""
    with suppress(OSError, ValueError, RecursionError):
        return tomllib.loads(path.read_text(encoding="utf-8"))
    return {}


def _files(incomplete: str) -> Items:
    return [CompletionItem(incomplete, type="file")]  # first: in bash what comes after it stays


def _items(names: dict[str, str], incomplete: str) -> Items:
    return [
        CompletionItem(_quoted(name), help=told or None)
        for name, told in names.items()
        if name.startswith(incomplete)
    ]


def _quoted(name: str) -> str:
    """As it must stand on a command line; zsh and fish see to it themselves."""
    if os.environ.get(VARIABLE) != "bash_complete":
        return name
    return re.sub(r"([^\w@%+=:,./-])", r"\\\\\1", name)  # click's script reads one of the two away
