"""`logicsim export`: files for other programs, or one line of error and no file."""

import json
import sys
from pathlib import Path

import pytest

from logicsim.cli import main

QUIET = "--set parts.comparator.noise=0"


def command(monkeypatch: pytest.MonkeyPatch, words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["logicsim", *words.split()])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "sign"),
    [
        (f"export divider --to spice -o f --steps 3 {QUIET}", ".end"),
        ("export divider --to verilog -o f --steps 3", "module machine"),
        ("export divider --to gtkw -o f", "divider.edge2.ud"),
        ("export twin16 --to wavedrom -o f --steps 3 --edge 16", '"edge16"'),
    ],
)
def test_each_target_writes_its_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch, words: str, sign: str
) -> None:
    assert command(monkeypatch, words) == 0
    assert sign in (folder / "f").read_text()


def test_wavedrom_shows_the_last_of_the_steps(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command(monkeypatch, f"export divider --to wavedrom -o f --steps 4 {QUIET}") == 0
    _, edge = json.loads((folder / "f").read_text())["signal"]
    (codes,) = (lane["data"] for lane in edge[1:] if lane["name"] == "code_free")
    assert codes == ["61", "60"]  # from 64, down one a step towards 3.75 V


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("export divider --to spice -o f", "parts.comparator.noise"),
        ("export divider --to spicy -o f", "spice"),
        ("export divider --to verilog -o no/f", "No such file"),
        ("export divider --to wavedrom -o f --edge 3", "edges are 1 to 2"),
        ("export divider --to verilog -o f --task 3.7", "'3.75 V'"),
        ("export dividr --to verilog -o f", "'divider'"),
        ("export divider --to verilog", "-o"),
    ],
)
def test_a_mistake_is_one_line_and_no_file(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: str,
    reason: str,
) -> None:
    assert command(monkeypatch, words) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert streams.err.count("\n") == 1
    assert reason in streams.err
    assert list(folder.iterdir()) == []
