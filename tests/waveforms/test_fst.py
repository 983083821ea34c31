import importlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logicsim.board import load
from logicsim.core.errors import OutputError, TraceError
from logicsim.tasks.task_run import Steps
from logicsim.training.run import Waveform, plan, run
from logicsim.waveforms.fst import FstWriter, fst_file
from logicsim.waveforms.read import read_trace
from logicsim.waveforms.trace import Signal, Value, compare
from logicsim.waveforms.vcd import read_vcd
from tests.waveforms.test_vcd import FAST, Content, Life, Recording, content, recordings, tidy

pytest.importorskip("pylibfst", reason="the extra 'fst' is not installed")

SIGNALS = [
    Signal("clock.cs", "wire"),
    Signal("edge1.code_free", "bus", 7),
    Signal("supervisor.step", "integer", 32),
    Signal("node1.free", "real", 64),
]


def write(path: Path, recording: Recording, board: str = "board") -> Path:
    recording.write(FstWriter(path, board, recording.signals, recording.given, recording.begin))
    return path


def both(folder: Path, *, steps: int = 5) -> tuple[Path, Path]:
    """The same run as VCD and as FST."""
    board = load("divider", {**FAST, "parts.comparator.chatter": "full"})
    vcd, fst = folder / "run.vcd", folder / "run.fst"
    run(board, plan(board, ["3.75 V"], steps), seed=1913, waveform=Waveform(vcd, fst=fst))
    return vcd, fst


def tool(name: str, *arguments: str | Path) -> bytes:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"GTKWave's {name} is not installed")
    return subprocess.run([path, *arguments], check=True, capture_output=True, timeout=60).stdout


def by_wellen(path: Path) -> Content:
    """The file as a reader written in another language understands it."""
    package: Any = pytest.importorskip("pywellen")
    found: Content = {}
    for variable in package.Waveform(str(path)).all_vars():
        top, _, name = variable.full_name.partition(".")
        assert top in ("board", "divider")
        width = variable.bitwidth or 64
        kind = {"Wire": "wire" if width == 1 else "bus", "Integer": "integer", "Real": "real"}
        life: Life = [
            (time, str(value) if (variable.var_type, width) == ("Wire", 1) else value)
            for time, value in variable.tv
        ]
        found[name, kind[variable.var_type], width] = tidy(life)
    return found


def in_order(found: Content) -> str:
    return repr(sorted(found.items()))


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(recordings())
def test_what_is_written_is_read_back(tmp_path: Path, recording: Recording) -> None:
    trace = read_trace(write(tmp_path / "some.fst", recording))
    assert in_order(content(trace)) == in_order(recording.content())
    assert trace.end == recording.end


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(recordings())
def test_another_reader_finds_the_same(tmp_path: Path, recording: Recording) -> None:
    found = by_wellen(write(tmp_path / "some.fst", recording))
    assert in_order(found) == in_order(recording.content())


def test_a_run_has_the_same_content_in_vcd_and_fst(tmp_path: Path) -> None:
    vcd, fst = (read_trace(path) for path in both(tmp_path))
    assert compare(vcd, fst) == []
    assert in_order(content(vcd)) == in_order(content(fst))
    assert vcd.end == fst.end
    assert sum(len(history.times) for history in fst.histories.values()) > 100


def test_another_reader_finds_the_same_in_a_run_in_both_formats(tmp_path: Path) -> None:
    vcd, fst = both(tmp_path)
    ours = read_trace(fst)
    exact = by_wellen(fst)
    assert in_order(by_wellen(vcd)) == in_order(content(ours))
    for name, life in content(ours).items():
        assert [time for time, _ in life] == [time for time, _ in exact[name]]
        values, theirs = ([value for _, value in found] for found in (life, exact[name]))
        if name[1] == "real":  # FST has all bits, VCD sixteen digits
            assert values == pytest.approx(theirs, rel=1e-15, abs=0, nan_ok=True)
        else:
            assert values == theirs


def test_gtkwave_finds_the_same_going_from_vcd_to_fst_and_back(tmp_path: Path) -> None:
    vcd, fst = both(tmp_path)
    tool("vcd2fst", vcd, tmp_path / "theirs.fst")
    (tmp_path / "theirs.vcd").write_bytes(tool("fst2vcd", fst))
    for theirs in ("theirs.fst", "theirs.vcd"):
        trace = read_trace(tmp_path / theirs)
        assert compare(trace, read_vcd(vcd)) == []
        assert trace.end == read_vcd(vcd).end


