"""logicsim: an emulator of self-learning electronics: logic, timing and voltages together."""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from logicsim.api.board import Board, load
    from logicsim.api.listing import boards, chips, clocks, edges
    from logicsim.api.run import Run
    from logicsim.api.trace import Trace, diff, read_trace
    from logicsim.api.work import make_paper, repeat_run, run_bench, run_campaign, write_report
    from logicsim.campaign.runs import read as read_campaign
    from logicsim.learn import BoardClassifier, BoardRegressor

__all__ = [
    "Board", "Run", "Trace", "boards", "chips", "clocks", "diff", "edges", "load", "make_paper",
    "read_campaign", "read_trace", "repeat_run", "run_bench", "run_campaign", "write_report",
]  # fmt: skip
if find_spec("sklearn") is not None:  # otherwise `import *` and `help` would fail
    __all__ += ["BoardClassifier", "BoardRegressor"]

_HOMES = {
    "api.board": ("Board", "load"),
    "api.listing": ("boards", "chips", "clocks", "edges"),
    "api.run": ("Run",),
    "api.trace": ("Trace", "diff", "read_trace"),
    "api.work": ("make_paper", "read_campaign", "repeat_run", "run_bench", "run_campaign",
                 "write_report"),
    "learn": ("BoardClassifier", "BoardRegressor"),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a public name on first use, since numpy and scipy are slow to import."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'logicsim' has no attribute '{name}'")
    return getattr(import_module(f"logicsim.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    """The public names, for completion."""
    return sorted({*globals(), *__all__})
