import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from logicsim.board import load
from logicsim.circuit.signals import layout
from logicsim.core.errors import TraceError
from logicsim.core.units import quantity, ticks
from logicsim.export.wavedrom import to_wavedrom
from logicsim.training.run import Waveform, plan, run
from logicsim.waveforms.trace import History, Signal, Trace
from logicsim.waveforms.vcd import read_vcd
from tests.goldens import FOLDER

LANES = {
    "clock": ["trigger", "cs", "clk"],
    "edge1": ["a", "b", "up", "ud", "code_free", "code_clamped"],
}


SIGNALS = layout(load("divider").netlist())


def diagram(trace: Trace, edge: int = 1, step: int = 1) -> dict[str, Any]:
    text = to_wavedrom(trace, SIGNALS, edge, step)
    assert text.endswith("}\n")
    found: dict[str, Any] = json.loads(text)
    return found


def lanes(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {f"{group[0]}.{lane['name']}": lane for group in found["signal"] for lane in group[1:]}


def is_well_formed(found: dict[str, Any]) -> bool:
    waves = {name: lane["wave"] for name, lane in lanes(found).items()}
    (columns,) = {len(wave) for wave in waves.values()}
    assert len(found["head"]["tick"].split(" ")) == columns
    assert len(found["foot"]["tock"].split(" ")) == columns
    for name, lane in lanes(found).items():
        assert set(lane["wave"]) <= set("01xz=.")
        assert lane["wave"][0] != "."
        assert lane["wave"].count("=") == len(lane.get("data", [])), name
        assert all(isinstance(label, str) and label for label in lane.get("data", []))
    return True


def duration(text: str) -> float:
    return quantity(text, "s")


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    board = load("divider", {"parts.comparator.noise": "0 mV"})
    path = tmp_path_factory.mktemp("long") / "w.vcd"
    run(board, plan(board, ["3.75 V", "1 V"], 4), seed=1, waveform=Waveform(path))
    return read_vcd(path)


def test_a_golden_step_has_all_lanes_in_order() -> None:
    found = diagram(read_vcd(FOLDER / "edge.vcd"))
    assert is_well_formed(found)
    names = {group[0]: [lane["name"] for lane in group[1:]] for group in found["signal"]}
    assert names == LANES


def test_the_latch_comes_before_the_step() -> None:
    found = lanes(diagram(read_vcd(FOLDER / "edge.vcd")))
    latch, step = (found[name]["wave"].index("0") for name in ("clock.cs", "clock.clk"))
    decided = found["edge1.ud"]["wave"].index("1")
    moved = found["edge1.code_free"]["wave"].index("=", 1)
    assert latch < decided < step < moved
    assert found["edge1.code_free"]["data"] == ["64", "65"]


def test_every_change_has_its_column_and_its_time() -> None:
    trace = read_vcd(FOLDER / "edge.vcd")
    found = diagram(trace)
    shown = [name for name in lanes(found) if name in trace.histories]
    changes = {time for name in shown for time in trace[name].times.tolist()}
    assert len(changes) == len(found["head"]["tick"].split(" "))
    begin = min(changes)
    for text, time in zip(found["head"]["tick"].split(" "), sorted(changes), strict=True):
        assert ticks(duration(text)) == pytest.approx(time - begin, rel=1e-3)


@pytest.mark.parametrize("step", range(1, 9))
def test_columns_add_up_to_the_step(long: Trace, step: int) -> None:
    found = diagram(long, 2, step)
    assert is_well_formed(found)
    lasted = sum(duration(text) for text in found["foot"]["tock"].split(" "))
    assert lasted == pytest.approx(0.25, rel=1e-3)


def test_steps_are_counted_over_all_tasks(long: Trace) -> None:
    codes = [lanes(diagram(long, 1, step))["edge1.code_free"]["data"] for step in range(1, 9)]
    assert all(before[-1] == after[0] for before, after in pairwise(codes))
    assert [int(data[-1]) - int(data[0]) in (1, -1) for data in codes] == [True] * 8


def test_long_chatter_is_folded_and_counted() -> None:
    trace = read_vcd(FOLDER / "divider.vcd")
    found = diagram(trace)
    assert is_well_formed(found)
    up = lanes(found)["edge1.up"]
    assert len(up["wave"]) < 20
    folds = [label for label in up["data"] if label.endswith(" changes")]
    drawn = sum(symbol in "01" for symbol in up["wave"])
    counted = sum(int(label.split()[0]) for label in folds)
    # The value after a fold is drawn because the box ended, not because the wire changed.
    assert len(folds) >= 1
    assert counted <= len(trace["edge1.up"].times) - 1 <= counted + drawn


def test_a_fold_counts_every_change_but_the_last_which_is_drawn() -> None:
    wires = {
        "edge1.up": [(0, "0"), *((100 + 10 * i, "10"[i % 2]) for i in range(20))],
        "edge1.ud": [(0, "0"), (500, "1"), (1001, "0")],
    }
    histories = {
        name: History(Signal(name, "wire"), np.array([time for time, _ in life]),
                      np.array([value for _, value in life]))
        for name, life in wires.items()
    }  # fmt: skip
    steps = np.array([0, 1, 1001]), np.array([0, 1, 2])
    histories["supervisor.step"] = History(Signal("supervisor.step", "integer", 32), *steps)
    found = diagram(Trace(histories, 2000))
    assert lanes(found)["edge1.up"] == {"name": "up", "wave": "0=0.", "data": ["19 changes"]}
    assert lanes(found)["edge1.ud"] == {"name": "ud", "wave": "0..1"}
    assert found["head"]["tick"] == "0s 99ps 289ps 499ps"
    assert found["foot"]["tock"] == "99ps 190ps 210ps 501ps"


def test_what_is_not_recorded_is_left_out_and_the_unknown_is_unknown() -> None:
    trace = read_vcd(FOLDER / "edge.vcd")
    some = {name: life for name, life in trace.histories.items() if not name.endswith((".b", "cs"))}
    found = diagram(Trace(some, trace.end))
    assert is_well_formed(found)
    assert lanes(found).keys() == {
        f"{scope}.{name}" for scope, names in LANES.items() for name in names
    } - {"edge1.b", "clock.cs"}
    assert lanes(found)["edge1.up"]["wave"][0] == "x"


@pytest.mark.parametrize(
    ("edge", "step", "message"),
    [(3, 1, "edge 3: no signal"), (1, 2, "step 2: 1 are recorded"), (1, 0, "step 0")],
)
def test_what_was_not_recorded_is_refused(edge: int, step: int, message: str) -> None:
    with pytest.raises(TraceError, match=message):
        to_wavedrom(read_vcd(FOLDER / "divider.vcd"), SIGNALS, edge, step)


def test_without_the_count_of_steps_it_is_refused() -> None:
    trace = read_vcd(FOLDER / "edge.vcd")
    some = {n: life for n, life in trace.histories.items() if not n.startswith("supervisor")}
    with pytest.raises(TraceError, match=r"supervisor\.step"):
        to_wavedrom(Trace(some, trace.end), SIGNALS, 1, 1)


def test_the_same_step_gives_the_same_text() -> None:
    paths: list[Path] = [FOLDER / "divider.vcd"] * 2
    first, second = (to_wavedrom(read_vcd(path), SIGNALS, 2, 1) for path in paths)
    assert first == second


def test_another_circuit_has_lanes_of_its_own(tmp_path: Path) -> None:
    circuit = Path(__file__).parents[1] / "circuits" / "dead_zone.toml"
    board = load("divider", {"edge.circuit": str(circuit), "clock.circuit": "pulse"})
    path = tmp_path / "w.vcd"
    run(board, plan(board, ["3.75 V"], 2), seed=1, waveform=Waveform(path))
    trace = read_vcd(path)
    found = json.loads(to_wavedrom(trace, layout(board.netlist()), 2, 2))
    assert is_well_formed(found)
    names = {group[0]: [lane["name"] for lane in group[1:]] for group in found["signal"]}
    # What decides, what is sampled, what is held, what selects; not the inverters' outputs.
    assert names == {
        "clock": ["trigger", "clk", "cs"],
        "edge2": ["a", "b", "more", "less", "up", "ud", "alike", "stay", "select", "code_free",
                  "code_clamped"],
    }  # fmt: skip
