from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from logicsim.analog.network import Floats, Network
from logicsim.analog.solvers import DENSE_UNKNOWNS
from logicsim.core.errors import SolveError

Pairs = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Circuit:
    nodes: int
    edges: Pairs
    conductances: Sequence[float]
    fixed: Mapping[int, float]


def solved(circuit: Circuit) -> Floats:
    voltages = np.zeros(circuit.nodes)
    network = Network(circuit.nodes, circuit.edges, voltages)
    for edge, conductance in enumerate(circuit.conductances):
        network.set(edge, conductance)
    network.hold(circuit.fixed)
    network.solve()
    return voltages


def exact(circuit: Circuit) -> list[Fraction | None]:
    """Node voltages in rational numbers; None on an island."""
    voltages: list[Fraction | None] = [None] * circuit.nodes
    for node, volts in circuit.fixed.items():
        voltages[node] = Fraction(volts)
    live = [
        (a, b, Fraction(g))
        for (a, b), g in zip(circuit.edges, circuit.conductances, strict=True)
        if g > 0
    ]
    reached = set(circuit.fixed)
    for _ in range(circuit.nodes):
        for a, b, _conductance in live:
            if a in reached or b in reached:
                reached |= {a, b}
    free = sorted(reached - set(circuit.fixed))
    place = {node: i for i, node in enumerate(free)}
    rows = [[Fraction(0)] * (len(free) + 1) for _ in free]
    for here, there, g in [*live, *((b, a, g) for a, b, g in live)]:
        if here in place:
            rows[place[here]][place[here]] += g
            if there in place:
                rows[place[here]][place[there]] -= g
            else:
                rows[place[here]][-1] += g * Fraction(circuit.fixed[there])
    for node, solution in zip(free, eliminated(rows), strict=True):
        voltages[node] = solution
    return voltages


def eliminated(rows: list[list[Fraction]]) -> list[Fraction]:
    """The solution of a positive definite system, last column on the right, by Gauss and Jordan."""
    for i in range(len(rows)):
        pivot = [entry / rows[i][i] for entry in rows[i]]
        rows = [
            pivot if k == i else [x - row[i] * y for x, y in zip(row, pivot, strict=True)]
            for k, row in enumerate(rows)
        ]
    return [row[-1] for row in rows]


def currents_into(circuit: Circuit, voltages: Floats) -> Floats:
    """What flows out of every node into the resistors, from Ohm's law edge by edge."""
    total = np.zeros(circuit.nodes)
    for (a, b), g in zip(circuit.edges, circuit.conductances, strict=True):
        total[a] += g * (voltages[a] - voltages[b])
        total[b] += g * (voltages[b] - voltages[a])
    return total


def dissipation(circuit: Circuit, voltages: Floats) -> float:
    return sum(
        g * float(voltages[a] - voltages[b]) ** 2
        for (a, b), g in zip(circuit.edges, circuit.conductances, strict=True)
    )


def grid(width: int, height: int) -> list[tuple[int, int]]:
    across = [(y * width + x, y * width + x + 1) for y in range(height) for x in range(width - 1)]
    down = [(y * width + x, (y + 1) * width + x) for y in range(height - 1) for x in range(width)]
    return across + down


def wiper(code: int) -> float:
    return 1.0 / (40.0 + 100e3 * code / 128)


POTENTIOMETERS = st.integers(0, 127).map(wiper)
VOLTS = st.floats(-12, 12, allow_nan=False).map(lambda v: round(v, 6))


@st.composite
def circuits(
    draw: st.DrawFn, conductances: st.SearchStrategy[float] = POTENTIOMETERS, least_held: int = 1
) -> Circuit:
    nodes = draw(st.integers(max(2, least_held), 9))
    tree = [(draw(st.integers(0, child - 1)), child) for child in range(1, nodes)]
    pair = st.lists(st.integers(0, nodes - 1), min_size=2, max_size=2, unique=True)
    chords = [(a, b) for a, b in draw(st.lists(pair, max_size=10))]
    edges = [*tree, *chords]
    values = [draw(conductances) for _ in edges]
    held = draw(st.sets(st.integers(0, nodes - 1), min_size=least_held))
    return Circuit(nodes, edges, values, {node: draw(VOLTS) for node in sorted(held)})


