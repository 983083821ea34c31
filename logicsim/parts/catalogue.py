"""The `[parts]` table: which chips a board is made of, and in which corner they run."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    ValidationError,
    ValidationInfo,
    model_serializer,
)
from pydantic_core import PydanticCustomError

from logicsim.core.errors import BoardError, shown
from logicsim.core.table import Table
from logicsim.parts.chips import chip_file
from logicsim.parts.comparator import Comparator
from logicsim.parts.d_flop import DFlop
from logicsim.parts.debouncer import Debouncer
from logicsim.parts.digipot import Digipot
from logicsim.parts.diode import Diode
from logicsim.parts.gate import Gate
from logicsim.parts.jk_flop import JkFlop
from logicsim.parts.kind import ChipFile, ChipKind, Corner
from logicsim.parts.random_bit import RandomBit


def _slot(kind: type[ChipKind], default: str) -> BeforeValidator:
    """Read a slot: a chip's model, and the numbers that the board overrides."""

    def read(data: Any, info: ValidationInfo) -> Any:
        if not isinstance(data, Mapping):
            return data
        numbers = dict(data)
        named = numbers.pop("model", default)
        if isinstance(named, ChipFile):
            file = named
        elif isinstance(named, str):
            try:
                file = chip_file(named, info.context)
            except BoardError as error:
                raise _mistake(named, str(error)) from None
        else:
            raise _mistake(named, f"{shown(named)} is not the name of a chip, like '{default}'")
        if not issubclass(file.kind, kind):
            raise _mistake(
                named,
                f"'{file.name}' is a {file.kind.kind}; this slot is for a {kind.kind}, "
                f"like '{default}'",
            )
        return file.make(numbers, info.context)

    return BeforeValidator(read)


def _mistake(named: Any, text: str) -> ValidationError:
    """An error of a slot's model, at its key."""
    at = {"type": PydanticCustomError("value_error", text), "loc": ("model",), "input": named}
    return ValidationError.from_exception_data("slot", [at])  # type: ignore[list-item]  # a dict


def _default(model: str) -> Callable[[], Any]:
    return lambda: chip_file(model).make({})


class Parts(Table):
    """The slots of a board, each with a chip that circuits name; the paper's by default."""

    corner: Corner = "typ"
    comparator: Annotated[Comparator, _slot(Comparator, "LM339A")] = Field(
        default_factory=_default("LM339A")
    )
    xor: Annotated[Gate, _slot(Gate, "SN74ALS86")] = Field(default_factory=_default("SN74ALS86"))
    flop: Annotated[JkFlop, _slot(JkFlop, "CD74HC73")] = Field(default_factory=_default("CD74HC73"))
    digipot: Annotated[Digipot, _slot(Digipot, "AD5220-100k")] = Field(
        default_factory=_default("AD5220-100k")
    )
    debouncer: Annotated[Debouncer, _slot(Debouncer, "MC14490")] = Field(
        default_factory=_default("MC14490")
    )
    diode: Annotated[Diode, _slot(Diode, "BAT85")] = Field(default_factory=_default("BAT85"))
    and_: Annotated[Gate, _slot(Gate, "SN74HC08")] = Field(
        alias="and", default_factory=_default("SN74HC08")
    )
    or_: Annotated[Gate, _slot(Gate, "SN74HC32")] = Field(
        alias="or", default_factory=_default("SN74HC32")
    )
    nand: Annotated[Gate, _slot(Gate, "SN74HC00")] = Field(default_factory=_default("SN74HC00"))
    nor: Annotated[Gate, _slot(Gate, "SN74HC02")] = Field(default_factory=_default("SN74HC02"))
    not_: Annotated[Gate, _slot(Gate, "SN74HC04")] = Field(
        alias="not", default_factory=_default("SN74HC04")
    )
    dflop: Annotated[DFlop, _slot(DFlop, "SN74HC74")] = Field(default_factory=_default("SN74HC74"))
    random_bit: Annotated[RandomBit, _slot(RandomBit, "ideal-random-bit")] = Field(
        default_factory=_default("ideal-random-bit")
    )

    @model_serializer(mode="wrap")
    def _in_file(self, dump: SerializerFunctionWrapHandler, info: SerializationInfo) -> Any:
        """Serialise for a board file, without the default of each slot."""
        tables: dict[str, Any] = dump(self)
        if info.context is None or not info.exclude_defaults:
            return tables
        for name, field in type(self).model_fields.items():
            table = tables.get(field.alias or name)
            usual = field.get_default(call_default_factory=True)
            if isinstance(table, dict) and table.get("model") == getattr(usual, "model", None):
                del table["model"]
        return tables

    def slots(self) -> dict[str, ChipKind]:
        """The chip in each slot, by the slot's name in a board file."""
        return {key: chip for key, chip in self.given().items() if isinstance(chip, ChipKind)}
