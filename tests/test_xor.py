"""Diodes on a board: errors, and the truth table that only a network with diodes learns."""

import numpy as np
import pytest

from logicsim.board import Board, load
from logicsim.core.errors import BoardError
from logicsim.event.simulation import Simulation
from logicsim.tasks.task_run import Step
from logicsim.training.run import plan, run

CASES = np.array([[0, 5, 0, 5, 5, 0], [0, 5, 5, 0, 5, 0], [5, 0, 0, 5, 5, 0], [5, 0, 5, 0, 5, 0]])


@pytest.mark.parametrize(
    ("diodes", "text"),
    [
        ([26], "diodes: there is no edge 26; edges are 1 to 25"),
        ([0], "diodes: there is no edge 0"),
        ([2, 3, 2], "diodes: edge 2 is named twice"),
        (["2"], "network.diodes"),
    ],
)
def test_diodes_must_be_edges(diodes: list[object], text: str) -> None:
    with pytest.raises(BoardError) as caught:
        load("xor", {"network.diodes": diodes})
    assert text in str(caught.value)


def test_every_diode_is_soldered_twice() -> None:
    board = load("xor")
    names = [part.name for part in board.netlist().parts if "diode" in part.name]
    assert len(names) == 2 * len(board.network.diodes)
    assert names[:2] == ["edge2.diode_free", "edge2.diode_clamped"]


def outputs(board: Board, codes: list[int]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The free output for the four cases at given codes."""
    changed = load("xor", {
        "parts.digipot.initial": codes, "network.diodes": board.network.diodes,
    })  # fmt: skip
    simulation = Simulation(changed)
    next(simulation.train(plan(changed)))
    return simulation.twin.free.answers(range(6), CASES.astype(float))[:, 10]


def test_a_network_of_resistors_obeys_superposition_whatever_its_codes() -> None:
    linear = load("xor", {"network.diodes": []})
    draw = np.random.default_rng(12)
    for _ in range(10):
        v00, v01, v10, v11 = outputs(linear, draw.integers(0, 128, 25).tolist())
        assert v00 + v11 == pytest.approx(v01 + v10, abs=1e-12)


def test_codes_exist_with_which_diodes_compute_xor() -> None:
    # By hand, in the order of the edges: pull-up, then x1, not x1, x2, not x2 (a small resistance
    # to what it looks at), then the output. Two ANDs look at everything and so are always low.
    only_first = [60, 0, 127, 127, 0, 20]
    only_second = [60, 127, 0, 0, 127, 20]
    never = [127, 0, 0, 0, 0, 127]
    v00, v01, v10, v11 = outputs(load("xor"), [*only_first, *only_second, *never, *never, 40])
    assert min(v01, v10) > max(v00, v11) + 0.3


def test_the_board_learns_xor() -> None:
    board = load("xor")
    steps: list[Step] = []
    run(board, plan(board, steps=1500), seed=4, on_steps=steps.extend)
    # All outputs alike, halfway, leave 0.3 V squared.
    assert np.median([step.error for step in steps[-100:]]) < 0.3**2 / 4
    linear = load("xor", {"network.diodes": []})
    steps.clear()
    run(linear, plan(linear, steps=600), seed=4, on_steps=steps.extend)
    assert min(step.error for step in steps) >= 0.3**2 - 1e-9
