"""The free and the clamped network of all machines, solved by static elimination."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logicsim.analog.islands import unknown
from logicsim.analog.ldl import (
    Elimination,
    backward,
    clear,
    elimination,
    factor,
    forward,
    inject,
)
from logicsim.core.jit import inner

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Ends = NDArray[np.uint32]


class Networks(NamedTuple):
    """The graph, and the eliminations of the free and of the clamped network.

    `nodes`: their number. `ends`: both nodes of every edge, (2, edges). `shares`: whether the free
    network's elimination serves both while their conductances are equal, since the nodes that only
    the clamped one holds come last in it.
    """

    nodes: int
    ends: Ends
    free: Elimination
    clamped: Elimination
    shares: bool


def networks(
    nodes: int, ends: Ints, inputs: Sequence[int], clamps: Sequence[int],
    dead: tuple[Collection[int], Collection[int]],
) -> Networks:  # fmt: skip
    """Plan the eliminations.

    Args:
        ends: both nodes (from 0) of every edge, (2, edges).
        inputs: the nodes held in both networks.
        clamps: the nodes held in the clamped one.
        dead: the edges (from 0) that conduct nothing in the free and in the clamped network.
    """
    pairs = list(zip(*ends.tolist(), strict=True))
    free = unknown(nodes, ends, inputs, dead[0])
    clamped = unknown(nodes, ends, {*inputs, *clamps}, dead[1])
    shares = set(dead[0]) == set(dead[1]) and free.issuperset(clamps)
    return Networks(
        nodes,
        np.ascontiguousarray(ends, dtype=np.uint32),
        elimination(pairs, sorted(free), clamps if shares else (), dead[0]),
        elimination(pairs, sorted(clamped), (), dead[1]),
        shares,
    )


@inner
def solve(
    plan: Elimination, siemens: Floats, factors: tuple[Floats, Floats, Floats], x: Floats,
    between: Floats, volts: Floats, lanes: tuple[int, ...],
) -> int:  # fmt: skip
    """Solve a network whose held nodes are set.

    Args:
        factors: space for 1 / D, L and the matrix.
        x: space for the unknowns, and `between`, for them between the substitutions.
        volts: (nodes, lanes).

    Returns:
        -1, or a node without conductance to a held node, to machine precision.
    """
    inverse, lower, matrix = factors
    failed = factor(plan, siemens, inverse, lower, matrix, lanes)
    if failed >= 0:
        return int(plan.nodes[failed])
    inject(plan.half, siemens, volts, x, lanes)
    forward(plan.starts, plan.rows, inverse, lower, x, lanes)
    for j in range(len(x)):
        for lane in range(len(lanes)):
            between[j, lane] = x[j, lane]
    _finish(plan, lower, x, len(plan.nodes), volts, lanes)
    return -1


@inner
def _finish(
    plan: Elimination, lower: Floats, x: Floats, unknowns: int, volts: Floats,
    lanes: tuple[int, ...],
) -> None:  # fmt: skip
    """Substitute backward, from the last of some unknowns."""
    backward(plan.starts, plan.rows, lower, x, 0, unknowns, lanes)
    for j in range(unknowns):
        for lane in range(len(lanes)):
            volts[plan.nodes[j], lane] = x[j, lane]


@inner
def share(
    plan: Elimination, clamps: Ints, lower: Floats, x: Floats, between: Floats, volts: Floats,
    lanes: tuple[int, ...],
) -> None:  # fmt: skip
    """Solve the clamped network, whose held nodes are set, by the free one's elimination."""
    unknowns = len(plan.nodes) - len(clamps)
    for j in range(unknowns):
        for lane in range(len(lanes)):
            x[j, lane] = between[j, lane]
    for place in range(len(clamps)):
        for lane in range(len(lanes)):
            x[unknowns + place, lane] = volts[clamps[place], lane]
    _finish(plan, lower, x, unknowns, volts, lanes)


@inner
def respond(
    plan: Elimination, inputs: Ints, places: Ints, siemens: Floats,
    factors: tuple[Floats, Floats, Floats], x: Floats, responses: Floats, lanes: tuple[int, ...],
) -> None:  # fmt: skip
    """Find the response (V/V) of unknowns at `places` to each input, (places, inputs, lanes)."""
    inverse, lower, _ = factors
    first = len(plan.nodes)
    for place in places:
        first = min(first, place)
    for column in range(len(inputs)):
        clear(x, lanes)
        for h in range(len(plan.half)):
            if plan.half[h, 2] == inputs[column]:
                for lane in range(len(lanes)):
                    x[plan.half[h, 1], lane] += siemens[plan.half[h, 0], lane]
        forward(plan.starts, plan.rows, inverse, lower, x, lanes)
        backward(plan.starts, plan.rows, lower, x, first, len(plan.nodes), lanes)
        for output in range(len(places)):
            for lane in range(len(lanes)):
                responses[output, column, lane] = x[places[output], lane]
