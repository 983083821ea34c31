"""Many machines trained together, one in each lane, with their own seeds, parameters and voltages.

Lanes of one shape are computed side by side by kernels, on all cores; the others one by one. Both
ways give the same run as the machine alone.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

import numpy as np
from numpy.typing import NDArray

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
    own = [machines.of(lane.board) for lane in lanes]
    wirings = _wired(lanes)
    scripts = _scripts(lanes, plan)
    groups: dict[Hashable, list[int]] = {}
    for place, (lane, machine) in enumerate(zip(lanes, own, strict=True)):
        shape = _shape(lane, machine, wirings[place], scripts[place], plan)
        groups.setdefault(shape, []).append(place)
    for shape, places in groups.items():
        together = shape is not None and len(places) >= _FEW
        if not together or not _together(lanes, own, wirings, scripts, places, plan, batch):
            for place in places:
                _alone(lanes[place], own[place], plan, place, batch)
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


def _shape(
    lane: Lane, machine: Compiled, wiring: Wiring, scripts: Sequence[Script | None], plan: Plan
) -> Hashable:
    """A key that is equal for lanes that can be trained together; None if it must train alone."""
    board, altered = lane.board, lane.altered
    cuts = [repr(board.tasks[number - 1].cut) for number, _ in plan]
    if find_spec("numba") is None or (altered is not None and altered.passing):
        return None
    if any(script is None for script in scripts):
        return None
    from logicsim.vector.fast import has_kernels  # noqa: PLC0415  numba takes half a second

    if not has_kernels(lane, wiring):
        return None
    isolating = _isolating(altered, wiring, scripts)
    return (
        board.network.nodes, tuple(board.network.edges), machine.program.key, board.clock.rate,
        board.supervisor.settle, board.parts.corner, wiring.key, isolating,
        bool(altered and altered.maps), *cuts, *(script.shape for script in scripts if script),
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
    from logicsim.vector.kernels.networks import grounded  # noqa: PLC0415  imports numba

    for script in scripts:
        inputs = [node - 1 for node in script.inputs] if script is not None else []
        for edges in (free, clamped):
            if len(grounded(wiring.nodes, wiring.ends, inputs, edges)) < wiring.nodes:
                return free, clamped
    return frozenset(), frozenset()


def _together(
    lanes: Sequence[Lane], machines: Sequence[Compiled], wirings: Sequence[Wiring],
    scripts: Sequence[Sequence[Script | None]], places: Sequence[int], plan: Plan,
    batch: BatchResult,
) -> bool:  # fmt: skip
    """Train lanes of one shape by kernels; return whether the kernels know them and did it."""
    from logicsim.vector.crew import Crew  # noqa: PLC0415  numba takes half a second

    first = places[0]
    dead = _isolating(lanes[first].altered, wirings[first], scripts[first])
    crew = Crew([lanes[n] for n in places], machines[first], [wirings[n] for n in places], dead,
                _WIDTH)  # fmt: skip
    begin = 0
    for number, (task, steps) in enumerate(plan):
        own = [script for script in (scripts[n][number] for n in places) if script is not None]
        try:
            for measured in crew.train(own, lanes[first].board.tasks[task - 1].cut, steps):
                end = begin + measured.errors.shape[1]
                batch.errors[places, begin:end] = measured.errors
                batch.accuracies[places, begin:end] = measured.accuracies
                batch.opposed[places] += measured.opposed
                begin = end
        except (EngineError, SolveError):
            batch.opposed[places] = 0
            return False  # alone, a lane that fails names its nodes
    batch.codes[places] = crew.codes
    batch.outputs[places] = crew.outputs(own, steps)
    return True


def _alone(lane: Lane, machine: Compiled, plan: Plan, place: int, batch: BatchResult) -> None:
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
