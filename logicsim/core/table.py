"""A table of a board file: typed, frozen, and helpful about keys it does not know."""

from collections.abc import Callable, Mapping
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

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        if isinstance(data, Mapping):
            for key in data:
                if key not in cls.model_fields:
                    raise ValueError(f"unknown key {shown(key)}; {nearest(key, cls.model_fields)}")
        return data


_LEAST: Final = 1e-18
_MOST: Final = 1e12


def physical(value: Any, unit: str) -> float:
    """Read a quantity of a board file, and refuse one that no board has.

    Raises:
        ValueError: it is not a quantity of that unit, or beyond all physics.
    """
    number = quantity(value, unit)
    if number and not _LEAST <= abs(number) <= _MOST:
        raise ValueError(f"{shown(value)} is beyond {_LEAST:g} to {_MOST:g} {unit}")
    return number


def _reader(unit: str) -> BeforeValidator:
    return BeforeValidator(lambda value: physical(value, unit))


def in_file(write: Callable[[Any], Any]) -> PlainSerializer:
    """How a value is written into a board file; other dumps, without a context, have it as it is.

    As where a file is read, the context is its folder.
    """

    def written_there(value: Any, info: SerializationInfo) -> Any:
        return value if info.context is None else write(value)

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
