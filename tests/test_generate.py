from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist

from logicsim.board import Board, load
from logicsim.core.errors import BoardError
from logicsim.generate import generated
from logicsim.training.run import plan, run

NAMES = st.one_of(
    st.builds("grid:{}x{}".format, st.integers(3, 12), st.integers(3, 12)),
    st.builds("geometric:{}".format, st.integers(30, 80)),
    st.builds("smallworld:{}".format, st.integers(6, 80)),
)


def pairs(board: dict[str, Any]) -> list[tuple[int, int]]:
    return [(min(edge), max(edge)) for edge in board["network"]["edges"]]


@settings(max_examples=60)
@given(NAMES, st.integers(0, 10**9 - 1))
def test_a_generated_board_is_valid_and_has_no_edge_twice(name: str, seed: int) -> None:
    data = generated(f"{name},seed={seed}")
    Board.model_validate(data)  # which a graph in several pieces is not
    assert len(set(pairs(data))) == len(pairs(data))
    assert len(data["network"]["positions"]) == data["network"]["nodes"]


@settings(max_examples=20)
@given(NAMES, st.integers(0, 1000))
def test_a_name_says_it_all_and_another_seed_draws_another(name: str, seed: int) -> None:
    board = generated(f"{name},seed={seed}")
    assert generated(f"{name},seed={seed}") == board
    others = [pairs(generated(f"{name},seed={seed + more}")) for more in range(1, 9)]
    assert any(other != pairs(board) for other in others)


@given(st.integers(8, 40), st.integers(0, 10_000))
@example(30, 423)  # one point is the closest to both places
def test_there_is_room_for_two_outputs_among_any_few_points(count: int, seed: int) -> None:
    (task,) = generated(f"geometric:{count},seed={seed}")["tasks"]
    assert len({*task["inputs"], *task["outputs"]}) == 4


@given(st.integers(2, 9), st.integers(2, 9), st.integers(0, 99))
def test_a_grid_is_triangulated(width: int, height: int, seed: int) -> None:
    data = generated(f"grid:{width}x{height},seed={seed},outputs=1")
    assert len(data["network"]["edges"]) == 3 * width * height - 2 * (width + height) + 1
    places = np.array(data["network"]["positions"])
    apart = np.abs(np.diff(places[np.array(data["network"]["edges"]) - 1], axis=1)).max(axis=2)
    assert apart.tolist() == [[1.0]] * len(apart)


@given(st.integers(20, 60), st.integers(0, 99))
def test_close_points_are_joined_and_few_others(count: int, seed: int) -> None:
    data = generated(f"geometric:{count},seed={seed},outputs=1")
    places = np.array(data["network"]["positions"])
    close = int(np.count_nonzero(pdist(places) <= np.sqrt(6 / (np.pi * count))))
    assert close <= len(data["network"]["edges"]) <= close + count - 1


def test_a_small_world_is_a_ring_with_a_tenth_of_its_second_links_sent_away() -> None:
    data = generated("smallworld:2000,seed=1")
    apart = np.diff(pairs(data), axis=1).ravel()
    apart = np.minimum(apart, 2000 - apart)
    assert np.count_nonzero(apart == 1) == 2000
    assert np.count_nonzero(apart > 2) == pytest.approx(200, abs=4 * np.sqrt(200))


@pytest.mark.parametrize("outputs", [1, 3, 6])
@pytest.mark.parametrize("name", ["grid:9x9", "geometric:200", "smallworld:40"])
def test_outputs_lie_between_the_inputs_in_order_of_their_voltages(name: str, outputs: int) -> None:
    data = generated(f"{name},outputs={outputs}")
    (task,) = data["tasks"]
    wanted = list(task["outputs"].values())
    assert wanted == sorted(wanted, reverse=True)
    assert len({*task["outputs"], *task["inputs"]}) == outputs + 2
    assert all(0 < volts < 5 for volts in wanted)


@pytest.mark.parametrize("name", ["grid:5x5", "geometric:30", "smallworld:16"])
def test_a_generated_board_learns(name: str) -> None:
    board = load(name)
    (task,) = run(board, plan(board, steps=80), seed=1).tasks
    assert task.last < task.first / 10


def test_settings_apply_to_a_generated_board() -> None:
    assert load("grid:3x3", {"clock.rate": "7 Hz"}).clock.rate == 7.0


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("gird:3x3", "no generator 'gird'; did you mean 'grid'"),
        ("grid:0x5", "from 2 on"),
        ("grid:axb", "write grid:WxH, e.g. grid:30x30"),
        ("grid:5", "write grid:WxH"),
        ("grid:", "write grid:WxH"),
        ("geometric:3x3", "write geometric:NODES"),
        ("geometric:-5", "write geometric:NODES"),
        ("smallworld:٣٠", "write smallworld:NODES"),
        ("grid:100000x100000", "10,000,000 nodes"),
        ("geometric:9" + 400 * "9", "write geometric"),
        ("grid:4x4,sed=3", "no option 'sed'; did you mean 'seed'"),
        ("grid:4x4,outputs=0", "outputs: '0' is not a number"),
        ("grid:4x4,seed=", "seed: '' is not a number"),
        ("grid:4x4,outputs=99", "no room for 99 outputs"),
        ("smallworld:9,outputs=999999999", "no room for 999999999 outputs"),
    ],
)
def test_a_wrong_name_is_one_line_that_says_what_is_right(name: str, says: str) -> None:
    with pytest.raises(BoardError, match=says) as caught:
        load(name)
    assert "\n" not in str(caught.value)
