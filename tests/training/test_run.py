import csv
import json
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from logicsim.board import Board, load
from logicsim.core.errors import BoardError, OutputError, TraceError
from logicsim.event.simulation import Simulation
from logicsim.tasks.task_run import Step
from logicsim.training.run import Waveform, plan, run
from logicsim.waveforms.vcd import read_vcd

# A divider with two edges below the output, of which one can be cut.
THREE = """
name = "three"
[network]
nodes = 3
edges = [[1, 2], [2, 3], [2, 3]]
[parts.comparator]
noise = 0
[[tasks]]
name = "a"
kind = "allostery"
nudge = 0.3
steps = 8
inputs = { 1 = "5 V", 3 = "0 V" }
outputs = { 2 = "2 V" }
cut = { 4 = [3] }
[[tasks]]
name = "b"
kind = "allostery"
steps = 5
inputs = { 1 = "5 V", 3 = "1 V" }
outputs = { 2 = "4 V" }
"""


@pytest.fixture
def three(tmp_path: Path) -> Path:
    path = tmp_path / "three.toml"
    path.write_text(THREE)
    return path


def conductances(codes: tuple[int, ...]) -> list[float]:
    return [1 / (code / 128 * 100e3 + 40) for code in codes]


def without_clock(result: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in result.items() if key not in ("wall_s", "steps_per_s")}


def test_outputs_obey_kirchhoff_and_cut_edges_carry_nothing(three: Path) -> None:
    board = load(three)
    steps = list(chain.from_iterable(Simulation(board, seed=29).train(plan(board))))
    assert len(steps) == 13
    for number, step in enumerate(steps, start=1):
        upper, *lower = conductances(step.codes_free)
        if number >= 4:  # from there on, in the next task too
            lower = lower[:1]
        bottom = 1.0 if step.task == "b" else 0.0
        expected = (5 * upper + bottom * sum(lower)) / (upper + sum(lower))
        assert step.outputs[2] == pytest.approx(expected, rel=1e-12)


def test_the_error_is_the_squared_distance_from_the_desired_voltage(three: Path) -> None:
    board = load(three)
    for step in chain.from_iterable(Simulation(board, seed=29).train(plan(board))):
        desired = 2.0 if step.task == "a" else 4.0
        assert step.error == pytest.approx((step.outputs[2] - desired) ** 2)


def test_the_clamped_output_is_imposed_by_equation_one(three: Path) -> None:
    board = load(three)
    simulation = Simulation(board, seed=31)
    clamped = simulation.twin.clamped.voltages
    last: Step | None = None
    for step in chain.from_iterable(simulation.train(plan(board, ["a"]))):
        if last is not None:  # still held when the next step is measured
            assert clamped[1] == pytest.approx(0.3 * 2.0 + 0.7 * last.outputs[2], abs=1e-12)
        assert (clamped[0], clamped[2]) == (5.0, 0.0)
        last = step


def test_converters_quantise_what_is_imposed_and_what_is_measured(three: Path) -> None:
    board = load(three, {
        "supervisor.impose_resolution": 0.25, "supervisor.measure_resolution": "100 mV",
    })  # fmt: skip
    simulation = Simulation(board, seed=31)
    clamped = simulation.twin.clamped.voltages
    last: Step | None = None
    for step in chain.from_iterable(simulation.train(plan(board, ["a"]))):
        assert step.outputs[2] * 10 == pytest.approx(round(step.outputs[2] * 10), abs=1e-9)
        assert abs(step.outputs[2] - simulation.twin.free.voltages[1]) <= 0.05 + 1e-9
        if last is not None:
            exact = 0.3 * 2.0 + 0.7 * last.outputs[2]
            assert clamped[1] * 4 == pytest.approx(round(clamped[1] * 4), abs=1e-9)
            assert abs(clamped[1] - exact) <= 0.125 + 1e-9
        last = step


def test_every_code_moves_by_at_most_one_a_step_also_between_tasks() -> None:
    board = load("twin16")
    steps = list(chain.from_iterable(Simulation(board, seed=41).train(plan(board, steps=10))))
    assert set(steps[0].codes_free) == {64}
    for before, after in zip(steps, steps[1:], strict=False):  # noqa: RUF007  reads as it is
        for a, b in zip(before.codes_free, after.codes_free, strict=True):
            assert abs(a - b) == 1  # far from both ends, so every counter counts
    assert set(steps[30].codes_free) != {64}


def test_codes_start_where_the_board_says() -> None:
    board = load("divider", {"parts.digipot.initial": [3, 120]})
    ((step,),) = Simulation(board, seed=41).train(plan(board, ["1 V"], 1))
    assert step.codes_free == step.codes_clamped == (3, 120)


def test_without_names_all_tasks_run_in_the_boards_order() -> None:
    board = load("divider")
    chosen = plan(board)
    assert [(number, task.name, steps) for number, task, steps in chosen] == [
        (1, "3.75 V", 100), (2, "2.25 V", 100), (3, "1 V", 100), (4, "2.25 V again", 100),
    ]  # fmt: skip


