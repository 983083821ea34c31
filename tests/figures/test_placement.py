from itertools import pairwise

import pytest

from logicsim.figures.placement import Item, Track, _cost, columns_of, place


def item(name: str, reads: dict[str, tuple[float, ...]], drives: dict[str, float]) -> Item:
    return Item(name, 0.5, 0.5, reads, drives)


def test_a_part_stands_behind_all_that_drives_it() -> None:
    reads = {
        "a": [],
        "b": [],
        "xor": ["a", "b"],
        "inv": ["xor"],
        "flop": ["xor", "inv"],
        "pot": ["flop"],
    }
    columns = columns_of(reads, ["pot"])
    assert all(columns[part] > columns[each] for part, before in reads.items() for each in before)
    assert columns["pot"] == max(columns.values())


def test_a_loop_is_left_where_it_closes() -> None:
    columns = columns_of({"one": ["two"], "two": ["one"], "pot": []}, ["pot"])
    assert abs(columns["one"] - columns["two"]) == 1


@pytest.mark.parametrize("count", [1, 2, 5, 9])
def test_items_of_a_column_do_not_overlap(count: int) -> None:
    first = [item(f"i{n}", {}, {f"n{n}": 0.0}) for n in range(count)]
    second = [item(f"o{n}", {f"n{(3 * n) % count}": (0.0,)}, {f"m{n}": 0.0}) for n in range(count)]
    last = [item("pot", {f"m{n}": (0.1 * n,) for n in range(count)}, {})]
    for column in place([first, second, last]).columns:
        for above, below in pairwise(column):
            assert above.y - above.down > below.y + below.up


def test_the_first_column_keeps_its_order_and_one_between_is_put_in_the_best() -> None:
    first = [item("a", {}, {"na": 0.0}), item("b", {}, {"nb": 0.0})]
    second = [item("of_b", {"nb": (0.0,)}, {"nd": 0.0}), item("of_a", {"na": (0.0,)}, {"nc": 0.0})]
    last = [item("pot", {"nc": (0.2,), "nd": (-0.2,)}, {})]
    placed = place([first, second, last])
    assert [[each.name for each in column] for column in placed.columns] == [
        ["a", "b"], ["of_a", "of_b"], ["pot"],
    ]  # fmt: skip


def test_wires_are_put_on_tracks_on_which_none_looks_like_another() -> None:
    # One goes down to the height at which the other begins: its track must be the right one.
    down, other = Track("down", 2.0, [0.0]), Track("other", 0.0, [-2.0])
    assert _cost([down, other]) > _cost([other, down])
    columns = [
        [item("a", {}, {"down": 0.0}), item("b", {}, {"other": 0.0})],
        [item("pot", {"down": (0.675,), "other": (-3.0,)}, {})],
    ]
    tracks = {track.net: track for track in place(columns).tracks[0]}
    assert _cost(sorted(tracks.values(), key=lambda track: track.place)) == (0, 0)
