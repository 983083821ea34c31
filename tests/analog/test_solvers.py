from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logicsim.analog import multifrontal, solvers
from logicsim.analog.dissection import dissect
from logicsim.analog.pattern import Floats, Ints
from logicsim.analog.solvers import (
    DENSE_UNKNOWNS,
    DENSE_UNKNOWNS_BESIDE_CHOLMOD,
    MULTIFRONTAL_UNKNOWNS,
    SOLVERS,
    Offer,
    Solver,
    chosen,
)
from logicsim.core.errors import SolveError
from tests.analog.test_network import Circuit, exact, grid, wiper

KINDS = list(SOLVERS)


@dataclass(frozen=True)
class System:
    unknowns: int
    inner: Ints
    half: Ints
    ends: Ints
    conductance: Floats
    edges: list[tuple[int, int]]


def hung(unknowns: int, joined: list[tuple[int, int]], seed: int) -> System:
    """A system of these joined unknowns, its first and last also joined to a fixed node."""
    ends = [*joined, (0, -1), (unknowns - 1, -1)]
    codes = np.random.default_rng(seed).integers(0, 128, len(ends))
    edges = np.arange(len(ends))
    return System(
        unknowns,
        edges[: len(joined)],
        edges[len(joined) :],
        np.array(ends, dtype=np.intp).T,
        np.array([wiper(int(code)) for code in codes]),
        ends,
    )


def made(kind: str, system: System) -> Solver:
    return solvers.made(kind, system.unknowns, system.inner, system.half, system.ends)


def injected(system: System, at_first: float, at_last: float) -> Floats:
    """What fixed nodes at these voltages push through the last two edges."""
    currents = np.zeros(system.unknowns)
    currents[0] += system.conductance[-2] * at_first
    currents[-1] += system.conductance[-1] * at_last
    return currents


