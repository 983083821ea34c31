import importlib
import io
import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logicsim.board import load
from logicsim.core.errors import TraceError
from logicsim.core.logic import SYMBOLS
from logicsim.training.run import Waveform, plan, run
from logicsim.waveforms.trace import Given, Kind, Signal, Trace, Value, Writer
from logicsim.waveforms.vcd import VcdWriter, read_vcd

Life = list[tuple[int, Value]]
Content = dict[tuple[str, str, int], Life]

FAST = {"clock.rate": "1 kHz", "clock.capacitance": "100 pF", "supervisor.settle": "20 us"}


@dataclass(frozen=True)
class Recording:
    signals: list[Signal]
    first: list[Value]
    begin: int
    changes: list[tuple[int, int, Value]]  # place, time, value
    end: int

    @property
    def given(self) -> list[Given]:
        """What a writer is given at the beginning."""
        return [self.level(value) for value in self.first]

    def write(self, writer: Writer) -> None:
        for place, time, value in self.changes:
            if isinstance(value, float):
                writer.changes(time, [], ([place], [value]))
            else:
                writer.changes(time, [(place, int(self.level(value)))])
        writer.close(self.end)

    @staticmethod
    def level(value: Value) -> Given:
        return SYMBOLS.index(value) if isinstance(value, str) else value

    def text(self, board: str = "board") -> str:
        file = io.StringIO(newline="")
        self.write(VcdWriter(file, board, self.signals, self.given, self.begin))
        return file.getvalue()

    def content(self) -> Content:
        lives: list[Life] = [[(self.begin, value)] for value in self.first]
        for place, time, value in self.changes:
            lives[place].append((time, value))
        return {
            (s.name, s.kind, s.width): tidy(life)
            for s, life in zip(self.signals, lives, strict=True)
        }


def tidy(life: Life) -> Life:
    """The step function: its last value at every time at which it changes."""
    last: dict[int, Value] = dict(life)
    tidied: Life = []
    for time, value in sorted(last.items()):
        if not tidied or repr(tidied[-1][1]) != repr(value):
            tidied.append((time, value))
    return tidied


def content(trace: Trace) -> Content:
    return {
        (h.signal.name, h.signal.kind, h.signal.width): tidy(
            list(zip(h.times.tolist(), h.values.tolist(), strict=True))
        )
        for h in trace.histories.values()
    }


def read_text(folder: Path, text: str | bytes) -> Trace:
    path = folder / "some.vcd"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_vcd(path)


def sixteen_digits(value: float) -> float:
    return float(f"{value:.16g}")


REALS = st.floats(-1e6, 1e6, allow_nan=False).map(sixteen_digits).map(lambda v: v + 0.0)
VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    "wire": st.sampled_from("01xz"),
    "bus": st.integers(0, 127),
    "integer": st.integers(0, 2**31 - 1),
    "real": REALS | st.just(float("nan")),
}
WIDTHS: dict[Kind, int] = {"wire": 1, "bus": 7, "integer": 32, "real": 64}


@st.composite
def recordings(draw: st.DrawFn) -> Recording:
    kinds: list[Kind] = draw(st.lists(st.sampled_from(list(WIDTHS)), min_size=1, max_size=100))
    scopes = ("clock", "edge1", "edge10", "node2")
    signals = [
        Signal(f"{scopes[i % 4]}.signal{i}", kind, WIDTHS[kind]) for i, kind in enumerate(kinds)
    ]
    begin = time = draw(st.sampled_from([0, 1, 866_666_673, 3600 * 10**12]))
    first = [draw(VALUES[kind]) for kind in kinds]
    changes: list[tuple[int, int, Value]] = []
    for _ in range(draw(st.integers(0, 12))):
        time += draw(st.sampled_from([1, 6000, 10**9, 250 * 10**9]))
        places = draw(st.sets(st.integers(0, len(kinds) - 1), max_size=4))
        changes += [(place, time, draw(VALUES[kinds[place]])) for place in places]
    return Recording(signals, first, begin, changes, time + draw(st.sampled_from([0, 1, 777])))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(recordings())
