"""An interrupted run resumes to exactly the same end."""

import csv
import json
import signal
import subprocess
import sys
import time
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from logicsim.board import Board, load, shipped
from logicsim.circuit.file import Circuit
from logicsim.core.errors import CheckpointError, EngineError, LogicsimError
from logicsim.tasks.task_run import Step
from logicsim.training.run import Plan, plan, run
from logicsim.vector import checkpoint
from logicsim.vector.compiler import compiled
from logicsim.vector.machine import Machine
from tests.circuits import CIRCUITS, edge


def steps_after(board: Board, chosen: Plan, seed: int, stop: int) -> list[Step]:
    """The steps that come after a stop, made by a machine that knows nothing but the state."""
    first, second = Machine(board, seed), Machine(board, seed)
    states: list[Any] = []
    first.looked_at = 1, stop
    first.at_rest.append(lambda: states.append({k: v.copy() for k, v in first.state().items()}))
    for _ in first.train(chosen):
        if len(states) > stop:
            break
    second.restore(states[stop - 1])
    return list(chain.from_iterable(second.train(chosen)))


@pytest.mark.parametrize(("name", "names", "settings"), [
    ("twin16", ["iv", "i"], {}), ("xor", [], {}),
    ("divider", [], {"parts.digipot.tolerance": 0.05}),
])  # fmt: skip
def test_any_step_is_a_place_to_go_on_from(
    name: str, names: list[str], settings: dict[str, Any]
) -> None:
    board = load(name, settings)
    chosen = plan(board, names, 12)
    whole = list(chain.from_iterable(Machine(board, 6).train(chosen)))
    for stop in range(1, len(whole) - 1, 5):
        assert steps_after(board, chosen, 6, stop) == whole[stop:]


# A decision that waits three steps in a row of flops: what they hold is what counts.
LATE = edge(
    flop={"q": "first"},
    inverter2={"chip": "not", "a": "first", "y": "k2"},
    flop2={"chip": "flop", "j": "first", "k": "k2", "cp": "cs", "q": "second"},
    inverter3={"chip": "not", "a": "second", "y": "k3"},
    flop3={"chip": "flop", "j": "second", "k": "k3", "cp": "cs", "q": "ud"},
)


@pytest.mark.parametrize(("circuit", "states"), [
    (str(CIRCUITS / "dead_zone.toml"), ["ud", "stay"]),  # one flop gates the counters
    (str(CIRCUITS / "latch.toml"), ["ud"]),
    (str(CIRCUITS / "dither.toml"), ["turn", "decided"]),  # a random bit
    (LATE, ["first", "second", "ud"]),
])  # fmt: skip
def test_all_that_an_edge_holds_is_kept(
    circuit: str | Circuit, states: list[str], tmp_path: Path
) -> None:
    board = load("twin16", {"edge.circuit": circuit})
    program = compiled(board).program
    assert {program.nets[net] for net in program.states} == set(states)
    chosen = plan(board, ["iv", "i"], 12)
    whole = Machine(board, 6)
    steps = list(chain.from_iterable(whole.train(chosen)))
    for stop in (1, 2, 6, 12, 17):  # after the first, two of the flops are unknown yet
        first, second = Machine(board, 6), Machine(board, 6)
        keep_at(first, stop, tmp_path, checkpoint.identity(first, chosen))
        list(first.train(chosen))
        second.restore(checkpoint.load(tmp_path, checkpoint.identity(second, chosen)))
        assert list(chain.from_iterable(second.train(chosen))) == steps[stop:]
        assert second.codes() == whole.codes()


def keep_at(machine: Machine, stop: int, folder: Path, run: dict[str, str]) -> None:
    """Have a machine write a checkpoint behind a step."""

    def keep() -> None:
        if machine.steps == stop:
            checkpoint.save(folder, run, machine.state())

    machine.looked_at = stop, stop
    machine.at_rest.append(keep)


def test_a_state_may_be_taken_up_more_than_once(tmp_path: Path) -> None:
    board = load("twin16")
    chosen = plan(board, ["iv"], 8)
    machine = Machine(board, 6)
    keep_at(machine, 3, tmp_path, {})
    steps = list(chain.from_iterable(machine.train(chosen)))
    state = checkpoint.load(tmp_path, {})
    for _ in range(2):
        again = Machine(board, 6)
        again.restore(state)
        assert list(chain.from_iterable(again.train(chosen))) == steps[3:]