def test_two_resistors_divide_the_voltage_in_proportion() -> None:
    # 5 V over 3 kohm and 1 kohm: the middle is a quarter of the way up from 0 V.
    circuit = Circuit(3, [(0, 1), (1, 2)], [1 / 3e3, 1 / 1e3], {0: 5.0, 2: 0.0})
    assert solved(circuit).tolist() == pytest.approx([5.0, 1.25, 0.0], rel=1e-12)


def test_a_balanced_wheatstone_bridge_has_no_drop_across_its_middle() -> None:
    # Both arms divide 2:1, so the bridge resistor sees nothing whatever it is.
    edges = [(0, 1), (1, 3), (0, 2), (2, 3), (1, 2)]
    circuit = Circuit(4, edges, [1 / 2e3, 1 / 1e3, 1 / 20e3, 1 / 10e3, 1 / 77.0], {0: 9.0, 3: 0.0})
    voltages = solved(circuit)
    assert voltages[1] == pytest.approx(3.0, rel=1e-12)
    assert voltages[2] == pytest.approx(3.0, rel=1e-12)


def test_an_unbalanced_wheatstone_bridge_by_hand() -> None:
    # 1, 2, 2, 1 ohm around and 1 ohm across, 7 V over it. With x at node 1, symmetry gives 7 - x
    # at node 2, and Kirchhoff at node 1: (7 - x)/1 = x/2 + (x - (7 - x))/1, so 14 = 3.5 x.
    edges = [(0, 1), (1, 3), (0, 2), (2, 3), (1, 2)]
    circuit = Circuit(4, edges, [1.0, 0.5, 0.5, 1.0, 1.0], {0: 7.0, 3: 0.0})
    assert solved(circuit).tolist() == pytest.approx([7.0, 4.0, 3.0, 0.0], rel=1e-12)


def test_a_chain_of_equal_resistors_is_a_ruler() -> None:
    count = 40
    edges = [(i, i + 1) for i in range(count)]
    circuit = Circuit(count + 1, edges, [1e-4] * count, {0: 0.0, count: 4.0})
    assert solved(circuit) == pytest.approx(np.linspace(0, 4, count + 1), rel=1e-11)


@settings(max_examples=60)
@given(circuits())
def test_voltages_are_those_of_exact_arithmetic(circuit: Circuit) -> None:
    scale = max(abs(v) for v in circuit.fixed.values())
    for found, right in zip(solved(circuit), exact(circuit), strict=True):
        assert right is not None
        assert abs(Fraction(float(found)) - right) <= Fraction(1e-9) * Fraction(scale)


@settings(max_examples=60)
@given(circuits(st.floats(-9, 0).map(lambda p: 10.0**p)))
def test_conductances_nine_decades_apart_cost_no_more_than_their_ratio(circuit: Circuit) -> None:
    # A system's condition is at most its size times the ratio of its conductances.
    scale = max(abs(v) for v in circuit.fixed.values())
    ratio = sum(circuit.conductances) / min(circuit.conductances)
    bound = 1e-15 * circuit.nodes**2 * ratio * scale
    for found, right in zip(solved(circuit), exact(circuit), strict=True):
        assert right is not None
        assert abs(float(Fraction(float(found)) - right)) <= bound


def test_a_bare_wiper_beside_a_full_potentiometer_divides_to_nine_digits() -> None:
    circuit = Circuit(3, [(0, 1), (1, 2)], [1 / 40.0, 1 / 100e3], {0: 5.0, 2: 0.0})
    assert solved(circuit)[1] == pytest.approx(5.0 * 100e3 / 100_040, rel=1e-12)


def test_a_weak_link_between_strong_halves_hardly_moves_them() -> None:
    # Two nodes tied to 5 V and 0 V by 1 S and to each other by 1 nS.
    circuit = Circuit(4, [(0, 1), (1, 2), (2, 3)], [1.0, 1e-9, 1.0], {0: 5.0, 3: 0.0})
    voltages = solved(circuit)
    assert 5.0 - voltages[1] == pytest.approx(5e-9, rel=1e-6)
    assert voltages[2] == pytest.approx(5e-9, rel=1e-6)


@settings(max_examples=60)
@given(circuits())
def test_no_current_is_lost_at_a_free_node(circuit: Circuit) -> None:
    voltages = solved(circuit)
    lost = currents_into(circuit, voltages)
    lost[list(circuit.fixed)] = 0.0
    flowing = max(circuit.conductances) * (np.ptp(voltages) + 1e-3)
    assert np.abs(lost).max() <= 1e-10 * flowing


