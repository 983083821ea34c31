"""logicsim: an emulator of self-learning electronics: logic, timing and voltages together."""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from logicsim.api.board import Board, boards, load
    from logicsim.api.run import Run
    from logicsim.api.trace import Trace, diff, read_trace
    from logicsim.api.work import make_paper, repeat_run, run_bench, run_campaign, write_report
    from logicsim.campaign.runs import read as read_campaign
    from logicsim.learn import BoardClassifier, BoardRegressor

__all__ = [
    "Board", "Run", "Trace", "boards", "diff", "load", "make_paper", "read_campaign",
    "read_trace", "repeat_run", "run_bench", "run_campaign", "write_report",
]  # fmt: skip
if find_spec("sklearn") is not None:  # else `import *` and `help` would stumble over them
    __all__ += ["BoardClassifier", "BoardRegressor"]

_HOMES = {
    "api.board": ("Board", "boards", "load"),
    "api.run": ("Run",),
    "api.trace": ("Trace", "diff", "read_trace"),
    "api.work": ("make_paper", "read_campaign", "repeat_run", "run_bench", "run_campaign",
                 "write_report"),
    "learn": ("BoardClassifier", "BoardRegressor"),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: numpy and scipy take their time."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'logicsim' has no attribute '{name}'")
    return getattr(import_module(f"logicsim.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    """What completion proposes."""
    return sorted({*globals(), *__all__})
