"""A campaign on the vector engine: the same runs as the event engine's, in fewer moments."""

from pathlib import Path

import numpy as np

from logicsim.campaign import load, repeat, run
from logicsim.campaign.row import Outcome, Row
from logicsim.waveforms.read import read_trace
from tests.campaign.campaigns import rows, written

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


def _outcomes(folder: Path, text: str, jobs: int) -> dict[tuple[str, int, str], Outcome]:
    table = run(load(written(folder, text, f"c{jobs}")), folder / f"out{jobs}", jobs=jobs)
    return {_key(row): outcome for row, outcome in table.rows}


def _key(row: Row) -> tuple[str, int, str]:
    return row.fault, row.seed, row.task


def test_runs_are_those_of_the_event_engine(tmp_path: Path) -> None:
    event, vector = _outcomes(tmp_path, TEXT, 1), _outcomes(tmp_path, VECTOR, 2)
    assert event.keys() == vector.keys()
    for key, one in event.items():
        other = vector[key]
        assert not one.failure + other.failure, key
        assert one.codes_free == other.codes_free, key
        assert one.codes_clamped == other.codes_clamped, key
        assert one.opposed == other.opposed, key
        np.testing.assert_allclose(
            one.errors, other.errors, rtol=1e-9, atol=1e-12, err_msg=str(key)
        )
    left = {key[0].partition(":")[0] for key, outcome in vector.items() if outcome.events}
    assert left == {"late", "wired-or"}  # whose timing matters: the event engine ran them


def test_rows_are_the_same_however_they_are_shared_out(tmp_path: Path) -> None:
    for jobs in (1, 3):
        run(load(written(tmp_path, VECTOR)), tmp_path / str(jobs), jobs=jobs)
    assert rows(tmp_path / "1") == rows(tmp_path / "3")


def test_a_row_of_lanes_is_repeated_by_itself_to_the_bit(tmp_path: Path) -> None:
    table = run(load(written(tmp_path, VECTOR)), tmp_path / "out", jobs=1)
    for row, _ in table.rows[::17]:
        assert repeat(tmp_path / "out", row.number).same, row
    assert repeat(tmp_path / "out", 7, tmp_path / "wave.vcd").same
    assert read_trace(tmp_path / "wave.vcd").end > 0