@settings(max_examples=60)
@given(circuits())
def test_what_flows_in_at_held_nodes_flows_out_at_others(circuit: Circuit) -> None:
    voltages = solved(circuit)
    currents = currents_into(circuit, voltages)[list(circuit.fixed)]
    assert abs(currents.sum()) <= 1e-9 * (np.abs(currents).sum() + max(circuit.conductances))


@settings(max_examples=60)
@given(circuits())
def test_no_voltage_exceeds_the_held_ones(circuit: Circuit) -> None:
    voltages = solved(circuit)
    low, high = min(circuit.fixed.values()), max(circuit.fixed.values())
    slack = 1e-9 * max(abs(low), abs(high))
    assert voltages.min() >= low - slack
    assert voltages.max() <= high + slack


@settings(max_examples=60)
@given(circuits(), st.data())
def test_moving_a_free_node_dissipates_more_by_its_conductance(
    circuit: Circuit, data: st.DataObject
) -> None:
    free = [node for node in range(circuit.nodes) if node not in circuit.fixed]
    assume(free)
    node = data.draw(st.sampled_from(free))
    shift = data.draw(st.sampled_from([-2.0, -0.25, 0.125, 1.0]))
    voltages = solved(circuit)
    least = dissipation(circuit, voltages)
    voltages[node] += shift
    # The quadratic form has no linear term at its minimum: what is added is G_nn * shift^2.
    own = sum(g for ends, g in zip(circuit.edges, circuit.conductances, strict=True)
              if node in ends)  # fmt: skip
    assert dissipation(circuit, voltages) - least == pytest.approx(
        own * shift**2, rel=1e-6, abs=1e-9 * least
    )


@settings(max_examples=60)
@given(circuits(least_held=2), st.data())
def test_volts_here_drive_the_current_there_that_volts_there_drive_here(
    circuit: Circuit, data: st.DataObject
) -> None:
    pair = st.lists(st.sampled_from(sorted(circuit.fixed)), min_size=2, max_size=2, unique=True)
    here, there = data.draw(pair)

    def transfer(source: int, meter: int) -> float:
        fixed = {node: 1.0 if node == source else 0.0 for node in circuit.fixed}
        driven = Circuit(circuit.nodes, circuit.edges, circuit.conductances, fixed)
        return float(currents_into(driven, solved(driven))[meter])

    assert transfer(here, there) == pytest.approx(
        transfer(there, here), rel=1e-9, abs=1e-10 * max(circuit.conductances)
    )


@settings(max_examples=60)
@given(circuits(), st.data())
def test_voltages_superpose(circuit: Circuit, data: st.DataObject) -> None:
    others = {node: data.draw(VOLTS) for node in circuit.fixed}
    p, q = data.draw(st.sampled_from([(1.0, 1.0), (0.5, -2.0), (3.0, 0.25)]))
    mixed = {node: p * volts + q * others[node] for node, volts in circuit.fixed.items()}
    first, second, both = (
        solved(Circuit(circuit.nodes, circuit.edges, circuit.conductances, fixed))
        for fixed in (circuit.fixed, others, mixed)
    )
    assert both == pytest.approx(p * first + q * second, rel=1e-9, abs=1e-8)


@settings(max_examples=60)
@given(circuits())
def test_only_ratios_of_conductances_matter(circuit: Circuit) -> None:
    scaled = [g * 1024.0 for g in circuit.conductances]
    other = Circuit(circuit.nodes, circuit.edges, scaled, circuit.fixed)
    assert solved(other) == pytest.approx(solved(circuit), rel=1e-12, abs=1e-12)


@settings(max_examples=60)
@given(circuits(), st.data())
def test_edges_may_be_listed_in_any_order_and_direction(
    circuit: Circuit, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(circuit.edges))))
    edges = [(circuit.edges[i][1], circuit.edges[i][0]) for i in order]
    other = Circuit(circuit.nodes, edges, [circuit.conductances[i] for i in order], circuit.fixed)
    assert solved(other) == pytest.approx(solved(circuit), rel=1e-9, abs=1e-9)