def test_what_is_written_is_read_back(tmp_path: Path, recording: Recording) -> None:
    trace = read_text(tmp_path, recording.text())
    assert repr(sorted(content(trace).items())) == repr(sorted(recording.content().items()))
    assert trace.end == recording.end


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(-1e300, 1e300, allow_nan=False))
def test_reals_keep_sixteen_digits(tmp_path: Path, value: float) -> None:
    recording = Recording([Signal("node1.free", "real", 64)], [value], 0, [], 5)
    read = read_text(tmp_path, recording.text())["node1.free"].at(0)
    assert read == sixteen_digits(value)


def short_run(folder: Path, **settings: Any) -> Path:
    board = load("divider", {**FAST, **settings})
    path = folder / "divider.vcd"
    run(board, plan(board, ["3.75 V"], 5), seed=1913, waveform=Waveform(path))
    return path


def independent(path: Path) -> tuple[Content, Any]:
    """The file as another program's reader understands it."""
    handler = signal.getsignal(signal.SIGPIPE)  # which that package replaces when imported
    package: Any = importlib.import_module("vcdvcd")
    signal.signal(signal.SIGPIPE, handler)
    file = package.VCDVCD(str(path))
    found: Content = {}
    for name in file.signals:
        variable = file[name]
        width = int(variable.size)
        kind, read = {
            "wire": ("wire" if width == 1 else "bus", str if width == 1 else _binary),
            "integer": ("integer", _binary),
            "real": ("real", float),
        }[variable.var_type]
        top, _, local = name.partition(".")
        assert top == "divider"
        found[local, str(kind), width] = tidy([(t, read(v)) for t, v in variable.tv])
    return found, file


def _binary(digits: str) -> int:
    return int(digits, 2)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(recordings())
def test_another_reader_finds_the_same(tmp_path: Path, recording: Recording) -> None:
    path = tmp_path / "some.vcd"
    path.write_text(recording.text("divider"))
    found, file = independent(path)
    assert repr(sorted(found.items())) == repr(sorted(recording.content().items()))
    assert (file.begintime, file.endtime) == (recording.begin, recording.end)


def test_another_reader_finds_the_same_in_a_run(tmp_path: Path) -> None:
    path = short_run(tmp_path)
    ours, (theirs, file) = read_vcd(path), independent(path)
    assert repr(sorted(content(ours).items())) == repr(sorted(theirs.items()))
    assert file.endtime == ours.end
    assert file.timescale["timescale"] * 10**12 == 1


def test_a_run_has_the_documented_names(tmp_path: Path) -> None:
    found = content(read_vcd(short_run(tmp_path)))
    for name in ("trigger", "out1", "out2", "out3", "cs", "clk"):
        assert (f"clock.{name}", "wire", 1) in found
    for edge in (1, 2):
        for name in ("a", "b", "up", "ud"):
            assert (f"edge{edge}.{name}", "wire", 1) in found
        for side in ("free", "clamped"):
            assert (f"edge{edge}.code_{side}", "bus", 7) in found
            assert (f"edge{edge}.drop_{side}", "real", 64) in found
    for node in (1, 2, 3):
        for side in ("free", "clamped"):
            assert (f"node{node}.{side}", "real", 64) in found
    for name in ("supervisor.step", "supervisor.task"):
        assert (name, "integer", 32) in found
    for name in ("setup", "hold", "width"):
        assert (f"checks.{name}", "integer", 32) in found


def test_the_steps_of_a_run_are_in_its_waveform(tmp_path: Path) -> None:
    trace = read_vcd(short_run(tmp_path))
    steps = trace["supervisor.step"]
    assert steps.values.tolist() == [0, 1, 2, 3, 4, 5]
    # One step a millisecond, and five of them.
    assert {int(gap) for gap in steps.times[2:] - steps.times[1:-1]} == {10**9}
    # An input of 5 V, an output held half way between 2.5 V and 3.75 V once it is clamped.
    assert trace["node1.free"].at(trace.end) == 5.0
    first_trigger = int(trace["clock.trigger"].times[1])
    assert trace["node2.clamped"].at(first_trigger) == pytest.approx(3.125, abs=1e-12)
    assert trace["edge1.drop_clamped"].at(first_trigger) == pytest.approx(1.875, abs=1e-12)


