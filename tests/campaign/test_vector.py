"""Campaigns on the vector engine: the same runs as on the event engine, in less time."""

from pathlib import Path

import pytest

from logicsim.campaign import load, repeat, run
from logicsim.campaign.row import Outcome, Row
from logicsim.campaign.store import Stored
from logicsim.waveforms.read import read_trace
from tests.campaign.campaigns import assert_same, rows, written

TEXT = """
board = "divider"
task = ["3.75 V", "1 V"]
steps = 25
seeds = 2
faults = [
    "stuck-at-*:edge1.*", "open:edge2*", "offset:*", "resistance:*", "missed:*", "cut:edge1@6-9",
    "late:edge1.xor*", "wired-or:edge1.a*",
    "stuck-at-0:edge1.a%0.5 + wiper-at:edge2.digipot_free=3",
]
"""
VECTOR = TEXT + 'engine = "vector"\n'


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Stored]:
    """What one worker made of it: the folder, and what is in it."""
    folder = tmp_path_factory.mktemp("alone")
    return folder, run(load(written(folder, VECTOR)), folder, jobs=1)


def _outcomes(table: Stored) -> dict[tuple[str, int, str], Outcome]:
    return {_key(row): outcome for row, outcome in table.rows}


def _key(row: Row) -> tuple[str, int, str]:
    return row.fault, row.seed, row.task


def test_runs_are_those_of_the_event_engine(alone: tuple[Path, Stored], tmp_path: Path) -> None:
    event = _outcomes(run(load(written(tmp_path, TEXT)), tmp_path, jobs=1))
    vector = _outcomes(alone[1])
    assert event.keys() == vector.keys()
    for key, one in event.items():
        assert_same(one, vector[key], str(key))
    left = {key[0].partition(":")[0] for key, outcome in vector.items() if outcome.events}
    assert left == {"late", "wired-or"}  # whose timing matters: the event engine ran them


def test_rows_are_the_same_however_they_are_shared_out(
    alone: tuple[Path, Stored], tmp_path: Path
) -> None:
    run(load(written(tmp_path, VECTOR)), tmp_path, jobs=3)
    assert rows(tmp_path) == rows(alone[0])


def test_a_row_of_lanes_is_repeated_by_itself_to_the_bit(
    alone: tuple[Path, Stored], tmp_path: Path
) -> None:
    folder, table = alone
    for row, _ in table.rows[::17]:
        assert repeat(folder, row.number).same, row
    assert repeat(folder, 7, tmp_path / "wave.vcd").same
    assert read_trace(tmp_path / "wave.vcd").end > 0
