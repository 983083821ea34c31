"""The golden waveforms are reproduced, and show the events they are kept for."""

from pathlib import Path

import pytest

from logicsim.waveforms.vcd import read_vcd
from tests.goldens import FOLDER, GOLDENS, differences, make


@pytest.mark.parametrize("name", GOLDENS)
def test_a_fresh_waveform_has_the_content_of_the_golden_one(name: str, tmp_path: Path) -> None:
    fresh = make(name, tmp_path)
    assert differences(name, fresh) == []
    view = fresh.with_suffix(".gtkw")
    assert view.read_text() == (FOLDER / view.name).read_text()


def test_the_golden_clock_falls_once_for_each_polarity_of_the_trigger() -> None:
    trace = read_vcd(FOLDER / "clock.vcd")
    assert "".join(trace["clock.trigger"].values) == "010"
    assert "".join(trace["clock.cs"].values) == "10101"
    assert "".join(trace["clock.clk"].values) == "10101"


def test_the_golden_divider_chatters_after_the_latch_and_steps_by_what_was_latched() -> None:
    trace = read_vcd(FOLDER / "divider.vcd")
    up, ud, code = (trace[f"edge1.{name}"] for name in ("up", "ud", "code_free"))
    cs, clk = trace["clock.cs"], trace["clock.clk"]
    fall, step = (int(net.times[list(net.values).index("0")]) for net in (cs, clk))
    assert sum(fall < time < step for time in up.times.tolist()) >= 2
    moved = int(code.values[1]) - int(code.values[0])
    assert moved == (1 if ud.at(step) == "1" else -1)


def test_goldens_are_small() -> None:
    for name in GOLDENS:
        assert (FOLDER / f"{name}.vcd").stat().st_size < 100_000