def test_named_tasks_run_in_the_order_asked_for_the_steps_asked() -> None:
    board = load("divider")
    chosen = plan(board, ["1 V", "3.75 V"], 2)
    steps = list(chain.from_iterable(Simulation(board, seed=43).train(chosen)))
    assert [(step.task, step.step) for step in steps] == [
        ("1 V", 1), ("1 V", 2), ("3.75 V", 1), ("3.75 V", 2),
    ]  # fmt: skip


def test_an_unknown_task_is_refused_before_anything_runs() -> None:
    with pytest.raises(BoardError, match=r"'1 W'.*'1 V'"):
        plan(load("divider"), ["3.75 V", "1 W"])


def test_a_task_asked_for_twice_is_summarised_twice() -> None:
    board = load("divider", {"parts.comparator.noise": 0})
    result = run(board, plan(board, ["3.75 V", "3.75 V"], 4), seed=47).as_json()
    assert [(task["name"], task["steps"]) for task in result["tasks"]] == [("3.75 V", 4)] * 2
    first, second = result["tasks"]
    assert first["error_first"] == pytest.approx(1.25**2)  # both pots at half scale: 2.5 V
    assert second["error_first"] < first["error_last"]


def test_steps_come_at_the_rate_of_the_clock() -> None:
    board = load("divider", {"clock.rate": "7 Hz"})
    steps = list(chain.from_iterable(Simulation(board, seed=53).train(plan(board, steps=2))))
    for number, step in enumerate(steps):
        assert step.time - steps[0].time == pytest.approx(number / 7, rel=1e-9)


def test_a_clock_that_the_debouncer_cannot_follow_is_a_result_and_no_error() -> None:
    board = load("divider", {"clock.rate": "20 Hz"})  # 13 periods of 6.7 ms are 87 ms
    result = run(board, plan(board, steps=3), seed=59)
    assert result.violations["spacing"] == 4 * 3 - 1


def test_a_run_repeats_itself_and_another_seed_does_not() -> None:
    board = load("twin16")
    chosen = plan(board, ["v"], 30)
    first, again, other = (run(board, chosen, seed=seed).as_json() for seed in (61, 61, 67))
    assert without_clock(first) == without_clock(again)
    assert first["codes"] != other["codes"]


def test_a_run_writes_all_that_is_promised(tmp_path: Path) -> None:
    board = load("divider")
    seen: list[Step] = []
    result = run(
        board, plan(board, steps=3), seed=71, waveform=Waveform(tmp_path / "w.vcd"),
        out=tmp_path / "a" / "out", on_steps=seen.extend,
    )  # fmt: skip
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {"w.vcd", "w.gtkw", "a/out/history.csv", "a/out/history.png",
                     "a/out/result.json"}  # fmt: skip
    written = json.loads((tmp_path / "a" / "out" / "result.json").read_text())
    assert written == json.loads(json.dumps(result.as_json()))
    with (tmp_path / "a" / "out" / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["task"], int(row["step"])) for row in rows] == [(s.task, s.step) for s in seen]
    assert [float(row["output_2"]) for row in rows] == [step.outputs[2] for step in seen]
    trace = read_vcd(tmp_path / "w.vcd")
    assert trace["supervisor.task"].values.tolist() == [0, 1, 2, 3, 4]
    assert "w.vcd" in (tmp_path / "w.gtkw").read_text()


def test_a_wrong_probe_empties_no_file(tmp_path: Path) -> None:
    path = tmp_path / "w.vcd"
    path.write_text("precious")
    with pytest.raises(TraceError, match="no_such"):
        run(load("edge"), waveform=Waveform(path, ["no_such"]), out=tmp_path / "out")
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["w.vcd"]
    assert path.read_text() == "precious"


def test_a_wrong_folder_empties_no_file(tmp_path: Path) -> None:
    path = tmp_path / "w.vcd"
    path.write_text("precious")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError, match="file"):
        run(load("edge"), waveform=Waveform(path), out=tmp_path / "file")
    assert path.read_text() == "precious"


def test_a_board_without_tasks_runs_to_an_empty_result(tmp_path: Path) -> None:
    board = Board.model_validate(
        {"name": "idle", "network": {"nodes": 2, "edges": [[1, 2]]}, "tasks": []}
    )
    result = run(board, out=tmp_path, waveform=Waveform(tmp_path / "w.vcd")).as_json()
    assert (result["tasks"], result["outputs_free"], result["steps_per_s"]) == ([], {}, 0)


def test_an_island_that_a_cut_leaves_behind_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "island.toml"
    path.write_text(THREE.replace("cut = { 4 = [3] }", "cut = { 2 = [1], 3 = [2, 3] }"))
    board = load(path)
    result = run(board, plan(board, steps=6), out=tmp_path / "out").as_json()
    assert result["outputs_free"] == {"2": None}
    assert result["tasks"][0]["error_last"] is None
    json.dumps(result, allow_nan=False)
