"""Campaigns on circuits that are not the paper's: both engines write the same rows."""

from pathlib import Path

import pytest

from logicsim.campaign import load, run
from logicsim.campaign.row import Outcome
from tests.campaign.campaigns import assert_same, written
from tests.circuits import FOREIGN

STUCK = """
board = "divider"
settings = {settings}
task = "3.75 V"
steps = 8
seeds = 1
faults = "stuck-at-*"
engine = "{engine}"
"""


def _outcomes(name: str, engine: str, folder: Path) -> dict[str, Outcome]:
    settings = ", ".join(f'"{key}" = "{file}"' for key, file in FOREIGN[name].items())
    text = STUCK.format(settings=f"{{{settings}}}", engine=engine)
    stored = run(load(written(folder, text, engine)), folder / engine, jobs=1)
    return {row.fault: outcome for row, outcome in stored.rows}


@pytest.mark.slow
@pytest.mark.parametrize("name", FOREIGN)
def test_both_engines_write_the_same_rows(name: str, tmp_path: Path) -> None:
    event, vector = (_outcomes(name, engine, tmp_path) for engine in ("event", "vector"))
    assert event.keys() == vector.keys()
    assert len(event) > 40
    handled = 0
    for fault, one in event.items():
        assert_same(one, vector[fault], fault)
        handled += not vector[fault].events  # the event engine ran the others
    assert handled > 40
