"""What ships with logicsim, by name."""

from logicsim import board
from logicsim.circuit import file
from logicsim.parts import chips as chips_


def boards() -> dict[str, str]:
    """The boards that ship, as `logicsim boards` lists them: name to title."""
    return {name: board.load(name).title for name in board.shipped()}


def edges() -> dict[str, str]:
    """The edge circuits that ship, as `logicsim edges` lists them: name to title."""
    return {name: file.load(name, "edges").title for name in file.shipped("edges")}


def clocks() -> dict[str, str]:
    """The clock circuits that ship, as `logicsim clocks` lists them: name to title."""
    return {name: file.load(name, "clocks").title for name in file.shipped("clocks")}


def chips() -> dict[str, tuple[str, str]]:
    """The chips that ship, as `logicsim chips` lists them: name to kind and title."""
    found = {name: chips_.chip_file(name) for name in chips_.shipped()}
    return {name: (each.kind.kind, each.title) for name, each in found.items()}
