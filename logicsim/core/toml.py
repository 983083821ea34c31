"""Read a TOML file into a table, report its first mistake in one line, and write TOML."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from logicsim.core.errors import LogicsimError, shown
from logicsim.core.table import Table

_WIDE: Final = 90  # characters

Checked = TypeVar("Checked", bound=Table)


def parse(path: Path, error: type[LogicsimError], needs: str) -> dict[str, Any]:
    """Parse the file without checking its keys.

    Args:
        error: the class to raise.
        needs: the keys such a file must have, for the message about an empty file.
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
    data: Mapping[str, Any], table: type[Checked], path: Path, error: type[LogicsimError],
    name: str = "",
) -> Checked:  # fmt: skip
    """Validate the file as a table, with the file's folder as context.

    Args:
        error: the class to raise.
        name: the user's name of the file; its path if not given.
    """
    try:
        return table.model_validate(data, context=path.parent)
    except ValidationError as mistakes:
        raise error(f"{name or path}: {first(mistakes, data)}") from None
    except RecursionError:
        raise error(f"{name or path}: tables are nested too deeply") from None


def first(error: ValidationError, data: Any) -> str:
    """The first mistake in `data`: key path, value, reason."""
    mistakes = [(_key_path(m["loc"], data), m) for m in error.errors(include_url=False)]
    # A key of several types gets an error for each type; the deepest is the most specific.
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
    """The key path of a mistake, without the types and '[key]' that pydantic adds."""
    path = ""
    for number, place in enumerate(places, start=1):
        if isinstance(data, list | tuple) and isinstance(place, int):
            path += f"[{place + 1}]"
            data = data[place] if place < len(data) else None
        elif isinstance(data, Mapping) and (place in data or number == len(places)):
            path += f".{place}" if path else str(place)
            data = data.get(place)
    return path.removesuffix(".[key]")


def text(data: Mapping[str, Any]) -> str:
    """Format nested mappings and sequences as the text of a TOML file.

    Tables three deep, and those in arrays, are written inline: { 1 = "5 V" }.
    """
    import tomlkit  # noqa: PLC0415  only writing needs it

    document = tomlkit.document()
    for key, value in data.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            tables = tomlkit.aot()
            for each in value:
                tables.append(_table(each, inline=True))
            document.add(tomlkit.nl())
            document[key] = tables
        else:
            document[key] = _table(value) if isinstance(value, dict) else _item(value)
    return tomlkit.dumps(document)


def _table(data: Mapping[str, Any], *, inline: bool = False) -> Any:
    """Build a table; the tables in it are inline or contain inline tables."""
    import tomlkit  # noqa: PLC0415  likewise

    table = tomlkit.table(is_super_table=bool(data) and _only_tables(data) and not inline)
    for key, value in data.items():
        is_table = isinstance(value, dict) and not inline
        table[key] = _table(value, inline=True) if is_table else _item(value)
    return table


def _only_tables(data: Mapping[str, Any]) -> bool:
    return all(isinstance(value, dict) for value in data.values())


def _item(value: Any) -> Any:
    """Build a value; a long array is wrapped into several lines."""
    import tomlkit  # noqa: PLC0415  likewise

    if isinstance(value, dict):
        table = tomlkit.inline_table()
        for key, each in value.items():
            table[key] = _item(each)
        return table
    if not isinstance(value, list):
        return value
    line = json.dumps(value)  # numbers, and pairs of them
    if len(line) > _WIDE:
        each = max(1, _WIDE * len(value) // len(line))
        rows = (value[place : place + each] for place in range(0, len(value), each))
        lines = "".join(f"  {json.dumps(row)[1:-1]},\n" for row in rows)
        line = f"[\n{lines}]"
    return tomlkit.value(line)  # tomlkit's own arrays are slow to build
