from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logicsim.analog import cholmod
from logicsim.analog.cholmod import Cholmod
from logicsim.analog.pattern import Floats, Ints
from logicsim.analog.solvers import (
    DENSE_UNKNOWNS,
    DENSE_UNKNOWNS_BESIDE_CHOLMOD,
    Solver,
    _Dense,
    _SuperLU,
    solver,
)
from logicsim.core.errors import SolveError
from tests.analog.test_network import Circuit, exact, grid, wiper

Kind = type[_Dense | _SuperLU | Cholmod]
KINDS: list[Kind] = [_Dense, _SuperLU, Cholmod]


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


def made(kind: Kind, system: System) -> Solver:
    return kind(system.unknowns, system.inner, system.half, system.ends)


def injected(system: System, at_first: float, at_last: float) -> Floats:
    """What fixed nodes at these voltages push through the last two edges."""
    currents = np.zeros(system.unknowns)
    currents[0] += system.conductance[-2] * at_first
    currents[-1] += system.conductance[-1] * at_last
    return currents


@pytest.mark.parametrize("kind", KINDS)
def test_one_unknown_is_a_divider(kind: Kind) -> None:
    system = hung(1, [], seed=3)
    upper, lower = system.conductance
    solution = made(kind, system).solve(system.conductance, injected(system, 5.0, 0.0))
    assert solution.tolist() == pytest.approx([5.0 * upper / (upper + lower)], rel=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(st.integers(2, 4), st.integers(2, 3), st.integers(0, 2**32))
def test_a_grid_is_solved_as_in_exact_arithmetic(
    kind: Kind, width: int, height: int, seed: int
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
    supernodal, superlu = (made(kind, system) for kind in (Cholmod, _SuperLU))
    found = supernodal.factor(system.conductance).solve(cases)
    assert found == pytest.approx(superlu.solve(system.conductance, cases), rel=1e-9, abs=1e-9)
    system.conductance[-2:] = 0.0
    with pytest.raises(SolveError, match="singular"):
        supernodal.factor(system.conductance)


@pytest.mark.parametrize("kind", KINDS)
def test_a_solver_serves_one_set_of_conductances_after_another(
    kind: Kind,
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
def test_a_factor_answers_one_case_or_many_as_solving_does(kind: Kind) -> None:
    system = hung(12, grid(4, 3), seed=6)
    kept = made(kind, system)
    cases = np.column_stack([injected(system, 5.0, 0.0), injected(system, -1.0, 2.0)])
    apart = np.column_stack([kept.solve(system.conductance, case) for case in cases.T])
    factor = kept.factor(system.conductance)
    assert factor.solve(cases) == pytest.approx(apart, rel=1e-12)
    assert factor.solve(cases[:, 0]) == pytest.approx(apart[:, 0], rel=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_solving_leaves_conductances_and_currents_alone(kind: Kind) -> None:
    system = hung(9, grid(3, 3), seed=5)
    currents = injected(system, 1.0, 2.0)
    conductances, pushed = system.conductance.tolist(), currents.tolist()
    made(kind, system).solve(system.conductance, currents)
    assert system.conductance.tolist() == conductances
    assert currents.tolist() == pushed


@pytest.mark.parametrize("kind", KINDS)
def test_parallel_edges_add_up(kind: Kind) -> None:
    once, thrice = hung(2, [(0, 1)], seed=8), hung(2, [(0, 1), (1, 0), (0, 1)], seed=8)
    thrice.conductance[:] = [1e-3, 3e-3, 2e-3, 5e-3, 4e-3]
    once.conductance[:] = [6e-3, 5e-3, 4e-3]
    currents = injected(once, 5.0, 0.0)
    expected = made(kind, once).solve(once.conductance, currents)
    found = made(kind, thrice).solve(thrice.conductance, currents)
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_a_floating_system_is_a_solve_error(kind: Kind) -> None:
    system = hung(9, grid(3, 3), seed=5)
    system.conductance[-2:] = 0.0
    system.conductance[:-2] = 1.0
    with pytest.raises(SolveError, match="singular"):
        made(kind, system).solve(system.conductance, np.zeros(9))
    with pytest.raises(SolveError, match="singular"):
        made(kind, system).factor(system.conductance)


@pytest.mark.parametrize("installed", [True, False])
def test_small_systems_are_dense_and_large_ones_sparse(
    installed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cholmod, "available", lambda: installed)
    sparse: Kind = Cholmod if installed else _SuperLU
    most = DENSE_UNKNOWNS_BESIDE_CHOLMOD if installed else DENSE_UNKNOWNS
    for unknowns, kind in ((1, _Dense), (most, _Dense), (most + 1, sparse)):
        chain = [(i, i + 1) for i in range(unknowns - 1)]
        system = hung(unknowns, chain, seed=4)
        chosen = solver(system.unknowns, system.inner, system.half, system.ends)
        assert isinstance(chosen, kind)
