import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from logicsim.core.errors import TraceError
from logicsim.waveforms.read import read_trace
from logicsim.waveforms.trace import Signal, compare
from logicsim.waveforms.vcd import read_vcd
from tests.goldens import FOLDER, GOLDENS
from tests.waveforms.test_vcd import HOSTILE, Recording, content, short_run

needs_library = pytest.mark.usefixtures("library")


@pytest.fixture
def library() -> Any:
    return pytest.importorskip("pylibfst", reason="the extra 'fst' is not installed")


def refusal(path: Path) -> str:
    with pytest.raises(TraceError) as caught:
        read_trace(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert len(message.splitlines()) == 1
    return message


@pytest.mark.parametrize("name", GOLDENS)
def test_vcd_is_read_as_read_vcd_reads_it(name: str) -> None:
    path = FOLDER / f"{name}.vcd"
    assert repr(content(read_trace(path))) == repr(content(read_vcd(path)))


@needs_library
@pytest.mark.parametrize("packing", ["-4", "-F", "-Z", "-c", "-p"])
def test_every_packing_of_gtkwave_is_read(packing: str, tmp_path: Path) -> None:
    tool = shutil.which("vcd2fst")
    if tool is None:
        pytest.skip("GTKWave's vcd2fst is not installed")
    vcd, fst = short_run(tmp_path), tmp_path / "w.fst"
    subprocess.run([tool, packing, "-v", vcd, "-f", fst], check=True, capture_output=True)
    assert compare(read_trace(fst), read_vcd(vcd)) == []


@needs_library
def test_content_decides_and_not_the_name(tmp_path: Path) -> None:
    from tests.waveforms.test_fst import write  # noqa: PLC0415  which is skipped without the library

    recording = Recording([Signal("s.a", "wire")], ["0"], 3, [(0, 5, "1")], 9)
    fst = write(tmp_path / "really_fst.vcd", recording)
    vcd = tmp_path / "really_vcd.fst"
    vcd.write_text(recording.text())
    assert content(read_trace(fst)) == content(read_trace(vcd)) == recording.content()
    assert read_trace(fst).end == read_trace(vcd).end == 9


@needs_library
def test_one_value_an_instant_is_left(tmp_path: Path) -> None:
    from tests.waveforms.test_fst import write  # noqa: PLC0415  which is skipped without the library

    recording = Recording([Signal("s.a", "wire"), Signal("s.b", "bus", 7)], ["0", 3], 3, [], 9)
    trace = read_trace(write(tmp_path / "w.fst", recording))
    assert trace["s.a"].times.tolist() == trace["s.b"].times.tolist() == [3]


@needs_library
def test_another_timescale_is_refused(library: Any, tmp_path: Path) -> None:
    path = tmp_path / "foreign.fst"
    ffi, lib = library.ffi, library.lib
    file = lib.fstWriterCreate(str(path).encode(), 1)
    lib.fstWriterSetTimescale(file, -9)
    lib.fstWriterSetScope(file, lib.FST_ST_VCD_MODULE, b"board", ffi.NULL)
    wire = lib.fstWriterCreateVar(file, lib.FST_VT_VCD_WIRE, lib.FST_VD_IMPLICIT, 1, b"a", 0)
    lib.fstWriterSetUpscope(file)
    lib.fstWriterEmitTimeChange(file, 5)
    lib.fstWriterEmitValueChange(file, wire, b"1")
    lib.fstWriterClose(file)
    assert "its timescale is 1 ns" in refusal(path)


@needs_library
@pytest.mark.parametrize(
    "kind",
    {
        "a header alone": b"\0" + (329).to_bytes(8, "big"),
        "a header and zeros": b"\0" + (329).to_bytes(8, "big") + bytes(4000),
        "a gzip of nothing": b"\xfe" + bytes(100),
        "a wrapper alone": b"\xfe",
    }.items(),
    ids=lambda kind: kind[0],
)
def test_what_only_begins_like_fst_is_refused(kind: tuple[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "some.fst"
    path.write_bytes(kind[1])
    assert refusal(path) == f"{path}: a damaged FST file"


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_no_waveform_is_refused_whatever_its_name(kind: str, tmp_path: Path) -> None:
    data = HOSTILE[kind]
    path = tmp_path / "some.fst"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    refusal(path)


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.fst", tmp_path):
        refusal(path)
