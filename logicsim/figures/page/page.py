"""Writing the page: everything it shows is in it, the drawing library too."""

import json
import math
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np
from jinja2 import Environment
from markupsafe import Markup

from logicsim.board import Board
from logicsim.circuit.signals import layout
from logicsim.core.errors import OutputError
from logicsim.core.files import check_folder, write_text
from logicsim.core.names import edge_in_file
from logicsim.core.units import seconds
from logicsim.figures.diagram import positions
from logicsim.figures.picture import nominal
from logicsim.tasks.result import Result
from logicsim.tasks.task_run import Step
from logicsim.timing.report import as_text, sentence
from logicsim.timing.static import analyse
from logicsim.waveforms.layout import EdgeSignals, Layout, Listed
from logicsim.waveforms.memory import MemoryWriter
from logicsim.waveforms.trace import History, Trace

Shown = Sequence[tuple[int, Step]]  # each with its number from 1 over all tasks

_MOST_VIOLATIONS: Final = 50


def write_page(
    path: Path, board: Board, result: Result, steps: Shown, waveform: MemoryWriter | None,
    command: str,
) -> None:  # fmt: skip
    """Write a run as one HTML file that needs no network.

    Args:
        steps: what to show of the run, each with its number from 1 over all tasks.
        command: what repeats the run, as typed.

    Raises:
        OutputError: plotly, the drawing library, is missing, or the file cannot be written.
    """
    library = drawing_library()
    analysis = analyse(board)
    environment = Environment(autoescape=True)
    page = environment.from_string(_text("page.html")).render(
        title=board.title or board.name,
        result=result,
        command=command,
        violations=sum(result.violations.values()),
        kinds=sorted(result.violations.items()),
        listed=[(f"{seconds(v.time):.9f} s", v.kind, f"{v.part}.{v.pin}", f"{v.margin / 1e3:g} ns")
                for v in result.violation_list[:_MOST_VIOLATIONS]],
        limit=sentence(analysis),
        timing=as_text(analysis),
        style=Markup(_text("page.css")),  # noqa: S704  our own file
        script=Markup(_text("page.js")),  # noqa: S704  our own file
        library=Markup(library),  # noqa: S704  plotly's own file
        data=Markup(_embedded(_data(board, steps, waveform))),  # noqa: S704  no '<' is left in it
    )  # fmt: skip
    write_text(path, page)


def check_page(path: Path) -> None:
    """Know before a run whether its page can be written.

    Raises:
        OutputError: plotly is missing, or there is no such folder.
    """
    check_folder(path)
    drawing_library()


def drawing_library() -> str:
    """The text of plotly.js.

    Raises:
        OutputError: it is not installed.
    """
    try:
        from plotly.offline import get_plotlyjs  # noqa: PLC0415  an optional extra
    except ImportError:
        raise OutputError("--html needs plotly; pip install 'logicsim[html]'") from None
    text: str = get_plotlyjs()
    return text


def _text(name: str) -> str:
    return files("logicsim.figures.page").joinpath(name).read_text("utf-8")


def _embedded(data: Any) -> str:
    """JSON that may stand in a script element whatever its texts are."""
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")


def _data(board: Board, steps: Shown, waveform: MemoryWriter | None) -> dict[str, Any]:
    roles = board.tasks[0].nodes() if board.tasks else {}
    return {
        "network": {
            "edges": board.network.edges,
            "places": (positions(board.network) * [1, -1]).tolist(),
            "inputs": list(roles.get("inputs", ())),
            "outputs": list(roles.get("outputs", ())),
            "ohms": np.round(nominal(board), 3).tolist(),
        },
        "history": _history(steps),
        "wave": None if waveform is None else _wave(board, waveform.trace(), waveform.full),
    }


def _history(steps: Shown) -> Mapping[str, Sequence[Any]]:
    return {
        "step": [number for number, _ in steps],
        "task": [step.task for _, step in steps],
        "error": [_number(step.error) for _, step in steps],
        "accuracy": [step.accuracy for _, step in steps],
        "free": [step.codes_free for _, step in steps],
        "clamped": [step.codes_clamped for _, step in steps],
    }


def _wave(board: Board, trace: Trace, cut: bool) -> dict[str, Any]:
    """Times in ticks from the beginning of the recording; what each edge shows, and its moments."""
    edges = sorted({n for name in trace if (n := edge_in_file(name)) is not None}) or [1]
    signals = layout(board.netlist(included=edges))
    begin = min((int(h.times[0]) for h in trace.histories.values()), default=0)
    recorded = [each for each in signals.recorded(trace) if _is_shown(each)]
    return {
        "begin": begin,
        "end": trace.end - begin,
        "cut": cut,
        "step": signals.step,
        "signals": [_signal(trace[each.signal.name], begin, each) for each in recorded],
        "edges": {number: _moments(edge, signals) for number, edge in signals.edges.items()},
    }


def _is_shown(listed: Listed) -> bool:
    """Whether any edge's waveform shows it, or the count of steps."""
    of_an_edge = listed.edge is not None
    return (
        listed.tells_of(listed.edge or 0)
        or (of_an_edge and "drop" in listed.roles)
        or ("supervisor" in listed.roles)
    )


def _signal(history: History, begin: int, listed: Listed) -> dict[str, Any]:
    values = history.values.tolist()
    if history.signal.kind == "real":
        values = [_number(value) for value in values]
    return {"name": history.signal.name, "kind": history.signal.kind, "label": _label(listed),
            "ink": _ink(listed), "edge": listed.edge, "shown": "supervisor" not in listed.roles,
            "t": (history.times - begin).tolist(), "v": values}  # fmt: skip


def _label(listed: Listed) -> str:
    """What a signal is called: what it does, and its name on the breadboard."""
    words = {"comparator": "comparator", "decision": "decision", "latched": "latched"}
    role = next((word for role, word in words.items() if role in listed.roles), "")
    return f"{role} {listed.label.replace('_', ' ')}".strip()


def _ink(listed: Listed) -> str:
    """The colour of a signal, by the name that the style sheet has for it."""
    if listed.edge is None:
        return "--mark"
    return "--clamped" if listed.side == "clamped" else "--free"


def _moments(edge: EdgeSignals, signals: Layout) -> dict[str, Any]:
    """When an edge latches and counts, with the words for it."""
    moments = {"latch": edge.latch, "count": edge.count}
    named = {name: (moment, signals.by_name[moment.net].label)
             for name, moment in moments.items() if moment is not None}  # fmt: skip
    took = (
        "the latch takes what the comparators decided" if edge.has_latch
        else "the potentiometers are selected; no latch holds the decision"
    )  # fmt: skip
    told = {"latch": took, "count": "the codes step by it"}
    return {
        name: {
            "net": moment.net,
            "to": str(moment.level),
            "name": f"{label} {moment.edge}s",
            "at": f"at the {moment.edge} of {label}",
            "told": told[name],
        }
        for name, (moment, label) in named.items()
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
