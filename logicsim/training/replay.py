"""A waveform of a run on the vector engine: the event engine plays its steps again.

Between steps all there is are codes and voltages, so the event engine can be started there: one
step ahead of what is asked for, in which comparators, flops and noise come to be what they are.
Only the edges looked at are soldered; what the others do to the voltages is taken over.
"""

from collections.abc import Sequence
from copy import copy

from logicsim.board import Board
from logicsim.circuit.edge import with_codes
from logicsim.core.errors import EngineError, TraceError
from logicsim.event.recorder import OpenWriter, Recorder, matching, real_names
from logicsim.event.simulation import Simulation
from logicsim.event.supervisor import Midway
from logicsim.tasks.lesson import Task
from logicsim.vector.machine import Machine


class Replay:
    """Plays steps of a machine again, each when the machine is through with it.

    Args:
        machine: the vector engine, before it trains.
        plan: what it will train.
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
        self._looked_at = _looked_at(machine.board, probes)
        self._simulation: Simulation | None = None
        self.recorder: Recorder | None = None  # once the window has come near

    def begin(self) -> None:
        """Follow the machine; before it trains.

        Raises:
            TraceError: it goes on from a checkpoint behind the beginning of the window.
        """
        machine = self._machine
        if machine.steps > self._start:
            raise TraceError(
                f"the waveform begins with step {self._first}, the checkpoint is of step "
                f"{machine.steps}; choose a later --window, or run without --resume"
            )
        machine.at_rest.append(self._follow)
        self._follow()

    def _follow(self) -> None:
        """The machine is between two steps."""
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
        """The event engine at work where the machine is at rest."""
        machine, looked_at = self._machine, self._looked_at
        board, steps = machine.board, machine.steps
        netlist = with_codes(board.netlist(machine.seed, looked_at), *machine.codes())
        midway = Midway(steps, copy(machine.lesson))
        simulation = Simulation(board, machine.seed, netlist, midway)
        machine.put_on(simulation.twin)
        if looked_at is not None:
            process = simulation.kernel.process("others")
            simulation.kernel.nets["clock.clk"].listen_fall(process, self._move_others)
            simulation.kernel.start(process.react())
        return simulation

    def _move_others(self) -> None:
        """At the clock fall: the wipers of edges not looked at move as the machine's did."""
        simulation, parts = self._simulation, self._machine.board.parts
        assert simulation is not None
        delay = parts.digipot.clock_to_wiper.ticks(parts.corner)
        simulation.kernel.schedule(delay, self._move, simulation, "others")

    def _move(self, simulation: Simulation) -> None:
        self._machine.put_on(simulation.twin)
        simulation.kernel.unsettled = True

    def _play(self, simulation: Simulation) -> None:
        """One step, up to where the machine is."""
        machine = self._machine
        simulation.kernel.run(machine.now)
        rows: tuple[tuple[int, ...], ...] = machine.codes()
        if self._looked_at is not None:
            rows = tuple(tuple(row[edge - 1] for edge in self._looked_at) for row in rows)
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


def _looked_at(board: Board, probes: Sequence[str]) -> tuple[int, ...] | None:
    """The edges (from 1) of which a probe wants a net; None if it is all edges.

    Raises:
        TraceError: a probe matches no signal.
    """
    edges = range(1, len(board.network.edges) + 1)
    if not probes:
        return None
    # The nets of a few edges tell those of all.
    few = list(Simulation(board.excerpt()).kernel.nets)
    own = [name.removeprefix("edge1.") for name in few if name.startswith("edge1.")]
    nets = [f"edge{edge}.{name}" for edge in edges for name in own]
    others = [name for name in few if not name.startswith(("edge", "supply."))]
    wanted = matching([*others, *nets, *real_names(board.network.nodes, len(edges))], probes)
    places = {int(name[4 : name.index(".")]) for name in wanted.intersection(nets)}
    looked_at = tuple(sorted(places))
    return None if len(looked_at) == len(edges) else looked_at
