"""The keys of every kind of task: a name, steps, a nudge and edges to cut."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StrictInt

from logicsim.core.errors import shown
from logicsim.core.rule import clamp
from logicsim.core.table import Table, Volts, in_file, physical
from logicsim.core.units import written


def _number(key: Any) -> Any:
    """Read a key of a TOML table, which is a string, as the number of a node or step."""
    if isinstance(key, str):
        if not key.isascii() or not key.isdigit() or len(key) > 9:
            raise ValueError(f"{shown(key)} is not a number counted from 1")
        return int(key)
    return key


Number = Annotated[StrictInt, BeforeValidator(_number), Field(ge=1)]


def each_once(table: Any) -> Any:
    """Refuse keys that are the same number, such as '2' and '02'."""
    if isinstance(table, dict):
        numbers = [str(key).lstrip("0") for key in table]
        for number in numbers:
            if numbers.count(number) > 1:
                raise ValueError(f"{number} is given twice")
    return table


def _volts_or_name(value: Any) -> Any:
    """Read an input: a number or text that starts like one is a voltage, else a variable's name."""
    if isinstance(value, str) and value.strip() and value.strip()[0] not in "+-.0123456789":
        return value.strip()
    return physical(value, "V")


def _written(value: float | str) -> str:
    return value if isinstance(value, str) else written(value, "V")


Input = Annotated[float | str, BeforeValidator(_volts_or_name), in_file(_written)]
Inputs = Annotated[dict[Number, Input], BeforeValidator(each_once), Field(min_length=1)]
Voltages = Annotated[dict[Number, Volts], BeforeValidator(each_once)]


class TaskTable(Table):
    """The keys of every `[[tasks]]` table."""

    name: str = Field(min_length=1, max_length=80)
    kind: str
    steps: StrictInt = Field(default=100, ge=1, le=10**9)
    cut: Annotated[dict[Number, list[Number]], BeforeValidator(each_once)] = {}


def nudged(
    desired: Mapping[int, float], measured: Mapping[int, float], nudge: float
) -> dict[int, float]:
    """Apply Eq. 1 at every output: node to clamped voltage (V)."""
    return {node: clamp(volts, measured[node], nudge) for node, volts in desired.items()}
