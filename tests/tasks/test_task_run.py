"""A task kind from outside, with a state of its own: it resumes and replays as it was trained."""

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from logicsim.board import Board, load
from logicsim.core.errors import EngineError
from logicsim.core.rule import clamp
from logicsim.event.simulation import Simulation
from logicsim.tasks.script import Script
from logicsim.tasks.task_run import Score, Stateless, Step
from logicsim.training.run import Plan, Waveform, run
from logicsim.vector import checkpoint
from logicsim.vector.machine import Machine
from logicsim.waveforms.read import read_trace
from logicsim.waveforms.trace import compare


class ContraryRun:
    """Its output is to be where it was not on average, and every third step where it is least.

    A counter and a running mean, both changed in place, as somebody else's package might do.
    """

    def __init__(self) -> None:
        self.seen = np.array(0)
        self.mean = np.zeros(1)

    def held(self, step: int) -> Mapping[int, float]:
        return {1: 5.0, 3: 0.0}

    def evaluation(self, step: int) -> None:
        return None

    def score(self, step: int, measured: Mapping[int, float], answers: object) -> Score:
        self.seen += 1
        self.mean += (measured[2] - self.mean) / self.seen
        return Score((measured[2] - self._desired()) ** 2)

    def clamp(self, step: int, measured: Mapping[int, float]) -> Mapping[int, float]:
        return {2: clamp(self._desired(), measured[2], 0.5)}

    def script(self) -> Script | None:
        return None

    def _desired(self) -> float:
        return 0.5 if self.seen % 3 == 0 else 5.5 - float(self.mean[0])

    def state(self) -> dict[str, NDArray[Any]]:
        return {"seen": self.seen, "mean": self.mean}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        self.seen, self.mean = state["seen"], state["mean"]


class ForgetfulRun(Stateless, ContraryRun):
    """The same, but it keeps nothing."""


class Contrary:
    """The task of such a run."""

    name = "contrary"
    cut: Mapping[int, Sequence[int]] = {}
    output_nodes = (2,)

    def __init__(self, kind: type[ContraryRun] = ContraryRun) -> None:
        self._kind = kind

    def task_run(self, seed: int) -> ContraryRun:
        return self._kind()


@pytest.fixture(scope="module")
def board() -> Board:
    return load("divider")


def planned(kind: type[ContraryRun] = ContraryRun) -> Plan:
    task: Any = Contrary(kind)
    return [(1, task, 10), (2, task, 14)]


def resumed(board: Board, plan: Plan, stop: int, folder: Path) -> list[Step]:
    """The steps behind a stop, by a machine that has read a checkpoint of it from a file."""
    first, second = Machine(board, 5), Machine(board, 5)
    this = checkpoint.identity(first, plan)

    def save() -> None:
        if first.steps == stop:
            checkpoint.save(folder, this, first.state())

    first.at_rest.append(save)
    list(first.train(plan))
    second.restore(checkpoint.load(folder, this))
    return list(chain.from_iterable(second.train(plan)))


def test_both_engines_train_it_alike(board: Board) -> None:
    event, vector = Simulation(board, 5), Machine(board, 5)
    codes = [[(s.codes_free, s.codes_clamped) for s in chain.from_iterable(each.train(planned()))]
             for each in (event, vector)]  # fmt: skip
    assert codes[0] == codes[1]
    assert len(set(codes[0])) > 5


@pytest.mark.parametrize("stop", [1, 7, 10, 14, 23])
def test_it_goes_on_from_a_checkpoint_as_if_never_stopped(
    board: Board, stop: int, tmp_path: Path
) -> None:
    whole = list(chain.from_iterable(Machine(board, 5).train(planned())))
    assert resumed(board, planned(), stop, tmp_path) == whole[stop:]


def test_a_run_that_keeps_nothing_goes_on_elsewhere(board: Board, tmp_path: Path) -> None:
    whole = list(chain.from_iterable(Machine(board, 5).train(planned(ForgetfulRun))))
    assert resumed(board, planned(ForgetfulRun), 14, tmp_path) != whole[14:]


def test_a_replay_plays_it_and_leaves_the_training_as_it_is(board: Board, tmp_path: Path) -> None:
    taken: dict[str, list[Step]] = {}
    for engine in ("event", "vector"):
        taken[engine] = []
        waveform = Waveform(tmp_path / f"{engine}.vcd", window=(16, 19))
        run(board, planned(), seed=5, engine=engine, waveform=waveform,
            on_steps=taken[engine].extend)  # fmt: skip
    event, vector = (read_trace(tmp_path / f"{engine}.vcd") for engine in taken)
    assert compare(event, vector, 1e-9) == []
    assert taken["vector"] == list(chain.from_iterable(Machine(board, 5).train(planned())))


def test_a_replay_of_a_run_that_keeps_nothing_is_found_out(board: Board, tmp_path: Path) -> None:
    waveform = Waveform(tmp_path / "w.vcd", window=(16, 19))
    with pytest.raises(EngineError, match="the engines disagree in step"):
        run(board, planned(ForgetfulRun), seed=5, engine="vector", waveform=waveform)
