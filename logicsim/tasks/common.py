"""What every kind of task has: a name, steps, a nudge and edges to cut."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StrictInt

from logicsim.errors import shown
from logicsim.table import Table, Volts


def _number(key: Any) -> Any:
    """A key of a TOML table is a string; ours count nodes or steps."""
    if isinstance(key, str):
        if not key.isascii() or not key.isdigit() or len(key) > 9:
            raise ValueError(f"{shown(key)} is not a number counted from 1")
        return int(key)
    return key


Number = Annotated[StrictInt, BeforeValidator(_number), Field(ge=1)]


def _each_once(table: Any) -> Any:
    """Refuse '2' beside '02', of which one would silently win."""
    if isinstance(table, dict):
        numbers = [str(key).lstrip("0") for key in table]
        for number in numbers:
            if numbers.count(number) > 1:
                raise ValueError(f"{number} is given twice")
    return table


Voltages = Annotated[dict[Number, Volts], BeforeValidator(_each_once)]


class TaskTable(Table):
    """Fields of every `[[tasks]]` table."""

    name: str = Field(min_length=1, max_length=80)
    kind: str
    steps: StrictInt = Field(default=100, ge=1, le=10**9)
    cut: Annotated[dict[Number, list[Number]], BeforeValidator(_each_once)] = {}