def test_parallel_edges_are_one_edge_of_their_sum() -> None:
    apart = Circuit(3, [(0, 1), (1, 0), (0, 1), (1, 2)], [1e-3, 2e-3, 3e-3, 2e-3], {0: 6.0, 2: 2.0})
    # 6 mS against 2 mS: three quarters of the way from 2 V to 6 V.
    assert solved(apart)[1] == pytest.approx(5.0, rel=1e-12)


def test_an_edge_between_two_held_nodes_changes_nothing() -> None:
    plain = Circuit(3, [(0, 1), (1, 2)], [1e-3, 3e-3], {0: 4.0, 2: 0.0})
    shorted = Circuit(3, [(0, 1), (1, 2), (0, 2)], [1e-3, 3e-3, 0.5], {0: 4.0, 2: 0.0})
    assert solved(plain).tolist() == solved(shorted).tolist() == pytest.approx([4.0, 1.0, 0.0])


def test_all_nodes_may_be_held() -> None:
    circuit = Circuit(3, [(0, 1), (1, 2)], [1e-3, 1e-3], {0: 1.0, 1: -7.5, 2: 3.0})
    assert solved(circuit).tolist() == [1.0, -7.5, 3.0]


def test_a_network_held_at_one_node_is_at_that_voltage_throughout() -> None:
    circuit = Circuit(9, grid(3, 3), [wiper(7 * i) for i in range(12)], {4: 3.3})
    assert solved(circuit) == pytest.approx(np.full(9, 3.3), rel=1e-9)


def test_nothing_held_leaves_every_voltage_open() -> None:
    assert np.isnan(solved(Circuit(3, [(0, 1), (1, 2)], [1e-3, 1e-3], {}))).all()


def test_voltages_are_open_before_the_first_solve() -> None:
    voltages = np.zeros(2)
    Network(2, [(0, 1)], voltages)
    assert np.isnan(voltages).all()


def test_cutting_an_edge_is_never_having_had_it() -> None:
    edges = [*grid(3, 3), (0, 8)]
    conductances = [wiper(9 * i + 2) for i in range(len(edges))]
    voltages = np.zeros(9)
    network = Network(9, edges, voltages)
    for edge, conductance in enumerate(conductances):
        network.set(edge, conductance)
    network.hold({0: 5.0, 8: 0.0})
    for cut in (12, 3, 7):
        network.cut(cut)
        network.solve()
        edges[cut], conductances[cut] = (0, 0), 0.0
        right = [float(v) for v in exact(Circuit(9, edges, conductances, {0: 5.0, 8: 0.0})) if v
                 is not None]  # fmt: skip
        assert voltages.tolist() == pytest.approx(right, rel=1e-9, abs=1e-9)


def test_a_cut_edge_stays_cut_whatever_it_is_set_to() -> None:
    voltages = np.zeros(3)
    network = Network(3, [(0, 1), (1, 2), (0, 1)], voltages)
    for edge in range(3):
        network.set(edge, 1e-3)
    network.cut(2)
    network.set(2, 5.0)
    network.hold({0: 2.0, 2: 0.0})
    network.solve()
    assert network.conductance[2] == 0.0
    assert voltages[1] == pytest.approx(1.0, rel=1e-12)


def test_setting_a_cut_edge_does_not_ask_for_a_solve() -> None:
    network = Network(2, [(0, 1), (0, 1)], np.zeros(2))
    network.set(0, 1e-3)
    network.cut(1)
    network.hold({0: 1.0})
    network.solve()
    network.set(1, 1e-3)
    assert not network.stale


def test_an_island_is_open_and_everything_else_right() -> None:
    # 0 - 1 - 2 is a divider; 3 - 4 hung from 1 until edge 2 was cut.
    voltages = np.zeros(5)
    network = Network(5, [(0, 1), (1, 2), (1, 3), (3, 4)], voltages)
    for edge in range(4):
        network.set(edge, 1e-3)
    network.hold({0: 8.0, 2: 0.0})
    network.solve()
    assert voltages.tolist() == pytest.approx([8.0, 4.0, 0.0, 4.0, 4.0], rel=1e-12)
    network.cut(2)
    network.solve()
    assert voltages[:3].tolist() == pytest.approx([8.0, 4.0, 0.0], rel=1e-12)
    assert np.isnan(voltages[3:]).all()


