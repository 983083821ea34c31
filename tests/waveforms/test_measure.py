import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from logicsim.api.trace import Trace as Measurable
from logicsim.api.trace import read_trace
from logicsim.board import load
from logicsim.core.errors import TraceError
from logicsim.core.units import ticks
from logicsim.training.run import Waveform, plan, run
from logicsim.waveforms.measure import EdgeMeasures, Measures, Spread
from logicsim.waveforms.trace import History, Kind, Signal, Trace, Value
from logicsim.waveforms.vcd import read_vcd
from tests.circuits import CIRCUITS
from tests.goldens import FOLDER

NS = 1000  # ticks
US = 1_000_000

Life = list[tuple[int, Value]]


def spread(*durations: float) -> Any:
    """What a Spread of these durations (s) should be equal to, last bits aside."""
    mean = sum(durations) / len(durations)
    return Spread(len(durations), min(durations), pytest.approx(mean), max(durations))  # type: ignore[arg-type]  # equal to a float


def trace(end: int, lives: Mapping[str, Life]) -> Trace:
    """A recording written by hand; times in ticks."""
    return Trace({name: _history(name, life) for name, life in lives.items()}, end)


def _history(name: str, life: Life) -> History:
    kind: Kind = "wire"
    if isinstance(life[0][1], float):
        kind = "real"
    elif isinstance(life[0][1], int):
        kind = "integer" if name.startswith("supervisor") else "bus"
    types = {"wire": np.str_, "bus": np.int64, "integer": np.int64, "real": np.float64}
    times = np.array([time for time, _ in life], dtype=np.int64)
    values: Any = np.array([value for _, value in life], dtype=types[kind])
    return History(Signal(name, kind, {"wire": 1, "bus": 7}.get(kind, 32)), times, values)


def measure(trace: Trace, **settings: Any) -> Measures:
    """A recording measured as a file is, by the names of the paper's circuit."""
    return Measurable(trace.histories, trace.end).measure(**settings)


def wire(text: str, *times: int) -> Life:
    return list(zip((0, *times), text, strict=True))


# Three steps of 100 us: latched at 40, 140, 240 us, moved at 60, 160, 260 us, over 20 us later.
CLOCK: dict[str, Life] = {
    "clock.cs": wire("1010101", *(t * US for t in (40, 80, 140, 180, 240, 280))),
    "clock.clk": wire("1010101", *(t * US for t in (60, 80, 160, 180, 260, 281))),
    "supervisor.step": [(0, 0), (1, 1), (100 * US, 2), (200 * US, 3)],
}
END = 300 * US


def only_edge(lives: Mapping[str, Life], **settings: float) -> EdgeMeasures:
    measures = measure(trace(END, {**CLOCK, **lives}), **settings)
    (edge,) = measures.edges
    return edge


def test_the_clock_is_measured() -> None:
    measures = measure(trace(END, CLOCK))
    assert measures.steps == 3
    assert measures.latch_to_step == Spread(3, 20e-6, 20e-6, 20e-6)
    assert measures.cs_low == Spread(3, 40e-6, 40e-6, 40e-6)
    assert measures.clk_low == spread(20e-6, 20e-6, 21e-6)
    assert measures.edges == ()


def test_a_step_that_the_recording_cuts_off_is_left_out() -> None:
    cut = {name: [(t, v) for t, v in life if t < 270 * US] for name, life in CLOCK.items()}
    measures = measure(trace(270 * US, cut))
    assert measures.steps == 2
    assert measures.cs_low == Spread(2, 40e-6, 40e-6, 40e-6)


def test_power_up_is_no_fall() -> None:
    lives: dict[str, Life] = {
        "clock.cs": wire("x010", 5, 8 * US, 9 * US),
        "clock.clk": wire("x01", 7, 8 * US),
    }
    measures = measure(trace(10 * US, lives))
    assert measures.steps == 0
    assert measures.cs_low is None
    assert measures.latch_to_step is None


def test_a_clock_fall_without_a_latch_of_its_own_is_no_step() -> None:
    lives = {**CLOCK, "clock.cs": wire("101", 40 * US, 280 * US)}
    assert measure(trace(END, lives)).steps == 1


@pytest.mark.parametrize("cell", [1, 19, 30, 39])
def test_chatter_is_counted_from_the_beginning_of_the_step_to_the_latch(cell: int) -> None:
    times = [(100 + cell) * US + i * NS for i in range(5)]
    after = [170 * US + i * NS for i in range(4)]
    edge = only_edge({"edge1.up": wire("0101010101", *times, *after)})
    assert edge.chatter == (0, 5, 0)


