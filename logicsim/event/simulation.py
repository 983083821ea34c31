"""The event engine: a netlist on the kernel, the twin for voltages, and the supervisor."""

from collections.abc import Iterator, Sequence

from logicsim.analog.settling import SettlingTwin
from logicsim.board import Board
from logicsim.circuit.clockwork import Clockwork
from logicsim.circuit.netlist import Netlist
from logicsim.core.errors import NetlistError, SimulationError
from logicsim.core.logic import Z
from logicsim.core.names import CLOCK, LEVELS, SIDES, TRIGGER
from logicsim.core.units import ticks
from logicsim.event.crossing_detection import CrossingDetection
from logicsim.event.noise_grid import Moments, NoiseGrid, NoiseSink, NoiseSubset
from logicsim.event.recorder import OpenWriter, Recorder
from logicsim.event.supervisor import POWER_UP, ResumePoint, Supervisor
from logicsim.kernel.kernel import Driver, Kernel, Life, Net, Violation
from logicsim.parts.comparator import ComparatorBank
from logicsim.parts.socket import Bench, Socket
from logicsim.tasks.task_run import Steps, Tally, Task

_CHECKS = ("setup", "hold", "width")  # the violations counted in a waveform
_LAST = ("edge", "missed_ps")  # the last violation: its edge (0: none) and its margin
_MOST = 2**31 - 1


