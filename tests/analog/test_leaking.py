"""Leaking twins, compared with nodal analysis written out."""

import numpy as np
import pytest

from logicsim.analog.leaking import LeakingTwin
from logicsim.analog.network import Floats
from logicsim.analog.twin import Twin
from logicsim.core.names import Node

EDGES = [(0, 1), (1, 2), (0, 2), (2, 3)]
OHMS = np.array([1e3, 2e3, 3e3, 4e3])


def _fill(twin: Twin) -> None:
    for edge, ohms in enumerate(OHMS):
        twin.free.set(edge, 1 / ohms)
        twin.clamped.set(edge, 1 / (2 * ohms))
    twin.free.hold({0: 5.0, 3: 0.0})
    twin.clamped.hold({0: 5.0, 3: 0.0, 1: 3.0})


def _by_hand(leak: float, a: int, b: int) -> Floats:
    """All eight voltages from Kirchhoff's law at every free node."""
    matrix, currents = np.zeros((8, 8)), np.zeros(8)
    branches = [(i, j, 1 / r) for (i, j), r in zip(EDGES, OHMS, strict=True)]
    branches += [(i + 4, j + 4, g / 2) for i, j, g in branches]
    for i, j, g in [*branches, (a, b, leak)]:
        matrix[[i, j], [i, j]] += g
        matrix[[i, j], [j, i]] -= g
    for node, volts in {0: 5.0, 3: 0.0, 4: 5.0, 7: 0.0, 5: 3.0}.items():
        matrix[node], currents[node] = np.eye(8)[node], volts
    return np.linalg.solve(matrix, currents).astype(float)


@pytest.mark.parametrize("first", [Node(2, "free"), Node(3, "free")])
@pytest.mark.parametrize("second", [Node(2, "clamped"), Node(3, "clamped"), Node(1, "free")])
def test_a_leak_is_one_more_branch(first: Node, second: Node) -> None:
    ends = first, second
    twin = LeakingTwin(4, EDGES, [ends])
    _fill(twin)
    twin.leak(ends, 1 / 500)
    twin.solve()
    wanted = _by_hand(1 / 500, twin.place(ends[0]), twin.place(ends[1]))
    np.testing.assert_allclose(twin.voltages[:8], wanted, rtol=1e-12)


def test_without_its_leak_it_is_the_twin() -> None:
    twin, sound = LeakingTwin(4, EDGES, [(Node(2, "free"), Node(2, "clamped"))]), Twin(4, EDGES)
    for each in (twin, sound):
        _fill(each)
        each.solve()
    np.testing.assert_allclose(twin.voltages, sound.voltages, rtol=1e-12)
    for each in (twin, sound):
        each.free.cut(1)
        each.solve()
    np.testing.assert_allclose(twin.voltages, sound.voltages, rtol=1e-12)
    asked = np.array([[1.0, 2.0], [4.0, 0.0]])
    np.testing.assert_allclose(
        twin.free.answers([3, 0], asked), sound.free.answers([3, 0], asked), rtol=1e-12
    )
