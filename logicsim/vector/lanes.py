"""Many machines trained together, one in each lane, with their own seeds, parameters and voltages.

Lanes of one shape are computed side by side by kernels, on all cores; the others one by one. Both
ways give the same run as the machine alone.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from logicsim.analog.islands import unknown
from logicsim.board import Board
from logicsim.core.errors import EngineError, SolveError
from logicsim.faults.open import NoConductance
from logicsim.tasks.script import Script
from logicsim.vector.alterations import Alterations
from logicsim.vector.compiler import Compiled, compiled
from logicsim.vector.lane import Lane
from logicsim.vector.machine import Machine
from logicsim.vector.wiring import Codes, Floats, Wiring, wire

_WIDTH: Final = 8  # lanes side by side: what a vector register of 512 bits holds
_FEW: Final = 3  # fewer lanes are as fast alone

Dead = tuple[frozenset[int], frozenset[int]]
Plan = Sequence[tuple[int, int]]  # the number of a task, from 1, and its steps


@dataclass(frozen=True, slots=True)
class BatchResult:
    """The results of all lanes, in order.

    `errors` (V^2) and `accuracies` (NaN where nothing is classified) are (lanes, steps), `outputs`
    the free voltages (V) of the last task's output nodes after the last step, (lanes, outputs),
    `codes` (lanes, 2, edges): free, then clamped; `opposed` counts edges, over all steps, whose
    drops had opposite signs.
    """

    errors: Floats
    accuracies: Floats
    outputs: Floats
    codes: Codes
    opposed: NDArray[np.intp]


class _Member(NamedTuple):
    """A lane with what it is made of; `dead` are the edges of `_isolating`."""

    place: int
    lane: Lane
    machine: Compiled
    wiring: Wiring
    scripts: Sequence[Script | None]
    dead: Dead


def train(lanes: Sequence[Lane], plan: Plan) -> BatchResult:
    """Train every lane on its own board's tasks.

    Args:
        lanes: boards with equally many edges and nodes.
        plan: (number of a task from 1, steps) in turn.

    Raises:
        SolveError: a network is singular to machine precision.
    """
    edges, steps = len(lanes[0].board.network.edges), sum(count for _, count in plan)
    last = lanes[0].board.tasks[plan[-1][0] - 1]
    batch = BatchResult(
        np.empty((len(lanes), steps)),
        np.full((len(lanes), steps), np.nan),
        np.empty((len(lanes), len(last.output_nodes))),
        np.empty((len(lanes), 2, edges), dtype=np.int32),
        np.zeros(len(lanes), dtype=np.int64),
    )
    machines = Machines()
    groups: dict[Hashable, list[_Member]] = {}
    for place, (lane, wiring, scripts) in enumerate(
        zip(lanes, _wired(lanes), _scripts(lanes, plan), strict=True)
    ):
        dead = _isolating(lane.altered, wiring, scripts)
        member = _Member(place, lane, machines.of(lane.board), wiring, scripts, dead)
        groups.setdefault(_shape(member, plan), []).append(member)
    for shape, members in groups.items():
        together = shape is not None and len(members) >= _FEW
        if not together or not _together(members, plan, batch):
            for member in members:
                _alone(member, plan, batch)
    return batch


def _scripts(lanes: Sequence[Lane], plan: Plan) -> list[list[Script | None]]:
    """The scripts of every lane's tasks; lanes with the same task and seed share them."""
    known: dict[tuple[int, int], Script | None] = {}
    found = []
    for lane in lanes:
        tasks = [lane.board.tasks[number - 1] for number, _ in plan]
        for task in tasks:
            if (id(task), lane.seed) not in known:
                known[id(task), lane.seed] = task.task_run(lane.seed).script()
        found.append([known[id(task), lane.seed] for task in tasks])
    return found


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


def _shape(member: _Member, plan: Plan) -> Hashable:
    """A key that is equal for lanes that can be trained together; None if it must train alone."""
    board, altered, wiring = member.lane.board, member.lane.altered, member.wiring
    if find_spec("numba") is None or (altered is not None and altered.passing):
        return None
    if None in member.scripts:
        return None
    from logicsim.vector.fast import has_kernels  # noqa: PLC0415  numba takes half a second

    if not has_kernels(member.lane, wiring):
        return None
    # A compiled machine has one circuit, clock and corner.
    return (
        board.network.nodes, tuple(board.network.edges), id(member.machine),
        board.supervisor.settle, wiring.key, member.dead, bool(altered and altered.maps),
        *(repr(board.tasks[number - 1].cut) for number, _ in plan),
        *(script.shape for script in member.scripts if script),
    )  # fmt: skip


def _isolating(
    altered: Alterations | None, wiring: Wiring, scripts: Sequence[Script | None]
) -> Dead:
    """The edges (from 0) whose open potentiometers leave nodes without a path to an input.

    They are those of the free and of the clamped network. Open potentiometers that isolate no node
    are conductances of zero like any other.
    """
    changes = () if altered is None else altered.maps
    free, clamped = (
        frozenset(each.edge for each in changes
                  if each.row == row and isinstance(each.what, NoConductance))
        for row in (0, 1)
    )  # fmt: skip
    if not free and not clamped:
        return free, clamped
    for script in scripts:
        inputs = {node - 1 for node in script.inputs} if script is not None else set[int]()
        for edges in (free, clamped):
            solved = unknown(wiring.nodes, wiring.ends, inputs, edges)
            if len(solved) + len(inputs) < wiring.nodes:
                return free, clamped
    return frozenset(), frozenset()


def _together(members: Sequence[_Member], plan: Plan, batch: BatchResult) -> bool:
    """Train lanes of one shape by kernels; return whether the kernels know them and did it."""
    from logicsim.vector.batch import Batch  # noqa: PLC0415  numba takes half a second

    first, places = members[0], [member.place for member in members]
    machines = Batch([member.lane for member in members], first.machine,
                [member.wiring for member in members], first.dead, _WIDTH)  # fmt: skip
    begin = 0
    for number, (task, steps) in enumerate(plan):
        scripts = [script for member in members if (script := member.scripts[number])]
        try:
            for measured in machines.train(scripts, first.lane.board.tasks[task - 1].cut, steps):
                end = begin + measured.errors.shape[1]
                batch.errors[places, begin:end] = measured.errors
                batch.accuracies[places, begin:end] = measured.accuracies
                batch.opposed[places] += measured.opposed
                begin = end
        except (EngineError, SolveError):
            batch.opposed[places] = 0
            return False  # alone, a lane that fails names its nodes
    batch.codes[places] = machines.codes
    batch.outputs[places] = machines.outputs(scripts, steps)
    return True


def _alone(member: _Member, plan: Plan, batch: BatchResult) -> None:
    place, lane, machine = member[:3]
    alone = Machine(lane.board, lane.seed, machine=machine, altered=lane.altered)
    tasks = [(number, lane.board.tasks[number - 1], steps) for number, steps in plan]
    begin = 0
    for block in alone.train(tasks):
        end = begin + len(block)
        batch.errors[place, begin:end] = block.error
        if block.accuracy is not None:
            batch.accuracies[place, begin:end] = block.accuracy
        begin = end
    batch.outputs[place] = list(alone.measure(tasks[-1][1].output_nodes).values())
    batch.codes[place] = alone.codes()
    batch.opposed[place] = alone.opposed