def test_without_the_count_of_steps_chatter_is_counted_from_the_latch_before() -> None:
    lives = {name: life for name, life in CLOCK.items() if name.startswith("clock")}
    lives["edge1.up"] = wire("01010", 50 * US, 70 * US, 130 * US, 141 * US)
    (edge,) = measure(trace(END, lives)).edges
    assert edge.chatter == (0, 3, 1)


def test_leaving_the_unknown_is_no_chatter() -> None:
    assert only_edge({"edge1.up": wire("x01", 5 * US, 10 * US)}).chatter == (1, 0, 0)


def test_a_glitch_is_a_short_pulse_back_to_what_was() -> None:
    lives = {
        "edge1.a": wire("01010", 10 * US, 10 * US + 19 * NS, 20 * US, 20 * US + 20 * NS),
        "edge1.b": wire("0x1", 10 * US, 10 * US + NS),
        "edge1.up": wire("0101", 10 * US, 10 * US + 6 * NS, 10 * US + 12 * NS),
    }
    assert only_edge(lives).glitches == {"a": 1, "b": 0, "up": 2}
    assert only_edge(lives, glitch=6e-9).glitches == {"a": 0, "b": 0, "up": 0}
    assert only_edge(lives, glitch=21e-9).glitches["a"] == 2


def test_margins_of_the_flop_and_the_potentiometer() -> None:
    edge = only_edge({
        "edge1.up": wire("010", 10 * US, 139 * US),
        "edge1.ud": wire("x010", 40 * US + 13 * NS, 140 * US + 15 * NS, 241 * US),
    })  # fmt: skip
    assert edge.quiet == spread(30e-6, 1e-6, 101e-6)
    assert edge.latch is not None
    assert (edge.latch.count, edge.latch.least_s, edge.latch.most_s) == (3, 13e-9, 1e-6)
    assert edge.still is not None
    assert edge.still.least_s == pytest.approx(19e-6)


def test_a_decision_takes_from_the_last_change_of_a_drop_to_the_last_of_the_xor() -> None:
    edge = only_edge({
        "edge1.drop_free": [(0, 0.0), (US, 0.25), (100 * US, 1.0)],
        "edge1.drop_clamped": [(0, 0.5), (120 * US, 1.5)],
        "edge1.up": wire("0101", 21 * US, 120 * US + 350 * NS, 220 * US),
    })  # fmt: skip
    # In the third step nothing moved the drops: what moved the XOR was noise.
    assert edge.decision == spread(20e-6, 350e-9)


def codes(*values: int) -> Life:
    """Values at power-up and 10 ns after each step."""
    times = (0, *(t * US + 10 * NS for t in (60, 160, 260)))
    life: Life = []
    for time, value in zip(times, values, strict=True):
        if not life or life[-1][1] != value:
            life.append((time, value))
    return life


@pytest.mark.parametrize(
    ("free", "clamped", "missteps", "apart"),
    [
        ((64, 65, 64, 65), (64, 65, 64, 65), 0, 0),
        ((64, 65, 66, 67), (64, 65, 64, 65), 1, 1),
        ((64, 64, 63, 64), (64, 64, 63, 64), 2, 0),
        ((64, 66, 65, 66), (64, 65, 64, 65), 1, 1),
        ((127, 127, 126, 127), (127, 127, 126, 127), 0, 0),
        ((127, 127, 126, 127), (126, 127, 126, 127), 0, 0),
        ((0, 1, 0, 1), (1, 0, 0, 1), 1, 1),
        ((127, 126, 125, 126), (64, 65, 64, 65), 1, 0),
    ],
)
def test_missteps_are_counts_that_nobody_asked_for(
    free: tuple[int, ...], clamped: tuple[int, ...], missteps: int, apart: int
) -> None:
    edge = only_edge({
        "edge1.ud": wire("x101", *(t * US + 13 * NS for t in (40, 140, 240))),
        "edge1.code_free": codes(*free),
        "edge1.code_clamped": codes(*clamped),
    })  # fmt: skip
    assert (edge.missteps, edge.apart) == (missteps, apart)


def test_an_unknown_direction_asks_for_nothing_and_yet_twins_may_part() -> None:
    edge = only_edge({
        "edge1.ud": wire("x"),
        "edge1.code_free": codes(64, 65, 66, 67),
        "edge1.code_clamped": codes(64, 65, 64, 65),
    })  # fmt: skip
    assert (edge.missteps, edge.apart) == (0, 1)


def test_a_shorter_potentiometer_stays_at_its_own_end() -> None:
    lives: dict[str, Life] = {
        "edge1.ud": wire("1"),
        "edge1.code_free": codes(61, 62, 63, 63),
        "edge1.code_clamped": codes(61, 62, 63, 63),
    }
    assert only_edge(lives).missteps == 2
    assert only_edge(lives, positions=64).missteps == 0