def test_a_vcd_reader_that_is_not_ours_finds_the_same_in_what_gtkwave_makes_of_it(
    tmp_path: Path,
) -> None:
    _, fst = both(tmp_path)
    (tmp_path / "theirs.vcd").write_bytes(tool("fst2vcd", fst))
    handler = signal.getsignal(signal.SIGPIPE)  # which that package replaces when imported
    package: Any = importlib.import_module("vcdvcd")
    signal.signal(signal.SIGPIPE, handler)
    theirs, ours = package.VCDVCD(str(tmp_path / "theirs.vcd")), read_trace(fst)
    assert {name.partition(".")[2] for name in theirs.signals} == ours.histories.keys()
    up = theirs["divider.edge1.up"].tv
    history = ours["edge1.up"]
    assert tidy(up) == list(zip(history.times.tolist(), history.values.tolist(), strict=True))


def test_gtkwave_shows_our_kinds_and_widths(tmp_path: Path) -> None:
    recording = Recording(SIGNALS, ["0", 64, 1, 0.5], 0, [], 5)
    header = tool("fst2vcd", write(tmp_path / "some.fst", recording)).decode()
    for words in ("wire 1 ", "wire 7 ", "integer 32 ", "real 64 ", "module board ", "\t1ps"):
        assert words in header


