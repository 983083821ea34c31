"""Arguments and options that several commands share."""

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from logicsim.files import write_text

board = click.argument("board", metavar="BOARD")

settings = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change a key of the board, e.g. parts.comparator.noise='5 mV'; may be repeated.",
)


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
