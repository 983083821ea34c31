"""The report of a campaign: a self-contained page, and the same data as CSV and JSON."""

import base64
import csv
import io
import json
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from statistics import mean
from typing import Any, Final

from jinja2 import Environment
from matplotlib.figure import Figure

from logicsim.board import Board
from logicsim.campaign.picture import INKS, draw_curves, draw_maps
from logicsim.campaign.row import Floats
from logicsim.campaign.runs import VERDICTS, Runs, Share, read
from logicsim.campaign.store import stored
from logicsim.core.files import write_text
from logicsim.figures.style import styled

_KILLERS: Final = 40  # lines in the list
_COLUMNS: Final = ("row", "fault", "listed", "kind", "site", "part", "task", "steps", "onset",
                   "seed", "engine", "verdict", "after", "raised", "reason", "opposed")  # fmt: skip


def write_report(folder: Path) -> Sequence[Path]:
    """Write `report.html`, `report.json` and `runs.csv` beside a campaign's store.

    Raises:
        CampaignError: there is no campaign, or it is of another version.
        OutputError: a file cannot be written.
    """
    table, runs = stored(folder), read(folder)
    board = table.board
    paths = [folder / name for name in ("report.html", "report.json", "runs.csv")]
    texts = (_page(runs, board, folder), json.dumps(summary(runs), indent=2) + "\n", _csv(runs))
    for path, text in zip(paths, texts, strict=True):
        write_text(path, text)
    return paths


def summary(runs: Runs) -> dict[str, Any]:
    """The counts of verdicts by kind and part with intervals, the harm by edge, and the killers."""
    return {
        **{key: runs.meta[key] for key in ("campaign", "board", "logicsim")},
        "verdicts": dict(Counter(_faulty(runs, "verdict"))),
        "by_kind": {k: _shares(v) for k, v in runs.counts("kind").items()},
        "by_part": {k: _shares(v) for k, v in runs.counts("part").items()},
        "harm": {task: {what: {str(edge): _number(x) for edge, x in edges.items()}
                        for what, edges in harm(runs, task).items()} for task in _tasks(runs)},
        "killers": killers(runs),
    }  # fmt: skip


