"""Gaussian elimination on many small networks of one graph, with array operations over lanes.

G = L D L' with the outputs last. The columns before the outputs are also the factorisation of the
clamped network, so both networks share everything except the last substitution.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from logicsim.vector.wiring import Floats


class Factored(NamedTuple):
    """1 / D by unknown and L by pair of unknowns, with an entry for each lane."""

    inverse: Mapping[int, Floats]
    lower: Mapping[tuple[int, int], Floats]


class Elimination:
    """The order of elimination of a graph, and its fill-in.

    Args:
        edges: both ends (nodes from 0) of every edge.
        held: the nodes held in both networks.
        outputs: the further nodes held in the clamped network.
    """

    def __init__(
        self, nodes: int, edges: Sequence[tuple[int, int]], held: Sequence[int],
        outputs: Sequence[int],
    ) -> None:  # fmt: skip
        self._edges = edges
        self._held, self._outputs = set(held), set(outputs)
        neighbours: dict[int, set[int]] = {n: set() for n in range(nodes) if n not in self._held}
        for a, b in edges:
            if a in neighbours and b in neighbours:
                neighbours[a].add(b)
                neighbours[b].add(a)
        # Minimum degree: the first node with the fewest neighbours; outputs come last.
        self._later: dict[int, list[int]] = {}
        while neighbours:
            node = min(neighbours, key=lambda n: (n in self._outputs, len(neighbours[n]), n))
            near = neighbours.pop(node)
            for other in near:
                neighbours[other] |= near - {other}
                neighbours[other].discard(node)
            self._later[node] = sorted(near)

    def factor(self, conductance: Floats) -> Factored:
        """Eliminate for conductances (S), (edges, lanes)."""
        lanes = conductance.shape[1]
        diagonal = {node: np.zeros(lanes) for node in self._later}
        lower = {(i, j): np.zeros(lanes) for j, near in self._later.items() for i in near}
        for (a, b), siemens in zip(self._edges, conductance, strict=True):
            for node in (a, b):
                if node in diagonal:
                    diagonal[node] += siemens
            if a in diagonal and b in diagonal:
                lower[(a, b) if (a, b) in lower else (b, a)] -= siemens
        inverse = {}
        for j, near in self._later.items():
            inverse[j] = 1 / diagonal[j]
            for place, i in enumerate(near):
                was = lower[i, j]
                share = was * inverse[j]
                diagonal[i] -= was * share
                for k in near[:place]:  # their entries are already divided by D
                    pair = (i, k) if (i, k) in lower else (k, i)
                    lower[pair] -= was * lower[k, j]
                lower[i, j] = share
        return Factored(inverse, lower)

    def reduce(self, factored: Factored, conductance: Floats, volts: Floats) -> Floats:
        """Substitute forward, starting from the held nodes.

        Args:
            volts: (nodes, ..., lanes); only held nodes are read.

        Returns:
            the right-hand side of the backward substitution for each unknown (V).
        """
        left: Floats = np.zeros_like(volts)
        for (a, b), siemens in zip(self._edges, conductance, strict=True):
            if (a in self._held) != (b in self._held):
                inner, outer = (b, a) if a in self._held else (a, b)
                left[inner] += siemens * volts[outer]
        for j, near in self._later.items():
            for i in near:
                left[i] -= factored.lower[i, j] * left[j]
            left[j] *= factored.inverse[j]
        return left

    def substitute(
        self, factored: Factored, left: Floats, volts: Floats, clamped: bool = False
    ) -> None:
        """Substitute backward to the unknown nodes' voltages, in place.

        A clamped network has its outputs' voltages set before.
        """
        for j in reversed(self._later):
            if clamped and j in self._outputs:
                continue
            here = volts[j]
            here[...] = left[j]
            for i in self._later[j]:
                here -= factored.lower[i, j] * volts[i]
