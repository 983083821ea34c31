import re

import pytest

from logicsim.board import load
from logicsim.timing.paths import total
from logicsim.timing.report import as_json, as_text, sentence
from logicsim.timing.static import Analysis, analyse


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return analyse(load("twin16", {"clock.rate": "12 Hz"}))


def blocks(analysis: Analysis) -> list[list[str]]:
    """The report's paths, by line."""
    found: list[list[str]] = []
    for line in as_text(analysis).split("\nConstraint")[0].splitlines()[2:]:
        if line.startswith("Startpoint: "):
            found.append([])
        found[-1].append(line)
    return found


def test_the_worst_path_of_each_constraint_comes_first(analysis: Analysis) -> None:
    slacks = [float(re.findall(r"([-\d.]+)   slack", "\n".join(block))[0])
              for block in blocks(analysis)]  # fmt: skip
    assert slacks == sorted(slacks)
    assert len(slacks) == len({path.constraint for path in analysis.paths})
    assert slacks[0] == pytest.approx(analysis.paths[0].slack / 1000, abs=0.05)


def test_every_block_adds_up(analysis: Analysis) -> None:
    for block in blocks(analysis):
        sums, times = [0.0], [0.0]
        for line in block[6:]:
            if stage := re.match(r" +(-?[\d.]+) +(-?[\d.]+) [v^ ] ", line):
                sums[-1] += float(stage[1])
                assert float(stage[2]) == pytest.approx(sums[-1], abs=0.5)
            elif end := re.match(r" +(-?[\d.]+)   (?:data|close)", line):
                times.append(float(end[1]))
                sums.append(0.0)
        arrival, required, first, second = times[1:5]
        assert {abs(first), abs(second)} == {abs(arrival), abs(required)}
        slack = float(re.findall(r"(-?[\d.]+)   slack", "\n".join(block))[0])
        assert slack == pytest.approx(first + second, abs=0.2)
        verdict = "MET" if slack >= 0 else "VIOLATED"
        assert block[-2 if not block[-1] else -1].endswith(f"slack ({verdict})")


def test_a_block_has_the_heads_timing_engineers_look_for(analysis: Analysis) -> None:
    block = next(b for b in blocks(analysis) if "setup ud" in "".join(b) or "/ud" in b[1])
    assert block[0] == (
        "Startpoint: edge1.flop/q (CD74HC73, falling edge-triggered, clocked by clock.cs)"
    )
    assert block[1].startswith("Endpoint: edge1.digipot_free/ud (AD5220-100k, falling edge")
    assert block[1].endswith(", and 15 more like it")
    assert block[2:4] == ["Path Group: clock.clk", "Path Type: max"]
    assert any(" v clock.xor_cs/y (SN74ALS86, 48 pins)" in line for line in block)


def test_what_limits_the_rate_is_said_in_a_sentence(analysis: Analysis) -> None:
    assert sentence(analysis).startswith(
        "Training is limited to 11.54 Hz by the debouncer's capacitor; with that lifted, to "
    )
    assert sentence(analysis) in as_text(analysis)


def test_a_violated_constraint_is_marked_in_the_summary(analysis: Analysis) -> None:
    marked = [line.split("  ")[0] for line in as_text(analysis).splitlines() if "VIOLATED" in line
              and not line.startswith(" ")]  # fmt: skip
    assert marked == ["spacing d"]


def test_json_is_complete(analysis: Analysis) -> None:
    told = as_json(analysis)
    assert (told["rate_hz"], told["corner"], told["met"]) == (12.0, "typ", False)
    assert told["max_rate_hz"] == analysis.max_rate
    assert told["limited_by"] == "debouncer capacitor"
    assert len(told["paths"]) == len(analysis.paths)
    for path, shown in zip(analysis.paths, told["paths"], strict=True):
        assert shown["slack_s"] == pytest.approx(path.slack / 1e12)
        assert shown["met"] == (path.slack >= 0)
        assert shown["arrival"][-1]["time_s"] == pytest.approx(total(path.arrival) / 1e12)
        sign = 1 if shown["path_type"] == "max" else -1
        margin = sign * (shown["required_s"] - shown["arrival_s"])
        assert shown["slack_s"] == pytest.approx(margin, abs=1e-12)


def test_notes_say_what_paths_cannot(analysis: Analysis) -> None:
    notes = " ".join(analysis.notes)
    assert "SN74ALS86 guarantees a high of 3 V, CD74HC73 asks for 3.5 V" in notes
    assert "303 ns at 100 mV overdrive" in notes
    # Resolved in 26 ms of slack, with 1.5 ns a factor e: beyond any number.
    assert "once in more than 1e300 s" in notes


def test_the_mean_time_between_failures_by_hand() -> None:
    # Four periods of 12 ns leave the flop 48 - 13 - 10 ns, less what CS's gate is slower: with
    # data new every 5 us and 1000 steps a second, exp(t / 1.5 ns) / (0.5 ns * 1 kHz * 200 kHz).
    settings = {
        "clock.capacitance": 1.5e-6 * 12e-9, "clock.rate": "1 kHz", "parts.xor.drive": 1e-6,
    }  # fmt: skip
    notes = " ".join(analyse(load("edge", settings)).notes)
    between = 2.718281828459045 ** (25 / 1.5) / (0.5e-9 * 1e3 * 200e3)
    shown = re.findall(r"once in ([\d.e+]+) s", notes)
    assert float(shown[0]) == pytest.approx(between, rel=0.01)