def harm(runs: Runs, task: str) -> dict[str, dict[int, float]]:
    """The harm of faults by edge (from 1): that of the edge's loss, and that of its worst fault.

    It is the mean over seeds of the orders of magnitude, as a factor, or of the accuracy lost.
    Untried edges are left out.
    """
    found: dict[int, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for listed, kind, edge, of, raised in zip(
        *(runs[c] for c in ("listed", "kind", "edge", "task", "raised")), strict=True
    ):
        if of == task and edge and not math.isnan(raised):
            found[edge]["cut" if kind == "cut" else listed].append(raised)
    logarithmic = not any(len(each) for each in _of_task(runs, "accuracies", task))
    means = {edge: {name: _mean(values, logarithmic) for name, values in faults.items()}
             for edge, faults in found.items()}  # fmt: skip
    worst = {edge: max(faults.values()) for edge, faults in sorted(means.items())}
    lost = {edge: means[edge]["cut"] for edge in worst if "cut" in means[edge]}
    found_by_title = {"the loss of an edge": lost, "the worst fault of an edge": worst}
    return {title: each for title, each in found_by_title.items() if each}


def killers(runs: Runs) -> list[dict[str, Any]]:
    """The faults that broke every run, the worst first, each with a row to repeat."""
    rows: dict[tuple[str, str], list[tuple[str, float, int]]] = defaultdict(list)
    for fault, task, verdict, raised, row in zip(
        *(runs[c] for c in ("listed", "task", "verdict", "raised", "row")), strict=True
    ):
        if fault:
            rows[fault, task].append((verdict, raised, row))
    fatal = [
        {"fault": fault, "task": task, "raised": _number(max(raised for _, raised, _ in found)),
         "row": found[0][2]}
        for (fault, task), found in rows.items()
        if all(verdict == "broken" for verdict, _, _ in found)
    ]  # fmt: skip
    return sorted(fatal, key=lambda each: -(each["raised"] or math.inf))


def _mean(values: Sequence[float], logarithmic: bool) -> float:
    if not logarithmic:
        return mean(values)
    return math.inf if math.inf in values else 10 ** mean(math.log10(value) for value in values)


def _faulty(runs: Runs, column: str) -> list[Any]:
    return [value for value, fault in zip(runs[column], runs["fault"], strict=True) if fault]


def _of_task(runs: Runs, column: str, task: str) -> list[Any]:
    return [value for value, of in zip(runs[column], runs["task"], strict=True) if of == task]


def _tasks(runs: Runs) -> Sequence[str]:
    return list(dict.fromkeys(runs["task"])) if len(runs) else []


def _shares(shares: Mapping[Any, Share]) -> dict[str, Any]:
    return {name: {"count": share.count, "of": share.of, "low": share.low, "high": share.high}
            for name, share in shares.items()}  # fmt: skip


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _csv(runs: Runs) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    if len(runs):
        writer.writerows(zip(*(runs[column] for column in _COLUMNS), strict=True))
    return text.getvalue()


def _page(runs: Runs, board: Board, folder: Path) -> str:
    template = files("logicsim.campaign").joinpath("report.html").read_text("utf-8")
    counts = Counter(_faulty(runs, "verdict"))
    fatal = killers(runs)
    window = stored(folder).campaign.verdict.window
    return Environment(autoescape=True).from_string(template).render(
        meta=runs.meta,
        runs=f"{sum(1 for row in runs['row'] if row) if len(runs) else 0:,}",
        faults=f"{len(runs.listings):,}",
        seeds=len(set(runs["seed"])) if len(runs) else 0,
        state=runs.meta.get("finished", "It has not finished yet."),
        shares=[{"name": name, "count": counts[name], "ink": INKS[name],
                 "share": f"{counts[name] / counts.total():.1%}"}
                for name in VERDICTS if counts[name]],
        tasks=[_task(runs, board, name, window) for name in _tasks(runs)],
        tables=[{"title": f"By {by}", "of": by, "rows": _rows(runs.counts(by))}
                for by in ("kind", "part")],
        verdicts=VERDICTS,
        window=window,
        killers=[each | {"repeat": f"logicsim faults repeat {folder} {each['row']} --vcd "
                                   f"killer{each['row']}.vcd"} for each in fatal[:_KILLERS]],
        all_killers=len(fatal),
    )  # fmt: skip


def _rows(counts: Mapping[str, Mapping[Any, Share]]) -> list[dict[str, Any]]:
    return [
        {"name": name, "total": next(iter(shares.values())).of,
         "cells": [{"count": s.count, "share": f"{s.count / s.of:.0%}",
                    "interval": f"{s.low:.0%} to {s.high:.0%}"} for s in shares.values()]}
        for name, shares in counts.items()
    ]  # fmt: skip


def _task(runs: Runs, board: Board, name: str, window: int) -> dict[str, Any]:
    classifies = any(len(each) for each in _of_task(runs, "accuracies", name))
    golden: list[Floats] = []
    faulty: dict[str, list[Floats]] = defaultdict(list)
    for of, fault, verdict, errors, accuracies in zip(
        *(runs[c] for c in ("task", "fault", "verdict", "errors", "accuracies")), strict=True
    ):
        curve = accuracies if classifies else errors
        if of == name and len(curve):
            (faulty[verdict] if fault else golden).append(curve)
    label, found = "accuracy" if classifies else "error (V²)", harm(runs, name)
    with styled():
        return {
            "name": name,
            "map": _embedded(draw_maps(board, board.task(name)[1], found)) if found else None,
            "curves": _embedded(draw_curves(golden, faulty, window, label)),
        }


def _embedded(figure: Figure) -> str:
    """A picture as a data URL."""
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
