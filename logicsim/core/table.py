"""A table of a board file: typed, frozen, and helpful about keys it does not know."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Annotated, Any, Final

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializationInfo,
    model_validator,
)

from logicsim.core.errors import nearest, shown
from logicsim.core.units import quantity, written


class Table(BaseModel):
    """A table of a board file; an unknown key is an error that proposes the nearest one."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        if isinstance(data, Mapping):
            known = [field.alias or name for name, field in cls.model_fields.items()]
            for key in data:
                if key not in known and key not in cls.model_fields:
                    raise ValueError(f"unknown key {shown(key)}; {nearest(key, known)}")
        return data

    def given(self) -> dict[str, Any]:
        """The values given, by key, as a file has them."""
        fields = type(self).model_fields
        return {field.alias or name: getattr(self, name) for name, field in fields.items()}


_LEAST: Final = 1e-18
_MOST: Final = 1e12


def physical(value: Any, unit: str) -> float:
    """Read a quantity of a board file and refuse an unphysical one.

    Raises:
        ValueError: it is not a quantity of that unit, or it is unphysically large.
    """
    number = quantity(value, unit)
    if number and not _LEAST <= abs(number) <= _MOST:
        raise ValueError(f"{shown(value)} is beyond {_LEAST:g} to {_MOST:g} {unit}")
    return number


def _reader(unit: str) -> BeforeValidator:
    return BeforeValidator(lambda value: physical(value, unit))


def in_file(write: Callable[[Any], Any]) -> PlainSerializer:
    """Serialise a value with `write` in a board file; a dump without a context keeps it as it is.

    The context is the folder of the file, as for reading.
    """

    def written_there(value: Any, info: SerializationInfo) -> Any:
        return value if info.context is None else write(value)

    return PlainSerializer(written_there)


def in_file_of(write: Callable[[Any, Any], Any]) -> PlainSerializer:
    """Serialise a reference to another file with `write`, given the board's folder.

    A dump without a context contains the whole content instead.
    """

    def written_there(value: Any, info: SerializationInfo) -> Any:
        return asdict(value) if info.context is None else write(value, info.context)

    return PlainSerializer(written_there)


def _writer(unit: str) -> PlainSerializer:
    return in_file(lambda value: written(value, unit))


# A plain number: neither a string nor true.
Ratio = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Volts = Annotated[float, _reader("V"), _writer("V")]
Seconds = Annotated[float, _reader("s"), _writer("s")]
Hertz = Annotated[float, _reader("Hz"), _writer("Hz")]
Ohms = Annotated[float, _reader("ohm"), _writer("ohm")]
Amperes = Annotated[float, _reader("A"), _writer("A")]
Farads = Annotated[float, _reader("F"), _writer("F")]