def test_cut_edges_stay_cut() -> None:
    board = load("twin16")
    task = board.tasks[3].model_copy(update={"cut": {3: [2], 5: [1, 6]}})  # an island, at last
    chosen: Plan = [(4, task, 12)]
    whole = list(chain.from_iterable(Machine(board, 6).train(chosen)))
    for stop in (2, 4, 8):
        assert [step.codes_free for step in steps_after(board, chosen, 6, stop)] == [
            step.codes_free for step in whole[stop:]
        ]


def results(folder: Path) -> dict[str, Any]:
    result: dict[str, Any] = json.loads((folder / "result.json").read_text())
    for own in ("wall_s", "steps_per_s"):
        del result[own]
    return result


@pytest.mark.slow
def test_a_killed_run_resumes_to_the_same_files(tmp_path: Path) -> None:
    order = ["run", "twin16", "--task", "i", "--task", "iv", "--steps", "200000", "--seed", "4",
             "--engine", "vector", "--quiet"]  # fmt: skip
    command = [sys.executable, "-m", "logicsim", *order, "--out"]
    subprocess.run([*command, tmp_path / "whole"], check=True)
    with subprocess.Popen([*command, tmp_path / "killed"]) as process:
        saved = tmp_path / "killed" / "checkpoint.npz"
        while process.poll() is None:
            if saved.exists() and np.load(saved)["steps"] > 0:
                process.send_signal(signal.SIGKILL)
                break
            time.sleep(0.05)
    subprocess.run([*command, tmp_path / "killed", "--resume"], check=True)
    assert results(tmp_path / "killed") == results(tmp_path / "whole")
    whole, killed = ((tmp_path / name / "history.csv").read_text() for name in ("whole", "killed"))
    assert killed == whole


def test_only_the_same_run_is_resumed_and_both_are_named(tmp_path: Path) -> None:
    board = load("divider")
    chosen = plan(board, ["1 V"], 3)
    run(board, chosen, seed=1, engine="vector", out=tmp_path)
    other = load("divider", {"parts.comparator.noise": 0})
    attempts = [
        (other, chosen, 1, r"board 'divider' \(\w+\), this run is of board 'divider' \(\w+\)"),
        (board, chosen, 2, "it is of seed 1, this run is of seed 2"),
        (board, plan(board, ["1 V"], 4), 1, "'1 V' for 3 steps, this run is of tasks '1 V' for 4"),
    ]
    for changed, tasks, seed, reason in attempts:
        with pytest.raises(CheckpointError, match=reason):
            run(changed, tasks, seed=seed, engine="vector", out=tmp_path, resume=True)
    again = run(board, chosen, seed=1, engine="vector", out=tmp_path, resume=True)
    assert [task.steps for task in again.tasks] == [3]
    assert again.steps_per_s == 0  # of what was computed now: nothing was left


def test_a_file_of_examples_that_has_changed_is_another_board(tmp_path: Path) -> None:
    ours = shipped()["xor"]
    board, data = tmp_path / "xor.toml", tmp_path / "xor.csv"
    board.write_text(ours.read_text())
    data.write_text((ours.parent / "xor.csv").read_text())

    def order(*, resume: bool) -> None:
        loaded = load(board)
        run(loaded, plan(loaded, steps=3), engine="vector", out=tmp_path / "out", resume=resume)

    order(resume=False)
    order(resume=True)
    header, *rows = data.read_text().splitlines()
    data.write_text("\n".join([header, *rows[::-1]]) + "\n")
    with pytest.raises(CheckpointError, match=r"it is of board 'xor' \("):
        order(resume=True)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x93NUMPY", bytes(range(64))])
def test_a_damaged_checkpoint_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "checkpoint.npz").write_bytes(content)
    with pytest.raises(CheckpointError, match="not a checkpoint"):
        checkpoint.load(tmp_path, {})


def test_there_is_nothing_to_resume_without_a_checkpoint_or_its_history(tmp_path: Path) -> None:
    board = load("divider")
    with pytest.raises(CheckpointError, match="there is no checkpoint"):
        run(board, engine="vector", out=tmp_path, resume=True)
    with pytest.raises(EngineError, match="only the vector engine has checkpoints"):
        run(board, out=tmp_path, resume=True)
    run(board, plan(board, ["1 V"], 3), engine="vector", out=tmp_path)
    with (tmp_path / "history.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    (tmp_path / "history.csv").write_text("\n".join(",".join(row) for row in rows[:2]))
    with pytest.raises(LogicsimError, match="1 steps, fewer than the checkpoint's 3"):
        run(board, plan(board, ["1 V"], 3), engine="vector", out=tmp_path, resume=True)
