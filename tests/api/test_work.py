"""Campaigns, speed comparisons and the paper, from Python."""

from pathlib import Path

import pytest

import logicsim
from logicsim.core.errors import CampaignError, LogicsimError

CAMPAIGN = """
board = "divider"
task = ["1 V"]
steps = 40
seeds = [1]
faults = ["stuck-at-0:edge1.ud", "cut:edge2"]
"""


def test_a_campaign_is_run_read_repeated_and_reported(tmp_path: Path) -> None:
    (tmp_path / "few.toml").write_text(CAMPAIGN)
    runs = logicsim.run_campaign(tmp_path / "few.toml", tmp_path / "few", jobs=1)
    assert len(runs) == 3
    again = logicsim.read_campaign(str(tmp_path / "few"))
    assert list(again["verdict"]) == list(runs["verdict"])
    assert "broken" in set(runs["verdict"])
    assert runs.to_pandas().shape[0] == 3
    row = list(runs["fault"]).index("stuck-at-0:edge1.ud")
    repeated = logicsim.repeat_run(tmp_path / "few", runs["row"][row], vcd=tmp_path / "w.vcd")
    assert repeated.same
    assert set(logicsim.read_trace(tmp_path / "w.vcd")["edge1.ud"].values[1:]) <= {"0"}
    paths = logicsim.write_report(str(tmp_path / "few"))
    assert [path.name for path in paths] == ["report.html", "report.json", "runs.csv"]
    assert all(path.stat().st_size for path in paths)
    with pytest.raises(CampaignError, match="there is no campaign 'twin17'"):
        logicsim.run_campaign("twin17", tmp_path)


def test_the_race_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logicsim.bench.compare.OTHERS", ())  # tests/bench has them race
    outcome = logicsim.run_bench([16], seconds=0.05)
    assert {"vector engine", "event engine"} <= set(outcome.speeds)


def test_a_figure_of_the_paper_is_made(tmp_path: Path) -> None:
    claims = logicsim.make_paper("stagger", out=tmp_path / "paper", jobs=1)
    assert list(claims) == ["stagger"]
    assert {p.name for p in (tmp_path / "paper").iterdir()} == {
        "stagger.png", "stagger.pdf", "table.csv", "table.md",
    }  # fmt: skip
    with pytest.raises(LogicsimError, match="no figure 'fig3f'; did you mean 'fig3"):
        logicsim.make_paper("fig3f", out=tmp_path / "none")
    assert not (tmp_path / "none").exists()
