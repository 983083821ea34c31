"""Small campaigns, and the content of their stores."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np

from logicsim.campaign.row import Outcome

FAULTS = ["stuck-at-*:edge1.u*", "offset:edge*.comparator_a=*", "cut:edge1@4-6"]

SMALL = f"""
board = "divider"
task = ["3.75 V", "1 V"]
steps = 12
seeds = 2
faults = {FAULTS}
"""


def written(folder: Path, text: str = SMALL, name: str = "small") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text)
    return path


def rows(folder: Path) -> list[tuple[object, ...]]:
    """What SQLite itself says is there."""
    if not (folder / "campaign.sqlite").exists():
        return []
    connection = sqlite3.connect(folder / "campaign.sqlite")
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        if not connection.execute("SELECT * FROM sqlite_schema").fetchone():
            return []
        return connection.execute("SELECT * FROM runs ORDER BY row").fetchall()
    finally:
        connection.close()


def assert_same(one: Outcome, other: Outcome, name: str) -> None:
    """Both engines came to the same: codes alike, errors up to rounding."""
    assert not one.failure + other.failure, name
    assert one.codes_free == other.codes_free, name
    assert one.codes_clamped == other.codes_clamped, name
    assert one.opposed == other.opposed, name
    np.testing.assert_allclose(one.errors, other.errors, rtol=1e-9, atol=1e-12, err_msg=name)


def count(folder: Path) -> int:
    """How many rows are there by now."""
    if not (folder / "campaign.sqlite").exists():
        return 0
    with closing(sqlite3.connect(folder / "campaign.sqlite")) as connection:
        try:
            return int(connection.execute("SELECT COUNT(*) FROM runs").fetchone()[0])
        except sqlite3.OperationalError:  # it is being made
            return 0
