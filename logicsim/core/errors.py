"""The errors logicsim raises: each names the owner and place of a mistake, and a remedy."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_SHOWN: Final = 60


class LogicsimError(Exception):
    """The base of all errors of logicsim; the message is one printable line."""

    def __init__(self, message: str) -> None:
        line = " ".join(message.split())
        super().__init__("".join(c if c.isprintable() else "?" for c in line))


class BoardError(LogicsimError):
    """A board file or board key is wrong: file, key path, value, nearest valid choice."""


class NetlistError(LogicsimError):
    """The parts as soldered cannot work: the net and all its drivers."""


class FaultError(LogicsimError):
    """A fault is invalid: its kind, site, value or time, and the nearest valid choice."""


class CampaignError(LogicsimError):
    """A campaign cannot run or its store cannot be used: file, key, reason."""


class SolveError(LogicsimError):
    """The resistor network has no answer: the nodes without a path to a fixed node."""


class SimulationError(LogicsimError):
    """The run broke one of the emulator's own laws: time, phase, part."""


class EngineError(LogicsimError):
    """The chosen engine cannot compute this run: the reason, and the engine that can."""


class CheckpointError(LogicsimError):
    """A run cannot be resumed: the checkpoint file and the difference."""


class TraceError(LogicsimError):
    """A waveform cannot be read, written or compared: file, place, reason."""


class OutputError(LogicsimError):
    """A file or folder cannot be written: its path and the system's reason."""


def shown(value: object) -> str:
    """Format any value for an error message, shortened."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # thousands of digits, or of brackets
        return "this value"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def nearest(word: object, choices: Iterable[object]) -> str:
    """The end of an error message that proposes the valid choice closest to `word`."""
    names = sorted(str(choice) for choice in choices)
    close = get_close_matches(str(word), names, n=1, cutoff=0.5)
    if close:
        return f"did you mean '{close[0]}'?"
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return f"choose from: {shown}" if names else "there is nothing to choose from"
