"""The table of every claim, the paper's value, ours, and the verdict, as CSV and Markdown."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Final

from logicsim.core.files import write_text
from logicsim.paper.claim import Claim

HEADER: Final = ("figure", "claim", "paper", "measured", "low", "high", "verdict")

Rows = Mapping[str, Sequence[Claim]]  # by figure


def write_table(folder: Path, rows: Rows) -> None:
    """Write `table.csv` and `table.md`.

    Raises:
        OutputError: they cannot be written.
    """
    write_text(folder / "table.csv", as_csv(rows))
    write_text(folder / "table.md", as_markdown(rows))


def as_csv(rows: Rows) -> str:
    """A header and a line for each claim; numbers have four digits, proportions are 0 to 1."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(cells(rows))
    return text.getvalue()


def as_markdown(rows: Rows) -> str:
    """The table for a README; a bad verdict is bold."""
    lines = ["| " + " | ".join(HEADER) + " |", "|---|---|---|---:|---:|---:|---|"]
    for *row, verdict in cells(rows):
        shown = f"**{verdict}**" if verdict == "not reached" else verdict
        lines.append("| " + " | ".join(cell.replace("|", r"\|") for cell in [*row, shown]) + " |")
    return "\n".join(lines) + "\n"


def cells(rows: Rows) -> list[list[str]]:
    """The text of one row for each claim, in the order of `HEADER`."""
    return [
        [
            name,
            *(f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in astuple(claim)),
        ]
        for name, claims in rows.items()
        for claim in claims
    ]