class Simulation:
    """One powered-up machine in which every chip of the netlist has all its delays.

    Args:
        board: the board to build and train.
        seed: the seed of all randomness; the same seed gives the same run.
        netlist: another netlist than the board's own.
        resume_point: the point to start from; the netlist has the potentiometers' codes.

    Attributes:
        kernel: nets, time and violations.
        twin: node voltages and conductances.
        recorder: the recorder of the waveform, if one is written.
        bench: the objects that all parts share.
    """

    def __init__(
        self,
        board: Board,
        seed: int = 0,
        netlist: Netlist | None = None,
        resume_point: ResumePoint = POWER_UP,
    ) -> None:
        self.board = board
        self.seed = seed
        self.netlist = netlist if netlist is not None else board.netlist(seed)
        self.netlist.check()
        times = board.timetable
        self.kernel = Kernel(resume_point.steps * times.period)
        self.twin = board.twin(self.netlist.leaks())
        self._bank = ComparatorBank(self._place, ground=2 * self.netlist.nodes)
        self.recorder: Recorder | None = None
        self._reported: Steps | None = None
        self._training = False
        self._make_nets()
        self._solder()
        self._codes = self._counters()
        trigger = Driver(self.kernel.nets[TRIGGER], "supervisor", initial=resume_point.steps % 2)
        for name, level in LEVELS.items():
            if name in self.kernel.nets:
                Driver(self.kernel.nets[name], "supply", initial=level)
        self.supervisor = Supervisor(
            self.kernel, self.twin, self.netlist.converters, times, trigger,
            seed, self.codes, self._report, resume_point,
        )  # fmt: skip
        clockwork, spacing = self._clockwork(), ticks(board.parts.comparator.noise_correlation)
        NoiseGrid(
            self.kernel,
            board.parts.comparator,
            None if clockwork is None else Moments.of(clockwork, self.netlist, max(spacing, 1)),
            seed,
            self._sink(),
            resume_point.steps,
        ).follow(self.kernel.nets[TRIGGER])
        self._count_spacing(board.clock_return(), clockwork)

    def _make_nets(self) -> None:
        kernel = self.kernel
        for name in self.netlist.inputs:
            kernel.net(name)
        for part in self.netlist.parts:
            for pin, role in part.chip.pins.items():
                for name in part.pins[pin]:
                    if role in ("node", "branch", "leak") or name in kernel.nets:
                        continue
                    width = part.chip.widths.get(pin, 1)
                    # An open collector can only pull low; its net has a resistor to the supply.
                    kernel.net(name, width, pull=1 if role == "open" else Z)
        checks = {
            name: Driver(kernel.net(f"checks.{name}", width=32), "checks", initial=0)
            for name in (*_CHECKS, *_LAST)
        }

        def count(violation: Violation) -> None:
            if violation.kind in checks:
                checks[violation.kind].transport(kernel.violations[violation.kind], 1)
            part = self.netlist.by_name.get(violation.part)
            edge = None if part is None else self.netlist.edge_of(part)
            checks["edge"].transport(edge or 0, 1)
            checks["missed_ps"].transport(min(-violation.margin, _MOST), 1)

        kernel.on_violation = count

    def _place(self, node: str) -> int:
        return self.twin.place(self.netlist.node(node))

    def _counters(self) -> tuple[list[Net], list[Net]]:
        """The nets of the counters of the free and the clamped network, in edge order."""
        found: tuple[dict[int, Net], dict[int, Net]] = ({}, {})
        for part in self.netlist.parts:
            pins = {role: pin for pin, role in part.chip.pins.items()}
            if "code" in pins:
                edge, side = self.netlist.branch(part.pins[pins["branch"]][0])
                found[SIDES.index(side)][edge] = self.kernel.nets[part.pins[pins["code"]][0]]
        free, clamped = ([nets[edge] for edge in sorted(nets)] for nets in found)
        return free, clamped

    def _clockwork(self) -> Clockwork | None:
        """The clock's response, ignoring faults; None if it cannot be derived."""
        corner = self.board.parts.corner
        for netlist in (self.netlist.sound or self.netlist, None):
            try:
                made = Clockwork.of(netlist or self.board.netlist(self.seed, (1,)), corner)
            except NetlistError:
                continue
            return made
        return None

    def _sink(self) -> NoiseSink:
        netlist = self.netlist
        if netlist.included is None:
            return self._bank
        of = len(self._bank) // max(len(netlist.included), 1)
        return NoiseSubset(self._bank, netlist.included, len(netlist.edges), of)

    def _solder(self) -> None:
        kernel = self.kernel
        self.bench = bench = Bench(
            kernel,
            self.twin,
            self._bank,
            self.board.parts.corner,
            self.seed,
            self.netlist,
            self.netlist.loads(),
        )
        for scope, parts in self.netlist.scopes().items():
            process = kernel.process(scope)
            for part in parts:
                part.chip.solder(Socket(part, process, bench))
            kernel.start(process.react())
        self._bank.close()
        kernel.settle = self._settle
        if isinstance(self.twin, SettlingTwin):
            fastest = self.board.parts.comparator.fastest.at(self.board.parts.corner)
            kernel.settle = CrossingDetection(kernel, self.twin, self._bank, fastest).settle

    def _settle(self) -> None:
        self.twin.settle(self.kernel.now)
        self._bank.look(self.twin.voltages)

    def _count_spacing(self, spacing: int, clockwork: Clockwork | None) -> None:
        """Record triggers that come before the debouncers have returned from the last one."""
        first = next(iter(clockwork.entries.values()), None) if clockwork is not None else None
        owner = first.name if first is not None else CLOCK
        kernel, trigger = self.kernel, self.kernel.nets[TRIGGER]
        process = kernel.process("triggers")
        last = [kernel.now - spacing]

        def check() -> None:
            apart = kernel.now - last[0]
            last[0] = kernel.now
            if apart < spacing:
                kernel.violate("spacing", owner, "d", apart - spacing)

        trigger.listen(process, check)
        kernel.start(process.react())

    def record(
        self,
        open_writer: OpenWriter,
        probes: Sequence[str] = (),
        window: tuple[int, int] | None = None,
    ) -> Recorder:
        """Write the run's waveform; call it before `train`.

        Raises:
            TraceError: a probe matches no signal.
        """
        recorder = Recorder(self.kernel, self.twin, self.netlist, open_writer, probes, window)
        self.recorder = recorder
        self.supervisor.on_step = recorder.step
        return recorder

    def codes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The codes of the free and the clamped network, of all included edges in order."""
        free, clamped = self._codes
        return tuple([net.value for net in free]), tuple([net.value for net in clamped])

    def measure(self, nodes: Sequence[int]) -> dict[int, float]:
        """The free voltages (V) of nodes, as the converter reads them."""
        return self.supervisor.measure(nodes)

    def tally(self) -> Tally:
        """The counts so far."""
        kernel, parts = self.kernel, self.netlist.by_name
        owners = {missed.part for missed in kernel.violation_list}
        edges = {name: self.netlist.edge_of(parts[name]) for name in owners if name in parts}
        return Tally(
            self.supervisor.opposed, kernel.now, kernel.events,
            dict(kernel.violations), tuple(kernel.violation_list),
            {name: edge for name, edge in edges.items() if edge is not None},
        )  # fmt: skip

    @property
    def solver(self) -> str | None:
        """The name of the solver in use; None if voltages take time to settle."""
        return self.twin.solver

    def train(self, plan: Sequence[tuple[int, Task, int]]) -> Iterator[Steps]:
        """Train (number, task, steps) in turn, yielding each step as a block as it is made."""
        self.begin(plan)
        while self._training:
            self.kernel.advance()
            if self._reported is not None:
                steps, self._reported = self._reported, None
                yield steps
            elif self._training and not self.kernel.queue:
                raise SimulationError("no event is left, but the training has not ended")
        self.kernel.run(self.kernel.now + 1)

    def begin(self, plan: Sequence[tuple[int, Task, int]]) -> None:
        """Start the supervisor's training; `train` also runs the kernel."""
        if self.recorder is not None:
            self.recorder.start()
        self._training = True
        self.kernel.start(self._teach(plan))

    def _teach(self, plan: Sequence[tuple[int, Task, int]]) -> Life:
        yield from self.supervisor.train(plan)
        self._training = False
        self.kernel.pause()

    def _report(self, steps: Steps) -> None:
        self._reported = steps
        self.kernel.pause()

    def close(self) -> None:
        """End the waveform, if one is written."""
        if self.recorder is not None:
            self.recorder.close()
