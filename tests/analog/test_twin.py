from collections.abc import Callable

import numpy as np
import pytest

from logicsim.analog.network import Network
from logicsim.analog.twin import Twin
from logicsim.core.names import SIDES, Branch, Node

EDGES = [(0, 1), (1, 2), (2, 0)]


def triangle(free: float = 1e-3, clamped: float = 1e-3) -> Twin:
    twin = Twin(3, EDGES)
    for edge in range(3):
        twin.free.set(edge, free)
        twin.clamped.set(edge, clamped)
    twin.free.hold({0: 6.0, 2: 0.0})
    twin.clamped.hold({0: 6.0, 1: 4.0, 2: 0.0})
    return twin


def counted(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    solves: list[str] = []

    def counting(name: str, solve: Callable[[], None]) -> Callable[[], None]:
        def count() -> None:
            solves.append(name)
            solve()

        return count

    for name, network in (("free", twin.free), ("clamped", twin.clamped)):
        monkeypatch.setattr(network, "solve", counting(name, network.solve))
    return solves


def test_free_then_clamped_then_ground() -> None:
    twin = triangle()
    twin.solve()
    assert twin.voltages.tolist() == pytest.approx([6.0, 3.0, 0.0, 6.0, 4.0, 0.0, 0.0])


def test_ground_is_zero_before_and_after_a_solve() -> None:
    twin = triangle()
    assert twin.voltages[-1] == 0.0
    twin.solve()
    assert twin.voltages[-1] == 0.0


@pytest.mark.parametrize(
    ("node", "place"),
    [
        (Node(1, "free"), 0),
        (Node(3, "free"), 2),
        (Node(12, "free"), 11),
        (Node(1, "clamped"), 16),
        (Node(3, "clamped"), 18),
        (Node(16, "clamped"), 31),
    ],
)
def test_a_node_has_its_place_among_the_voltages(node: Node, place: int) -> None:
    assert Twin(16, [(i, i + 1) for i in range(15)]).place(node) == place


def test_every_node_has_a_place_of_its_own_and_none_is_ground() -> None:
    twin = triangle()
    places = {twin.place(Node(n, side)) for n in (1, 2, 3) for side in SIDES}
    assert places == set(range(6))


def test_a_branch_is_its_network_and_edge() -> None:
    twin = triangle()
    assert twin.branch(Branch(1, "free")) == (twin.free, 0)
    assert twin.branch(Branch(3, "free")) == (twin.free, 2)
    assert twin.branch(Branch(1, "clamped")) == (twin.clamped, 0)
    assert twin.branch(Branch(12, "clamped")) == (twin.clamped, 11)


def test_a_drop_is_the_first_node_minus_the_second_free_before_clamped() -> None:
    twin = triangle()
    twin.solve()
    # Edges 1-2, 2-3, 3-1 with 6, 3, 0 V in the free network and 6, 4, 0 V in the clamped one.
    assert twin.drops().tolist() == pytest.approx([3.0, 3.0, -6.0, 2.0, 4.0, -6.0])


def test_turning_an_edge_around_turns_its_drop_around() -> None:
    twin, turned = triangle(), Twin(3, [(b, a) for a, b in EDGES])
    for edge in range(3):
        turned.free.set(edge, 1e-3)
        turned.clamped.set(edge, 1e-3)
    turned.free.hold(twin.free.fixed)
    turned.clamped.hold(twin.clamped.fixed)
    twin.solve()
    turned.solve()
    assert turned.drops() == pytest.approx(-twin.drops())


def test_drops_around_a_loop_sum_to_nothing() -> None:
    twin = triangle(clamped=3e-4)
    twin.solve()
    free, clamped = twin.drops()[:3], twin.drops()[3:]
    assert free.sum() == pytest.approx(0.0, abs=1e-12)
    assert clamped.sum() == pytest.approx(0.0, abs=1e-12)


def test_a_drop_on_an_island_is_open() -> None:
    twin = triangle()
    twin.free.cut(0)
    twin.free.cut(1)
    twin.solve()
    drops = twin.drops()
    assert np.isnan(drops[:2]).all()
    assert drops[2:].tolist() == pytest.approx([-6.0, 2.0, 4.0, -6.0])


def test_nothing_is_solved_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    twin = triangle()
    solves = counted(twin, monkeypatch)
    twin.solve()
    twin.solve()
    twin.drops()
    assert sorted(solves) == ["clamped", "free"]


def test_only_the_network_that_changed_is_solved(monkeypatch: pytest.MonkeyPatch) -> None:
    twin = triangle()
    twin.solve()
    solves = counted(twin, monkeypatch)
    twin.free.set(0, 2e-3)
    twin.solve()
    twin.clamped.hold({0: 6.0, 1: 5.0, 2: 0.0})
    twin.solve()
    twin.clamped.cut(2)
    twin.free.set(1, 2e-3)
    twin.free.set(2, 2e-3)
    twin.solve()
    assert solves == ["free", "clamped", "free", "clamped"]


def test_the_free_network_does_not_feel_the_clamped_one() -> None:
    twin = triangle()
    twin.solve()
    before = twin.voltages[:3].tolist()
    twin.clamped.set(0, 0.5)
    twin.clamped.cut(1)
    twin.clamped.hold({1: -3.0})
    twin.solve()
    assert twin.voltages[:3].tolist() == before
    assert twin.free.conductance.tolist() == [1e-3] * 3
    assert twin.free.fixed == {0: 6.0, 2: 0.0}


def test_clamping_an_output_at_its_free_voltage_moves_nothing() -> None:
    twin = triangle()
    twin.solve()
    twin.clamped.hold({**twin.free.fixed, 1: float(twin.voltages[1])})
    twin.solve()
    assert twin.voltages[3:6] == pytest.approx(twin.voltages[:3])


def test_two_twins_share_nothing() -> None:
    first, second = triangle(), triangle()
    first.solve()
    second.solve()
    first.free.set(0, 9e-3)
    first.free.hold({0: 1.0})
    first.solve()
    assert isinstance(first.free, Network)
    assert second.voltages.tolist() == pytest.approx([6.0, 3.0, 0.0, 6.0, 4.0, 0.0, 0.0])