def test_holding_a_node_of_an_island_brings_it_back() -> None:
    voltages = np.zeros(4)
    network = Network(4, [(0, 1), (2, 3)], voltages)
    network.set(0, 1e-3)
    network.set(1, 1e-3)
    network.hold({0: 1.0})
    network.solve()
    assert np.isnan(voltages[2:]).all()
    network.hold({0: 1.0, 3: 2.0})
    network.solve()
    assert voltages.tolist() == pytest.approx([1.0, 1.0, 2.0, 2.0])


@settings(max_examples=60)
@given(circuits(), st.data())
def test_random_cuts_leave_exactly_the_nodes_without_a_held_one_open(
    circuit: Circuit, data: st.DataObject
) -> None:
    cuts = data.draw(st.sets(st.sampled_from(range(len(circuit.edges)))))
    voltages = np.zeros(circuit.nodes)
    network = Network(circuit.nodes, circuit.edges, voltages)
    for edge, conductance in enumerate(circuit.conductances):
        network.set(edge, conductance)
    network.hold(circuit.fixed)
    network.solve()
    for edge in cuts:
        network.cut(edge)
    network.solve()
    left = [0.0 if edge in cuts else g for edge, g in enumerate(circuit.conductances)]
    right = exact(Circuit(circuit.nodes, circuit.edges, left, circuit.fixed))
    scale = max(abs(v) for v in circuit.fixed.values())
    for found, volts in zip(voltages, right, strict=True):
        if volts is None:
            assert np.isnan(found)
        else:
            assert abs(float(found) - float(volts)) <= 1e-9 * scale


def test_holding_and_letting_go_follow_exact_arithmetic() -> None:
    edges = [*grid(4, 3), (0, 11), (2, 9)]
    conductances = [wiper((37 * i) % 128) for i in range(len(edges))]
    voltages = np.zeros(12)
    network = Network(12, edges, voltages)
    for edge, conductance in enumerate(conductances):
        network.set(edge, conductance)
    for fixed in (
        {0: 5.0, 11: 0.0},
        {0: 5.0, 11: 0.0, 6: 1.5},
        {0: 4.0, 11: 1.0, 6: 2.5},
        {0: 5.0, 11: 0.0},
        {3: -2.0},
        {node: float(node) for node in range(12)},
        {5: 1.0, 8: 3.0},
    ):
        network.hold(fixed)
        network.solve()
        right = exact(Circuit(12, edges, conductances, fixed))
        assert voltages.tolist() == pytest.approx(
            [float(v) for v in right if v is not None], rel=1e-9, abs=1e-9
        )


def test_what_is_held_is_what_was_asked_for_last() -> None:
    asked = {0: 1.0, 2: 2.0}
    network = Network(3, [(0, 1), (1, 2)], np.zeros(3))
    network.hold({1: 9.0})
    network.hold(asked)
    asked[0] = 7.0
    assert network.fixed == {0: 1.0, 2: 2.0}


def test_new_conductances_move_the_voltages_without_a_new_plan() -> None:
    voltages = np.zeros(3)
    network = Network(3, [(0, 1), (1, 2)], voltages)
    network.hold({0: 1.0, 2: 0.0})
    for upper, lower in ((1.0, 1.0), (3.0, 1.0), (1.0, 4.0)):
        network.set(0, upper)
        network.set(1, lower)
        network.solve()
        assert voltages[1] == pytest.approx(upper / (upper + lower), rel=1e-12)


def test_an_edge_set_to_no_conductance_is_open_until_it_is_set_again() -> None:
    # "`conductance` (S) has an entry an edge; 0 is a cut edge": also when it changes on the way.
    voltages = np.zeros(3)
    network = Network(3, [(0, 1), (1, 2), (0, 2)], voltages)
    network.hold({0: 2.0})
    for edge in range(3):
        network.set(edge, 1e-3)
    network.solve()
    network.set(1, 0.0)
    network.set(2, 0.0)
    network.solve()
    assert voltages[:2].tolist() == pytest.approx([2.0, 2.0])
    assert np.isnan(voltages[2])
    network.set(1, 1e-3)
    network.solve()
    assert voltages.tolist() == pytest.approx([2.0, 2.0, 2.0])


