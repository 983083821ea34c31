import json
from collections.abc import Sequence
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from logicsim.cli.timing import command
from logicsim.core.errors import BoardError, OutputError


def call(*arguments: str | Path) -> str:
    done = CliRunner().invoke(
        command, list(map(str, arguments)), standalone_mode=False, catch_exceptions=True
    )
    if done.exception is not None:
        raise done.exception
    return done.output


def test_another_rate_and_corner_are_asked_about() -> None:
    out = call("divider", "--rate", "8 Hz", "--corner", "max")
    assert out.startswith("Board divider, corner max, 8 Hz: a step is 125 ms.\n")
    assert "VIOLATED" not in out


def test_json_alone_on_standard_output() -> None:
    told = json.loads(call("divider", "--rate", "20 Hz", "--json", "-"))
    assert told["rate_hz"] == 20
    assert not told["met"]


def test_json_and_picture_are_written(tmp_path: Path) -> None:
    call("divider", "--json", tmp_path / "t.json", "--png", tmp_path / "t.png")
    assert json.loads((tmp_path / "t.json").read_text())["board"] == "divider"
    assert (tmp_path / "t.png").read_bytes().startswith(b"\x89PNG")


def test_a_lot_is_the_same_whatever_rate_is_asked_about() -> None:
    slow, fast = (
        json.loads(call("edge", "--yield", "8", "--seed", "3", "--rate", rate, "--json", "-"))
        for rate in ("4 Hz", "11 Hz")
    )
    assert slow["yield"]["max_rates_hz"] == fast["yield"]["max_rates_hz"]
    points = fast["yield"]["points"]
    assert 11.0 in [point["rate_hz"] for point in points]
    for point in points:
        working = sum(rate >= point["rate_hz"] for rate in fast["yield"]["max_rates_hz"])
        assert point["yield"] == working / 8
        assert point["low"] <= point["yield"] <= point["high"]
    shown = call("edge", "--yield", "8", "--seed", "3", "--jitter", "1 ms")
    assert "Yield of 8 machines, 0 to 70 degrees Celsius, 1 ms rms jitter, seed 3" in shown


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--rate", "1 GHz"], "a step settles twice for 2e-05 s, so 1e+09 Hz is too fast"),
        (["--rate", "0"], "clock.rate: 0.0: input should be greater than 0"),
        (["--rate", "quick"], "clock.rate: 'quick' is not a quantity in Hz"),
        (["--set", "parts.xor.rise={min=5e-9,typ=3e-9,max=1e-9}"], "the corners contradict: min"),
        (
            ["--set", "parts.xor.rise={typ=3e-9}"],
            "parts.xor.rise: 'max' is missing; give min, typ and max",
        ),
    ],
)
def test_a_bad_board_is_one_line(arguments: Sequence[str], text: str) -> None:
    with pytest.raises(BoardError) as caught:
        call("divider", *arguments)
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--rate", "4 Hz", "--set", "clock.rate=5"], "--rate and --set clock.rate contradict"),
        (["--corner", "fast"], "'fast' is not one of 'min', 'typ', 'max'"),
        (["--temperature", "70:0"], "write LOW:HIGH in degrees Celsius between -55 and 125"),
        (["--temperature", "warm"], "write LOW:HIGH in degrees Celsius"),
        (["--temperature", "nan:nan"], "write LOW:HIGH in degrees Celsius"),
        (["--jitter", "3 V"], "'3 V' is not a quantity in s"),
        (["--jitter", "-1 ms"], "it must not be negative"),
        (["--yield", "0"], "0 is not in the range"),
    ],
)
def test_a_bad_option_is_told(arguments: Sequence[str], text: str) -> None:
    with pytest.raises(click.UsageError) as caught:
        call("divider", *arguments)
    assert text in str(caught.value.format_message())


def test_what_cannot_be_written_is_told_before_the_analysis(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        call("divider", "--json", tmp_path / "none" / "t.json")
