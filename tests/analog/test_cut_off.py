import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logicsim.analog.diodes import Junction
from logicsim.analog.network import Network
from logicsim.analog.solvers import SOLVERS
from logicsim.core.errors import SolveError


def network(edges: list[tuple[int, int]], conductance: list[float], solver: str) -> Network:
    nodes = 1 + max(max(edge) for edge in edges)
    made = Network(nodes, edges, np.zeros(nodes), solver)
    made.set_all(np.array(conductance))
    return made


@pytest.mark.parametrize("solver", SOLVERS)
def test_the_nodes_behind_a_negligible_conductance_are_named(solver: str) -> None:
    # 1 - 2 - 3 is a divider; 4, 5 and 6 hang from 2 in a triangle by 1e-30 S.
    edges = [(0, 1), (1, 2), (1, 3), (3, 4), (4, 5), (5, 3)]
    made = network(edges, [1.0, 1.0, 1e-30, 1.0, 2.0, 3.0], solver)
    made.hold({0: 5.0, 2: 0.0})
    with pytest.raises(SolveError, match=r"singular.*: nodes 4, 5, 6 hang by a negligible"):
        made.solve()


@pytest.mark.parametrize("solver", SOLVERS)
def test_few_nodes_are_all_named_and_many_are_counted(solver: str) -> None:
    made = network([(0, 1), (1, 2)], [1e-30, 1.0], solver)
    made.hold({0: 5.0})
    with pytest.raises(SolveError, match="nodes 2, 3 hang by"):
        made.solve()
    chain = [(node, node + 1) for node in range(40)]
    made = network(chain, [1e-30] + [1.0] * 39, solver)
    made.hold({0: 5.0})
    with pytest.raises(SolveError, match=r"nodes 2, 3, 4, 5, 6 and 35 more hang"):
        made.solve()


@pytest.mark.parametrize("solver", SOLVERS)
@settings(max_examples=30, deadline=None)
@given(st.data())
def test_the_named_nodes_are_those_of_the_part_that_hangs(solver: str, data: st.DataObject) -> None:
    here, there = data.draw(st.integers(2, 20)), data.draw(st.integers(2, 5))
    nodes = here + there
    tree = [(data.draw(st.integers(0, node - 1)), node) for node in range(1, here)]
    tree += [(data.draw(st.integers(here, node - 1)), node) for node in range(here + 1, nodes)]
    link = (data.draw(st.integers(0, here - 1)), data.draw(st.integers(here, nodes - 1)))
    siemens = [1 / (40 + 781 * data.draw(st.integers(0, 127))) for _ in tree]
    names = data.draw(st.permutations(range(nodes)))
    edges = [(names[a], names[b]) for a, b in [*tree, link]]
    made = network(edges, [*siemens, 1e-25], solver)
    made.hold({names[0]: 1.0})
    expected = ", ".join(str(node + 1) for node in sorted(names[here:]))
    with pytest.raises(SolveError, match=f"nodes {expected} hang"):
        made.solve()


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_network_with_a_diode_names_its_nodes_too(solver: str) -> None:
    made = network([(0, 1), (1, 2), (2, 3)], [1e-3, 1e-30, 1e-3], solver)
    made.put_diode(0, Junction(saturation=1e-9, slope=0.05, shunt=1e-12))
    made.hold({0: 1.0})
    with pytest.raises(SolveError, match=r"nodes .*3, 4 hang"):
        made.solve()
