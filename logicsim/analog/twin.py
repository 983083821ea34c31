"""The twin: the free and the clamped network of one graph."""

from collections.abc import Sequence

import numpy as np

from logicsim.analog.network import Floats, Network
from logicsim.core.names import SIDES, Branch, Node


class Twin:
    """Two networks of the same graph, each with its own conductances and held nodes.

    `voltages` holds the free nodes, then the clamped nodes, then one 0 V entry for ground.
    """

    def __init__(
        self, nodes: int, edges: Sequence[tuple[int, int]], solver: str | None = None
    ) -> None:
        self.nodes = nodes
        self.voltages: Floats = np.zeros(2 * nodes + 1)
        self.free = Network(nodes, edges, self.voltages[:nodes], solver)
        self.clamped = Network(nodes, edges, self.voltages[nodes : 2 * nodes], solver)
        ends = np.array(edges, dtype=np.intp).reshape(-1, 2).T
        self._from = np.concatenate([ends[0], ends[0] + nodes])
        self._to = np.concatenate([ends[1], ends[1] + nodes])

    @property
    def solver(self) -> str | None:
        """The name of the solver in use; None before the first solution."""
        return self.free.solver_name

    def place(self, node: Node) -> int:
        """Index of a node into `voltages`."""
        return node.number - 1 + self.nodes * SIDES.index(node.side)

    def branch(self, branch: Branch) -> tuple[Network, int]:
        """The network of a branch, and the index of its edge."""
        return (self.free, self.clamped)[SIDES.index(branch.side)], branch.edge - 1

    def settle(self, now: int) -> None:
        """Apply the changes of time `now` (ticks); in this class voltages settle at once."""
        self.solve()

    def look(self, now: int) -> None:
        """Update `voltages` to time `now` (ticks); here they are constant between changes."""

    def solve(self) -> None:
        """Solve the networks that changed."""
        if self.free.stale:
            self.free.solve()
        if self.clamped.stale:
            self.clamped.solve()

    def drops(self) -> Floats:
        """Voltage drops along every edge, first node minus second: free, then clamped."""
        return self.drops_of(self.voltages)

    def drops_of(self, voltages: Floats) -> Floats:
        """The drops for other voltages: one case, or (cases, voltages)."""
        drops: Floats = voltages[..., self._from] - voltages[..., self._to]
        return drops
