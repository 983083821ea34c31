"""Repeating a single row from the data in the store."""

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from logicsim.campaign.execute import execute, outcome
from logicsim.campaign.row import Outcome, Row
from logicsim.campaign.store import FILE, stored
from logicsim.core.errors import CampaignError
from logicsim.training.run import Waveform


class Repeated(NamedTuple):
    """A row, its new outcome, and whether that equals the outcome in the store."""

    row: Row
    outcome: Outcome
    same: bool


def repeat(folder: Path, number: int, vcd: Path | None = None) -> Repeated:
    """Run a row of a campaign again.

    Args:
        vcd: a waveform to write.

    Raises:
        CampaignError: there is no such row, or no such campaign.
        OutputError: the waveform cannot be written.
    """
    table = stored(folder)
    rows = {row.number: (row, then) for row, then in table.rows}
    if number not in rows:
        raise CampaignError(f"{folder / FILE}: there is no row {number}; {len(rows)} are there")
    row, then = rows[number]
    (now,) = execute(table.board, [row])
    if vcd is not None:
        outcome(table.board, row, Waveform(vcd))
    return Repeated(row, now, _same(then, now))


def _same(one: Outcome, other: Outcome) -> bool:
    """Whether two outcomes are equal, where NaN equals NaN."""
    none = np.array([])
    rest = [replace(each, errors=none, accuracies=none, codes_free=list(each.codes_free),
                    codes_clamped=list(each.codes_clamped)) for each in (one, other)]  # fmt: skip
    return (
        np.array_equal(one.errors, other.errors, equal_nan=True)
        and np.array_equal(one.accuracies, other.accuracies, equal_nan=True)
        and repr(rest[0]) == repr(rest[1])
    )
