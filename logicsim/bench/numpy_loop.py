"""The learning rule as a plain numpy loop: no chips, no time, no noise."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from logicsim.board import Board
from logicsim.tasks.allostery import Allostery

Floats = NDArray[np.float64]


def numpy_loop(board: Board) -> Iterator[NDArray[np.int64]]:
    """Train a board's first task and yield the codes after each step; the Laplacian is dense."""
    (task, *_), pot = board.tasks, board.parts.digipot
    assert isinstance(task, Allostery)
    nodes, (a, b) = board.network.nodes, np.array(board.network.edges).T - 1
    inputs, outputs = (np.array(list(held)) - 1 for held in (task.inputs, task.outputs))
    desired = np.array(list(task.outputs.values()))
    both = np.append(inputs, outputs)
    codes = np.full(len(a), pot.initial)
    free = clamped = np.zeros(nodes)
    free[inputs] = list(task.inputs.values())
    while True:
        conductance = 1 / (pot.end_to_end * codes / pot.positions + pot.wiper)
        laplacian = np.zeros((nodes, nodes))
        laplacian[a, b] = laplacian[b, a] = -conductance
        np.fill_diagonal(laplacian, -laplacian.sum(axis=1))
        free = _solved(laplacian, inputs, free[inputs])
        nudged = task.nudge * desired + (1 - task.nudge) * free[outputs]
        clamped = _solved(laplacian, both, np.append(free[inputs], nudged))
        drop_free, drop_clamped = free[a] - free[b], clamped[a] - clamped[b]
        up = (drop_clamped > drop_free) ^ (drop_clamped < 0)
        codes = np.clip(codes + np.where(up, 1, -1), 0, pot.positions - 1)
        yield codes


def _solved(laplacian: Floats, held: NDArray[np.intp], volts: Floats) -> Floats:
    unknown = np.ones(len(laplacian), dtype=bool)
    unknown[held] = False
    voltages = np.empty(len(laplacian))
    voltages[held] = volts
    currents = -laplacian[np.ix_(unknown, held)] @ volts
    voltages[unknown] = np.linalg.solve(laplacian[np.ix_(unknown, unknown)], currents)
    return voltages
