"""Settling of node voltages: every node has a capacitance, every source an impedance.

Between events a network is linear, C dv/dt = -G v + i, and its voltages are known at every time: a
sum of exponentials, one for each mode of the generalised eigenproblem G x = lambda C x; for large
networks the dense output of a stiff integrator. The simulation itself takes no time steps.
"""

from collections.abc import Sequence
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, diags_array
from scipy.sparse.linalg import splu

from logicsim.analog.crossings import Exponentials
from logicsim.analog.twin import Twin
from logicsim.core.units import TICKS_PER_SECOND

Floats = NDArray[np.float64]

# Above this many nodes the modes of a 2-D grid take longer than the integrator (measured).
_MODAL_NODES: Final = 250
_SETTLED: Final = 30.0  # time constants, after which the rest is below rounding
_STILL: Final = 1e-13  # of the fastest mode's rate; slower modes are an island's constant charge


class Curve(Protocol):
    """The voltages of one network after its last change; times are in seconds after it."""

    end: float
    final: Floats

    def at(self, times: Floats) -> Floats:
        """Node voltages (V), one row for each time."""


class _Modal:
    """A sum of exponentials: final voltages, rates (1/s), and initial amplitudes (V).

    Args:
        matrix: conductances (S), divided by the `roots` of both nodes.
        roots: the square roots of the nodes' capacitances.
    """

    def __init__(self, matrix: Floats, currents: Floats, roots: Floats, start: Floats) -> None:
        rates, modes = np.linalg.eigh(matrix)
        begin = (roots * start) @ modes
        pushed = (currents / roots) @ modes
        if rates[0] > _STILL * rates[-1]:
            final, slowest = pushed / rates, rates[0]
        else:
            moving = rates > _STILL * rates[-1]
            final = np.where(moving, pushed / np.where(moving, rates, 1), begin)
            slowest = rates[moving].min(initial=rates[-1])
            rates = np.where(moving, rates, 0.0)
        shapes = modes / roots[:, None]
        self.rates = rates
        self.final: Floats = shapes @ final
        self.shapes = shapes * (begin - final)
        self.end = _SETTLED / float(slowest)

    def at(self, times: Floats) -> Floats:
        voltages: Floats = self.final + np.exp(times[:, None] * -self.rates) @ self.shapes.T
        return voltages


class _Integrated:
    """Radau's solution, to 0.1 uV; it ends once nothing moves noticeably."""

    def __init__(
        self, matrix: csc_array, currents: Floats, capacitance: Floats, start: Floats
    ) -> None:
        from scipy.integrate import solve_ivp  # noqa: PLC0415  slow to import, rarely needed

        self.final: Floats = splu(matrix).solve(currents)
        system = (diags_array(-1 / capacitance) @ matrix).tocsc()
        # A few inverse iterations find the slowest mode.
        factor, vector = splu(-system), start - self.final + 1e-9
        for _ in range(12):
            vector = factor.solve(vector)
            vector /= np.linalg.norm(vector)
        slowest = float(1 / np.linalg.norm(factor.solve(vector)))
        self.end = _SETTLED / slowest
        self._solution = solve_ivp(
            lambda _, left: system @ left, (0, self.end), start - self.final, method="Radau",
            jac=system, dense_output=True, rtol=1e-9, atol=1e-8,
        ).sol  # fmt: skip

    def at(self, times: Floats) -> Floats:
        left = self._solution(np.minimum(times, self.end)).T
        voltages: Floats = self.final + np.where(times[:, None] < self.end, left, 0.0)
        return voltages


