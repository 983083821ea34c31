"""A TOML file read into a table, with what is wrong with it in one line; and written."""

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
    data: Mapping[str, Any], table: type[Checked], path: Path, error: type[LogicsimError],
    name: str = "",
) -> Checked:  # fmt: skip
    """The file as a table, which is told the file's folder as its context.

    Args:
        error: what to raise.
        name: what the user calls it; its path if not given.
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
        if isinstance(data, list | tuple) and isinstance(place, int):
            path += f"[{place + 1}]"
            data = data[place] if place < len(data) else None
        elif isinstance(data, Mapping) and (place in data or number == len(places)):
            path += f".{place}" if path else str(place)
            data = data.get(place)
    return path.removesuffix(".[key]")


def text(data: Mapping[str, Any]) -> str:
    """A file of keys, tables and arrays of tables, each with keys and tables of its own.

    Tables three deep, and those in arrays, are written inline: { 1 = "5 V" }.
    """
    import tomlkit  # noqa: PLC0415  of no use to who only reads

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
    """A table; those in it are inline or have inline ones."""
    import tomlkit  # noqa: PLC0415  likewise

    table = tomlkit.table(is_super_table=bool(data) and _only_tables(data) and not inline)
    for key, value in data.items():
        is_table = isinstance(value, dict) and not inline
        table[key] = _table(value, inline=True) if is_table else _item(value)
    return table


def _only_tables(data: Mapping[str, Any]) -> bool:
    return all(isinstance(value, dict) for value in data.values())


def _item(value: Any) -> Any:
    """A value; a long array gets lines of as many elements as fit about."""
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
    return tomlkit.value(line)  # its own arrays are slow to build