def test_the_same_run_gives_the_same_file(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    first, second = (short_run(folder).read_bytes() for folder in folders)
    assert first == second


def test_times_never_decrease_and_each_is_written_once(tmp_path: Path) -> None:
    text = short_run(tmp_path).read_text()
    times = [int(line[1:]) for line in text.splitlines() if line.startswith("#")]
    assert times == sorted(set(times))


EVERY_KIND = Recording(
    [
        Signal("clock.cs", "wire"),
        Signal("edge1.code_free", "bus", 7),
        Signal("supervisor.step", "integer", 32),
        Signal("node1.free", "real", 64),
    ],
    ["x", 64, 0, 0.1],
    0,
    [(0, 10, "1"), (2, 10, 1), (0, 25, "z"), (1, 25, 5), (3, 25, 1 / 3), (0, 40, "0")],
    50,
)


def test_the_header_is_that_of_the_standard() -> None:
    header, found, body = EVERY_KIND.text().partition("$enddefinitions $end")
    assert found
    assert re.findall(r"\$timescale\s+(.*?)\s+\$end", header) == ["1 ps"]
    assert re.findall(r"\$scope module (\S+) \$end", header) == [
        "board", "clock", "edge1", "node1", "supervisor",
    ]  # fmt: skip
    assert header.count("$upscope") == header.count("$scope") == 5
    assert re.findall(r"\$var (\S+) (\d+) (\S+) (\S+) \$end", header) == [
        ("wire", "1", "!", "cs"),
        ("wire", "7", '"', "code_free"),
        ("real", "64", "$", "node1.free".partition(".")[2]),
        ("integer", "32", "#", "step"),
    ]
    assert "$date" not in header
    assert body.count("$dumpvars") == 1


def test_the_body_is_that_of_the_standard() -> None:
    body = EVERY_KIND.text().partition("$enddefinitions $end")[2].split("\n")
    assert [line for line in body if line] == [
        "#0", "$dumpvars", "x!", 'b1000000 "', "b0 #", "r0.1 $", "$end",
        "#10", "1!", "b1 #", "#25", "z!", 'b101 "', "r0.3333333333333333 $", "#40", "0!", "#50",
    ]  # fmt: skip


def test_more_signals_than_one_character_can_name() -> None:
    count = 300
    signals = [Signal(f"edge{i}.a", "wire") for i in range(count)]
    text = Recording(signals, ["0"] * count, 0, [], 1).text()
    codes = re.findall(r"\$var wire 1 (\S+) a \$end", text)
    assert len(set(codes)) == count


def test_a_hierarchy_under_any_top_scope_is_read(tmp_path: Path) -> None:
    one, other = (read_text(tmp_path, EVERY_KIND.text(board)) for board in ("divider", "mine"))
    assert content(one) == content(other)


def test_lines_may_end_as_on_another_system(tmp_path: Path) -> None:
    text = EVERY_KIND.text()
    assert content(read_text(tmp_path, text.replace("\n", "\r\n"))) == content(
        read_text(tmp_path, text)
    )


def header(*variables: str, timescale: str = "1 ps") -> str:
    lines = [f"$timescale {timescale} $end", "$scope module top $end", "$scope module s $end"]
    lines += [f"$var {variable} $end" for variable in variables]
    return "\n".join([*lines, "$upscope $end", "$upscope $end", "$enddefinitions $end", ""])


def test_unknown_and_floating_are_the_same_in_capitals(tmp_path: Path) -> None:
    small = header("wire 1 ! a") + "#0\nx!\n#5\nz!\n#9\n1!\n"
    assert content(read_text(tmp_path, small.replace("x!", "X!").replace("z!", "Z!"))) == content(
        read_text(tmp_path, small)
    )


def test_two_names_may_share_an_identifier(tmp_path: Path) -> None:
    trace = read_text(tmp_path, header("wire 1 ! a", "wire 1 ! b") + "#0\n0!\n#5\n1!\n")
    assert trace["s.a"].at(5) == trace["s.b"].at(5) == "1"


def test_an_unknown_bus_is_no_number(tmp_path: Path) -> None:
    trace = read_text(tmp_path, header("wire 7 ! a") + "#0\nbx !\n#5\nb11 !\n")
    assert trace["s.a"].values.tolist() == [-1, 3]


def test_a_foreign_timescale_is_refused_or_converted_but_never_misread(tmp_path: Path) -> None:
    text = header("wire 1 ! a", timescale="1 ns") + "#0\n0!\n#7\n1!\n#9\n"
    try:
        trace = read_text(tmp_path, text)
    except TraceError:
        return
    assert (trace["s.a"].times.tolist(), trace.end) == ([0, 7000], 9000)


def refusal(folder: Path, data: str | bytes) -> str:
    with pytest.raises(TraceError) as caught:
        read_text(folder, data)
    message = str(caught.value)
    assert message.startswith(f"{folder / 'some.vcd'}: ")
    assert "\n" not in message
    return message


HOSTILE: dict[str, str | bytes] = {
    "empty": b"",
    "white space": b" \n\t\n",
    "a sentence": b"This is no waveform.\n",
    "a picture": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00",
    "zeros": bytes(5000),
    "all bytes": bytes(range(256)) * 20,
    "another encoding": header("wire 1 ! a").encode("utf-16"),
    "half a header": header("wire 1 ! a")[:60],
    "no signals": "$timescale 1 ps $end\n$enddefinitions $end\n#0\n",
    "an undefined identifier": header("wire 1 ! a") + "#0\n0?\n",
    "an undefined bus": header("wire 1 ! a") + "#0\nb0 ?\n",
    "a huge undefined identifier": header("wire 1 ! a") + "#0\n0" + "?" * 100_000 + "\n",
    "one $upscope too many": header("wire 1 ! a").replace("$enddef", "$upscope $end\n$enddef"),
    "an unknown type": header("spaghetti 1 ! a"),
    "a width in words": header("wire seven ! a"),
    "a variable without a name": header("wire 1 !"),
    "an unknown command": header("wire 1 ! a") + "$dance $end\n",
    "an unknown unit": header("wire 1 ! a", timescale="1 fortnight"),
    "a time in words": header("wire 1 ! a") + "#soon\n",
    "a time beyond all": header("wire 1 ! a") + "#" + "9" * 30 + "\n0!\n",
    "a time of many digits": header("wire 1 ! a") + "#" + "9" * 10_000 + "\n0!\n",
    "a number in words": header("real 64 ! a") + "#0\nrabbit !\n",
    "a bus too wide to count": header("wire 100 ! a") + "#0\nb" + "1" * 100 + " !\n",
    "a letter for a number": header("real 64 ! a") + "#0\nx!\n",
    "binary after the header": header("wire 1 ! a").encode() + bytes(range(128, 256)) + b"\n",
    "time running backwards": header("wire 1 ! a") + "#50\n0!\n#20\n1!\n#60\n",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_no_waveform_is_refused_in_one_line_naming_the_file(
    kind: str, tmp_path: Path
) -> None:
    refusal(tmp_path, HOSTILE[kind])


def test_a_refusal_is_short(tmp_path: Path) -> None:
    message = refusal(tmp_path, HOSTILE["a huge undefined identifier"])
    assert len(message) - len(str(tmp_path)) < 1000


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.vcd", tmp_path):
        with pytest.raises(TraceError) as caught:
            read_vcd(path)
        assert str(caught.value).startswith(f"{path}: ")
        assert "\n" not in str(caught.value)


def test_a_huge_identifier_that_is_defined_is_fine(tmp_path: Path) -> None:
    code = "!" * 20_000
    trace = read_text(tmp_path, header(f"wire 1 {code} a") + f"#0\n0{code}\n#4\n1{code}\n")
    assert trace["s.a"].values.tolist() == ["0", "1"]


def read_or_refuse(folder: Path, data: bytes) -> Trace | None:
    trace, message = None, ""
    try:
        trace = read_text(folder, data)
    except TraceError as error:
        message = str(error)
    if trace is None:
        assert message.startswith(f"{folder / 'some.vcd'}: ")
        assert "\n" not in message
    return trace


def test_a_missing_end_of_the_header_is_forgiven_or_refused(tmp_path: Path) -> None:
    read_or_refuse(tmp_path, EVERY_KIND.text().replace("$enddefinitions $end", "").encode())


def lines_of(text: str) -> Sequence[str]:
    return text.splitlines(keepends=True)


# Long times, several identifiers, one of them the beginning of another.
CRASHED = Recording(
    [Signal(f"edge{i}.{name}", "wire") for i in range(50) for name in ("a", "b")]
    + [Signal("node1.free", "real", 64), Signal("edge0.code_free", "bus", 7)],
    ["0"] * 100 + [2.5, 64],
    0,
    [
        (99, 1_234_567, "1"),
        (98, 1_234_567, "x"),
        (100, 2_345_678, 1.0625),
        (101, 2_345_678, 63),
        (95, 3_456_789, "1"),
    ],
    9_876_543,
).text()


def test_a_file_cut_anywhere_is_read_up_to_its_last_whole_line(tmp_path: Path) -> None:
    begun = CRASHED.index("$dumpvars")
    for cut in range(begun, len(CRASHED)):
        whole = CRASHED[:cut].rfind("\n") + 1
        if cut < len(CRASHED) and CRASHED[cut] == "\n":
            continue  # the line is whole but for its end, which a reader may forgive
        found, right = (read_text(tmp_path, CRASHED[:k]) for k in (cut, whole))
        assert content(found) == content(right), CRASHED[whole:cut]
        assert found.end == right.end, CRASHED[whole:cut]


def test_a_file_cut_in_its_header_is_refused(tmp_path: Path) -> None:
    first_variable = CRASHED.index("$var")
    for cut in range(0, first_variable, 7):
        refusal(tmp_path, CRASHED[:cut])


def test_a_crashed_run_is_read_up_to_the_crash(tmp_path: Path) -> None:
    text = short_run(tmp_path).read_text()
    whole = read_text(tmp_path, text)
    lines = lines_of(text)
    marks = [i for i, line in enumerate(lines) if line.startswith("#")]
    middle = marks[len(marks) // 2]
    end = int(lines[middle][1:])
    cut = read_text(tmp_path, "".join(lines[: middle + 1]))
    assert cut.end == end
    for name, life in content(cut).items():
        assert repr(life) == repr([(t, v) for t, v in content(whole)[name] if t < end])


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    damaged = bytearray(EVERY_KIND.text().encode())
    place = st.integers(0, len(damaged) - 1)
    for where in data.draw(st.lists(place, max_size=6)):
        damaged[where] = data.draw(st.integers(0, 255))
    cut = data.draw(st.none() | place)
    trace = read_or_refuse(tmp_path, bytes(damaged[:cut]))
    if trace is not None:
        for history in trace.histories.values():
            assert len(history.times) == len(history.values)
            assert history.times.tolist() == sorted(history.times.tolist())


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(lines_of(EVERY_KIND.text())), st.integers(0, 40))
def test_a_shuffled_file_is_read_or_refused(
    tmp_path: Path, lines: Sequence[str], count: int
) -> None:
    read_or_refuse(tmp_path, "".join(lines[:count]).encode())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
def test_any_bytes_after_a_header_are_read_or_refused(tmp_path: Path, tail: bytes) -> None:
    read_or_refuse(tmp_path, header("wire 1 ! a", "real 64 $ b").encode() + tail)
