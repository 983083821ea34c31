import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from logicsim.bench.contenders import OTHERS, Contender
from logicsim.bench.digital import icarus
from logicsim.cli.bench import command


def test_bench_prints_writes_and_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    absent = Contender("far away", icarus, 20, ("no-such-program", "-V"))
    others = [other for other in OTHERS if other.name == "numpy loop"]
    monkeypatch.setattr("logicsim.bench.compare.OTHERS", (*others, absent))
    result, picture = tmp_path / "speed.json", tmp_path / "speed.png"
    done = CliRunner().invoke(
        command,
        ["--sizes", "16", "--seconds", "0.01", "--json", str(result), "--png", str(picture)],
    )
    assert done.exit_code == 0
    assert "event engine over" in done.output
    assert " numpy loop" in done.output
    assert "not installed: far away" in done.output
    data = json.loads(result.read_text())
    assert data["machine"]["cores"] >= 1
    assert {"numpy", "scipy", "simpy"} <= data["versions"].keys()
    rates = {name: at["16"] for name, at in data["steps_per_s"].items()}
    ratio = data["ratios"]["event engine"]["numpy loop"]["16"]
    assert ratio == pytest.approx(rates["event engine"] / rates["numpy loop"])
    assert data["crossings"]["event engine"] is None
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("sizes", ["", "16,", "0", "1e3", "16;33", "99999999"])
def test_wrong_sizes_are_refused(sizes: str) -> None:
    done = CliRunner().invoke(command, ["--sizes", sizes])
    assert done.exit_code == 2
    assert "write numbers of edges" in done.output
