import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, root

from logicsim.analog.diodes import Branches, Floats, Junction, newton
from logicsim.analog.network import Network
from logicsim.core.errors import SolveError

SCHOTTKY = Junction(2.1e-7, 1.02 * 25.69e-3, 25e6)
SILICON = Junction(2.52e-9, 1.752 * 25.69e-3, 800e6)


def branch(junction: Junction, resistance: float) -> Branches:
    row = [[junction.saturation, junction.slope, junction.shunt]]
    return Branches(np.array(row), np.array([resistance]))


def current(junction: Junction, across: float) -> float:
    return junction.saturation * math.expm1(across / junction.slope) + across / junction.shunt


@pytest.mark.parametrize("junction", [SCHOTTKY, SILICON])
@given(drop=st.floats(-10, 10), exponent=st.floats(1, 7))
def test_a_branch_obeys_shockleys_law(junction: Junction, drop: float, exponent: float) -> None:
    resistance = 10**exponent

    def excess(across: float) -> float:
        return current(junction, across) - (drop - across) / resistance

    across = brentq(excess, -11, min(max(drop, 0.0), 1.5), xtol=1e-15, rtol=1e-14)
    expected = (drop - across) / resistance
    found, _ = branch(junction, resistance).currents(np.array([drop]))
    # The difference of nearly equal voltages over the resistance bounds the oracle's own error.
    assert found[0] == pytest.approx(expected, rel=1e-8, abs=2e-14 / resistance + 1e-20)


@given(drop=st.floats(-6, 6), exponent=st.floats(1.6, 5))
def test_the_slope_is_the_derivative_of_the_current(drop: float, exponent: float) -> None:
    laws = branch(SCHOTTKY, 10**exponent)
    step = 1e-5
    (low, high), _ = (np.array([laws.currents(np.array([drop + d]))[0][0] for d in (-step, step)]),
                      None)  # fmt: skip
    _, slope = laws.currents(np.array([drop]))
    assert slope[0] == pytest.approx((high - low) / (2 * step), rel=1e-4)
    assert 0 < slope[0] < 10**-exponent


def random_network(
    seed: int, nodes: int, extra: int
) -> tuple[Network, list[tuple[int, int]], set[int]]:
    """Connected, with every other edge a diode, held at two nodes."""
    draw = np.random.default_rng(seed)
    edges = [(int(draw.integers(0, n)), n) for n in range(1, nodes)]
    edges += [tuple(map(int, draw.choice(nodes, 2, replace=False))) for _ in range(extra)]  # type: ignore[misc]
    network = Network(nodes, edges, np.zeros(nodes))
    diodes = set(range(0, len(edges), 2))
    for edge in range(len(edges)):
        network.set(edge, 1 / draw.uniform(40, 1e5))
        if edge in diodes:
            network.put_diode(edge, SCHOTTKY)
    network.hold({0: 5.0, nodes - 1: 0.0})
    return network, edges, diodes


def left_over(
    network: Network,
    edges: list[tuple[int, int]],
    diodes: set[int],
    volts: Floats,
) -> list[float]:
    """By Kirchhoff, at each node, with each diode's voltage found by bisection."""
    sums = [0.0] * len(volts)
    for edge, (a, b) in enumerate(edges):
        drop = float(volts[a] - volts[b])
        resistance = 1 / float(network.conductance[edge])
        flow = drop / resistance
        if edge in diodes:
            across = brentq(
                lambda v, d=drop, r=resistance: current(SCHOTTKY, v) - (d - v) / r, -7, 1.5,
                xtol=1e-15, rtol=1e-14,
            )  # fmt: skip
            flow = current(SCHOTTKY, across) if abs(drop) < 0.1 else (drop - across) / resistance
        sums[a] += flow
        sums[b] -= flow
    return sums


@given(seed=st.integers(0, 10**6), nodes=st.integers(3, 14), extra=st.integers(0, 14))
@settings(max_examples=60)
def test_currents_add_up_at_every_free_node(seed: int, nodes: int, extra: int) -> None:
    network, edges, diodes = random_network(seed, nodes, extra)
    network.solve()
    sums = left_over(network, edges, diodes, network.voltages)
    assert max(abs(flow) for flow in sums[1:-1]) < 1e-12
    assert all(-1e-9 <= v <= 5 + 1e-9 for v in network.voltages)


def test_another_solver_finds_the_same() -> None:
    for seed in (4, 19, 23):
        network, edges, diodes = random_network(seed, 9, 9)
        network.solve()
        start = np.full(7, 2.5)

        def excess(free: Floats) -> list[float]:
            volts = np.concatenate([[5.0], free, [0.0]])
            return [1e5 * x for x in left_over(network, edges, diodes, volts)[1:-1]]  # noqa: B023

        found = root(excess, start, method="lm", tol=1e-14)
        assert network.voltages[1:-1] == pytest.approx(found.x, abs=1e-6)


def test_a_diode_that_blocks_lets_its_leakage_through() -> None:
    network = Network(3, [(0, 1), (1, 2)], np.zeros(3))
    network.put_diode(0, SCHOTTKY)
    network.set(0, 1e-4)
    network.set(1, 1e-3)
    network.hold({0: 0.0, 2: 5.0})
    network.solve()
    # 5 V across 25 Mohm and the saturation current, through 1 kohm
    assert network.voltages[1] == pytest.approx(5 - 1e3 * (5 / 25e6 + 2.1e-7), abs=1e-5)


def test_a_cut_edge_takes_its_diode_with_it() -> None:
    network = Network(3, [(0, 1), (1, 2), (0, 1)], np.zeros(3))
    for edge in range(3):
        network.set(edge, 1e-4)
    network.put_diode(0, SCHOTTKY)
    network.hold({0: 5.0, 2: 0.0})
    network.cut(0)
    network.solve()
    assert network.voltages[1] == pytest.approx(2.5)


def test_answers_are_what_solving_would_find_and_change_nothing() -> None:
    network, _, _ = random_network(5, 8, 8)
    network.solve()
    before = network.voltages.copy()
    cases = np.array([[5.0, 0.0], [0.0, 5.0], [1.0, 2.0]])
    answers = network.answers([0, 7], cases)
    assert network.voltages.tolist() == before.tolist()
    for case, answer in zip(cases.tolist(), answers, strict=True):
        network.hold(dict(zip((0, 7), case, strict=True)))
        network.solve()
        assert network.voltages == pytest.approx(answer, abs=1e-10)


def test_large_networks_are_solved_sparse_and_alike() -> None:
    side = 14
    edges = [(r * side + c, r * side + c + 1) for r in range(side) for c in range(side - 1)]
    edges += [(r * side + c, (r + 1) * side + c) for r in range(side - 1) for c in range(side)]
    network = Network(side * side, edges, np.zeros(side * side))
    for edge in range(len(edges)):
        network.set(edge, 1e-4)
        network.put_diode(edge, SCHOTTKY)
    network.hold({0: 5.0, side * side - 1: 0.0})
    network.solve()
    volts = network.voltages.reshape(side, side)
    assert volts == pytest.approx(volts.T, abs=1e-9)  # the grid's own symmetry
    assert (np.diff(volts, axis=0) <= 1e-9).all()


def test_what_does_not_settle_is_an_error() -> None:
    def law(_: Floats) -> tuple[Floats, Floats]:
        return np.full(1, math.nan), np.ones(1)

    with pytest.raises(SolveError, match="with diodes do not settle"):
        newton(law, lambda slopes, currents: currents / slopes, np.zeros(1))
