"""Which of its forms a kind of chip has, and what a refusal calls a chip."""

from typing import Literal

from logicsim.parts.kind import ChipKind
from logicsim.parts.part import Chip


def carries(chip: Chip, form: Literal["verilog", "spice"]) -> bool:
    """Whether a chip has a form that is of what it does.

    A form that is inherited from a kind which behaves otherwise is not.
    """
    if not isinstance(chip, ChipKind):
        return False
    giver = _giver(type(chip), form)
    return giver is not ChipKind and issubclass(giver, _giver(type(chip), "solder"))


def _giver(kind: type, method: str) -> type:
    """The class that a kind has a method from."""
    return next(each for each in kind.__mro__ if method in vars(each))


def model(chip: Chip) -> str:
    """What a refusal calls a chip: its model, or the name of its class."""
    return (isinstance(chip, ChipKind) and chip.model) or type(chip).__name__
