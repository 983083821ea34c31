"""A campaign's results: one row for each run with its verdict, and the counts of verdicts."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import numpy as np

from logicsim.board import Board
from logicsim.campaign.row import Listing, Outcome, Row
from logicsim.campaign.store import Stored, stored
from logicsim.campaign.verdict import (
    Curve,
    Name,
    Standard,
    Verdict,
    of_accuracies,
    of_errors,
)
from logicsim.core.extras import pandas
from logicsim.core.intervals import wilson
from logicsim.faults.fault import apart
from logicsim.faults.fault import read as read_fault
from logicsim.tasks.classification import Classification

if TYPE_CHECKING:
    import pandas as pd

VERDICTS: Final[Sequence[Name]] = get_args(Name)


@dataclass(frozen=True, slots=True)
class Share:
    """A count out of a number of runs, and the 95 % Wilson interval of the proportion."""

    count: int
    of: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Runs:
    """One row for each run, in the campaign's order, as columns by name.

    row, fault, listed, kind, site, part, edge, task, steps, onset, seed, engine: the run; edge is 0
    for faults that are not on one edge's breadboard. verdict, after, raised, reason: see
    `verdict.Verdict`; a golden run is judged against the others. errors (V^2), accuracies: arrays
    with one value for each step. codes_free, codes_clamped, violations, opposed, events: the rest
    of the outcome. Undetectable faults come last; they were not run and their row is 0.
    """

    columns: Mapping[str, Sequence[Any]]
    listings: Sequence[Listing]
    meta: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.columns.get("row", ()))

    def __getitem__(self, column: str) -> Sequence[Any]:
        return self.columns[column]

    def counts(self, by: Literal["kind", "part", "site", "task"]) -> dict[str, dict[Name, Share]]:
        """Count the verdicts on faulty runs, for each value of a column."""
        found: dict[str, Counter[Name]] = {}
        for value, name, fault in zip(self[by], self["verdict"], self["fault"], strict=True):
            if fault:
                found.setdefault(value, Counter())[name] += 1
        return {
            value: {name: Share(names[name], n, *wilson(names[name], n)) for name in VERDICTS}
            for value, names in sorted(found.items())
            for n in (names.total(),)
        }

    def to_pandas(self) -> "pd.DataFrame":
        """The columns as a data frame.

        Raises:
            LogicsimError: pandas is not installed.
        """
        return pandas().DataFrame(dict(self.columns))


def read(folder: str | Path) -> Runs:
    """Read and judge the runs of a campaign, which may still be running.

    Raises:
        CampaignError: there is no campaign, or it is from another version.
    """
    table = stored(Path(folder))
    listings = {(each.task, each.name): each for each in table.listings}
    golden = Listing("", "", "", "", "", (), "")
    edges = _edges(table)
    rows = [
        _cells(row, outcome, listings.get((row.task, row.listed), golden), passed, edges)
        for (row, outcome), passed in zip(table.rows, judge(table), strict=True)
    ]
    if table.campaign.sample is None:
        rows += _unseen(table, edges)
    names = rows[0] if rows else ()
    return Runs({name: [row[name] for row in rows] for name in names}, table.listings, table.meta)


def _edges(table: Stored) -> Mapping[str, int]:
    """The edge (from 1) of each listed fault; 0 if it is on no edge or on several."""
    netlist = table.board.netlist()
    found = {}
    for each in table.listings:
        edges = {read_fault(name).place(netlist).edge or 0 for name in apart(each.name)}
        found[each.name] = edges.pop() if len(edges) == 1 else 0
    return found


def judge(table: Stored) -> Sequence[Verdict]:
    """The verdicts on all rows, each against the other golden runs of its task."""
    board, thresholds = table.board, table.campaign.verdict
    curves = {row.number: _curve(board, row, outcome) for row, outcome in table.rows}
    golden: dict[str, list[int]] = {}
    for row, outcome in table.rows:
        if not row.fault and not outcome.failure:
            golden.setdefault(row.task, []).append(row.number)

    @cache
    def standard(task: str, onset: int, but: int) -> Standard | None:
        known = golden.get(task, [])
        others = [curves[number] for number in known if number != but or len(known) == 1]
        return Standard.of(others, onset, thresholds) if others else None

    def passed(row: Row, outcome: Outcome) -> Verdict:
        if outcome.failure:
            return Verdict("failed", reason=outcome.failure)
        measure = standard(row.task, row.onset, 0 if row.fault else row.number)
        if measure is None:
            return Verdict("failed", reason="no golden run to compare with")
        return measure.judge(curves[row.number])

    return [passed(row, outcome) for row, outcome in table.rows]


def _curve(board: Board, row: Row, outcome: Outcome) -> Curve:
    task = board.task(row.task)[1]
    if isinstance(task, Classification) and len(outcome.accuracies):
        return of_accuracies(outcome.accuracies, len(task.data.classes))
    return of_errors(outcome.errors if len(outcome.errors) else [math.nan])


def _cells(
    row: Row, outcome: Outcome, listing: Listing, passed: Verdict, edges: Mapping[str, int]
) -> dict[str, Any]:
    return {
        "row": row.number, "fault": row.fault, "listed": row.listed, "kind": listing.kind,
        "site": listing.site, "part": listing.part, "edge": edges.get(row.listed, 0),
        "task": row.task, "steps": row.steps, "onset": row.onset, "seed": row.seed,
        "engine": row.engine, "verdict": passed.name, "after": passed.after,
        "raised": passed.raised, "reason": passed.reason,
        "errors": outcome.errors, "accuracies": outcome.accuracies,
        "codes_free": outcome.codes_free, "codes_clamped": outcome.codes_clamped,
        "violations": outcome.violations, "opposed": outcome.opposed, "events": outcome.events,
    }  # fmt: skip


def _unseen(table: Stored, edges: Mapping[str, int]) -> Sequence[dict[str, Any]]:
    """Rows for undetectable faults, as if they had been run."""
    campaign, board = table.campaign, table.board
    none = np.array([])
    found = []
    for each in table.listings:
        for seed in campaign.seeds if each.undetectable else ():
            steps = campaign.steps or board.task(each.task)[1].steps
            row = Row(0, each.name, each.name, each.task, steps, campaign.onset, seed,
                      campaign.engine)  # fmt: skip
            outcome = Outcome(0, none, none, (), (), {}, 0, 0)
            found.append(_cells(row, outcome, each,
                                Verdict("undetectable", reason=each.undetectable),
                                edges))  # fmt: skip
    return found