def test_voltages_settle_before_the_next_step_begins() -> None:
    lives: dict[str, Life] = {
        **CLOCK,
        "node1.free": [(0, 0.0), (61 * US, 1.0), (62 * US, 2.0), (100 * US, 3.0), (163 * US, 4.0)],
        "edge1.drop_free": [(0, 0.0), (60 * US + 10 * NS, 1.0)],
    }
    settling = measure(trace(END, lives)).settling
    assert settling == spread(2e-6, 3e-6)


def test_what_is_not_recorded_is_said_and_not_guessed() -> None:
    measures = measure(trace(END, {"edge2.up": wire("01", 5 * US)}))
    assert measures.steps is None
    assert measures.latch_to_step is measures.cs_low is measures.clk_low is None
    assert measures.settling is None
    (edge,) = measures.edges
    assert edge.edge == 2
    assert {name: value for name, value in edge.as_json().items() if value is not None} == {
        "edge": 2, "glitches_up": 0,
    }  # fmt: skip
    assert "clock.cs" in measures.missing
    assert "edge2.ud" in measures.missing
    assert "edge2.up" not in measures.missing


@pytest.mark.parametrize(
    "gone",
    [
        *("clock.cs", "clock.clk", "supervisor.step"),
        *("edge1.a", "edge1.up", "edge1.ud", "edge1.code_free", "edge1.drop_free"),
    ],
)
def test_each_signal_may_be_missing(gone: str) -> None:
    whole = read_vcd(FOLDER / "divider.vcd")
    lives = {name: life for name, life in whole.histories.items() if name != gone}
    measures = measure(Trace(lives, whole.end))
    assert measures.missing == (gone,)
    assert measures.steps == 1
    assert len(measures.edges) == 2
    if gone.startswith("clock"):
        assert measures.latch_to_step is None


def test_an_empty_trace_measures_nothing() -> None:
    measures = measure(Trace({}, 0))
    assert measures.steps is None
    assert measures.as_csv() == "edge\n"


# Runs


def recorded(folder: Path, name: str, steps: int, **settings: object) -> Measures:
    board = load(name, settings)
    path = folder / "w.vcd"
    run(board, plan(board, steps=steps)[:1], seed=3, waveform=Waveform(path))
    return measure(read_vcd(path))


def test_a_run_is_measured_as_its_board_foretells(tmp_path: Path) -> None:
    measures = recorded(tmp_path, "divider", 20)
    board = load("divider")
    clockwork = board.clockwork(3)
    period = clockwork.period
    assert measures.steps == 20
    assert measures.missing == ()
    assert measures.latch_to_step is not None
    assert ticks(measures.latch_to_step.least_s) == ticks(measures.latch_to_step.most_s)
    trigger = board.timetable.triggered(0)
    latch, count = (clockwork.edges(net, "fall", 1)[0].at(trigger, clockwork.phase)
                    for net in ("clock.cs", "clock.clk"))  # fmt: skip
    assert ticks(measures.latch_to_step.mean_s) == count - latch
    assert measures.cs_low is not None
    assert ticks(measures.cs_low.mean_s) == pytest.approx(8 * period, abs=10 * NS)
    assert measures.settling == Spread(20, 10e-9, 10e-9, 10e-9)
    for edge in measures.edges:
        assert (edge.missteps, edge.apart) == (0, 0)
        assert edge.latch is not None
        assert edge.latch.most_s == pytest.approx(13e-9)  # a flop's typical delay, and one XOR


def test_more_noise_more_chatter(tmp_path: Path) -> None:
    settings = {"clock.rate": "1 kHz", "clock.capacitance": "100 pF"}
    chatter = []
    for noise in ("0 mV", "10 mV", "100 mV"):
        measures = recorded(
            tmp_path, "divider", 40,
            **{**settings, "parts.comparator.chatter": "full", "parts.comparator.noise": noise},
        )  # fmt: skip
        chatter.append(sum(sum(edge.chatter or ()) for edge in measures.edges))
    assert chatter[0] <= 2 * 2 * 40
    assert chatter[0] < chatter[1] < chatter[2]


def test_the_bare_flop_that_is_bypassed_moves_until_the_step(tmp_path: Path) -> None:
    settings = {
        "clock.rate": "1 kHz", "clock.capacitance": "100 pF", "edge.latch": False,
        "parts.comparator.chatter": "full", "parts.comparator.noise": "100 mV",
    }  # fmt: skip
    measures = recorded(tmp_path, "divider", 40, **settings)
    latched = [edge.latch.most_s for edge in measures.edges if edge.latch is not None]
    assert max(latched) > 10e-6


FAST = {"clock.rate": "1 kHz", "clock.capacitance": "100 pF"}