def test_the_same_run_gives_the_same_file(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    files = [both(tmp_path / name)[1].read_bytes() for name in ("first", "second")]
    assert files[0] == files[1]


@pytest.mark.parametrize(
    ("place", "value", "read"),
    [
        (0, "x", "x"),
        (0, "z", "z"),
        (1, 0, 0),
        (1, 127, 127),
        (2, 2**31 - 1, 2**31 - 1),
        (3, float("inf"), float("inf")),
        (3, -0.0625, -0.0625),
        (3, 1e-300, 1e-300),
    ],
)
def test_every_value_comes_back(tmp_path: Path, place: int, value: Value, read: Value) -> None:
    recording = Recording(SIGNALS, ["0", 64, 1, 0.5], 7, [(place, 9, value)], 11)
    trace = read_trace(write(tmp_path / "some.fst", recording))
    history = trace[SIGNALS[place].name]
    assert history.at(9) == read
    assert history.times.tolist() == [7, 9]


@pytest.mark.parametrize(("bits", "read"), [("x", -1), ("z", -1), ("1x", -1), ("101", 5), ("0", 0)])
def test_what_others_write_on_a_bus_is_read(tmp_path: Path, bits: str, read: int) -> None:
    recording = Recording(SIGNALS[1:2], [64], 7, [], 11)
    text = recording.text().replace("#11\n", f"#9\nb{bits} !\n#11\n")
    (tmp_path / "theirs.vcd").write_text(text)
    tool("vcd2fst", tmp_path / "theirs.vcd", tmp_path / "theirs.fst")
    history = read_trace(tmp_path / "theirs.fst")["edge1.code_free"]
    assert history.at(9) == read
    assert history.times.tolist() == [7, 9]


def test_an_interrupted_run_leaves_what_was_finished(tmp_path: Path) -> None:
    board = load("divider", FAST)

    def interrupt(steps: Steps) -> None:
        if steps.first == 3:
            raise KeyboardInterrupt

    path = tmp_path / "w.fst"
    with pytest.raises(KeyboardInterrupt):
        run(board, waveform=Waveform(None, fst=path), on_steps=interrupt)
    assert read_trace(path)["supervisor.step"].values.tolist() == [0, 1, 2, 3]
    assert [file.name for file in tmp_path.iterdir() if file.suffix == ".hier"] == []


KILLED = """
import os, signal, sys
from pathlib import Path
from logicsim.waveforms import fst
from logicsim.waveforms.trace import Signal
fst._FLUSH = 100
writer = fst.FstWriter(Path(sys.argv[1]), "board", [Signal("s.a", "wire")], [0], 0)
for i in range(1, 1051):
    writer.changes(10 * i, [(0, i % 2)])
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_killed_run_is_read_up_to_its_last_flush(tmp_path: Path) -> None:
    path = tmp_path / "killed.fst"
    done = subprocess.run([sys.executable, "-c", KILLED, path], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    trace = read_trace(path)
    life = trace["s.a"]
    assert 900 <= len(life.times) <= 1050
    assert life.times.tolist() == [10 * i for i in range(len(life.times))]
    assert "".join(life.values) == ("01" * 1000)[: len(life.times)]


# What goes wrong


def test_without_the_package_one_is_told_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "some.fst", Recording(SIGNALS, ["0", 64, 1, 0.5], 0, [], 5))
    monkeypatch.setitem(sys.modules, "pylibfst", None)
    with pytest.raises(OutputError, match=r"pip install 'logicsim\[fst\]'"), fst_file(path):
        pass
    with pytest.raises(OutputError, match=r"pip install 'logicsim\[fst\]'"):
        FstWriter(path, "board", SIGNALS, [0, 64, 1, 0.5], 0)
    with pytest.raises(TraceError, match=r"some.fst: .*pip install 'logicsim\[fst\]'"):
        read_trace(path)


def test_a_pipe_and_a_folder_are_refused_and_stay(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path):
        with pytest.raises(OutputError) as caught, fst_file(path):
            pass
        assert str(caught.value).startswith(f"{path}: cannot be written: ")
        with pytest.raises(OutputError):
            FstWriter(path, "board", SIGNALS, [0, 64, 1, 0.5], 0)
        assert path.exists()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "w.fst"
    with pytest.raises(OutputError, match="cannot be written: No such file"), fst_file(path):
        pass
    with pytest.raises(OutputError, match="cannot be written: No such file"):
        FstWriter(path, "board", SIGNALS, [0, 64, 1, 0.5], 0)


def test_a_link_is_followed_and_kept(tmp_path: Path) -> None:
    link = tmp_path / "link.fst"
    link.symlink_to("target.fst")
    write(link, Recording(SIGNALS, ["0", 64, 1, 0.5], 0, [], 5))
    assert link.is_symlink()
    assert read_trace(tmp_path / "target.fst").end == 5


def test_a_failed_run_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "w.fst"

    def fail() -> None:
        write(path, Recording(SIGNALS, ["0", 64, 1, 0.5], 0, [], 5))
        raise OutputError("the history cannot be written")

    with pytest.raises(OutputError, match="the history"), fst_file(path):
        fail()
    assert list(tmp_path.iterdir()) == []


SMALL_DISK = """
import random, resource, signal, sys
from pathlib import Path
from logicsim.core.errors import OutputError
from logicsim.waveforms.fst import FstWriter, fst_file
from logicsim.waveforms.trace import Signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
path, draw = Path(sys.argv[1]), random.Random(1)
try:
    with fst_file(path):
        writer = FstWriter(path, "board", [Signal("s.a", "real", 64)], [0.0], 0)
        for i in range(1, 20_000):
            writer.changes(1000 * i, [], ([0], [draw.random()]))
        writer.close(10**9)
except OutputError as error:
    sys.exit(f"{error}")
"""


@pytest.mark.skipif(os.name != "posix", reason="limits of POSIX")
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", SMALL_DISK, tmp_path / "w.fst"], check=False,
                          capture_output=True, text=True, timeout=60)  # fmt: skip
    assert done.returncode == 1, done
    assert done.stderr == f"{tmp_path / 'w.fst'}: cannot be written to its end: is the disk full?\n"
    assert list(tmp_path.iterdir()) == []


def damaged(whole: bytes, cuts: Sequence[int], flips: Sequence[tuple[int, int]]) -> bytes:
    data = bytearray(whole)
    for place, value in flips:
        data[place % len(data)] ^= value
    return bytes(data[: cuts[0] % len(data)] if cuts else data)


def read_or_refuse(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    message = ""
    try:
        trace = read_trace(path)
    except TraceError as error:
        message = str(error)
    else:
        for history in trace.histories.values():
            assert len(history.times) == len(history.values)
            assert history.times.tolist() == sorted(history.times.tolist())
    assert not message or message.startswith(f"{path}: ")
    assert len(message.splitlines()) <= 1
    assert len(message) < 1000


CUTS = st.lists(st.integers(0, 10_000), max_size=1)
FLIPS = st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 255)), max_size=5)


def fuzz(tmp_path: Path, cuts: Sequence[int], flips: Sequence[tuple[int, int]]) -> None:
    recording = Recording(
        SIGNALS, ["x", 64, 1, 0.5], 0,
        [(i % 4, 1000 * i, ("01xz"[i % 3], i % 128, i, i / 7)[i % 4]) for i in range(1, 300)],
        10**6,
    )  # fmt: skip
    whole = write(tmp_path / "whole.fst", recording).read_bytes()
    read_or_refuse(tmp_path / "damaged.fst", damaged(whole, cuts, flips))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CUTS, FLIPS)
def test_a_damaged_file_is_read_or_refused(
    tmp_path: Path, cuts: list[int], flips: list[tuple[int, int]]
) -> None:
    fuzz(tmp_path, cuts, flips)


@pytest.mark.slow
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CUTS, FLIPS)
def test_many_damaged_files_are_read_or_refused(
    tmp_path: Path, cuts: list[int], flips: list[tuple[int, int]]
) -> None:
    fuzz(tmp_path, cuts, flips)
