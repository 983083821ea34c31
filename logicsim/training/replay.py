"""The waveform of a run on the vector engine: the event engine replays its steps.

Between steps the only state is codes and voltages, so the event engine can start there. It starts
one step early, so that comparators, flops and noise reach their states. Only the probed edges are
included; the effect of the others on the voltages is taken from the vector engine.
"""

from collections.abc import Sequence

from logicsim.board import Board
from logicsim.circuit import signals
from logicsim.circuit.netlist import with_codes
from logicsim.core.errors import EngineError, TraceError
from logicsim.core.names import SIDES, TRIGGER
from logicsim.event.recorder import OpenWriter, Recorder, matching
from logicsim.event.simulation import Simulation
from logicsim.event.supervisor import ResumePoint
from logicsim.tasks.task_run import Task
from logicsim.vector.machine import Machine


class Replay:
    """Replays steps of a machine, each after the machine has done it.

    Args:
        machine: the vector engine, before it trains.
        plan: the plan of its training.
        probes: name patterns with * and ?; none means everything.
        window: first and last step (from 1, over all tasks) to record; None means all time.

    Raises:
        TraceError: a probe matches no signal.
    """

    def __init__(
        self,
        machine: Machine,
        plan: Sequence[tuple[int, Task, int]],
        open_writer: OpenWriter,
        probes: Sequence[str] = (),
        window: tuple[int, int] | None = None,
    ) -> None:
        self._machine = machine
        self._plan = plan
        self._open = open_writer
        self._probes, self._window = probes, window
        steps = sum(each for _, _, each in plan)
        self._first, last = window or (1, steps)
        self._start, self._stop = max(self._first - 2, 0), min(last, steps)
        self._included = _included(machine.board, probes)
        self._simulation: Simulation | None = None
        self.recorder: Recorder | None = None  # made just before the window

    def begin(self) -> None:
        """Follow the machine; call this before it trains.

        Raises:
            TraceError: the machine resumes from a checkpoint after the begin of the window.
        """
        machine = self._machine
        if machine.steps > self._start:
            raise TraceError(
                f"the waveform begins with step {self._first}, the checkpoint is of step "
                f"{machine.steps}; choose a later --window, or run without --resume"
            )
        machine.at_rest.append(self._follow)
        machine.looked_at = self._start, self._stop
        self._follow()

    def _follow(self) -> None:
        """Replay a step of the machine, which is now between two steps."""
        steps = self._machine.steps
        if steps == self._start:
            self._simulation = self._take_up()
            self.recorder = self._simulation.record(self._open, self._probes, self._window)
            self._simulation.begin(self._plan)
        elif self._simulation is not None:
            self._play(self._simulation)
            if steps == self._stop:
                self._simulation.kernel.run(self._machine.now + 1)
                self.close()

    def _take_up(self) -> Simulation:
        """Start the event engine in the machine's present state."""
        machine, included = self._machine, self._included
        board, steps = machine.board, machine.steps
        netlist = with_codes(board.netlist(machine.seed, included), *machine.codes())
        task_run = machine.task_run
        resume_point = ResumePoint(steps, {} if task_run is None else task_run.state())
        simulation = Simulation(board, machine.seed, netlist, resume_point)
        machine.put_on(simulation.twin)
        if included is not None:
            process = simulation.kernel.process("others")
            trigger = simulation.kernel.nets[TRIGGER]
            trigger.listen(process, self._move_others)
            simulation.kernel.start(process.react())
        return simulation

    def _move_others(self) -> None:
        """Set the wipers of edges that are not included to the machine's, after a trigger."""
        simulation, machine = self._simulation, self._machine
        assert simulation is not None
        kernel, clockwork = simulation.kernel, machine.clockwork
        phase = machine.board.phase(machine.seed)
        for count in clockwork.counts()[kernel.nets[TRIGGER].value]:
            delay = count.at(kernel.now, phase) - kernel.now + machine.clock_to_wiper
            kernel.schedule(delay, self._move, simulation, "others")

    def _move(self, simulation: Simulation) -> None:
        self._machine.put_on(simulation.twin)
        simulation.kernel.unsettled = True

    def _play(self, simulation: Simulation) -> None:
        """Replay one step, up to the machine's state."""
        machine = self._machine
        simulation.kernel.run(machine.now)
        rows: tuple[tuple[int, ...], ...] = machine.codes()
        if self._included is not None:
            rows = tuple(tuple(row[edge - 1] for edge in self._included) for row in rows)
        if simulation.codes() != rows:
            raise EngineError(
                f"board '{machine.board.name}': the engines disagree in step {machine.steps}, so "
                "there is no waveform; please report it, and use the event engine (--engine event)"
            )

    def close(self) -> None:
        """End the waveform, if one is written."""
        if self._simulation is not None:
            self._simulation.close()
            self._simulation = None


def _included(board: Board, probes: Sequence[str]) -> tuple[int, ...] | None:
    """The edges (from 1) with a probed net; None for all edges.

    The first edge with any probed signal is included, since its latch and count are marked.

    Raises:
        TraceError: a probe matches no signal.
    """
    if not probes:
        return None
    edges, few = len(board.network.edges), board.netlist(included=(1,))
    own = signals.edge_nets(few, range(1, edges + 1))
    others = [*signals.SUPERVISOR, *signals.CHECKS, *signals.shared_nets(few)]
    every = [*others, *(net for nets in own.values() for net in nets),
             *signals.reals(board.network.nodes, edges)]  # fmt: skip
    wanted = matching(every, probes)
    drops = {edge: {signals.drop(edge, side) for side in SIDES} for edge in own}
    marked = next((edge for edge in own if not wanted.isdisjoint([*own[edge], *drops[edge]])), 1)
    included = {marked, *(edge for edge, nets in own.items() if not wanted.isdisjoint(nets))}
    return None if len(included) == edges else tuple(sorted(included))
