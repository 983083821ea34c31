"""The free and the clamped network, with one factorisation for both where possible."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logicsim.analog.network import Network
from logicsim.analog.twin import Twin
from logicsim.vector.wiring import Floats, Wiring


class Circuit:
    """Two networks of one graph.

    While their resistances are equal and the clamped one holds the free one's held nodes and more,
    its solution is the free one's with a correction; otherwise it is solved separately.

    Args:
        solver: the name of the solver; chosen by size and structure if None.
    """

    def __init__(self, wiring: Wiring, solver: str | None = None) -> None:
        self._wiring, self._solver = wiring, solver
        self._pairs: Sequence[tuple[int, int]] = list(zip(*wiring.ends.tolist(), strict=True))
        self.free = self._network()
        self._clamped: Network | None = None
        self._cut: set[int] = set()
        self._rows = np.empty((0, wiring.edges))

    @property
    def dead(self) -> frozenset[int]:
        """The edges (from 0) that are cut."""
        return frozenset(self._cut)

    def state(self) -> dict[str, NDArray[Any]]:
        """The cut edges, and the held nodes and voltages (V) of each network in use."""
        state: dict[str, NDArray[Any]] = {"cut": np.array(sorted(self._cut), dtype=np.intp)}
        for name, network in (("free", self.free), ("clamped", self._clamped)):
            if network is not None and network.fixed:
                state[f"{name}_held"] = np.array(list(network.fixed.items()))
                state[f"{name}_volts"] = network.voltages.copy()
        return state

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Restore a state, after the conductances have been set.

        The voltages matter with diodes: they are the starting point of the next solution.
        """
        self.cut(state["cut"].tolist())
        if "clamped_held" in state:
            self._solved({})
        for name, network in (("free", self.free), ("clamped", self._clamped)):
            if network is not None and f"{name}_held" in state:
                network.hold({int(node): volts for node, volts in state[f"{name}_held"].tolist()})
                network.solve()
                network.voltages[:] = state[f"{name}_volts"]
                network.stale = True

    def _network(self) -> Network:
        wiring = self._wiring
        network = Network(wiring.nodes, self._pairs, np.empty(wiring.nodes), self._solver)
        for edge in wiring.diodes:
            network.put_diode(edge, wiring.junction)
        return network

    def cut(self, edges: Sequence[int]) -> None:
        """Remove edges (from 0) permanently."""
        self._cut.update(edges)
        for network in (self.free, self._clamped):
            if network is not None:
                for edge in edges:
                    network.cut(edge)

    def set(self, conductance: Floats) -> None:
        """Change all conductances (S): one row for both networks, or one for each."""
        self._rows = conductance
        self.free.set_all(conductance[0])

    def put_on(self, twin: Twin, conductance: Floats) -> None:
        """Give a twin the diodes, cuts and conductances (S, one row for both or for each)."""
        for network, row in ((twin.free, conductance[0]), (twin.clamped, conductance[-1])):
            for edge in self._wiring.diodes:
                network.put_diode(edge, self._wiring.junction)
            for edge in self._cut:
                network.cut(edge)
            network.set_all(row)

    def hold(self, volts: Mapping[int, float]) -> None:
        """Hold nodes (from 0) of the free network."""
        if volts != self.free.fixed:
            self.free.hold(volts)

    def clamped(self, volts: Mapping[int, float]) -> Floats:
        """The clamped network's voltages (V) with these nodes (from 0) held."""
        free = self.free
        if len(self._rows) == 1 and not self._wiring.diodes and volts.items() >= free.fixed.items():
            more = {node: v for node, v in volts.items() if node not in free.fixed}
            moves = free.voltages.take(list(more)) - list(more.values())
            # A node on an island is NaN, and its clamped voltage may be NaN, too.
            if more and not np.isnan(moves).any():
                return free.nudged(list(more), np.array(list(more.values())))
        return self._solved(volts)

    def _solved(self, volts: Mapping[int, float]) -> Floats:
        if self._clamped is None:
            self._clamped = self._network()
            for edge in self._cut:
                self._clamped.cut(edge)
        self._clamped.set_all(self._rows[-1])
        self._clamped.hold(volts)
        self._clamped.solve()
        return self._clamped.voltages
