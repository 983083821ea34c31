"""Arguments and options that several commands share."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from logicsim.cli import complete
from logicsim.core.files import write_text

if TYPE_CHECKING:
    from logicsim.board import Board

F = TypeVar("F", bound=Callable[..., Any])

board = click.argument("board", metavar="BOARD", shell_complete=complete.boards)

settings = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    shell_complete=complete.keys,
    help="Change a key of the board, e.g. parts.comparator.noise='5 mV'; may be repeated.",
)


def edge(help: str) -> Callable[[F], F]:  # noqa: A002  click's word
    """The option `--edge`."""
    return click.option(
        "--edge", type=click.IntRange(1), default=1, show_default=True, metavar="N", help=help
    )


def json_file(help: str) -> Callable[[F], F]:  # noqa: A002  click's word
    """The option `--json`."""
    return click.option("--json", "json_file", type=click.Path(), metavar="FILE|-", help=help)


def check_edge(number: int, on: Board) -> None:
    """Refuse an edge that a board has not."""
    if number > len(on.network.edges):
        raise click.UsageError(f"--edge {number}: edges are 1 to {len(on.network.edges)}")


def parse_settings(assignments: Sequence[str]) -> dict[str, Any]:
    """Key paths and values from 'KEY=VALUE' strings; a value is TOML or else plain text."""
    values = {}
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals or not key.strip() or not all(key.strip().split(".")):
            raise click.UsageError(f"--set {assignment}: write KEY=VALUE, e.g. clock.rate='8 Hz'")
        values[key.strip()] = _value(text.strip())
    return values


def _value(text: str) -> Any:
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return parsed["value"] if len(parsed) == 1 else text


def write_json(where: str, data: Any) -> None:
    """Write data as JSON to a file, or to standard output if that is '-'."""
    text = json.dumps(data, indent=2) + "\n"
    click.echo(text, nl=False) if where == "-" else write_text(Path(where), text)
