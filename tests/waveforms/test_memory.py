from pathlib import Path

from logicsim.board import load
from logicsim.figures.page.recorder import PageRecorder
from logicsim.training.run import Waveform, plan, run
from logicsim.waveforms.memory import MemoryWriter
from logicsim.waveforms.trace import Signal, compare
from logicsim.waveforms.vcd import read_vcd


def test_memory_keeps_what_the_file_has(tmp_path: Path) -> None:
    board, recorder = load("divider"), PageRecorder()
    waveform = Waveform(tmp_path / "w.vcd", window=(2, 4), also=recorder.open)
    run(board, plan(board, ["3.75 V"], 6), seed=1, waveform=waveform)
    assert recorder.waveform is not None
    kept, written = recorder.waveform.trace(), read_vcd(tmp_path / "w.vcd")
    assert compare(kept, written, tolerance=1e-12) == []
    assert kept.end == written.end
    assert not recorder.waveform.full


def test_more_than_it_may_keep_ends_the_waveform_there() -> None:
    writer = MemoryWriter([Signal("a.b", "wire")], [0], 5, most=2)
    for time, value in ((10, 1), (20, 0), (30, 1)):
        writer.changes(time, [(0, value)])
    writer.close(99)
    assert writer.full
    assert writer.trace()["a.b"].times.tolist() == [5, 10, 20]
    assert writer.trace().end == 20
