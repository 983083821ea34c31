import contextlib
import csv
import io
import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from logicsim.board import load
from logicsim.cli import main
from logicsim.core.files import shipped_boards
from logicsim.parts.chips import chip_file
from logicsim.waveforms.vcd import read_vcd

LOGICSIM = [sys.executable, "-m", "logicsim"]
FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="no device here that is always full")
needs_signals = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

# Runs logicsim with files limited to so many bytes: what a full disk looks like to a program.
SMALL_DISK = """
import resource, runpy, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
del sys.argv[1]
runpy.run_module("logicsim", run_name="__main__", alter_sys=True)
"""


@dataclass(frozen=True)
class Done:
    status: int
    out: str
    err: str


def logicsim(*arguments: str | Path, folder: Path, program: Sequence[str] = LOGICSIM) -> Done:
    done = subprocess.run(
        [*program, *map(str, arguments)], cwd=folder, capture_output=True, text=True,
        encoding="utf-8", timeout=120, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


def inside(*arguments: str | Path, folder: Path, encoding: str = "utf-8") -> Done:
    """logicsim in this process, which is quicker to start.

    An exception that reaches its user fails the test by itself.
    """
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding, write_through=True) for _ in range(2))
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["logicsim", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
    assert isinstance(left.value.code, int)
    return Done(left.value.code, *map(_written, (out, err)))


def _written(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


@pytest.fixture
def here(tmp_path: Path) -> Callable[..., Done]:
    return partial(inside, folder=tmp_path)


def is_told(done: Done, *words: str) -> bool:
    """The maps of every mistake: exit status 2 and one line on standard error, nothing else."""
    assert done.status == 2, done
    assert "Traceback" not in done.err
    assert done.out == ""
    assert done.err.startswith("logicsim: ")
    assert done.err.endswith("\n")
    assert len(done.err.splitlines()) == 1, done.err
    assert [word for word in words if word not in done.err] == [], done.err
    return True


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@dataclass(frozen=True)
class Trained:
    folder: Path
    done: Done


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("trained")
    done = logicsim(
        "run", "divider", "--task", "1 V", "--task", "3.75 V", "--steps", "3", "--seed", "83",
        "--set", "parts.comparator.noise=0", "--set", "clock.rate=5 Hz", "--vcd", "w.vcd",
        "--out", "new/out", "--json", "r.json", folder=folder,
    )  # fmt: skip
    assert done.status == 0, done.err
    return Trained(folder, done)


# What works


def test_boards_lists_every_shipped_board_with_its_title(tmp_path: Path) -> None:
    done = inside("boards", folder=tmp_path)
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    for name in ("divider", "edge", "twin16"):
        (line,) = [line for line in lines if line.split()[0] == name]
        assert load(name).title in line


def test_what_ships_is_listed_a_line_each(here: Callable[..., Done]) -> None:
    for command, folder in (("edges", "edges"), ("clocks", "clocks"), ("chips", "chips")):
        done = here(command)
        assert (done.status, done.err) == (0, "")
        names = {path.stem for path in (shipped_boards() / folder).glob("*.toml")}
        assert {line.split()[0] for line in done.out.splitlines()} == names
    (line,) = [line for line in done.out.splitlines() if line.startswith("SN74HC74")]
    assert line.split(maxsplit=2)[1:] == ["d-flop", chip_file("SN74HC74").title]


def test_show_counts_what_is_soldered_and_draws_the_network(tmp_path: Path) -> None:
    done = inside("show", "twin16", "--png", "n.png", "--set", "clock.rate=8", folder=tmp_path)
    assert (done.status, done.err) == (0, "")
    for words in ("9 nodes", "16 edges", "32 LM339A", "16 CD74HC73", "32 AD5220-100k", "8 steps/s"):
        assert words in done.out
    for task in ("ii", "iii", "iv", "v"):
        assert f"'{task}'" in done.out
    assert (tmp_path / "n.png").read_bytes().startswith(b"\x89PNG")
    assert names(tmp_path) == {"n.png"}


def test_run_writes_what_it_was_asked_for(trained: Trained) -> None:
    assert names(trained.folder) == {
        "w.vcd", "w.gtkw", "r.json", "new/out/history.csv", "new/out/history.png",
        "new/out/result.json",
    }  # fmt: skip
    assert trained.done.err == ""
    table = trained.done.out.splitlines()
    assert [line.split()[:3] for line in table[1:3]] == [["1", "V", "3"], ["3.75", "V", "3"]]


def test_run_obeys_its_options(trained: Trained) -> None:
    result = json.loads((trained.folder / "r.json").read_text())
    assert result["seed"] == 83
    assert result["solver"] == "dense"
    assert [(t["name"], t["steps"]) for t in result["tasks"]] == [("1 V", 3), ("3.75 V", 3)]
    assert result["tasks"][0]["error_first"] == pytest.approx(1.5**2)
    assert result == json.loads((trained.folder / "new" / "out" / "result.json").read_text())
    with (trained.folder / "new" / "out" / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert float(rows[1]["time_s"]) - float(rows[0]["time_s"]) == pytest.approx(1 / 5)
    assert read_vcd(trained.folder / "w.vcd")["supervisor.task"].values.tolist() == [0, 3, 1]


def test_json_on_standard_output_is_json_alone(tmp_path: Path, trained: Trained) -> None:
    done = inside(
        "run", "divider", "--task", "1 V", "--task", "3.75 V", "--steps", "3", "--seed", "83",
        "--set", "parts.comparator.noise=0", "--set", "clock.rate=5 Hz", "--json", "-",
        folder=tmp_path,
    )  # fmt: skip
    assert done.status == 0
    result, before = json.loads(done.out), json.loads((trained.folder / "r.json").read_text())
    for volatile in ("wall_s", "steps_per_s"):
        del result[volatile], before[volatile]
    assert result == before  # with or without files beside it
    assert "1 V" in done.err
    assert names(tmp_path) == set()


def test_quiet_is_silent(tmp_path: Path) -> None:
    done = inside("run", "edge", "--steps", "1", "--quiet", "--json", "r.json", folder=tmp_path)
    assert done == Done(0, "", "")
    assert names(tmp_path) == {"r.json"}


def test_probe_and_window_choose_what_goes_into_the_waveform(tmp_path: Path) -> None:
    done = inside(
        "run", "divider", "--steps", "2", "--quiet", "--vcd", "w.vcd", "--probe", "node2.*",
        "--probe", "supervisor.step", "--window", "3:4", folder=tmp_path,
    )  # fmt: skip
    assert done == Done(0, "", "")
    trace = read_vcd(tmp_path / "w.vcd")
    assert trace.histories.keys() == {"node2.free", "node2.clamped", "supervisor.step"}
    assert trace["supervisor.step"].values.tolist() == [1, 2]
    assert 2 * 0.25 < trace["supervisor.step"].times[0] * 1e-12 < 3 * 0.25


def test_a_board_is_run_from_its_path(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(board_text("5 V"))
    done = inside("run", "mine.toml", "--steps", "1", "--json", "-", folder=tmp_path)
    assert done.status == 0
    assert json.loads(done.out)["board"] == "mine"


def board_text(volts: str, name: str = "a") -> str:
    return (
        'name = "mine"\n[network]\nnodes = 3\nedges = [[1, 2], [2, 3]]\n'
        f'[[tasks]]\nname = "{name}"\nkind = "allostery"\nsteps = 2\n'
        f'inputs = {{ 1 = "{volts}", 3 = "0 V" }}\noutputs = {{ 2 = "1 V" }}\n'
    )


@pytest.mark.parametrize("name", ["[/bold]", "[red]x", "[bold", "100 %", "\\\\[x]", "学"])
def test_a_task_name_is_shown_as_it_is(
    here: Callable[..., Done], tmp_path: Path, name: str
) -> None:
    (tmp_path / "mine.toml").write_text(board_text("5 V", name), encoding="utf-8")
    done = here("run", "mine.toml")
    assert (done.status, done.err) == (0, "")
    assert name.replace("\\\\", "\\") in done.out


def test_a_terminal_without_unicode_gets_the_table_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = logicsim("run", "edge", "--steps", "1", folder=tmp_path)
    assert (done.status, done.err) == (0, "")


# diff


@pytest.fixture(scope="module")
def waveforms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs that differ by half a volt at the input, recorded there."""
    folder = tmp_path_factory.mktemp("waveforms")
    for name, volts in (("five", "5 V"), ("more", "5.5 V")):
        (folder / f"{name}.toml").write_text(board_text(volts))
        done = inside(
            "run", f"{name}.toml", "--quiet", "--vcd", f"{name}.vcd", "--probe", "node1.*",
            "--probe", "node3.*", folder=folder,
        )  # fmt: skip
        assert done == Done(0, "", "")
    (folder / "other.vcd").write_text("this is no waveform\n")
    (folder / "empty.vcd").write_text("")
    (folder / "binary.vcd").write_bytes(bytes(range(256)) * 8)
    return folder


def test_a_waveform_equals_itself(waveforms: Path) -> None:
    assert inside("diff", "five.vcd", "five.vcd", folder=waveforms).status == 0


def test_a_difference_is_told_with_signal_time_and_amount(waveforms: Path) -> None:
    done = inside("diff", "five.vcd", "more.vcd", folder=waveforms)
    assert (done.status, done.err) == (1, "")
    lines = done.out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["node1.clamped", "node1.free"]
    imposed = (load(waveforms / "five.toml").timetable.first + 1) * 1e-12
    for line in lines:
        told = re.search(r"at ([0-9.]+) s: 5 \| 5\.5  \(\+0\.5 V\)", line)
        assert told is not None, line
        assert float(told[1]) == pytest.approx(imposed, abs=1e-12)


@pytest.mark.parametrize(
    ("tolerance", "status"), [("0.6 V", 0), ("600 mV", 0), ("0.6", 0), ("499 mV", 1), ("0", 1)]
)
def test_a_tolerance_is_a_voltage(
    here: Callable[..., Done], waveforms: Path, tolerance: str, status: int
) -> None:
    done = here("diff", "five.vcd", "more.vcd", "--tolerance", tolerance, folder=waveforms)
    assert (done.status, done.err) == (status, "")


def test_a_missing_signal_is_a_difference(trained: Trained, waveforms: Path) -> None:
    done = inside("diff", waveforms / "five.vcd", "w.vcd", folder=trained.folder)
    assert done.status == 1
    assert "clock.clk: absent | present" in done.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["five.vcd", "no.vcd"], ["no.vcd", "No such file"]),
        (["other.vcd", "five.vcd"], ["other.vcd"]),
        (["five.vcd", "empty.vcd"], ["empty.vcd"]),
        (["five.vcd", "binary.vcd"], ["binary.vcd"]),
        (["five.vcd", "."], [".: "]),
        (["five.vcd"], ["'B'"]),
        (["five.vcd", "more.vcd", "--tolerance", "1 A"], ["--tolerance", "'1 A'", "V"]),
        (["five.vcd", "more.vcd", "--tolerance", "-1 V"], ["--tolerance", "negative"]),
        (["five.vcd", "more.vcd", "--tolerance", "nan"], ["--tolerance", "nan"]),
        (["five.vcd", "more.vcd", "--tolerance", ""], ["--tolerance"]),
    ],
)
def test_a_mistake_in_diff_is_told_in_one_line(
    here: Callable[..., Done], waveforms: Path, arguments: list[str], words: list[str]
) -> None:
    assert is_told(here("diff", *arguments, folder=waveforms), *words)


# Mistakes


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    """A folder with a few things to trip over."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "empty.toml").write_text("")
    (tmp_path / "idle.toml").write_text(board_text("5 V").partition("[[tasks]]")[0])
    return tmp_path


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("rnu divider", ["'rnu'", "'run'"]),
        ("run", ["BOARD"]),
        ("run dividr", ["'dividr'", "'divider'"]),
        ("show twin61", ["'twin61'", "'twin16'"]),
        ("run ./dividr.toml", ["dividr.toml", "No such file"]),
        ("run folder.toml", ["folder.toml", "directory"]),
        ("run empty.toml", ["empty.toml", "empty"]),
        ("run idle.toml", ["mine", "no tasks"]),
        (f"run {'x' * 300}", ["xxx"]),
        ("run divider --sed 3", ["--sed", "--seed"]),
        ("run divider extra", ["extra"]),
        ("run divider --task 5_V", ["'5_V'", "V'"]),
        ("run divider --steps 0", ["--steps", "0"]),
        ("run divider --steps many", ["--steps", "many"]),
        ("run divider --seed -1", ["--seed", "-1"]),
        ("run divider --seed 18446744073709551616", ["--seed"]),
        ("run divider --set clock.rat=4", ["clock", "'rat'", "'rate'"]),
        ("run divider --set clock.rate", ["--set", "KEY=VALUE"]),
        ("run divider --set =4", ["--set", "KEY=VALUE"]),
        ("run divider --set clock..rate=4", ["--set", "KEY=VALUE"]),
        ("run divider --set clock.rate=4kg", ["clock.rate", "'4kg'"]),
        ("run divider --set clock.rate=nan", ["clock.rate", "finite"]),
        ("run divider --set tasks.0.steps=3", ["--set", "tasks"]),
        ("run divider --set network.nodes=99", ["network", "99 nodes"]),
        ("run divider --set edge.circuit=couple", ["edge.circuit", "'couple'", "'coupled'"]),
        ("show divider --set clock.circuit=puls", ["clock.circuit", "'puls'", "'pulse'"]),
        ("run divider --set parts.xor.model=SN74", ["parts.xor", "'SN74'", "did you mean"]),
        ("show divider --set edge.circuit=no.toml", ["edge.circuit", "no.toml", "No such file"]),
        ("measure w.vcd --set clock.rate=3", ["--set", "--board"]),
        ("show divider --set title.x=3", ["--set", "title"]),
        ("run divider --live --quiet", ["--live", "--quiet"]),
        ("run divider --probe clock.cs", ["--probe", "--vcd"]),
        ("run divider --window 1:2", ["--window", "--vcd"]),
        ("run divider --vcd w.vcd --window 5:3", ["--window", "5:3"]),
        ("run divider --vcd w.vcd --window 0:3", ["--window", "0:3"]),
        ("run divider --vcd w.vcd --window 3", ["--window", "'3'"]),
        ("run divider --steps 2 --vcd w.vcd --window 9:12", ["window"]),
        ("run divider --vcd w.vcd --probe clock.clck", ["'clock.clck'", "'clock.clk'"]),
        ("run divider --steps 1 --out o --vcd w.vcd --probe clock.clck", ["'clock.clk'"]),
        ("run divider --steps 1 --vcd no/w.vcd", ["no/w.vcd", "No such file"]),
        ("run divider --steps 1 --vcd no/w.vcd --out o", ["no/w.vcd", "No such file"]),
        ("run divider --steps 1 --vcd folder.toml", ["folder.toml", "directory"]),
        ("run divider --steps 1 --out file", ["file"]),
        ("run divider --steps 1 --out file --vcd w.vcd", ["file"]),
        ("run divider --steps 1 --out file/o", ["file/o"]),
        ("run divider --steps 1 --json no/r.json", ["no/r.json", "No such file"]),
        ("run divider --steps 1 --json folder.toml", ["folder.toml", "directory"]),
        (f"run divider --steps 1 --json {'x' * 300}", ["xxx"]),
        ("show divider --png no/n.png", ["no/n.png", "No such file"]),
        ("show divider --edge 2", ["--edge", "--png FILE"]),
        ("show divider --png n.png --edge 3", ["--edge 3", "1 to 2"]),
        ("show divider --png n.png --edge 0", ["--edge", "0"]),
        ("show divider --png folder.toml", ["folder.toml"]),
    ],
)
def test_a_mistake_is_told_in_one_line_and_leaves_nothing(
    here: Callable[..., Done], bench: Path, command: str, words: list[str]
) -> None:
    before = names(bench)
    assert is_told(here(*command.split()), *words)
    assert names(bench) == before
    assert (bench / "file").read_text() == "mine"


@pytest.mark.parametrize(
    "command",
    ["run divider --nope", "run dividr", "run divider --steps 1 --vcd no/w.vcd", "diff a b", "rnu"],
)
def test_a_mistake_from_a_shell_is_told_the_same_way(bench: Path, command: str) -> None:
    before = names(bench)
    assert is_told(logicsim(*command.split(), folder=bench))
    assert names(bench) == before


@pytest.mark.parametrize("wrong", ["--out file", "--probe no", "--set clock.rate=0", "--steps 0"])
def test_a_mistake_about_one_thing_spares_the_waveform_that_was_there(
    here: Callable[..., Done], bench: Path, wrong: str
) -> None:
    (bench / "w.vcd").write_text("precious")
    assert is_told(here("run", "divider", "--steps", "1", "--vcd", "w.vcd", *wrong.split()))
    assert (bench / "w.vcd").read_text() == "precious"


@pytest.mark.skipif(sys.platform != "linux", reason="file names here are not bytes")
def test_a_file_name_that_is_no_text_is_written_or_refused(tmp_path: Path) -> None:
    name = os.fsdecode(b"w\xff.vcd")
    done = logicsim("run", "edge", "--steps", "1", "--quiet", "--vcd", name, folder=tmp_path)
    assert "Traceback" not in done.err
    assert done.status in {0, 2}
    assert (tmp_path / name).exists() == (done.status == 0)


# Full disks


@needs_full
@pytest.mark.parametrize("option", [["--vcd"], ["--json"], ["--out", "o", "--vcd"]])
def test_a_full_device_is_told_in_one_line(
    here: Callable[..., Done], tmp_path: Path, option: list[str]
) -> None:
    done = here("run", "divider", "--steps", "2", "--quiet", *option, FULL)
    assert is_told(done, "/dev/full", "space")
    assert names(tmp_path) == set()
    assert stat.S_ISCHR(FULL.stat().st_mode)


@needs_full
@pytest.mark.parametrize(
    "arguments",
    [
        ["boards"],
        ["run", "edge", "--steps", "1"],
        ["run", "edge", "--steps", "1", "--quiet", "--json", "-"],
        ["--help"],
    ],
)
def test_a_full_standard_output_is_told_in_one_line(tmp_path: Path, arguments: list[str]) -> None:
    with FULL.open("w") as full:
        done = subprocess.run(
            [*LOGICSIM, *arguments], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True,
            timeout=120, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "space" in done.stderr


@needs_signals
@pytest.mark.parametrize(
    ("limit", "arguments"),
    [
        (20_000, ["--vcd", "w.vcd"]),
        (120_000, ["--vcd", "w.vcd"]),
        (20_000, ["--out", "o"]),
        (20_000, ["--vcd", "w.vcd", "--out", "o"]),
        (100, ["--json", "r.json"]),
    ],
)
def test_a_disk_that_fills_during_the_run_leaves_no_half_file(
    tmp_path: Path, limit: int, arguments: list[str]
) -> None:
    done = logicsim(
        str(limit), "run", "divider", *arguments, folder=tmp_path,
        program=[sys.executable, "-c", SMALL_DISK],
    )  # fmt: skip
    assert done.status == 2
    assert len(done.err.splitlines()) == 1, done.err
    assert done.err.startswith("logicsim: ")
    assert any(name.split("/")[-1] in done.err for name in arguments)
    left = names(tmp_path)
    # What was whole before the disk was full may stay; nothing else.
    assert left <= {"o/history.csv", "o/result.json"}
    if "o/history.csv" in left:
        assert (tmp_path / "o" / "history.csv").read_text().count("\n") == 401
    if "o/result.json" in left:
        json.loads((tmp_path / "o" / "result.json").read_text())


# Interrupts


@contextlib.contextmanager
def long_run(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A run that would take hours, once its history has begun to grow."""
    process = subprocess.Popen(
        [*LOGICSIM, "run", "divider", "--steps", "1000000", "--out", "o", *arguments], cwd=folder,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        history = folder / "o" / "history.csv"
        wait_until(lambda: history.exists() and history.read_text().count("\n") > 100)
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def rows(folder: Path) -> list[dict[str, str]]:
    text = (folder / "o" / "history.csv").read_text()
    assert text.endswith("\n")
    found = list(csv.DictReader(text.splitlines()))
    assert all(None not in row and None not in row.values() for row in found)
    assert [int(row["step"]) for row in found] == list(range(1, len(found) + 1))
    return found


@needs_signals
@pytest.mark.parametrize("pause", [0.0, 0.11])
def test_an_interrupt_closes_the_files(tmp_path: Path, pause: float) -> None:
    with long_run(tmp_path, "--vcd", "w.vcd") as process:
        time.sleep(pause)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == ""
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1
    finished = rows(tmp_path)
    trace = read_vcd(tmp_path / "w.vcd")
    text = (tmp_path / "w.vcd").read_text()
    assert text.endswith("\n")
    # The waveform reaches at least as far as the history.
    assert trace.end >= round(float(finished[-1]["time_s"]) * 1e12)
    assert trace["supervisor.step"].values[-1] >= len(finished)


@needs_signals
def test_a_killed_run_keeps_every_finished_step(tmp_path: Path) -> None:
    with long_run(tmp_path) as process:
        seen = (tmp_path / "o" / "history.csv").read_text().count("\n") - 1
        process.kill()
        process.communicate(timeout=30)
    assert len(rows(tmp_path)) >= seen > 0


@needs_signals
@pytest.mark.parametrize(
    "arguments",
    [["boards"], ["show", "twin16"], ["--help"], ["run", "edge", "--steps", "1", "--json", "-"]],
)
def test_a_reader_that_leaves_early_causes_no_traceback(
    tmp_path: Path, arguments: list[str]
) -> None:
    process = subprocess.Popen(
        [*LOGICSIM, *arguments], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    err = process.stderr.read()
    process.wait(timeout=60)
    process.stderr.close()
    assert "Traceback" not in err
    assert "Exception ignored" not in err
    assert "BrokenPipe" not in err


# Help


@pytest.mark.parametrize("command", [[], ["boards"], ["show"], ["run"], ["diff"]])
def test_help_explains_every_command(here: Callable[..., Done], command: list[str]) -> None:
    done = here(*command, "--help")
    assert (done.status, done.err) == (0, "")
    assert "Usage: logicsim" in done.out
    if not command:
        for name in ("boards", "show", "run", "diff"):
            assert re.search(rf"^  {name} ", done.out, re.MULTILINE)


def test_help_loads_neither_numpy_nor_matplotlib(tmp_path: Path) -> None:
    program = [sys.executable, "-X", "importtime", "-m", "logicsim"]
    done = logicsim("--help", folder=tmp_path, program=program)
    assert done.status == 0
    loaded = {line.rpartition("|")[2].strip() for line in done.err.splitlines()}
    assert "click" in loaded
    assert not {"numpy", "scipy", "matplotlib", "simpy", "pydantic"} & loaded


def test_a_run_without_pictures_does_not_load_matplotlib(tmp_path: Path) -> None:
    program = [sys.executable, "-X", "importtime", "-m", "logicsim"]
    done = logicsim("run", "edge", "--steps", "1", "--quiet", folder=tmp_path, program=program)
    assert done.status == 0
    loaded = {line.rpartition("|")[2].strip() for line in done.err.splitlines()}
    assert "numpy" in loaded
    assert "matplotlib" not in loaded


def test_the_version_is_told(tmp_path: Path) -> None:
    done = inside("--version", folder=tmp_path)
    assert done.status == 0
    assert re.fullmatch(r"logicsim, version \d+\.\d+\.\d+\S*\n", done.out)
