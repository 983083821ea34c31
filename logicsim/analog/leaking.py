"""A twin with leaks: resistances between any nodes of its two networks."""

from collections.abc import Mapping, Sequence

import numpy as np

from logicsim.analog.diodes import Junction
from logicsim.analog.network import Floats, Network
from logicsim.analog.twin import Twin
from logicsim.core.names import Node


class Side:
    """The free or the clamped half of one joint network, with the interface of a `Network`."""

    def __init__(self, whole: Network, side: int, nodes: int, edges: int) -> None:
        self._whole = whole
        self._nodes = slice(side * nodes, (side + 1) * nodes)
        self._first_node, self._first_edge = side * nodes, side * edges
        self.voltages = whole.voltages[self._nodes]
        self.conductance = whole.conductance[side * edges : (side + 1) * edges]
        self.fixed: Mapping[int, float] = {}
        self.other: Side | None = None

    @property
    def stale(self) -> bool:
        """Whether either half has changed since it was solved."""
        return self._whole.stale

    def hold(self, voltages: Mapping[int, float]) -> None:
        """Hold exactly these nodes of this half (index to volts)."""
        self.fixed = dict(voltages)
        assert self.other is not None
        self._whole.hold(self._shifted() | self.other._shifted())  # noqa: SLF001  the other half

    def _shifted(self) -> dict[int, float]:
        return {node + self._first_node: volts for node, volts in self.fixed.items()}

    def set(self, edge: int, conductance: float) -> None:
        """Change an edge's conductance (S); a cut edge stays cut."""
        self._whole.set(edge + self._first_edge, conductance)

    def cut(self, edge: int) -> None:
        """Remove an edge permanently."""
        self._whole.cut(edge + self._first_edge)

    def put_diode(self, edge: int, junction: Junction) -> None:
        """Put a diode in series with an edge."""
        self._whole.put_diode(edge + self._first_edge, junction)

    def solve(self) -> None:
        """Solve for the voltages of both halves."""
        self._whole.solve()

    def answers(self, nodes: Sequence[int], volts: Floats) -> Floats:
        """Compute this half's node voltages for other voltages (V) at its held nodes."""
        assert self.other is not None
        others = self.other._shifted()  # noqa: SLF001  the other half
        held = [node + self._first_node for node in nodes] + list(others)
        asked = np.column_stack([volts, np.tile(list(others.values()), (len(volts), 1))])
        return self._whole.answers(held, asked)[:, self._nodes]


class LeakingTwin(Twin):
    """A twin solved as one network, with additional branches between any of its nodes."""

    def __init__(
        self, nodes: int, edges: Sequence[tuple[int, int]], leaks: Sequence[tuple[Node, Node]],
        solver: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(nodes, edges)
        both = [*edges, *((a + nodes, b + nodes) for a, b in edges)]
        extra = [(self.place(a), self.place(b)) for a, b in leaks]
        self._whole = Network(2 * nodes, [*both, *extra], self.voltages[: 2 * nodes], solver)
        self._leaks = {ends: len(both) + place for place, ends in enumerate(leaks)}
        free, clamped = (Side(self._whole, side, nodes, len(edges)) for side in (0, 1))
        free.other, clamped.other = clamped, free
        self.free = free  # type: ignore[assignment]  # it has a network's interface
        self.clamped = clamped  # type: ignore[assignment]  # likewise

    @property
    def solver(self) -> str | None:
        """The name of the solver in use."""
        return self._whole.solver_name

    def leak(self, ends: tuple[Node, Node], conductance: float) -> None:
        """Set the conductance (S) between two nodes; 0 removes it."""
        self._whole.set(self._leaks[ends], conductance)
