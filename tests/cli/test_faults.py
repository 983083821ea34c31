import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.campaign.campaigns import SMALL, rows, written
from tests.cli.test_commands import LOGICSIM, Done, inside, is_told


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which a small campaign was run, into `out`, by as many processes as cores."""
    folder = tmp_path_factory.mktemp("done")
    ran = inside("faults", "run", written(folder), "--out", "out", "--quiet", folder=folder)
    assert ran == Done(0, "", "")
    return folder


def test_a_campaign_runs_and_says_so(tmp_path: Path) -> None:
    path = written(tmp_path)
    done = inside("faults", "run", path, "--out", "out", "--jobs", "1", folder=tmp_path)
    assert (done.status, done.err) == (0, "")
    total = len(rows(tmp_path / "out"))
    assert f"out: {total} of {total} runs, 0 of which came to no end" in done.out
    quiet = inside("faults", "run", path, "--out", "out", "--quiet", folder=tmp_path)
    assert (quiet.status, quiet.out, quiet.err) == (0, "", "")


def test_a_row_is_repeated_with_its_waveform(done: Path, tmp_path: Path) -> None:
    out = done / "out"
    told = inside("faults", "repeat", out, "9", "--vcd", "wave.vcd", folder=tmp_path)
    assert (told.status, told.err) == (0, "")
    assert "the same as stored" in told.out
    assert (tmp_path / "wave.vcd").read_text().startswith("$")
    assert is_told(inside("faults", "repeat", out, "999", folder=tmp_path), "no row 999")


def test_mistakes_are_told(tmp_path: Path) -> None:
    assert is_told(inside("faults", "run", "damagee", "--out", "o", folder=tmp_path), "'damage'")
    assert is_told(inside("faults", "repeat", "nowhere", "1", folder=tmp_path), "no campaign here")
    path = written(tmp_path, SMALL.replace("cut:edge1", "cut:edge77"))
    assert is_told(inside("faults", "run", path, "--out", "o", folder=tmp_path), "edge77")
    assert not (tmp_path / "o").exists()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_an_interrupted_campaign_keeps_what_is_done(tmp_path: Path) -> None:
    path = written(tmp_path, SMALL.replace("steps = 12", "steps = 3000"))
    command = [*LOGICSIM, "faults", "run", str(path), "--out", "out", "--jobs", "2"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as campaign:
        while not rows(tmp_path / "out"):
            assert campaign.poll() is None
            time.sleep(0.01)
        campaign.send_signal(signal.SIGINT)
        _, told = campaign.communicate(timeout=60)
    assert campaign.returncode == 130
    assert told.splitlines()[-1] == "logicsim: interrupted; what was finished is written"
    assert rows(tmp_path / "out")


def test_the_list_of_faults_and_as_json(tmp_path: Path) -> None:
    told = inside("faults", "list", "edge", folder=tmp_path)
    assert (told.status, told.err) == (0, "")
    assert "e.g. stuck-at-0:clock.trigger" in told.out
    data = json.loads(inside("faults", "list", "edge", "--json", "-", folder=tmp_path).out)
    entries = {entry["name"]: entry for entry in data["faults"]}
    assert entries["stuck-at-1:edge1.inverter.b"]["undetectable"] == "the pin is tied high"
    assert "missing:clock.cs" in entries["stuck-at-1:clock.cs"]["represents"]
    assert is_told(inside("faults", "list", "twin16", "--task", "x", folder=tmp_path), "'x'")


def test_a_report_is_written_beside_the_store(done: Path, tmp_path: Path) -> None:
    told = inside("faults", "report", "out", folder=done)
    assert (told.status, told.err) == (0, "")
    assert [Path(line).name for line in told.out.splitlines()] == [
        "report.html", "report.json", "runs.csv",
    ]  # fmt: skip
    assert is_told(inside("faults", "report", "none", folder=tmp_path), "no campaign here")
