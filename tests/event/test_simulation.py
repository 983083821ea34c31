"""Whole machines: they learn, they are reproducible, and they are independent."""

import os
import subprocess
import sys
import tracemalloc
from itertools import chain, zip_longest
from pathlib import Path
from statistics import median

import pytest

from logicsim.board import Board, load
from logicsim.event.simulation import Simulation
from logicsim.tasks.allostery import Allostery
from logicsim.tasks.task_run import Step
from logicsim.training.run import Waveform, plan, run
from logicsim.waveforms.trace import compare
from logicsim.waveforms.vcd import read_vcd

STEP_OHM = 100e3 / 128


def train(board: Board, seed: int, *names: str) -> tuple[list[Step], Simulation]:
    simulation = Simulation(board, seed)
    return list(chain.from_iterable(simulation.train(plan(board, names)))), simulation


@pytest.mark.parametrize("seed", [3, 14, 159])
def test_the_divider_ends_within_three_codes_worth_of_each_target(seed: int) -> None:
    board = load("divider")
    steps, _ = train(board, seed)
    for task in board.tasks:
        last = [step for step in steps if step.task == task.name][-1]
        assert isinstance(task, Allostery)
        # V = 5 R2 / (R1 + R2): what one code of R1 is worth there.
        r1, r2 = (code * STEP_OHM + 40 for code in last.codes_free)
        worth = 5 * max(r1, r2) / (r1 + r2) ** 2 * STEP_OHM
        assert abs(last.outputs[2] - task.outputs[2]) < 3 * worth


@pytest.mark.parametrize("task", ["ii", "iii", "iv", "v"])
def test_the_twin_learns_each_task_from_power_up(task: str) -> None:
    board = load("twin16")
    for seed in (26, 53):
        steps, _ = train(board, seed, task)
        errors = [step.error for step in steps]
        assert len(errors) == 300
        assert median(errors[-30:]) < errors[0] / 10**2.5
        assert min(errors) < errors[0] / 10**4


def test_the_rule_as_printed_unlearns() -> None:
    board = load("divider", {"edge.rule": "printed"})
    steps, _ = train(board, 8, "3.75 V")
    assert steps[-1].error > steps[0].error
    assert steps[-1].codes_free == (127, 0)  # both ran away to their ends


def test_error_is_measured_before_the_update_and_codes_are_carried_over() -> None:
    board = load("divider")
    steps, simulation = train(board, 1, "3.75 V", "1 V")
    assert steps[0].codes_free == (64, 64)
    assert steps[0].outputs[2] == pytest.approx(2.5)
    assert steps[0].error == pytest.approx(1.25**2)
    assert steps[100].step == 1
    assert all(abs(a - b) <= 1 for a, b in zip(steps[99].codes_free, steps[100].codes_free,
                                               strict=True))  # fmt: skip
    assert steps[1].time - steps[0].time == pytest.approx(0.25)  # 4 Hz
    assert simulation.codes()[0] == simulation.codes()[1]


def test_a_potentiometer_of_two_positions_moves_its_wiper() -> None:
    board = load("divider", {"parts.digipot.positions": 2, "parts.digipot.initial": 0})
    _, simulation = train(board, 1, "3.75 V")
    ohms = {0: 40.0, 1: 50040.0}
    expected = [1 / ohms[code] for code in simulation.codes()[0]]
    assert 1 in simulation.codes()[0]
    assert simulation.twin.free.conductance == pytest.approx(expected)


CONTENT = """
import sys
from pathlib import Path
from logicsim.board import load
from logicsim.training.run import Waveform, plan, run
board = load("divider", {"parts.comparator.offset_sigma": 1e-3, "parts.digipot.tolerance": 0.1})
run(board, plan(board, steps=12), seed=77, waveform=Waveform(Path(sys.argv[1], "w.vcd")),
    out=Path(sys.argv[1]))
"""


def test_the_same_seed_gives_the_same_run_in_another_process(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for place, folder in enumerate(folders):
        folder.mkdir()
        environment = {**os.environ, "PYTHONHASHSEED": str(place + 1)}
        subprocess.run([sys.executable, "-c", CONTENT, folder], check=True, env=environment)
    assert (folders[0] / "history.csv").read_text() == (folders[1] / "history.csv").read_text()
    assert (folders[0] / "w.vcd").read_bytes() == (folders[1] / "w.vcd").read_bytes()
    assert compare(read_vcd(folders[0] / "w.vcd"), read_vcd(folders[1] / "w.vcd")) == []


def test_another_seed_gives_another_run() -> None:
    board = load("divider")
    assert train(board, 1)[1].codes() != train(board, 2)[1].codes()


def test_writing_a_waveform_changes_nothing(tmp_path: Path) -> None:
    board = load("divider")
    silent: list[Step] = []
    written: list[Step] = []
    first = run(board, seed=9, on_steps=silent.extend)
    wave = Waveform(tmp_path / "w.vcd", probes=["edge1.up"], window=(3, 5))
    second = run(board, seed=9, on_steps=written.extend, waveform=wave)
    assert silent == written
    timing = ("wall_s", "steps_per_s")
    results = [{k: v for k, v in r.as_json().items() if k not in timing} for r in (first, second)]
    assert results[0] == results[1]


def test_two_machines_side_by_side_do_not_touch_each_other() -> None:
    boards = [load("divider"), load("twin16", {"parts.comparator.noise": "30 mV"})]
    alone = [[s.codes_free for s in train(board, 6)[0]] for board in boards]
    trainings = [chain.from_iterable(Simulation(b, 6).train(plan(b))) for b in boards]
    together: list[list[tuple[int, ...]]] = [[], []]
    for steps in zip_longest(*trainings):
        for codes, step in zip(together, steps, strict=True):
            if step is not None:
                codes.append(step.codes_free)
    assert together == alone


def test_memory_does_not_grow_with_the_number_of_steps(tmp_path: Path) -> None:
    board = load("divider")
    wave = Waveform(tmp_path / "w.vcd")

    def grown(steps: int) -> int:
        tracemalloc.start()
        run(board, plan(board, ["1 V"], steps), seed=4, waveform=wave)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    grown(10)  # imports and caches
    assert grown(2000) < grown(200) + 100_000
