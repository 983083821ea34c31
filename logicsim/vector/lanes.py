"""Many machines at once, a lane each: seeds, parameters, voltages; as one array program.

Lanes whose boards have one shape share all array operations; a lane that fits no such program is
trained on its own. Either way it is the run that the machine alone would make.
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
from logicsim.tasks.lesson import Task
from logicsim.tasks.regression import Regression
from logicsim.vector.block import Block, Lane
from logicsim.vector.broken import Broken
from logicsim.vector.machine import Machine
from logicsim.vector.wiring import Codes, Floats

_BLOCK: Final = 1024  # lanes whose arrays stay in the cache
_MOST_UNKNOWNS: Final = 60  # beyond, a factorisation of its own for each lane is no slower


@dataclass(frozen=True, slots=True)
class Courses:
    """What became of every lane, in their order.

    `errors` (V^2) are (lanes, steps), `outputs` the free voltages (V) of the last task's output
    nodes after the last step, (lanes, outputs), `codes` (lanes, 2, edges): free, then clamped;
    `opposed` counts edges, over all steps, whose drops had opposite signs.
    """

    errors: Floats
    outputs: Floats
    codes: Codes
    opposed: NDArray[np.intp]


def train(lanes: Sequence[Lane], plan: Sequence[tuple[int, int]]) -> Courses:
    """Train every lane on its own board's tasks.

    Args:
        lanes: boards with equally many edges and nodes.
        plan: numbers of tasks (from 1) and how many steps of each.
    """
    edges, steps = len(lanes[0].board.network.edges), sum(count for _, count in plan)
    last = [lane.board.tasks[plan[-1][0] - 1] for lane in lanes]
    courses = Courses(
        np.empty((len(lanes), steps)),
        np.empty((len(lanes), len(last[0].output_nodes))),
        np.empty((len(lanes), 2, edges), dtype=np.int32),
        np.zeros(len(lanes), dtype=np.intp),
    )
    groups: dict[Hashable, list[int]] = {}
    for place, lane in enumerate(lanes):
        groups.setdefault(_shape(lane, [number for number, _ in plan]), []).append(place)
    for shape, places in groups.items():
        for begin in range(0, len(places), _BLOCK):
            block = np.array(places[begin : begin + _BLOCK])
            if shape is None:
                for place in block.tolist():
                    _alone(lanes[place], plan, place, courses)
            else:
                _together([lanes[place] for place in block], plan, block, courses)
    return courses


def _shape(lane: Lane, numbers: Sequence[int]) -> Hashable:
    """The same for lanes that one array program can train; None if none can."""
    board, pot = lane.board, lane.board.parts.digipot
    tasks = [board.tasks[number - 1] for number in numbers]
    if board.network.diodes or pot.inl or pot.dnl:
        return None
    for task in tasks:
        unknown = board.network.nodes - len(task.nodes().get("inputs", ()))
        if not isinstance(task, Allostery | Regression) or task.cut or unknown > _MOST_UNKNOWNS:
            return None
    if lane.broken is not None and any(
        _islands(board, lane.broken, task.nodes()["inputs"]) for task in tasks
    ):
        return None
    apart = lane.broken is not None and lane.broken.apart
    return (
        board.network.nodes, tuple(board.network.edges), board.edge.rule, pot.taper, pot.positions,
        board.parts.comparator.input_gain, bool(pot.tolerance), apart,
        *map(_task_shape, tasks),
    )  # fmt: skip


def _islands(board: Board, broken: Broken, inputs: Sequence[int]) -> bool:
    """Whether open potentiometers may leave nodes without a path to an input."""
    nodes, ends = board.network.nodes, np.array(board.network.edges).T - 1
    for row in (0, 1):
        open_edges = [law.edge for law in broken.laws
                      if law.row == row and isinstance(law.what, NoConductance)]  # fmt: skip
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


def _alone(lane: Lane, plan: Sequence[tuple[int, int]], place: int, courses: Courses) -> None:
    machine = Machine(lane.board, lane.seed, lane.broken)
    tasks = [(number, lane.board.tasks[number - 1], steps) for number, steps in plan]
    for number, step in enumerate(machine.train(tasks)):
        courses.errors[place, number] = step.error
    courses.outputs[place] = list(machine.measure(tasks[-1][1].output_nodes).values())
    courses.codes[place] = machine.codes()
    courses.opposed[place] = machine.opposed


def _together(
    lanes: Sequence[Lane], plan: Sequence[tuple[int, int]], places: NDArray[np.intp],
    courses: Courses,
) -> None:  # fmt: skip
    block = Block(lanes)
    for number, (error, against) in enumerate(block.train(plan)):
        courses.errors[places, number] = error
        courses.opposed[places] += against
    courses.outputs[places] = block.measured().T
    courses.codes[places] = block.codes()
