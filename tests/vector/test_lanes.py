"""Each lane gives the same run as its machine alone."""

import math
from itertools import chain
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtri

from logicsim.board import Board, load
from logicsim.core.noise import Purpose, Stream
from logicsim.vector.lane import Lane
from logicsim.vector.lanes import BatchResult, train
from logicsim.vector.machine import Machine
from logicsim.vector.philox import uniforms
from tests.circuits import at


def assert_lanes_are_singles(lanes: list[Lane], plan: list[tuple[int, int]]) -> BatchResult:
    batch = train(lanes, plan)
    for place, lane in enumerate(lanes):
        machine = Machine(lane.board, lane.seed)
        tasks = [(number, lane.board.tasks[number - 1], steps) for number, steps in plan]
        steps = list(chain.from_iterable(machine.train(tasks)))
        errors = [step.error for step in steps]
        assert batch.errors[place] == pytest.approx(errors, rel=1e-10, abs=1e-20)
        shares = [math.nan if step.accuracy is None else step.accuracy for step in steps]
        assert batch.accuracies[place] == pytest.approx(shares, rel=0, abs=0, nan_ok=True)
        assert tuple(map(tuple, batch.codes[place].tolist())) == machine.codes()
        outputs = list(machine.measure(tasks[-1][1].output_nodes).values())
        assert batch.outputs[place] == pytest.approx(outputs, rel=1e-12)
        assert batch.opposed[place] == machine.opposed
    return batch


def varied(name: str, *settings: dict[str, Any]) -> list[Board]:
    return [load(name, each) for each in settings]


def test_seeds() -> None:
    lanes = [Lane(load("twin16"), seed) for seed in (0, 1, 2, 2**64 - 1)]
    batch = assert_lanes_are_singles(lanes, [(4, 60), (2, 20)])
    assert len({tuple(errors) for errors in batch.errors.tolist()}) == 4


def test_parameters() -> None:
    boards = varied(
        "twin16", {}, {"parts.comparator.noise": 0}, {"parts.digipot.tolerance": 0.1},
        {"parts.comparator.offset_sigma": "4 mV", "parts.digipot.initial": 20},
        {"parts.digipot.tolerance": 0.01, "parts.comparator.supply": "4 V"},
        {"parts.digipot.end_to_end": "10 kohm", "parts.digipot.wiper": "100 ohm"},
        {"edge.rule": "printed"}, {"parts.digipot.taper": "log"}, {"parts.digipot.dnl": 0.2},
        {"supervisor.measure_resolution": "5 mV"}, {"supervisor.impose_resolution": "5 mV"},
    )  # fmt: skip
    assert_lanes_are_singles([Lane(board, 3) for board in boards], [(4, 30)])


def test_clocks_and_gains_of_their_own() -> None:
    # The times of the clock address the draws of random bits.
    dither = {"edge.circuit": at("dither")}
    clocks: list[dict[str, Any]] = [{"clock.capacitance": "10 nF"}, {"clock.capacitance": "9 nF"},
              {"supervisor.settle": "9 ms"}, {"parts.comparator.input_gain": 0.3}]  # fmt: skip
    boards = varied("twin16", *({**dither, **each} for each in clocks))
    assert_lanes_are_singles([Lane(board, seed) for seed in (4, 5) for board in boards], [(4, 30)])


def test_regressions_share_their_lessons_and_others_go_alone() -> None:
    boards = varied("twin16", {}, {"supervisor.measure_resolution": "5 mV"})
    lanes = [Lane(board, seed) for board in boards for seed in (7, 8)]
    assert_lanes_are_singles(lanes, [(6, 25)])
    assert_lanes_are_singles(lanes[:2], [(1, 5)])  # classification


def test_classifications() -> None:
    board = load("twin16")
    assert_lanes_are_singles([Lane(board, seed) for seed in (2, 3, 4, 5)], [(1, 40), (6, 10)])


def test_voltages_and_nudges() -> None:
    board = load("divider")
    lanes = []
    for volts in (1.0, 2.0, 3.0):
        task = board.tasks[0].model_copy(update={"outputs": {2: volts}, "nudge": volts / 5})
        lanes.append(Lane(board.model_copy(update={"tasks": [task]}), 4))
    batch = assert_lanes_are_singles(lanes, [(1, 100)])
    assert batch.outputs[:, 0] == pytest.approx([1, 2, 3], abs=0.1)


def test_numbers_drawn_together_are_the_streams_own() -> None:
    seeds = np.array([0, 5, 2**64 - 1], dtype=np.uint64)
    together = ndtri(uniforms(seeds, Purpose.COMPARATOR_NOISE, 33, step=9))
    index = np.array([3, 2**64 - 2, 1], dtype=np.uint64)
    placed = uniforms(seeds, Purpose.UNDECIDED, 1, step=2**40, index=index)
    for lane, seed in enumerate(seeds.tolist()):
        alone = Stream(seed, Purpose.COMPARATOR_NOISE).normals(33, step=9)
        assert (together[:, lane] == alone).all()
        stream = Stream(seed, Purpose.UNDECIDED)
        assert placed[0, lane] == stream.uniforms(1, step=2**40, index=int(index[lane]))[0]
