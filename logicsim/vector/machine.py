"""One machine of the vector engine."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logicsim.analog.twin import Twin
from logicsim.board import Board
from logicsim.circuit.netlist import Netlist
from logicsim.core.rule import opposed
from logicsim.parts.digipot import Digipot
from logicsim.tasks.procedure import Procedure, Wait
from logicsim.tasks.task_run import Steps, Tally, Task, TaskRun
from logicsim.vector.alterations import Alterations, read
from logicsim.vector.circuit import Circuit
from logicsim.vector.comparators import drops
from logicsim.vector.compiler import Compiled, compiled
from logicsim.vector.digital import Digital, EventTimes
from logicsim.vector.noise_source import NoiseSource
from logicsim.vector.wiring import Codes, Floats, wire


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
        self._circuit = Circuit(self._wiring)
        self._digital = Digital(
            machine, self._wiring, (self._wiring.edges,), [(altered, ())] if altered else [],
            [seed], EventTimes([(board, seed, machine)]),
        )  # fmt: skip
        self._times = board.timetable
        chips = self._wiring.comparators
        self._noise = NoiseSource(seed, self._wiring.edges, len(chips)) if chips.hear else None
        converters = altered.converters if altered else board.supervisor.converters()
        self._procedure = Procedure(self, converters, seed)
        self._free: Mapping[int, float] | None = None  # the held nodes of each network
        self._clamped: Mapping[int, float] = {}
        self.opposed = 0
        self.at_rest: list[Callable[[], None]] = []

    @property
    def steps(self) -> int:
        """The number of steps begun, over all tasks."""
        return self._procedure.steps

    @property
    def task_run(self) -> TaskRun | None:
        """The run of the current task, if there is one."""
        return self._procedure.task_run

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

    def _deviates(self, draw: int) -> Floats | None:
        return None if self._noise is None else self._noise.draw(self.steps, draw)

    def _settle(self) -> None:
        """Set the conductances of the next step."""
        self._circuit.set(self.conductance)