class SettlingTwin(Twin):
    """A twin whose voltages settle with time constants; all start at 0 V.

    Args:
        capacitance: the capacitance of every node (F).
        impedance: the impedance of every source (ohm).
    """

    def __init__(
        self, nodes: int, edges: Sequence[tuple[int, int]], capacitance: Floats, impedance: float
    ) -> None:
        super().__init__(nodes, edges)
        self.voltages[:] = 0.0
        self._capacitance = capacitance
        self._source = 1 / impedance
        self._roots = np.sqrt(capacitance)
        # (nodes, edges): 1 and -1 at an edge's ends; for modes, divided by the nodes' roots.
        rows = np.array(edges, dtype=np.intp).reshape(-1, 2).T.ravel()
        signs = np.repeat([1.0, -1.0], len(edges))
        columns = np.tile(np.arange(len(edges)), 2)
        incidence = csc_array((signs, (rows, columns)), shape=(nodes, len(edges)))
        self._incidence: Any = incidence
        if nodes <= _MODAL_NODES:
            self._incidence = incidence.toarray() / self._roots[:, None]
        self._networks = (self.free, self.clamped)
        self._began = [0, 0]  # ticks
        self._curves: list[Curve | None] = [None, None]

    def settle(self, now: int) -> None:
        """Apply the changes of time `now` (ticks); voltages continue from their present values."""
        self.look(now)
        for side, network in enumerate(self._networks):
            if network.stale:
                start = self.voltages[side * self.nodes : (side + 1) * self.nodes].copy()
                self._curves[side] = self._curve(side, start)
                self._began[side] = now
                network.stale = False

    def look(self, now: int) -> None:
        """Update `voltages` to time `now` (ticks)."""
        for side, curve in enumerate(self._curves):
            if curve is not None:
                since = (now - self._began[side]) / TICKS_PER_SECOND
                here = curve.at(np.array([since]))[0] if since < curve.end else curve.final
                self.voltages[side * self.nodes : (side + 1) * self.nodes] = here

    def sample(self, times: Floats, now: int) -> Floats:
        """Voltages at times (s) after `now` (ticks): a row for each time, ordered as `voltages`."""
        rows: Floats = np.zeros((len(times), len(self.voltages)))
        for side, curve in enumerate(self._curves):
            if curve is not None:
                since = times + (now - self._began[side]) / TICKS_PER_SECOND
                rows[:, side * self.nodes : (side + 1) * self.nodes] = curve.at(since)
        return rows

    def signals(self, weights: Floats, constants: Floats, now: int) -> Exponentials | None:
        """Weighted sums of voltages from `now` (ticks) on; None if the network is too large.

        Args:
            weights: one row for each sum, one column for each voltage.
            constants: a constant for each sum (V).
            now: ticks.
        """
        free, clamped = self._curves
        if not isinstance(free, _Modal) or not isinstance(clamped, _Modal):
            return None
        nodes = self.nodes
        final = np.concatenate([free.final, clamped.final])
        decayed = [
            weights[:, side * nodes : (side + 1) * nodes]
            @ (curve.shapes * np.exp(-curve.rates * ((now - began) / TICKS_PER_SECOND)))
            for side, (curve, began) in enumerate(zip((free, clamped), self._began, strict=True))
        ]
        return Exponentials(
            weights[:, : 2 * nodes] @ final + constants,
            np.concatenate([free.rates, clamped.rates]),
            np.concatenate(decayed, axis=1),
        )

    def left(self, now: int) -> float:
        """The time (s) from `now` (ticks) until all voltages have settled."""
        ends = [
            curve.end - (now - began) / TICKS_PER_SECOND
            for curve, began in zip(self._curves, self._began, strict=True)
            if curve is not None
        ]
        return max(ends, default=0.0)

    def time_constant(self) -> float:
        """The longest time constant (s) of the free network in its present state."""
        return self._curve(0, np.zeros(self.nodes)).end / _SETTLED

    def _curve(self, side: int, start: Floats) -> Curve:
        network, nodes = self._networks[side], self.nodes
        held, volts = list(network.fixed), list(network.fixed.values())
        currents = np.zeros(nodes)
        currents[held] = self._source * np.array(volts)
        sources = np.zeros(nodes)
        sources[held] = self._source
        if nodes <= _MODAL_NODES:
            matrix = (self._incidence * network.conductance) @ self._incidence.T
            matrix.flat[:: nodes + 1] += sources / self._capacitance
            return _Modal(matrix, currents, self._roots, start)
        scaled = self._incidence @ diags_array(network.conductance) @ self._incidence.T
        matrix = (scaled + diags_array(sources)).tocsc()
        return _Integrated(matrix, currents, self._capacitance, start)
