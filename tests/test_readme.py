"""The README's Python is correct: every block runs, each in a fresh place."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import logicsim

README = Path(__file__).parent.parent / "README.md"
TEXT = README.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)

# A campaign by the name that the README reads, of few runs.
CAMPAIGN = """
board = "twin16"
task = ["iv"]
steps = 5
seeds = [1]
faults = ["cut:edge3"]
"""


def test_there_are_blocks() -> None:
    assert len(BLOCKS) >= 3


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_a_block_runs_as_it_stands(block: str, tmp_path: Path) -> None:
    if 'read("twin16")' in block:
        (tmp_path / "few.toml").write_text(CAMPAIGN)
        logicsim.run_campaign(tmp_path / "few.toml", tmp_path / "twin16", jobs=1)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", block], cwd=tmp_path, capture_output=True, text=True,
        check=False, timeout=300, env={**os.environ, "MPLBACKEND": "agg"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
