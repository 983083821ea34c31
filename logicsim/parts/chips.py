"""Chips as files: `boards/chips/NAME.toml`, or a table `[chips.NAME]` of a board or circuit file.

A chip file has its kind, a title, and each number with its source and mark:

    kind = "gate"
    title = "One of four two-input NANDs"
    inputs = ["a", "b"]
    output = "y"
    table = "1110"
    [rise]
    value = ["4 ns", "9 ns", "15 ns"]
    source = "TI SCLS181"
    mark = "F"
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import ValidationError

from logicsim.core import toml
from logicsim.core.errors import BoardError, nearest, shown
from logicsim.core.files import found, shipped_boards
from logicsim.parts.comparator import Comparator
from logicsim.parts.d_flop import DFlop
from logicsim.parts.debouncer import Debouncer
from logicsim.parts.digipot import Digipot
from logicsim.parts.diode import Diode
from logicsim.parts.gate import Gate
from logicsim.parts.jk_flop import JkFlop
from logicsim.parts.kind import ChipFile, ChipKind, Mark, Source
from logicsim.parts.latch import Latch
from logicsim.parts.random_bit import RandomBit
from logicsim.parts.wire import Wire

_OWN: Final[tuple[type[ChipKind], ...]] = (
    Gate, Comparator, JkFlop, DFlop, Latch, Digipot, Debouncer, RandomBit, Wire, Diode,
)  # fmt: skip
_FACTS: Final = {"value", "source", "mark"}

# Chips declared within a board or circuit file, by name, each as its table.
Tables = Mapping[str, Mapping[str, Any]]


@cache
def kinds() -> Mapping[str, type[ChipKind]]:
    """All kinds of chip by name: ours, and those of the entry-point group `logicsim.chips`.

    Raises:
        BoardError: an entry point does not load, is no kind of chip, or has the name of another.
    """
    known = {kind.kind: kind for kind in _OWN}
    for entry in entry_points(group="logicsim.chips"):
        kind = _loaded(entry)
        if kind.kind in known:
            raise BoardError(f"{_place(entry)}: there is a kind '{kind.kind}' already; rename one")
        known[kind.kind] = kind
    return known


def _loaded(entry: EntryPoint) -> type[ChipKind]:
    try:
        kind = entry.load()
    except Exception as error:  # noqa: BLE001  a package of others, where anything may go wrong
        raise BoardError(
            f"{_place(entry)}: {type(error).__name__}: {error}; mend its package or uninstall it"
        ) from None
    if not (isinstance(kind, type) and issubclass(kind, ChipKind)):
        raise BoardError(f"{_place(entry)}: this is no kind of chip; name a class of ChipKind")
    return kind


def _place(entry: EntryPoint) -> str:
    return f"entry point logicsim.chips: {entry.name} = {entry.value}"


def shipped() -> dict[str, Path]:
    """The chips shipped with logicsim: name to file."""
    return {path.stem: path for path in sorted((shipped_boards() / "chips").glob("*.toml"))}


def chip_file(
    name: str, folder: Path | None = None, tables: Tables | None = None,
    others: Iterable[str] = (),
) -> ChipFile:  # fmt: skip
    """A chip by name or path.

    Args:
        name: a key of `tables`, a shipped chip, or the path of a file, relative to `folder`.
        folder: of the file that names it; None for a board made in code.
        tables: the chips of the file that names it.
        others: further valid names, to propose in an error.

    Raises:
        BoardError: there is no such chip, or its file is wrong: file, key path, value.
    """
    if tables is not None and name in tables:
        return read(name, tables[name], f"chips.{name}")
    path = found(name, "chips", folder)
    if path is None:
        names = [*shipped(), *(tables or ()), *others]
        raise BoardError(f"there is no chip {shown(name)}; {nearest(name, names)}")
    return _from_file(path) if path == shipped().get(name) else _read_file(path)


def check_chips(tables: Any, place: str = "") -> None:
    """Check every chip of a table, whether a part uses it or not.

    Raises:
        BoardError: as for a chip's file; `place` comes before the key path.
    """
    for name, table in tables.items():
        try:
            read(name, table, f"chips.{name}")
        except BoardError as error:
            raise BoardError(f"{place}{error}") from None


@cache
def _from_file(path: Path) -> ChipFile:
    return _read_file(path)


def _read_file(path: Path) -> ChipFile:
    data = toml.parse(path, BoardError, "a chip needs its kind")
    made = read(path.stem, data, str(path))
    ours = path == shipped().get(path.stem)
    return made if ours else replace(made, path=path.resolve())


def read(name: str, data: Any, place: str) -> ChipFile:
    """A chip as its table declares it.

    Args:
        place: the file or key path of the table.

    Raises:
        BoardError: an unknown kind or number, a number without source or mark, or out of range.
    """
    if not isinstance(data, Mapping):
        raise BoardError(f"{place}: a chip is a table, with its kind and numbers")
    kind = data.get("kind")
    if kind is None:
        raise BoardError(f"{place}: kind: this key is required; {nearest('', kinds())}")
    if not isinstance(kind, str) or kind not in kinds():
        raise BoardError(
            f"{place}: kind: {shown(kind)} is no kind of chip; {nearest(kind, kinds())}"
        )
    made = _declared(name, kinds()[kind], data, place)
    try:
        made.make({})
    except ValidationError as mistakes:
        raise BoardError(f"{place}: {toml.first(mistakes, data)}") from None
    return made


def _declared(name: str, kind: type[ChipKind], data: Mapping[str, Any], place: str) -> ChipFile:
    numbers: dict[str, Any] = {}
    sources: dict[str, Source] = {}
    known = [key for key in kind.model_fields if key != "model"]
    for key, value in data.items():
        if key in ("kind", "title", "package"):
            continue
        if key not in known:
            raise BoardError(f"{place}: unknown key {shown(key)}; {nearest(key, known)}")
        if key in kind.structure:
            numbers[key] = value
            continue
        numbers[key], sources[key] = _fact(value, f"{place}: {key}")
    title, package = data.get("title", ""), data.get("package", {})
    if not isinstance(title, str) or not isinstance(package, Mapping):
        raise BoardError(f"{place}: title is text, package is a table")
    return ChipFile(name, title, kind, numbers, sources, package)


def _fact(value: Any, place: str) -> tuple[Any, Source]:
    """Read a number with its source and mark."""
    if not isinstance(value, Mapping) or value.keys() != _FACTS:
        missing = sorted(_FACTS - value.keys()) if isinstance(value, Mapping) else []
        wanted = (
            f"'{missing[0]}' is missing" if missing else f"{shown(value)} is not a number's table"
        )
        raise BoardError(f"{place}: {wanted}; give value, source and mark (F, S, M or D)")
    if value["mark"] not in get_args(Mark):
        raise BoardError(f"{place}: mark: {shown(value['mark'])}; it is F, S, M or D")
    if not isinstance(value["source"], str) or not value["source"].strip():
        raise BoardError(f"{place}: source: {shown(value['source'])}; say where the number is from")
    return value["value"], Source(value["source"], value["mark"])


def chip(name: str, **numbers: Any) -> ChipKind:
    """A shipped chip with some of its numbers overridden.

    Raises:
        BoardError: there is no such chip.
        ValidationError: a number is unknown, of another unit or out of range.
    """
    return chip_file(name).make(numbers)