@pytest.mark.parametrize("kind", KINDS)
def test_one_unknown_is_a_divider(kind: str) -> None:
    system = hung(1, [], seed=3)
    upper, lower = system.conductance
    solution = made(kind, system).solve(system.conductance, injected(system, 5.0, 0.0))
    assert solution.tolist() == pytest.approx([5.0 * upper / (upper + lower)], rel=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(st.integers(2, 4), st.integers(2, 3), st.integers(0, 2**32))
def test_a_grid_is_solved_as_in_exact_arithmetic(
    kind: str, width: int, height: int, seed: int
) -> None:
    unknowns = width * height
    system = hung(unknowns, grid(width, height), seed)
    solution = made(kind, system).solve(system.conductance, injected(system, 5.0, 1.0))
    edges = [*system.edges[:-2], (0, unknowns), (unknowns - 1, unknowns + 1)]
    right = exact(
        Circuit(
            unknowns + 2, edges, system.conductance.tolist(), {unknowns: 5.0, unknowns + 1: 1.0}
        )
    )
    assert solution.tolist() == pytest.approx([float(v or 0) for v in right[:unknowns]], rel=1e-9)


@pytest.mark.parametrize("unknowns", [DENSE_UNKNOWNS - 3, DENSE_UNKNOWNS, DENSE_UNKNOWNS + 16])
def test_dense_and_sparse_agree(unknowns: int) -> None:
    joined = [(a, b) for a, b in grid(11, 20) if max(a, b) < unknowns]
    system = hung(unknowns, joined, seed=unknowns)
    currents = injected(system, 5.0, -1.0)
    dense, *sparse = (made(kind, system).solve(system.conductance, currents) for kind in KINDS)
    for volts in sparse:
        assert volts == pytest.approx(dense, rel=1e-10, abs=1e-10)


def test_large_systems_are_solved_in_many_cases_and_found_singular() -> None:
    system = hung(50 * 45, grid(50, 45), seed=3)
    cases = np.column_stack([injected(system, 5.0, 0.0), injected(system, -1.0, 2.0)])
    supernodal, superlu = (made(kind, system) for kind in ("cholmod", "superlu"))
    found = supernodal.factor(system.conductance).solve(cases)
    assert found == pytest.approx(superlu.solve(system.conductance, cases), rel=1e-9, abs=1e-9)
    system.conductance[-2:] = 0.0
    with pytest.raises(SolveError, match="singular"):
        supernodal.factor(system.conductance)


@pytest.mark.parametrize("kind", KINDS)
def test_a_solver_serves_one_set_of_conductances_after_another(
    kind: str,
) -> None:
    first, second = hung(12, grid(4, 3), seed=1), hung(12, grid(4, 3), seed=2)
    currents = injected(first, 2.0, 1.0)
    kept = made(kind, first)
    before = kept.solve(first.conductance, currents).tolist()
    kept.solve(second.conductance, currents)
    assert kept.solve(first.conductance, currents).tolist() == before
    afresh = made(kind, second).solve(second.conductance, currents).tolist()
    assert kept.solve(second.conductance, currents).tolist() == afresh


@pytest.mark.parametrize("kind", KINDS)
def test_a_factor_answers_one_case_or_many_as_solving_does(kind: str) -> None:
    system = hung(12, grid(4, 3), seed=6)
    kept = made(kind, system)
    cases = np.column_stack([injected(system, 5.0, 0.0), injected(system, -1.0, 2.0)])
    apart = np.column_stack([kept.solve(system.conductance, case) for case in cases.T])
    factor = kept.factor(system.conductance)
    assert factor.solve(cases) == pytest.approx(apart, rel=1e-12)
    assert factor.solve(cases[:, 0]) == pytest.approx(apart[:, 0], rel=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_solving_leaves_conductances_and_currents_alone(kind: str) -> None:
    system = hung(9, grid(3, 3), seed=5)
    currents = injected(system, 1.0, 2.0)
    conductances, pushed = system.conductance.tolist(), currents.tolist()
    made(kind, system).solve(system.conductance, currents)
    assert system.conductance.tolist() == conductances
    assert currents.tolist() == pushed


@pytest.mark.parametrize("kind", KINDS)
def test_parallel_edges_add_up(kind: str) -> None:
    once, thrice = hung(2, [(0, 1)], seed=8), hung(2, [(0, 1), (1, 0), (0, 1)], seed=8)
    thrice.conductance[:] = [1e-3, 3e-3, 2e-3, 5e-3, 4e-3]
    once.conductance[:] = [6e-3, 5e-3, 4e-3]
    currents = injected(once, 5.0, 0.0)
    expected = made(kind, once).solve(once.conductance, currents)
    found = made(kind, thrice).solve(thrice.conductance, currents)
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_a_floating_system_is_a_solve_error(kind: str) -> None:
    system = hung(9, grid(3, 3), seed=5)
    system.conductance[-2:] = 0.0
    system.conductance[:-2] = 1.0
    with pytest.raises(SolveError, match="singular"):
        made(kind, system).solve(system.conductance, np.zeros(9))
    with pytest.raises(SolveError, match="singular"):
        made(kind, system).factor(system.conductance)


def matrix(system: System) -> Floats:
    """The dense matrix, by its definition."""
    made = np.zeros((system.unknowns, system.unknowns))
    for edge, (a, b) in zip([*system.inner, *system.half], system.ends.T, strict=True):
        for node in (a, b):
            if node >= 0:
                made[node, node] += system.conductance[edge]
        if b >= 0:
            made[a, b] -= system.conductance[edge]
            made[b, a] -= system.conductance[edge]
    return made


@st.composite
def systems(draw: st.DrawFn) -> System:
    unknowns = draw(st.integers(1, 60))
    trees = [(draw(st.integers(0, node - 1)), node) for node in range(1, unknowns)]
    pair = st.tuples(*[st.integers(0, unknowns - 1)] * 2).filter(lambda ends: ends[0] != ends[1])
    chords = draw(st.lists(pair, max_size=3 * unknowns)) if unknowns > 1 else []
    return hung(unknowns, [*trees, *chords], draw(st.integers(0, 2**32)))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@given(system=systems(), cases=st.integers(1, 9))
def test_every_solver_agrees_with_a_dense_solution_of_any_graph(
    kind: str, system: System, cases: int
) -> None:
    currents = np.random.default_rng(cases).normal(size=(system.unknowns, cases)) * 1e-3
    found = made(kind, system).factor(system.conductance).solve(currents)
    right = np.linalg.solve(matrix(system), currents)
    assert found == pytest.approx(right, rel=1e-8, abs=1e-8 * np.abs(right).max())


@pytest.mark.parametrize("kind", KINDS[1:])
def test_large_graphs_obey_kirchhoff_with_every_sparse_solver(kind: str) -> None:
    system = hung(90 * 70, grid(90, 70), seed=11)
    currents = injected(system, 5.0, 1.0)
    volts = made(kind, system).solve(system.conductance, currents)
    a, b = system.ends[:, : len(system.inner)]
    flowing = system.conductance[system.inner] * (volts[a] - volts[b])
    left = np.bincount(a, flowing, system.unknowns) - np.bincount(b, flowing, system.unknowns)
    left[0] += system.conductance[-2] * volts[0]
    left[-1] += system.conductance[-1] * volts[-1]
    assert left == pytest.approx(currents, abs=1e-11)


def test_subtrees_on_threads_give_the_same_bits_as_one_after_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    system = hung(60 * 60, grid(60, 60), seed=17)
    currents = np.random.default_rng(17).normal(size=(system.unknowns, 6))
    monkeypatch.setattr(multifrontal, "_FEW", 0)
    for level in (0, 1, 3, 5):
        monkeypatch.setattr(multifrontal, "_LEVEL", level)
        found = made("multifrontal", system).factor(system.conductance).solve(currents)
        if level == 0:
            first = found
        assert np.array_equal(found, first)


def test_a_dissection_orders_all_nodes_and_separates_the_parts() -> None:
    edges = np.array(grid(31, 23)).T
    parts = dissect(31 * 23, *edges)
    assert sorted(parts.order.tolist()) == list(range(31 * 23))
    front = np.empty(31 * 23, dtype=int)
    for number, (first, end) in enumerate(zip(parts.firsts, parts.ends, strict=True)):
        front[parts.order[first:end]] = number
    above = [{number} for number in range(len(parts.firsts))]
    for number in reversed(range(len(above))):
        if parts.parents[number] >= 0:
            above[number] |= above[parts.parents[number]]
    for a, b in front[edges].T:
        assert a in above[b] or b in above[a]


@pytest.mark.parametrize("installed", [True, False])
def test_the_solver_is_chosen_by_size_and_structure(
    installed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs = "numpy" if installed else "a_package_that_is_not_there"
    offer = Offer("logicsim.analog.cholmod", "Cholmod", needs, "fast")
    monkeypatch.setattr(solvers, "SOLVERS", {**SOLVERS, "cholmod": offer})
    sparse = "cholmod" if installed else "superlu"
    most = DENSE_UNKNOWNS_BESIDE_CHOLMOD if installed else DENSE_UNKNOWNS
    wide = MULTIFRONTAL_UNKNOWNS
    random = np.random.default_rng(3).integers(0, wide, (2, 6 * wide))
    tangled = [(a, b) for a, b in random.T.tolist() if a != b]
    for unknowns, joined, name in (
        (1, [], "dense"),
        (most, chain(most), "dense"),
        (most + 1, chain(most + 1), sparse),
        (wide - 1, chain(wide - 1), sparse),
        (wide, chain(wide), "multifrontal"),
        (wide, [*chain(wide), *tangled], sparse),
    ):
        system = hung(unknowns, joined, seed=4)
        found, made_one = chosen(system.unknowns, system.inner, system.half, system.ends)
        assert found == name
        assert type(made_one) is type(made(name, hung(1, [], seed=4)))


def chain(nodes: int) -> list[tuple[int, int]]:
    return [(node, node + 1) for node in range(nodes - 1)]
