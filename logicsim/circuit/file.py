"""Circuit files: the circuit of every breadboard, and that of the clock.

A circuit file (`boards/edges/NAME.toml`, `boards/clocks/NAME.toml`, or any path) has a title and
parts. A part names its chip, the connection of each pin, and numbers of its own:

    [parts.xor]
    chip = "xor"        # a slot of the board's [parts], or a chip by its name
    a    = "a"          # a net of this circuit
    b    = "b"
    y    = "up"
    rise = "9 ns"       # a number of the chip, for this part alone
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, ValidationInfo

from logicsim.core import toml
from logicsim.core.errors import BoardError, nearest, shown
from logicsim.core.files import found, relative, shipped_boards
from logicsim.core.names import NAME
from logicsim.core.table import in_file_of

Role = Literal["edges", "clocks"]

_KEYS: Final = ("title", "source", "parts", "chips")
_MOST_PARTS: Final = 300


@dataclass(frozen=True, slots=True)
class Circuit:
    """A circuit file before its chips are put in: a table for each part, and the chips it declares.

    `name` is the board's name for it and does not count in comparisons; `path` is the file's path,
    None for a shipped circuit.
    """

    name: str = field(compare=False)
    title: str
    parts: Mapping[str, Mapping[str, Any]]
    chips: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    path: Path | None = None

    @property
    def place(self) -> str:
        """The name of the circuit in errors."""
        return str(self.path) if self.path is not None else f"circuit '{self.name}'"

    @property
    def folder(self) -> Path | None:
        """The folder that its relative paths start from."""
        return self.path.parent if self.path is not None else None


def shipped(role: Role) -> dict[str, Path]:
    """The circuits shipped with logicsim: name to file."""
    return {path.stem: path for path in sorted((shipped_boards() / role).glob("*.toml"))}


def load(name: str, role: Role, folder: Path | None = None) -> Circuit:
    """Load a shipped circuit by name, or another by path.

    Args:
        folder: the folder of the file that names it; None for a board made in code.

    Raises:
        BoardError: there is no such file, or it is not a circuit file: file, key path, value.
    """
    path = found(name, role, folder)
    if path is None:
        raise BoardError(
            f"there is no circuit {shown(name)} in boards/{role}; {nearest(name, shipped(role))}"
        )
    data = toml.parse(path, BoardError, "a circuit needs [parts]")
    ours = shipped(role).get(name) == path
    return _checked(name, data, None if ours else path.resolve(), path)


def _checked(name: str, data: Mapping[str, Any], path: Path | None, place: Path) -> Circuit:
    for key in data:
        if key not in _KEYS:
            raise BoardError(f"{place}: unknown key {shown(key)}; {nearest(key, _KEYS)}")
    title, parts, chips = data.get("title", ""), data.get("parts"), data.get("chips", {})
    for key in ("title", "source"):
        if not isinstance(data.get(key, ""), str):
            raise BoardError(f"{place}: {key}: {shown(data[key])} is not text")
    if not isinstance(parts, Mapping) or not parts:
        raise BoardError(f"{place}: parts: there are none; give a table for each, [parts.NAME]")
    if len(parts) > _MOST_PARTS:
        raise BoardError(f"{place}: parts: {len(parts)} of them; at most {_MOST_PARTS}")
    if not isinstance(chips, Mapping):
        raise BoardError(f"{place}: chips: {shown(chips)} is not a table, [chips.NAME]")
    for label, part in parts.items():
        check_name(label, f"{place}: parts")
        if not isinstance(part, Mapping):
            raise BoardError(f"{place}: parts.{label}: {shown(part)} is not a table")
        if not isinstance(part.get("chip"), str):
            found = (
                f"{shown(part['chip'])} is no name" if "chip" in part else "this key is required"
            )
            wanted = "name a slot of the board's [parts] or a chip"
            raise BoardError(f"{place}: parts.{label}.chip: {found}; {wanted}")
    return Circuit(name, title, parts, chips, path)


def check_name(name: str, place: str) -> None:
    """Refuse a name that a part or net could not have in a waveform.

    Raises:
        BoardError: it is not letters, digits and underscores, or too long.
    """
    if not NAME.fullmatch(name):
        raise BoardError(
            f"{place}: {shown(name)} is no name; take up to 40 letters, digits and underscores"
        )


def _restored(data: Mapping[str, Any]) -> Circuit:
    """A circuit as a store keeps it, with all that was in the file."""
    name, path = data["name"], data["path"]
    if not isinstance(name, str) or not isinstance(path, str | Path | None):
        raise ValueError(f"{shown(data)} is not the name or path of a circuit")  # noqa: TRY004  pydantic wants it
    keys = {key: data[key] for key in ("title", "parts", "chips")}
    try:
        return _checked(name, keys, None if path is None else Path(path), Path(path or name))
    except BoardError as error:
        raise ValueError(str(error)) from None


def _reader(role: Role) -> Callable[[Any, ValidationInfo], Any]:
    def read(value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, Circuit):
            return value
        if isinstance(value, Mapping) and value.keys() == {*Circuit.__slots__}:
            return _restored(value)
        if not isinstance(value, str):
            raise ValueError(f"{shown(value)} is not the name or path of a circuit")  # noqa: TRY004  pydantic wants it
        try:
            return load(value, role, info.context)
        except BoardError as error:
            raise ValueError(str(error)) from None

    return read


def _seen_from(circuit: Circuit, folder: Path) -> str:
    """The name or path of a circuit as a board file in `folder` writes it."""
    if circuit.path is None:
        return circuit.name
    return relative(circuit.path, folder)


EdgeCircuit = Annotated[Circuit, BeforeValidator(_reader("edges")), in_file_of(_seen_from)]
ClockCircuit = Annotated[Circuit, BeforeValidator(_reader("clocks")), in_file_of(_seen_from)]
