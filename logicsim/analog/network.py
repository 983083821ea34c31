"""One resistor network: nodal analysis on the graph Laplacian with held nodes (Dirichlet)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dposv
from scipy.sparse import csr_array

from logicsim.analog.cut_off import singular
from logicsim.analog.diodes import Branches, Junction, newton
from logicsim.analog.islands import grounded
from logicsim.analog.solvers import DENSE_UNKNOWNS, Factor, Solver, chosen, made
from logicsim.core.errors import SolveError

Floats = NDArray[np.float64]


class Network:
    """Nodes joined by conductances; some are held, the others follow Kirchhoff's current law.

    Args:
        nodes: number of nodes.
        edges: pairs of node indices, from 0; two edges may join the same pair.
        voltages: array of `nodes` floats that `solve` fills in; NaN where a node belongs to an
            island without a fixed node, where it is undetermined.
        solver: the name of the solver; chosen by size and structure if None.

    Attributes:
        solver_name: the name of the solver in use; None before the first solution, or if all nodes
            are held.

            `conductance` (S) has one entry for each edge; 0 is an open edge.
    """

    def __init__(
        self, nodes: int, edges: Sequence[tuple[int, int]], voltages: Floats,
        solver: str | None = None,
    ) -> None:  # fmt: skip
        self.conductance: Floats = np.zeros(len(edges))
        self.voltages = voltages
        self.stale = True
        self._nodes = nodes
        self._ends = np.array(edges, dtype=np.intp).reshape(-1, 2).T
        self._fixed: dict[int, float] = {}
        self._cut: set[int] = set()
        self._open = set(range(len(edges)))  # edges whose conductance is 0
        self._wanted = solver
        self.solver_name: str | None = None
        self._solver: Solver | None = None
        self._factor: Factor | None = None  # of the present conductances; made on demand
        self._nudged: Sequence[int] = ()  # the nodes of the last `nudged`
        self._responses: Floats | None = None  # of all nodes to currents into these, if solved
        self._diodes: dict[int, Junction] = {}
        self._leaving: Any = None  # dense or sparse matrix: sums edge currents at nodes
        self._planned = False
        voltages[:] = np.nan

    @property
    def fixed(self) -> Mapping[int, float]:
        """The held nodes and their voltages."""
        return self._fixed

    def hold(self, voltages: Mapping[int, float]) -> None:
        """Hold exactly these nodes (index to volts) and release all others."""
        if voltages.keys() != self._fixed.keys():
            self._planned = False
        self._fixed = dict(voltages)
        self.stale = True

    def set(self, edge: int, conductance: float) -> None:
        """Change an edge's conductance (S); a cut edge stays cut."""
        if not conductance or self._open or self._cut:
            if edge in self._cut:
                return
            if not conductance or edge in self._open:
                self._planned = False
                (self._open.discard if conductance else self._open.add)(edge)
        self.conductance[edge] = conductance
        self._factor = None
        self.stale = True

    def set_all(self, conductance: Floats) -> None:
        """Change all conductances (S) at once; cut edges stay cut."""
        self.conductance[:] = conductance
        if self._cut:
            self.conductance[list(self._cut)] = 0.0
        if self._open or not self.conductance.all():
            now_open = set(np.flatnonzero(self.conductance == 0).tolist())
            if now_open != self._open:
                self._open, self._planned = now_open, False
        self._factor = None
        self.stale = True

    def cut(self, edge: int) -> None:
        """Remove an edge permanently."""
        self._cut.add(edge)
        self.conductance[edge] = 0.0
        self._planned = False
        self._factor = None
        self.stale = True

    def put_diode(self, edge: int, junction: Junction) -> None:
        """Put a diode in series with an edge, conducting from its first node to its second."""
        self._diodes[edge] = junction
        self._planned = False
        self.stale = True

    def solve(self) -> None:
        """Solve for `voltages`.

        Raises:
            SolveError: the matrix is singular to machine precision, or diodes do not settle.
        """
        if not self._planned:
            self._plan()
        for node, volts in self._fixed.items():
            self.voltages[node] = volts
        if self._solver is not None:
            if self._diodes:
                self._solve_diodes(self._solver, self.voltages)
            else:
                self._solve_unknown(self._solver)
        self.stale = False

    def answers(self, nodes: Sequence[int], volts: Floats) -> Floats:
        """Compute all node voltages, (cases, nodes), for other voltages at the held nodes.

        Without diodes, one factorisation serves all cases.

        Args:
            nodes: all held nodes, in any order.
            volts: (cases, held nodes) in volts.
        """
        if self._diodes:
            return np.array([self._answer(nodes, case) for case in volts])
        held: Floats = np.full((self._nodes, len(volts)), np.nan)
        held[list(nodes)] = volts.T
        if self._solver is not None:
            injected = self.conductance[self._half, None] * held[self._half_outside]
            shape = len(self._unknown), len(volts)
            places = self._half_inside[:, None] * len(volts) + np.arange(len(volts))
            currents: Floats = np.bincount(  # type: ignore[assignment]  # weights make it float
                places.ravel(), injected.ravel(), minlength=shape[0] * shape[1]
            )
            held[self._unknown] = self._factored(self._solver).solve(currents.reshape(shape))
        return held.T

    def nudged(self, nodes: Sequence[int], volts: Floats) -> Floats:
        """Compute all node voltages with further nodes held: V + G^-1 E x.

        E has a column for each of `nodes`, and x solves E' G^-1 E x = their change of voltage (the
        Schur complement), so the present factorisation is reused. The network must have no diodes.

        Args:
            nodes: nodes that are neither held nor on an island, each once.
            volts: the voltages to hold them at, in volts.

        Raises:
            SolveError: two of them are one node to machine precision.
        """
        assert self._solver is not None
        assert not self._diodes
        voltages, places = self.voltages.copy(), self._place.take(nodes)
        factor = self._factored(self._solver)
        if self._responses is None or list(nodes) != self._nudged:
            self._nudged = list(nodes)
            self._responses = factor.solve(self._pushed()[:, 1:].copy())
        responses = self._responses
        moves = volts - voltages[nodes]
        _, pushes, info = dposv(responses[places], moves)
        if info:
            raise SolveError(
                f"node {nodes[info - 1] + 1}, to be held, is one node to machine precision with "
                "another held one; hold only one of them, or make a conductance smaller"
            )
        voltages[self._unknown] += responses @ pushes
        voltages[nodes] = volts
        return voltages

    def _pushed(self) -> Floats:
        """A column for currents, and one for each of the nodes last nudged, with 1 A into it."""
        pushed: Floats = np.zeros((len(self._unknown), 1 + len(self._nudged)))
        pushed[self._place.take(self._nudged), np.arange(1, 1 + len(self._nudged))] = 1.0
        return pushed

    def _factored(self, solver: Solver) -> Factor:
        if self._factor is None:
            self._responses = None
            try:
                self._factor = solver.factor(self.conductance)
            except SolveError:
                raise self._singular(self.conductance) from None
        return self._factor

    def _singular(self, conductance: Floats) -> SolveError:
        return singular(self._ends, conductance, np.array(list(self._fixed)))

    def _answer(self, nodes: Sequence[int], volts: Floats) -> Floats:
        voltages = self.voltages.copy()
        voltages[list(nodes)] = volts
        if self._solver is not None:
            self._solve_diodes(self._solver, voltages)
        return voltages

    def _solve_diodes(self, solver: Solver, voltages: Floats) -> None:
        """Solve for the unknown nodes of a network with diodes, starting from `voltages`."""
        resistance = 1 / self.conductance[self._junctions]
        branches = Branches(self._junction_data, resistance)
        unknown, (a, b) = self._unknown, self._ends
        known = voltages.copy()

        def law(volts: Floats) -> tuple[Floats, Floats]:
            known[unknown] = volts
            drops = known.take(a) - known.take(b)
            slopes = self.conductance.copy()
            currents = slopes * drops
            at = self._junctions
            currents[at], slopes[at] = branches.currents(drops.take(at))
            return self._leaving @ currents, slopes

        def step(slopes: Floats, currents: Floats) -> Floats:
            try:
                return solver.solve(slopes, currents)
            except SolveError:
                raise self._singular(slopes) from None

        start = voltages[unknown]
        start[np.isnan(start)] = np.mean(list(self._fixed.values()))
        voltages[unknown] = newton(law, step, start)

    def _solve_unknown(self, solver: Solver) -> None:
        voltages = self.voltages
        injected = self.conductance[self._half] * voltages[self._half_outside]
        currents: Floats = np.bincount(  # type: ignore[assignment]  # weights make it float
            self._half_inside, injected, minlength=len(self._unknown)
        )
        factor = self._factored(solver)
        if self._responses is None and self._nudged:  # likely to be asked for again
            columns = self._pushed()
            columns[:, 0] = currents
            solved = factor.solve(columns)
            voltages[self._unknown], self._responses = solved[:, 0], solved[:, 1:]
        else:
            voltages[self._unknown] = factor.solve(currents)

    def _plan(self) -> None:
        """Classify nodes and edges; repeated only when held nodes or open edges change."""
        held = np.zeros(self._nodes, dtype=bool)
        held[list(self._fixed)] = True
        live = np.flatnonzero(self.conductance > 0)
        a, b = ends = self._ends[:, live]
        self._unknown = np.flatnonzero(grounded(self._nodes, ends, self._fixed) & ~held)
        self._place = place = np.full(self._nodes, -1)  # index of each node among the unknown ones
        place[self._unknown] = np.arange(len(self._unknown))
        inside = place[np.array([a, b])] >= 0
        inner, half = inside.all(axis=0), inside.any(axis=0) & ~inside.all(axis=0)
        a_is_inside = inside[0, half]
        self._half = live[half]
        self._half_inside = place[np.where(a_is_inside, a[half], b[half])]
        self._half_outside = np.where(a_is_inside, b[half], a[half])
        ends = np.concatenate(
            [
                place[np.array([a[inner], b[inner]])],
                np.array([self._half_inside, np.full(half.sum(), -1)]),
            ],
            axis=1,
        )
        count = len(self._unknown)
        if self._diodes:
            self._plan_diodes(place, live)
        pattern = count, live[inner], self._half, ends
        self._solver, self.solver_name = None, None
        if count and self._wanted is not None:
            self._solver, self.solver_name = made(self._wanted, *pattern), self._wanted
        elif count:
            self.solver_name, self._solver = chosen(*pattern)
        self._factor, self._nudged = None, ()
        self.voltages[:] = np.nan
        self._planned = True

    def _plan_diodes(self, place: NDArray[np.intp], live: NDArray[np.intp]) -> None:
        """Set up the matrix of currents leaving unknown nodes, and the edges with diodes."""
        inside = place[self._ends[:, live]]
        rows, columns = inside.ravel(), np.tile(live, 2)
        signs = np.repeat([1.0, -1.0], len(live))
        kept = rows >= 0
        leaving = csr_array(
            (signs[kept], (rows[kept], columns[kept])),
            shape=(len(self._unknown), len(self.conductance)),
        )
        self._leaving = leaving.toarray() if len(self._unknown) <= DENSE_UNKNOWNS else leaving
        self._junctions = np.array([e for e in live.tolist() if e in self._diodes], dtype=np.intp)
        found = [self._diodes[edge] for edge in self._junctions.tolist()]
        self._junction_data = np.array([(j.saturation, j.slope, j.shunt) for j in found]).reshape(
            -1, 3
        )