def test_every_change_makes_the_voltages_stale_and_a_solve_fresh() -> None:
    network = Network(3, [(0, 1), (1, 2), (0, 2)], np.zeros(3))
    assert network.stale
    for edge in range(3):
        network.set(edge, 1e-3)
    network.hold({0: 1.0})
    network.solve()
    assert not network.stale
    network.set(0, 2e-3)
    assert network.stale
    network.solve()
    network.hold({0: 2.0})
    assert network.stale
    network.solve()
    network.cut(1)
    assert network.stale
    network.solve()
    assert not network.stale


def test_two_networks_share_nothing() -> None:
    here, there = np.zeros(3), np.zeros(3)
    edges = [(0, 1), (1, 2)]
    first, second = Network(3, edges, here), Network(3, edges, there)
    for edge in range(2):
        first.set(edge, 1e-3)
        second.set(edge, 1e-3)
    first.hold({0: 1.0, 2: 0.0})
    second.hold({0: 1.0, 2: 0.0})
    first.solve()
    second.solve()
    first.set(0, 3e-3)
    first.cut(1)
    first.hold({0: 6.0})
    first.solve()
    assert not second.stale
    second.solve()
    assert here.tolist()[:2] == pytest.approx([6.0, 6.0])
    assert there.tolist() == pytest.approx([1.0, 0.5, 0.0])


@pytest.mark.parametrize("unknowns", [DENSE_UNKNOWNS - 1, DENSE_UNKNOWNS, DENSE_UNKNOWNS + 1])
def test_large_networks_obey_kirchhoff_on_both_sides_of_the_change_of_solver(
    unknowns: int,
) -> None:
    width = 9
    edges = [(a, b) for a, b in grid(width, 30) if max(a, b) < unknowns + 2]
    random = np.random.default_rng(20_241)
    conductances = [wiper(int(code)) for code in random.integers(0, 128, len(edges))]
    circuit = Circuit(unknowns + 2, edges, conductances, {0: 5.0, unknowns + 1: 0.0})
    voltages = solved(circuit)
    lost = currents_into(circuit, voltages)[1:-1]
    assert np.abs(lost).max() <= 1e-11 * max(conductances) * 5.0
    assert voltages.min() >= -1e-9
    assert voltages.max() <= 5.0 + 1e-9


@pytest.mark.parametrize("nodes", [4, DENSE_UNKNOWNS + 40])
def test_conductances_too_far_apart_for_floats_are_an_error_of_ours(nodes: int) -> None:
    # A chain of 1 S hung from a held node by 1e-30 S: in floats its matrix is singular.
    edges = [(i, i + 1) for i in range(nodes - 1)]
    circuit = Circuit(nodes, edges, [1e-30] + [1.0] * (nodes - 2), {0: 5.0})
    with pytest.raises(SolveError, match="singular"):
        solved(circuit)


def test_a_network_that_could_not_be_solved_stays_stale() -> None:
    network = Network(4, [(0, 1), (1, 2), (2, 3)], np.zeros(4))
    for edge, conductance in enumerate((1e-30, 1.0, 1.0)):
        network.set(edge, conductance)
    network.hold({0: 5.0})
    for _ in range(2):
        assert network.stale
        with pytest.raises(SolveError):
            network.solve()
    assert network.stale


@given(circuits(), st.data())
def test_a_network_with_more_nodes_held_is_the_same_network_corrected(
    circuit: Circuit, data: st.DataObject
) -> None:
    voltages, direct = np.zeros(circuit.nodes), np.zeros(circuit.nodes)
    network, other = (Network(circuit.nodes, circuit.edges, v) for v in (voltages, direct))
    for edge, conductance in enumerate(circuit.conductances):
        other.set(edge, conductance)
    network.set_all(np.array(circuit.conductances))
    network.hold(circuit.fixed)
    network.solve()
    unknown = [
        n for n in range(circuit.nodes) if n not in circuit.fixed and voltages[n] == voltages[n]
    ]
    assume(unknown)
    nodes = data.draw(st.lists(st.sampled_from(unknown), min_size=1, unique=True))
    volts = data.draw(st.lists(st.floats(-5, 5), min_size=len(nodes), max_size=len(nodes)))
    other.hold({**circuit.fixed, **dict(zip(nodes, volts, strict=True))})
    other.solve()
    before = voltages.copy()
    assert network.nudged(nodes, np.array(volts)) == pytest.approx(direct, abs=1e-8, nan_ok=True)
    assert np.array_equal(voltages, before, equal_nan=True)
