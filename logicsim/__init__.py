"""logicsim: an emulator of self-learning electronics: logic, timing and voltages together."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from logicsim.board import Board, load
    from logicsim.formats.read import read_trace
    from logicsim.learn import BoardClassifier, BoardRegressor

__all__ = ["Board", "BoardClassifier", "BoardRegressor", "load", "read_trace"]

_HOMES = {
    "Board": "logicsim.board",
    "BoardClassifier": "logicsim.learn",
    "BoardRegressor": "logicsim.learn",
    "load": "logicsim.board",
    "read_trace": "logicsim.formats.read",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: numpy and scipy take their time."""
    if name not in _HOMES:
        raise AttributeError(f"module 'logicsim' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)