def measured(folder: Path, **circuits: object) -> Measures:
    """The divider of other circuits, 20 steps."""
    board = load("divider", {**FAST, **circuits})
    path = folder / "w.vcd"
    run(board, plan(board, steps=20)[:1], seed=3, waveform=Waveform(path))
    return read_trace(path).measure(board=board)


def of(edge: str = "coupled", clock: str = "cascade") -> dict[str, str]:
    files = {name: CIRCUITS / f"{name}.toml" for name in (edge, clock)}
    return {
        key: str(files[name]) if files[name].exists() else name
        for key, name in (("edge.circuit", edge), ("clock.circuit", clock))
    }


def test_a_latch_on_a_rising_edge_of_its_own_breadboard_is_found(tmp_path: Path) -> None:
    board = load("divider", {**FAST, **of("nand")})
    measures = measured(tmp_path, **of("nand"))
    assert measures.steps == 20
    assert measures.missing == ()
    for edge in measures.edges:
        assert edge.glitches.keys() == {"a", "b", "up"}
        assert (edge.missteps, edge.apart) == (0, 0)
        assert edge.latch is not None
        # From the rise of the inverted chip select: the D flop's own delay and nothing else.
        assert edge.latch.most_s == pytest.approx(board.parts.dflop.clock_to_q.typ)


def test_a_clock_that_rests_low_loses_no_step(tmp_path: Path) -> None:
    measures = measured(tmp_path, **of(clock="pulse"))
    period = load("divider", {**FAST, **of(clock="pulse")}).clockwork(3).period
    assert measures.steps == 20
    assert measures.latch_to_step is not None
    # The second section comes a whole debouncing, four periods, after the first.
    assert ticks(measures.latch_to_step.mean_s) == pytest.approx(4 * period, abs=100 * NS)
    assert all((edge.missteps, edge.apart) == (0, 0) for edge in measures.edges)


def test_a_clock_that_steps_at_every_second_trigger_has_half_the_steps(tmp_path: Path) -> None:
    measures = measured(tmp_path, **of(clock="half"))
    assert measures.steps == 10
    assert all(edge.missteps == 0 for edge in measures.edges)


def test_a_potentiometer_that_is_not_selected_is_not_told_to_step(tmp_path: Path) -> None:
    board = load("divider", {**FAST, **of("dead_zone")})
    path = tmp_path / "w.vcd"
    run(board, plan(board, steps=60)[:1], seed=3, waveform=Waveform(path))
    trace = read_trace(path)
    stays = sum(int((trace[f"edge{n}.stay"].values == "1").sum()) for n in (1, 2))
    assert stays > 0, "the dead zone must have been entered for this to show anything"
    measures = trace.measure(board=board)
    assert [edge.missteps for edge in measures.edges] == [0, 0]
    blind = {name: life for name, life in trace.items() if not name.endswith(".select")}
    seen = Measurable(blind, trace.end).measure(board=board)
    assert sum(edge.missteps or 0 for edge in seen.edges) > 0


def test_without_a_comparator_its_glitches_are_not_missed(tmp_path: Path) -> None:
    measures = measured(tmp_path, **of("one_comparator"))
    assert measures.missing == ()
    assert [edge.glitches.keys() for edge in measures.edges] == [{"a"}, {"a"}]
    assert "glitches_a" in measures.as_csv().splitlines()[0]
    assert "glitches_b" not in measures.as_csv().splitlines()[0]


def test_the_paper_s_names_are_not_looked_for_on_another_board(tmp_path: Path) -> None:
    board = load("divider", {**FAST, **of("nand")})
    path = tmp_path / "w.vcd"
    run(board, plan(board, steps=2)[:1], seed=3, waveform=Waveform(path))
    assert read_trace(path).measure(board=board).missing == ()
    with pytest.raises(TraceError, match="edges 1 to 1; name the board"):
        read_trace(path).measure(board=load("edge"))


def test_tables_hold_what_was_measured() -> None:
    measures = measure(read_vcd(FOLDER / "divider.vcd"))
    rows = list(csv.DictReader(io.StringIO(measures.as_csv())))
    assert [row["edge"] for row in rows] == ["1", "2"]
    found = json.loads(json.dumps(measures.as_json()))
    for row, edge in zip(rows, found["edges"], strict=True):
        assert int(row["chatter"]) == sum(edge["chatter"])
        assert int(row["chatter_most"]) == max(edge["chatter"])
        assert float(row["quiet_least_s"]) == edge["quiet"]["least_s"]
        assert int(row["missteps"]) == edge["missteps"] == 0
    assert found["latch_to_step"]["count"] == found["steps"] == 1
    assert found["missing"] == []
