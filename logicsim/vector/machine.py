"""One machine of the vector engine."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from logicsim.analog.twin import Twin
from logicsim.board import Board
from logicsim.circuit.netlist import Netlist
from logicsim.core.errors import SolveError
from logicsim.core.rule import opposed
from logicsim.core.units import seconds
from logicsim.parts.digipot import Digipot
from logicsim.tasks.procedure import Procedure, Wait
from logicsim.tasks.script import Script
from logicsim.tasks.task_run import Steps, Tally, Task, TaskRun
from logicsim.vector.alterations import Alterations, read
from logicsim.vector.circuit import Circuit
from logicsim.vector.comparators import drops
from logicsim.vector.compiler import Compiled, compiled
from logicsim.vector.digital import Digital
from logicsim.vector.lane import Lane
from logicsim.vector.noise_source import NoiseSource, Numbers
from logicsim.vector.wiring import Codes, Floats, Wiring, wire

if TYPE_CHECKING:
    from logicsim.vector.fast import Fast


class Machine:
    """One powered-up machine whose static timing is met.

    Args:
        board: the board to build and train.
        seed: the seed of all randomness; the event engine gives the same run.
        netlist: another netlist than the board's own.
        machine: the board's compiled cell, if the caller has it.
        altered: the alterations of the netlist, if the caller has read them.

    Attributes:
        steps: the number of steps begun, over all tasks.
        opposed: counts edges, over all steps, whose two drops had opposite signs.
        clockwork: the response of the clock to a trigger.
        at_rest: called between steps, when `state` may be called.
        looked_at: if given, `at_rest` is called after every step from the first of these numbers to
            the last.

    Raises:
        EngineError: the vector engine cannot compute it; names the part.
    """

    def __init__(
        self, board: Board, seed: int = 0, netlist: Netlist | None = None,
        machine: Compiled | None = None, altered: Alterations | None = None,
    ) -> None:  # fmt: skip
        self.board = board
        self.seed = seed
        machine = machine or compiled(board)
        if netlist is not None:
            altered = read(netlist, machine, board, seed)
        self.altered = altered
        self.clockwork = machine.clockwork
        self._cell = machine.cell
        self._wiring = wire(board, seed)
        self._circuit = Circuit(self._wiring, board.engine.solver)
        self._digital = Digital(board, seed, machine, self._wiring, altered)
        self._times = board.timetable
        chips = self._wiring.comparators
        self._noise = NoiseSource(seed, self._wiring.edges, len(chips)) if chips.hear else None
        lane = Lane(board, seed, altered)
        self._procedure = Procedure(self, lane.converters(), seed)
        self._free: Mapping[int, float] | None = None  # the held nodes of each network
        self._clamped: Mapping[int, float] = {}
        self.opposed = 0
        self.at_rest: list[Callable[[], None]] = []
        self.looked_at: tuple[int, int] | None = None
        self._solver: str | None = None  # of the kernels, if they did steps
        self._fast = _fast(lane, machine, self._wiring)

    @property
    def steps(self) -> int:
        """The number of steps begun, over all tasks."""
        return self._procedure.steps

    @property
    def task_run(self) -> TaskRun | None:
        """The run of the current task, if there is one."""
        return self._procedure.task_run

    @property
    def solver(self) -> str | None:
        """The name of the solver in use; None before the first solution."""
        return self._solver or self._circuit.free.solver_name

    def codes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The counters of the free and the clamped network, in edge order."""
        rows = [tuple(row) for row in self._digital.codes.tolist()]
        return rows[0], rows[-1]

    @property
    def now(self) -> int:
        """The begin (ticks) of the next step."""
        return self._times.begin(self.steps)

    @property
    def conductance(self) -> Floats:
        """The conductance (S) of every edge in the next step: one row for both networks or each."""
        return self._digital.conductance(self.steps + 1)

    @property
    def clock_to_wiper(self) -> int:
        """The delay (ticks) from a potentiometer's clock to its wiper."""
        corner = self.board.parts.corner
        chips = (part.chip for part in self._cell.parts if isinstance(part.chip, Digipot))
        return max(chip.clock_to_wiper.ticks(corner) for chip in chips)

    def tally(self) -> Tally:
        """The counts so far; there are no violations, since timing is met."""
        return Tally(self.opposed, self.now)

    def train(self, plan: Sequence[tuple[int, Task, int]]) -> Iterator[Steps]:
        """Train (number, task, steps) in turn, yielding each step as a block as it is made."""
        self._settle()
        for each in self._procedure.train(plan):
            if isinstance(each, Steps):
                yield each
            elif each is Wait.NEXT:
                for look in self.at_rest:
                    look()

    def put_on(self, twin: Twin) -> None:
        """Set a twin's networks to the state of this machine's in the next step."""
        self._circuit.put_on(twin, self.conductance)

    def state(self) -> dict[str, NDArray[Any]]:
        """The state between steps, on which the following steps depend."""
        state = {"opposed": np.array(self.opposed), **self._procedure.state()}
        return state | self._digital.state() | self._circuit.state()

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Restore a state; `train` then continues the plan from there."""
        if self._fast is not None:
            self._fast.forget()
        self.opposed = int(state["opposed"])
        self._procedure.restore(state)
        self._digital.restore(state)
        self._settle()
        self._circuit.restore(state)
        self._free = None

    def measure(self, nodes: Sequence[int]) -> dict[int, float]:
        """The free voltages (V) of nodes, as the converter reads them."""
        return self._procedure.measure(nodes)

    # The interface of a rig, for the procedure.

    def ahead(self, task: Task, task_run: TaskRun, done: int, steps: int) -> Steps | None:
        """Do steps of a task at once by kernels, after `done` of `steps`; None if they cannot."""
        if self._fast is None:
            return None
        if done + 1 in task.cut:
            self.cut(task.cut[done + 1])
        script = self._fast.script(task_run, self._circuit.dead)
        if script is None:
            self._fast.forget()
            return None
        most = min([steps, *(cut - 1 for cut in task.cut if cut > done + 1)]) - done
        most = self._undisturbed(most)
        begun, before = self.steps, self._digital.unpacked()
        try:
            measured, after = self._fast.steps(
                script, self._circuit.dead, before, done + 1, most, begun
            )
        except SolveError:
            self._fast = None  # on planes the step fails with the names of nodes
            return None
        self._solver = self._fast.solver
        self._digital.pack(after)
        self.opposed += int(measured.opposed[0])
        count = measured.errors.shape[1]
        self._hold_example(script, done + count)
        self._circuit.set(self._digital.conductance(begun + count + 1))
        codes = measured.codes[0]
        free, clamped = (np.ascontiguousarray(codes[:, row]) for row in (0, 1))
        times = self._times
        ticks = range(times.measured(begun), times.measured(begun + count), times.period)
        return Steps(
            task.name, done + 1,
            np.array(list(map(seconds, ticks))),
            measured.errors[0],
            measured.accuracies[0] if script.score == "classes" else None,
            tuple(script.outputs), measured.outputs[0],
            free, free if (free == clamped).all() else clamped,
        )  # fmt: skip

    def _undisturbed(self, most: int) -> int:
        """The number of steps until someone looks at the machine; one while they look."""
        if not self.looked_at:
            return most
        first, last = self.looked_at
        if self.steps < first:
            return min(most, first - self.steps)
        return 1 if self.steps < last else most

    def _hold_example(self, script: Script, step: int) -> None:
        """Hold the inputs of a step of the task in both networks."""
        example = script.volts[script.rows(step, 1)[0]]
        volts = self._procedure.converters.impose.convert(example, self.steps + 1)
        held = dict(zip(script.inputs, volts.tolist(), strict=True))
        self.hold(held, held)

    def begin(self, task: int, step: int) -> None:
        """Do nothing: there is no waveform."""

    def time(self) -> int:
        """The time (ticks) at which the current step reads the outputs."""
        return self._times.measured(self.steps - 1)

    def counters(self) -> tuple[Codes, Codes]:
        """The codes of the free and the clamped network, (1, edges); one array if all are equal."""
        codes = self._digital.codes.copy()
        return (codes, codes) if len(codes) == 1 else (codes[:1], codes[1:])

    def cut(self, edges: Sequence[int]) -> None:
        """Remove edges (from 1) from both networks."""
        self._circuit.cut([edge - 1 for edge in edges])

    def hold(self, free: Mapping[int, float], clamped: Mapping[int, float]) -> None:
        """Hold nodes (from 1) of both networks (V)."""
        if free != self._free:
            self._circuit.hold({node - 1: volts for node, volts in free.items()})
            self._free = free
        self._clamped = clamped

    def free_voltages(self) -> Floats:
        """The voltages (V) of the free network's nodes."""
        if self._circuit.free.stale:
            self._circuit.free.solve()
        return self._circuit.free.voltages

    def answers(self, nodes: Sequence[int], volts: Floats) -> Floats:
        """The free network's voltages (V) for others at its held nodes (from 1), (cases, nodes)."""
        return self._circuit.free.answers([node - 1 for node in nodes], volts)

    def trigger(self) -> None:
        """Clamp, and run the program of the step."""
        self.free_voltages()
        clamped = self._circuit.clamped({node - 1: v for node, v in self._clamped.items()})
        ends = self._wiring.ends
        free_ends, clamped_ends = self._circuit.free.voltages.take(ends), clamped.take(ends)
        self.opposed += int(np.count_nonzero(opposed(drops(free_ends), drops(clamped_ends))))
        self._digital.step(self.steps, free_ends, clamped_ends, self._deviates)
        self._settle()

    def _deviates(self, draw: int) -> Floats | Numbers | None:
        return None if self._noise is None else self._noise.draw(self.steps, draw)

    def _settle(self) -> None:
        """Set the conductances of the next step."""
        self._circuit.set(self.conductance)


def _fast(lane: Lane, machine: Compiled, wiring: Wiring) -> "Fast | None":
    """The kernels of a machine; None without numba."""
    if find_spec("numba") is None:
        return None
    from logicsim.vector.fast import Fast  # noqa: PLC0415  importing numba takes half a second

    return Fast(lane, machine, wiring)
