import csv
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from logicsim.api.trace import read_trace
from logicsim.board import load
from logicsim.cli.measure import command
from logicsim.core.errors import OutputError, TraceError
from logicsim.training.run import Waveform, plan, run
from tests.goldens import FOLDER

DIVIDER = str(FOLDER / "divider.vcd")


def call(arguments: Sequence[str | Path]) -> str:
    done = CliRunner().invoke(command, list(map(str, arguments)), catch_exceptions=True)
    if done.exception is not None:
        raise done.exception
    return done.output


def test_a_table_says_what_was_measured() -> None:
    out = call([DIVIDER])
    lines = out.splitlines()
    assert lines[0].split() == ["steps", "1"]
    assert lines[1].startswith("latch to step ")
    assert "266.7 us" in lines[1]
    assert lines[-2].split()[:2] == ["1", "6"]
    assert lines[-1].split()[:2] == ["2", "18"]
    assert all(len(line) <= 80 for line in lines)


def test_what_is_not_recorded_is_said() -> None:
    out = call([FOLDER / "clock.vcd"])
    assert "not recorded: edge1.a, " in out
    assert "and 3 more" in out


def test_json_on_standard_output_is_alone_there() -> None:
    assert json.loads(call([DIVIDER, "--json", "-"])) == json.loads(
        json.dumps(read_trace(DIVIDER).measure().as_json())
    )


def test_json_and_csv_files_are_written(tmp_path: Path) -> None:
    out = call([DIVIDER, "--json", tmp_path / "m.json", "--csv", tmp_path / "m.csv"])
    assert out.startswith("steps")
    assert json.loads((tmp_path / "m.json").read_text())["steps"] == 1
    with (tmp_path / "m.csv").open(newline="") as file:
        assert [row["edge"] for row in csv.DictReader(file)] == ["1", "2"]


def test_the_threshold_of_glitches_is_the_users() -> None:
    few, many = (
        json.loads(call([DIVIDER, "--glitch", glitch, "--json", "-"]))["edges"][0]["glitches_up"]
        for glitch in ("20 ns", "1 ms")
    )
    assert few == 0
    assert many > 10


@pytest.mark.parametrize("glitch", ["soon", "20 mV", "-1 ns", "inf"])
def test_a_wrong_threshold_is_refused(glitch: str) -> None:
    done = CliRunner().invoke(command, [DIVIDER, f"--glitch={glitch}"])
    assert done.exit_code == 2
    assert "--glitch: " in done.output


def test_a_wrong_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "missing.vcd"
    with pytest.raises(TraceError, match=r"missing\.vcd: No such file"):
        call([path])


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="missing"):
        call([DIVIDER, "--csv", tmp_path / "missing" / "m.csv"])


def test_a_board_says_what_the_signals_of_another_circuit_are(tmp_path: Path) -> None:
    circuit = Path(__file__).parents[1] / "circuits" / "nand.toml"
    board = load("divider", {"edge.circuit": str(circuit)})
    run(board, plan(board, ["1 V"], 3), waveform=Waveform(tmp_path / "w.vcd"))
    named = ["--board", "divider", "--set", f"edge.circuit={circuit}", "--json", "-"]
    told, guessed = (
        json.loads(call([tmp_path / "w.vcd", *options])) for options in (named, ["--json", "-"])
    )
    # By the names of the paper's circuit the latch would be the chip select's fall: an inverter
    # earlier than the flop is clocked.
    flop, inverter = board.parts.dflop.clock_to_q.typ, board.parts.not_.rise.typ
    assert told["edges"][0]["latch"]["most_s"] == pytest.approx(flop)
    assert guessed["edges"][0]["latch"]["most_s"] == pytest.approx(flop + inverter)
