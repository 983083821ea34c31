"""The continuous coupled-learning rule, Eq. 2, on the same networks; Eq. 3 is its sign.

It has no chips, only the two networks and the rule: a reference learner for the machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from logicsim.analog.network import Network
from logicsim.board import Board
from logicsim.core.noise import Purpose, Stream
from logicsim.paper.training import Floats
from logicsim.tasks import AnyTask


@dataclass(frozen=True, slots=True)
class Rule:
    """Eq. 2: dR = gamma / R^2 (dVC^2 - dVF^2).

    `rate` sets gamma: an edge at 50 kohm whose squared drops differ by 1 V^2 moves by `rate` steps
    of the paper's potentiometer, 781 ohm each. `noise` (V rms) is added to each clamped drop.
    """

    rate: float
    noise: float = 0.0


def learn(board: Board, task: AnyTask, rule: Rule, seed: int, steps: int) -> Floats:
    """Train a board's networks by Eq. 2 from mid-range; return the error before each update.

    Resistances are real numbers, the same in both networks, clipped to the potentiometer's range.
    """
    pot = board.parts.digipot
    taper = pot.model_copy(update={"inl": 0.0, "dnl": 0.0}).resistances(pot.end_to_end, 0, 0)
    ohms = np.full(len(board.network.edges), taper[len(taper) // 2])
    gamma = rule.rate * pot.end_to_end / 128 * (pot.end_to_end / 2) ** 2
    stream = Stream(seed, Purpose.COMPARATOR_NOISE)
    free, clamped = _network(board), _network(board)
    task_run = task.task_run(seed)
    errors = []
    for step in range(1, steps + 1):
        inputs = task_run.held(step)
        _hold(free, ohms, inputs)
        measured = {node: float(free.voltages[node - 1]) for node in task.output_nodes}
        evaluation = task_run.evaluation(step)
        answers = None
        if evaluation is not None:
            volts = free.answers([node - 1 for node in evaluation.nodes], evaluation.volts)
            answers = volts[:, [node - 1 for node in task.output_nodes]]
        errors.append(task_run.score(step, measured, answers).error)
        _hold(clamped, ohms, {**inputs, **task_run.clamp(step, measured)})
        noise = rule.noise * stream.normals(len(ohms), step) if rule.noise else 0.0
        ohms = ohms + gamma * slope(ohms, drops(board, clamped) + noise, drops(board, free))
        ohms = np.clip(ohms, taper[0], taper[-1])
    return np.array(errors)


def slope(ohms: Floats, clamped: Floats, free: Floats) -> Floats:
    """Eq. 2 without gamma, for resistances (ohm) and drops (V) of every edge."""
    difference: Floats = (clamped**2 - free**2) / ohms**2
    return difference


def drops(board: Board, network: Network) -> Floats:
    """The voltage drop along every edge, first node minus second."""
    first, second = np.array(board.network.edges).T - 1
    along: Floats = network.voltages[first] - network.voltages[second]
    return along


def _network(board: Board) -> Network:
    nodes = board.network.nodes
    edges = [(a - 1, b - 1) for a, b in board.network.edges]
    return Network(nodes, edges, np.zeros(nodes))


def _hold(network: Network, ohms: Floats, volts: Mapping[int, float]) -> None:
    """Solve a network with these resistances and held nodes (from 1)."""
    for edge, conductance in enumerate((1 / ohms).tolist()):
        network.set(edge, conductance)
    network.hold({node - 1: voltage for node, voltage in volts.items()})
    network.solve()
