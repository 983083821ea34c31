"""Many machines trained together, one in each lane, with their own seeds, parameters and voltages.

Lanes whose boards have one shape share all array operations; other lanes are trained one by one.
Both ways give the same run as the machine alone.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from logicsim.board import Board
from logicsim.faults.open import NoConductance
from logicsim.tasks.allostery import Allostery
from logicsim.tasks.regression import Regression
from logicsim.tasks.task_run import Task
from logicsim.vector.alterations import Alterations
from logicsim.vector.block import Block, Lane
from logicsim.vector.compiler import Compiled, compiled
from logicsim.vector.machine import Machine
from logicsim.vector.wiring import Codes, Floats, Wiring, wire

_BLOCK: Final = 1024  # lanes whose arrays stay in the cache
_MOST_UNKNOWNS: Final = 60  # above it, separate factorisations are no slower


@dataclass(frozen=True, slots=True)
class BatchResult:
    """The results of all lanes, in order.

    `errors` (V^2) are (lanes, steps), `outputs` the free voltages (V) of the last task's output
    nodes after the last step, (lanes, outputs), `codes` (lanes, 2, edges): free, then clamped;
    `opposed` counts edges, over all steps, whose drops had opposite signs.
    """

    errors: Floats
    outputs: Floats
    codes: Codes
    opposed: NDArray[np.intp]


def train(lanes: Sequence[Lane], plan: Sequence[tuple[int, int]]) -> BatchResult:
    """Train every lane on its own board's tasks.

    Args:
        lanes: boards with equally many edges and nodes.
        plan: (number of a task from 1, steps) in turn.
    """
    edges, steps = len(lanes[0].board.network.edges), sum(count for _, count in plan)
    last = [lane.board.tasks[plan[-1][0] - 1] for lane in lanes]
    batch = BatchResult(
        np.empty((len(lanes), steps)),
        np.empty((len(lanes), len(last[0].output_nodes))),
        np.empty((len(lanes), 2, edges), dtype=np.int32),
        np.zeros(len(lanes), dtype=np.intp),
    )
    machines = Machines()
    own = [machines.of(lane.board) for lane in lanes]
    wirings = _wired(lanes)
    groups: dict[Hashable, list[int]] = {}
    for place, (lane, machine) in enumerate(zip(lanes, own, strict=True)):
        shape = _shape(lane, machine, wirings[place], [number for number, _ in plan])
        groups.setdefault(shape, []).append(place)
    for shape, places in groups.items():
        for begin in range(0, len(places), _BLOCK):
            block = np.array(places[begin : begin + _BLOCK])
            if shape is None:
                for place in block.tolist():
                    _alone(lanes[place], own[place], plan, place, batch)
            else:
                here = block.tolist()
                made = Block(*([each[n] for n in here] for each in (lanes, own, wirings)))
                _together(made, plan, block, batch)
    return batch


def _wired(lanes: Sequence[Lane]) -> list[Wiring]:
    """The arrays of every lane; lanes with the same board and no spread share them."""
    shared: dict[int, Wiring] = {}
    made = []
    for lane in lanes:
        own = any(part.chip.spread for part in lane.board.cells[0].parts)
        wiring = None if own else shared.get(id(lane.board))
        if wiring is None:
            wiring = shared[id(lane.board)] = wire(lane.board, lane.seed)
        made.append(wiring)
    return made


class Machines:
    """The compiled programs of boards, each compiled once for all its lanes."""

    def __init__(self) -> None:
        self._by_board: dict[int, tuple[Board, Compiled]] = {}
        self._by_circuit: dict[Hashable, Compiled] = {}

    def of(self, board: Board) -> Compiled:
        """The program of a board's cell."""
        known = self._by_board.get(id(board))
        if known is None:
            circuit = _circuit(board)
            machine = self._by_circuit.get(circuit)
            if machine is None:
                machine = self._by_circuit[circuit] = compiled(board)
            known = self._by_board[id(board)] = board, machine  # kept, so that its id stays unique
        return known[1]


def _circuit(board: Board) -> Hashable:
    """A key that is equal for boards with equal programs and clock times."""
    slots = {name: chip for name, chip in board.parts.slots().items() if chip.operations()}
    analog = ("comparator", "digipot")
    return (
        repr(board.edge.chosen()), repr(board.clock), board.parts.corner, repr(board.chips),
        *(repr(chip) for name, chip in slots.items() if name not in analog),
        board.parts.comparator.noise_correlation, len(board.network.edges),
    )  # fmt: skip


def _shape(lane: Lane, machine: Compiled, wiring: Wiring, numbers: Sequence[int]) -> Hashable:
    """A key that is equal for lanes that can be trained together; None if it must train alone."""
    board = lane.board
    tasks = [board.tasks[number - 1] for number in numbers]
    if wiring.diodes or wiring.potentiometers.travel.ndim > 1:
        return None
    for task in tasks:
        unknown = board.network.nodes - len(task.nodes().get("inputs", ()))
        if not isinstance(task, Allostery | Regression) or task.cut or unknown > _MOST_UNKNOWNS:
            return None
    if lane.altered is not None and any(
        _islands(board, lane.altered, task.nodes()["inputs"]) for task in tasks
    ):
        return None
    apart = lane.altered is not None and lane.altered.apart
    return (
        board.network.nodes, tuple(board.network.edges), machine.program.key, wiring.key, apart,
        *map(_task_shape, tasks),
    )  # fmt: skip


def _islands(board: Board, altered: Alterations, inputs: Sequence[int]) -> bool:
    """Whether open potentiometers may leave nodes without a path to an input."""
    nodes, ends = board.network.nodes, np.array(board.network.edges).T - 1
    for row in (0, 1):
        open_edges = [
            each.edge for each in altered.maps
            if each.row == row and isinstance(each.what, NoConductance)
        ]  # fmt: skip
        if open_edges:
            a, b = np.delete(ends, open_edges, axis=1)
            graph = coo_array((np.ones(len(a)), (a, b)), shape=(nodes, nodes))
            _, island = connected_components(graph, directed=False)
            if not np.isin(island, island[[node - 1 for node in inputs]]).all():
                return True
    return False


def _task_shape(task: Task) -> Hashable:
    assert isinstance(task, Allostery | Regression)
    data = () if isinstance(task, Allostery) else tuple(task.data)
    return task.kind, tuple(task.inputs), tuple(task.outputs), data


def _alone(
    lane: Lane, machine: Compiled, plan: Sequence[tuple[int, int]], place: int, batch: BatchResult
) -> None:
    alone = Machine(lane.board, lane.seed, machine=machine, altered=lane.altered)
    tasks = [(number, lane.board.tasks[number - 1], steps) for number, steps in plan]
    done = 0
    for steps in alone.train(tasks):
        batch.errors[place, done : done + len(steps)] = steps.error
        done += len(steps)
    batch.outputs[place] = list(alone.measure(tasks[-1][1].output_nodes).values())
    batch.codes[place] = alone.codes()
    batch.opposed[place] = alone.opposed


def _together(
    block: Block, plan: Sequence[tuple[int, int]], places: NDArray[np.intp], batch: BatchResult
) -> None:
    for number, (error, against) in enumerate(block.train(plan)):
        batch.errors[places, number] = error
        batch.opposed[places] += against
    batch.outputs[places] = block.measured().T
    batch.codes[places] = block.codes()
