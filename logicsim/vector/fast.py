"""Many steps of one machine in one call of a kernel."""

from typing import Final

from logicsim.analog.islands import unknown
from logicsim.tasks.script import Script
from logicsim.tasks.task_run import TaskRun
from logicsim.vector.alterations import Active
from logicsim.vector.block import Block, Circuits, Measured, phases
from logicsim.vector.compiler import Compiled
from logicsim.vector.digital import State
from logicsim.vector.kernels.potentiometers import are_known
from logicsim.vector.kernels.supervisor import is_known
from logicsim.vector.lane import Lane
from logicsim.vector.wiring import Floats, Wiring

SOLVER: Final = "ldl"  # the name of the kernels' solver

# The size above which a supernodal factorisation is faster than that of the kernels (measured).
MOST_EDGES: Final = 4000


def has_kernels(lane: Lane, wiring: Wiring) -> bool:
    """Whether the kernels know all parts of a machine; they have no diodes."""
    altered, converters, solver = lane.altered, lane.converters(), lane.board.engine.solver
    return (
        not wiring.diodes
        and (solver == SOLVER or (solver is None and wiring.edges <= MOST_EDGES))
        and is_known(converters.impose)
        and is_known(converters.measure)
        and (altered is None or are_known(altered))
    )


def has_kernel(script: Script, wiring: Wiring, dead: frozenset[int]) -> bool:
    """Whether the kernels know a task: every output has a path to an input."""
    inputs, outputs = ({n - 1 for n in nodes} for nodes in (script.inputs, script.outputs))
    return unknown(wiring.nodes, wiring.ends, inputs, dead) >= outputs


class Fast:
    """Does steps of one machine by kernels, where they know the machine and its task."""

    solver: Final = SOLVER

    def __init__(self, lane: Lane, machine: Compiled, wiring: Wiring) -> None:
        self._lane, self._machine, self._wiring = lane, machine, wiring
        self._known, self._phases = has_kernels(lane, wiring), phases([lane])
        self._key: tuple[frozenset[int], Active] = (frozenset(), Active())  # of the block
        self._block: Block | None = None
        self._task_run: TaskRun | None = None
        self._script: Script | None = None
        self._fits: tuple[frozenset[int], bool] | None = None  # whether it does, with these cuts

    def script(self, task_run: TaskRun, dead: frozenset[int]) -> Script | None:
        """The script of a task's run, if the kernels know it and the machine.

        Args:
            dead: the edges (from 0) that are cut.
        """
        if not self._known:
            return None
        if self._task_run is not task_run:
            self._task_run, self._script, self._block = task_run, task_run.script(), None
            self._fits = None
        if self._script is None:
            return None
        if self._fits is None or self._fits[0] != dead:
            self._fits = dead, has_kernel(self._script, self._wiring, dead)
        return self._script if self._fits[1] else None

    def steps(
        self, script: Script, dead: frozenset[int], state: State, first: int, most: int, done: int
    ) -> tuple[Measured, State]:
        """Do at least one step and at most `most`.

        Args:
            script: as `script` gave it.
            dead: the edges (from 0) that are cut.
            first: the number of the first step in the task, from 1.
            done: the number of steps before, over all tasks.

        Raises:
            SolveError: a network is singular to machine precision.
        """
        active, most = self._active(done + 1, most)
        if self._block is None or (dead, active) != self._key:
            wanted = script.wanted[None] if self._block is None else self._block.wanted
            self._key, self._block = (dead, active), self._made(script, dead, active, state, wanted)
        block = self._block
        measured = block.call(first, most, done, recorded=True)
        script.renew(block.wanted[0])
        return measured, State(block.codes[0], block.states[0])

    def forget(self) -> None:
        """Begin anew, since the machine changes in another way."""
        self._task_run = None

    def _made(
        self, script: Script, dead: frozenset[int], active: Active, state: State, wanted: Floats
    ) -> Block:
        circuits = Circuits(
            [self._lane], self._machine, [self._wiring], [0], self._phases, (dead, dead), [active]
        )
        return Block(circuits, [script], state.codes[None], state.states[None], wanted, 1)

    def _active(self, step: int, most: int) -> tuple[Active, int]:
        """The faults active in a step (from 1), and for how many steps they stay so."""
        altered = self._lane.altered
        if altered is None:
            return Active(), most
        active = altered.active(step)
        if altered.passing:
            same = 1
            while same < most and altered.active(step + same) == active:
                same += 1
            most = same
        return active, most
