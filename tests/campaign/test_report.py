"""The report, compared with the store, in a campaign small enough to know by hand."""

import csv
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from logicsim.campaign import load, read, run
from logicsim.campaign.report import harm, killers, write_report
from tests.campaign.campaigns import written

TEXT = """
board = "divider"
task = "1 V"
steps = 100
seeds = 2
faults = ["cut:edge1", "stuck-at-*:edge2.ud", "stuck-at-1:edge1.inverter.b", "offset:edge*"]
"""


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("campaign")
    run(load(written(folder, TEXT, "a<script>")), folder / "out", jobs=1)
    write_report(folder / "out")
    return folder / "out"


def test_the_loss_of_the_upper_edge_of_a_divider_is_the_end_of_it(done: Path) -> None:
    # Its output is then at 0 V, whatever the other edge does: 1 V^2 wrong.
    runs = read(done)
    cut = [errors[-1] for errors, fault in zip(runs["errors"], runs["fault"], strict=True)
           if fault == "cut:edge1"]  # fmt: skip
    assert cut == [pytest.approx(1.0)] * 2
    found = harm(runs, "1 V")
    assert list(found) == ["the loss of an edge", "the worst fault of an edge"]
    assert list(found["the loss of an edge"]) == [1]
    assert found["the loss of an edge"][1] > 10
    fatal = {each["fault"]: each["row"] for each in killers(runs)}
    assert "stuck-at-1:edge1.inverter.b" not in fatal  # it is tied high as it is
    assert runs["fault"][list(runs["row"]).index(fatal["cut:edge1"])] == "cut:edge1"


def test_json_and_csv_have_what_the_page_has(done: Path) -> None:
    told = json.loads((done / "report.json").read_text())
    rows = list(csv.DictReader((done / "runs.csv").read_text().splitlines()))
    assert sum(told["verdicts"].values()) == sum(bool(row["fault"]) for row in rows)
    for table in ("by_kind", "by_part"):
        for shares in told[table].values():
            of = {share["of"] for share in shares.values()}
            assert sum(share["count"] for share in shares.values()) == of.pop()
            assert all(0 <= s["low"] <= s["count"] / s["of"] <= s["high"] <= 1
                       for s in shares.values())  # fmt: skip


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_page_needs_nothing_else_and_runs_nothing(done: Path) -> None:
    text = (done / "report.html").read_text()
    page = _Page()
    page.feed(text)
    sources = [
        attrs[key] or "" for _, attrs in page.tags for key in ("src", "href") if key in attrs
    ]
    assert len(sources) == 2
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert "script" not in {tag for tag, _ in page.tags}  # the campaign's name is one
    assert not re.search(r"url\(|@import", text)
