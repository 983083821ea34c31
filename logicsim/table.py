"""A table of a board file: typed, frozen, and helpful about keys it does not know."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from logicsim.errors import nearest, shown
from logicsim.units import quantity


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


# A plain number: neither a string nor true.
Ratio = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Volts = Annotated[float, _reader("V")]
Seconds = Annotated[float, _reader("s")]
Hertz = Annotated[float, _reader("Hz")]
Ohms = Annotated[float, _reader("ohm")]
Amperes = Annotated[float, _reader("A")]
Farads = Annotated[float, _reader("F")]
