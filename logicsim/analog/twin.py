"""The twin: the free and the clamped network, two circuits over one graph."""

from collections.abc import Sequence

import numpy as np

from logicsim.analog.network import Floats, Network


class Twin:
    """Two networks of the same graph, each with its own conductances and held nodes.

    `voltages` holds the free nodes, then the clamped nodes, then one 0 V entry for ground.
    """

    def __init__(self, nodes: int, edges: Sequence[tuple[int, int]]) -> None:
        self.nodes = nodes
        self.voltages: Floats = np.zeros(2 * nodes + 1)
        self.free = Network(nodes, edges, self.voltages[:nodes])
        self.clamped = Network(nodes, edges, self.voltages[nodes : 2 * nodes])
        ends = np.array(edges, dtype=np.intp).reshape(-1, 2).T
        self._from = np.concatenate([ends[0], ends[0] + nodes])
        self._to = np.concatenate([ends[1], ends[1] + nodes])

    def place(self, node: str) -> int:
        """Index into `voltages` of a netlist's node name: 'node3.free' or 'node3.clamped'."""
        number, _, side = node.removeprefix("node").partition(".")
        return int(number) - 1 + (self.nodes if side == "clamped" else 0)

    def branch(self, name: str) -> tuple[Network, int]:
        """Network and edge index of a netlist's branch name: 'edge3.free' or 'edge3.clamped'."""
        number, _, side = name.removeprefix("edge").partition(".")
        return (self.clamped if side == "clamped" else self.free), int(number) - 1

    def settle(self, now: int) -> None:
        """Take up at `now` (ticks) what changed: here voltages settle at once."""
        self.solve()

    def look(self, now: int) -> None:
        """Bring `voltages` to `now` (ticks): here they do not move between changes."""

    def solve(self) -> None:
        """Solve whichever network changed."""
        if self.free.stale:
            self.free.solve()
        if self.clamped.stale:
            self.clamped.solve()

    def drops(self) -> Floats:
        """Voltage drops along every edge, first node minus second: free, then clamped."""
        return self.voltages.take(self._from) - self.voltages.take(self._to)
