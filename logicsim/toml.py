"""A TOML file read into a table: what is wrong with it, where, in one line."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from logicsim.errors import LogicsimError, shown
from logicsim.table import Table

Checked = TypeVar("Checked", bound=Table)


def parse(path: Path, error: type[LogicsimError], needs: str) -> dict[str, Any]:
    """The file as it stands.

    Args:
        error: what to raise.
        needs: what such a file has at least, to say where there is nothing in it.
    """
    try:
        with path.open("rb") as file:
            data = tomllib.load(file)
    except OSError as reason:
        raise error(f"{path}: {reason.strerror or reason}") from None
    except UnicodeDecodeError:
        raise error(f"{path}: not a text file in UTF-8, as TOML is") from None
    except (ValueError, RecursionError) as reason:  # TOMLDecodeError, absurd numbers, nesting
        text = (
            str(reason).splitlines()[0] if isinstance(reason, ValueError) else "nested too deeply"
        )
        raise error(f"{path}: not valid TOML: {text}") from None
    if not data:
        raise error(f"{path}: the file is empty; {needs}")
    return data


def check(
    data: Mapping[str, Any], table: type[Checked], path: Path, error: type[LogicsimError]
) -> Checked:
    """The file as a table, which is told the file's folder as its context."""
    try:
        return table.model_validate(data, context=path.parent)
    except ValidationError as mistakes:
        raise error(f"{path}: {_first(mistakes, data)}") from None
    except RecursionError:
        raise error(f"{path}: tables are nested too deeply") from None


def _first(error: ValidationError, data: Mapping[str, Any]) -> str:
    """The first mistake: key path, value, reason."""
    mistakes = [(_key_path(m["loc"], data), m) for m in error.errors(include_url=False)]
    # Where a key takes one of several types, each has its complaint; the deepest tells most.
    first = mistakes[0][0]
    place, details = max((m for m in mistakes if m[0].startswith(first)), key=lambda m: len(m[0]))
    message = details["msg"].removeprefix("Value error, ")
    value = details.get("input")
    if details["type"] == "missing":
        return f"{place}: this key is required"
    if details["type"] == "value_error" or isinstance(value, dict | list):
        return f"{place}: {message}" if place else message
    return f"{place}: {shown(value)}: {message[0].lower()}{message[1:]}"


def _key_path(places: Sequence[int | str], data: Any) -> str:
    """Where in the file a mistake is, without what pydantic adds of its own: types, '[key]'."""
    path = ""
    for number, place in enumerate(places, start=1):
        if isinstance(data, list) and isinstance(place, int):
            path += f"[{place + 1}]"
            data = data[place] if place < len(data) else None
        elif isinstance(data, Mapping) and (place in data or number == len(places)):
            path += f".{place}" if path else str(place)
            data = data.get(place)
    return path.removesuffix(".[key]")
