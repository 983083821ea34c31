"""The latch before the step, read from waveforms as from an oscilloscope."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from logicsim.board import load
from logicsim.training.run import Waveform, plan, run
from logicsim.waveforms.trace import History, Trace
from logicsim.waveforms.vcd import read_vcd

# A bench that clocks a thousand times a second, so that a whole step of chatter is a short file.
FAST = {"clock.rate": "1 kHz", "clock.capacitance": "100 pF", "parts.comparator.chatter": "full"}

NS = 1000  # ticks
CLOCK_TO_Q = 13 * NS  # CD74HC73, typical
CLOCK_TO_WIPER = 10 * NS


def record(path: Path, board: str, steps: int, seed: int, **settings: object) -> Trace:
    loaded = load(board, {**FAST, **{k.replace("__", "."): v for k, v in settings.items()}})
    run(loaded, plan(loaded, steps=steps), seed=seed, waveform=Waveform(path))
    return read_vcd(path)


def falls(history: History) -> NDArray[np.int64]:
    after = history.values[1:] == "0"
    times: NDArray[np.int64] = history.times[1:][after & (history.values[:-1] == "1")]
    return times


def rises(history: History) -> NDArray[np.int64]:
    after = history.values[1:] == "1"
    times: NDArray[np.int64] = history.times[1:][after & (history.values[:-1] == "0")]
    return times


def changes(history: History, first: int, last: int) -> int:
    """How often a signal changes in (first, last]."""
    lower, upper = np.searchsorted(history.times, [first, last], side="right")
    return int(upper - lower)


def clock_steps(trace: Trace) -> Iterator[tuple[int, int]]:
    """The chip-select and the clock fall of every step, checked to alternate."""
    chip_selects, clocks = falls(trace["clock.cs"]), falls(trace["clock.clk"])
    assert len(chip_selects) == len(clocks) > 0
    assert (chip_selects < clocks).all()
    assert (clocks[:-1] < chip_selects[1:]).all()
    yield from zip(chip_selects.tolist(), clocks.tolist(), strict=True)


def edges(trace: Trace) -> list[str]:
    return sorted({name.split(".")[0] for name in trace.histories if name.startswith("edge")})


@pytest.fixture(scope="module")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    folder = tmp_path_factory.mktemp("noisy")
    return record(folder / "noisy.vcd", "divider", steps=50, seed=20)


@pytest.fixture(scope="module")
def noisy_twin(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    folder = tmp_path_factory.mktemp("twin")
    return record(folder / "twin.vcd", "twin16", steps=6, seed=21)


def check_latch_before_step(trace: Trace) -> int:
    """Every step of every edge; returns how often `up` had changed again before the step."""
    changed_again = 0
    for edge in edges(trace):
        up, ud = trace[f"{edge}.up"], trace[f"{edge}.ud"]
        for chip_select, clock in clock_steps(trace):
            latched = up.at(chip_select)
            # ud settles one flop delay after the chip select falls, and then stays.
            settled = chip_select + CLOCK_TO_Q
            assert ud.at(settled) == latched
            assert settled < clock
            assert changes(ud, settled, clock + CLOCK_TO_WIPER) == 0
            for side in ("free", "clamped"):
                code = trace[f"{edge}.code_{side}"]
                before, after = code.at(clock), code.at(clock + CLOCK_TO_WIPER)
                step = 1 if latched == "1" else -1
                assert after == min(max(int(before) + step, 0), 127)
                # Nothing else ever moves the counter.
                assert changes(code, chip_select, clock) == 0
            changed_again += changes(up, settled, clock) > 0
        assert set(ud.times[2:].tolist()) <= {s + CLOCK_TO_Q for s, _ in clock_steps(trace)}
    return changed_again


def test_the_latch_comes_before_the_step_though_the_decision_chatters(noisy: Trace) -> None:
    assert check_latch_before_step(noisy) > 50


def test_the_latch_comes_before_the_step_on_every_edge_of_the_twin(noisy_twin: Trace) -> None:
    assert len(edges(noisy_twin)) == 16
    assert check_latch_before_step(noisy_twin) > 20


def test_both_counters_of_an_edge_always_show_the_same_code(noisy: Trace) -> None:
    for edge in edges(noisy):
        free, clamped = noisy[f"{edge}.code_free"], noisy[f"{edge}.code_clamped"]
        assert free.times.tolist() == clamped.times.tolist()
        assert free.values.tolist() == clamped.values.tolist()


def test_chip_select_and_clock_return_before_the_next_step(noisy: Trace) -> None:
    cs, clk = noisy["clock.cs"], noisy["clock.clk"]
    assert len(rises(cs)) == len(rises(clk)) == len(falls(cs))
    # Both return when out3 flips; the first rises are those of power-up, from X.
    assert (rises(cs)[-len(falls(cs)) :] > falls(clk)).all()


def test_the_trigger_alternates_its_polarity(noisy: Trace) -> None:
    trigger = noisy["clock.trigger"]
    assert len(rises(trigger)) == len(falls(trigger)) == len(falls(noisy["clock.cs"])) / 2


def apart(trace: Trace) -> tuple[int, int]:
    """Steps of an edge in which its two counters moved by different amounts, and all steps.

    Left out are steps at the end stops, where counters that parted earlier meet again.
    """
    count = total = 0
    for edge in edges(trace):
        codes = [trace[f"{edge}.code_{side}"] for side in ("free", "clamped")]
        for _, clock in clock_steps(trace):
            before = [int(c.at(clock)) for c in codes]
            after = [int(c.at(clock + 2 * CLOCK_TO_WIPER)) for c in codes]
            if not {0, 127} & {*before, *after}:
                count += after[0] - before[0] != after[1] - before[1]
                total += 1
    return count, total


@pytest.mark.slow
def test_without_the_latch_twins_step_apart_as_often_as_the_forbidden_window_is_hit(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    settings = {
        "edge__latch": False,
        "parts__comparator__chatter": "latch",  # the noise around the step; the rest is alike
        "parts__comparator__noise": "100 mV",
    }
    trace = record(tmp_path / "bypassed.vcd", "twin16", steps=400, seed=22, **settings)
    count, total = apart(trace)
    # U/D may not move within 10 ns before and 10 ns after the clock fall; a pot that sees it do
    # so steps either way, so half of the hits part the twins. How often `up` moves is read from
    # the same waveform, in the 4 us before the fall.
    seen = [changes(trace[f"{edge}.ud"], clock - 4_000_000, clock)
            for edge in edges(trace) for _, clock in clock_steps(trace)]  # fmt: skip
    expected = total * np.mean(seen) / 4e-6 * 20e-9 / 2
    record_property("steps apart", f"{count} of {total}, {expected:.1f} expected")
    assert count > 0
    assert 0.5 * expected < count < 2 * expected
    assert trace["checks.setup"].values[-1] > 0
    assert trace["checks.hold"].values[-1] > 0


@pytest.mark.slow
def test_with_the_latch_twins_never_part_under_the_same_noise(tmp_path: Path) -> None:
    settings = {"parts__comparator__chatter": "latch", "parts__comparator__noise": "100 mV"}
    trace = record(tmp_path / "latched.vcd", "twin16", steps=400, seed=22, **settings)
    assert apart(trace)[0] == 0
    assert trace["checks.setup"].values[-1] == trace["checks.hold"].values[-1] == 0
