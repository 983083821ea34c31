"""The event engine: a netlist on the kernel, the twin between events, the supervisor on top."""

from collections.abc import Iterator, Sequence

from logicsim.analog.settling import SettlingTwin
from logicsim.board import Board
from logicsim.circuit.clock import TRIGGER, Cascade
from logicsim.circuit.edge import HIGH, code_nets
from logicsim.circuit.netlist import Netlist
from logicsim.core.logic import Z
from logicsim.event.crossing_detection import Watch
from logicsim.event.noise_grid import Chatter, Ear, Some
from logicsim.event.recorder import OpenWriter, Recorder
from logicsim.event.supervisor import POWER_UP, Midway, Supervisor
from logicsim.kernel.kernel import Driver, Kernel, Life, Violation
from logicsim.parts.lm339a import ComparatorBank
from logicsim.parts.socket import Bench, Socket
from logicsim.tasks.lesson import Step, Tally, Task

_CHECKS = ("setup", "hold", "width")  # what a waveform counts
_LAST = ("edge", "missed_ps")  # of the last violation: where (0: not on an edge), by how much
_MOST = 2**31 - 1


class Simulation:
    """One machine, powered up: every chip of the netlist at its true time.

    Args:
        board: what to build and train.
        seed: of all randomness; the same seed gives the same run.
        netlist: what is soldered, if not what the board asks for.
        midway: where the run is taken up; potentiometers are as the netlist has them.

    Attributes:
        kernel: nets, time and violations.
        twin: node voltages and conductances.
        recorder: of the waveform, if one is written.
    """

    def __init__(
        self, board: Board, seed: int = 0, netlist: Netlist | None = None, midway: Midway = POWER_UP
    ) -> None:
        self.board = board
        self.seed = seed
        self.netlist = netlist if netlist is not None else board.netlist(seed)
        self.netlist.check()
        times = board.timetable()
        self.kernel = Kernel(midway.steps * times.period)
        self.twin = board.twin(self.netlist.leaks())
        self._bank = ComparatorBank(self.twin.place, ground=2 * self.netlist.nodes)
        self.recorder: Recorder | None = None
        self._reported: Step | None = None
        self._training = False
        self._make_nets()
        self._solder()
        nets = self.kernel.nets
        self._codes = tuple(
            [nets[name] for name in code_nets(len(self.netlist.edges), side) if name in nets]
            for side in ("free", "clamped")
        )
        trigger = Driver(self.kernel.nets[TRIGGER], "supervisor", initial=midway.steps % 2)
        Driver(self.kernel.nets[HIGH], "supply", initial=1)
        self.supervisor = Supervisor(
            self.kernel, self.twin, self.netlist.converters, times, trigger,
            seed, self.codes, self._report, midway,
        )  # fmt: skip
        cascade = Cascade.of(self.netlist, board.parts.corner)
        Chatter(
            self.kernel,
            board.parts.comparator,
            cascade,
            board.edge.latch,
            self.netlist.exposed,
            seed,
            self._ear(),
            midway.steps,
        ).follow(self.kernel.nets[TRIGGER])
        self._count_spacing(cascade.spacing)

    def _make_nets(self) -> None:
        kernel = self.kernel
        for name in self.netlist.inputs:
            kernel.net(name)
        for part in self.netlist.parts:
            for pin, role in part.chip.pins.items():
                for name in part.pins[pin]:
                    if role in ("node", "branch", "leak") or name in kernel.nets:
                        continue
                    width = self._code_width() if role == "code" else 1
                    # An open collector can only pull low; its net has a resistor to the supply.
                    kernel.net(name, width, pull=1 if role == "open" else Z)
        checks = {
            name: Driver(kernel.net(f"checks.{name}", width=32), "checks", initial=0)
            for name in (*_CHECKS, *_LAST)
        }

        def count(violation: Violation) -> None:
            if violation.kind in checks:
                checks[violation.kind].transport(kernel.violations[violation.kind], 1)
            edge = violation.part.partition(".")[0].removeprefix("edge")
            checks["edge"].transport(int(edge) if edge.isdecimal() else 0, 1)
            checks["missed_ps"].transport(min(-violation.margin, _MOST), 1)

        kernel.on_violation = count

    def _ear(self) -> Ear:
        netlist = self.netlist
        if netlist.looked_at is None:
            return self._bank
        return Some(self._bank, netlist.looked_at, len(netlist.edges))

    def _code_width(self) -> int:
        return (self.board.parts.digipot.positions - 1).bit_length()

    def _solder(self) -> None:
        kernel = self.kernel
        bench = Bench(
            kernel, self.twin, self._bank, self.board.parts.corner, self.seed, self.netlist.loads()
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
            kernel.settle = Watch(kernel, self.twin, self._bank, fastest).settle

    def _settle(self) -> None:
        self.twin.settle(self.kernel.now)
        self._bank.look(self.twin.voltages)

    def _count_spacing(self, spacing: int) -> None:
        """Record triggers that come before the debouncer has returned from the last."""
        kernel, trigger = self.kernel, self.kernel.nets[TRIGGER]
        process = kernel.process("triggers")
        last = [kernel.now - spacing]

        def check() -> None:
            apart = kernel.now - last[0]
            last[0] = kernel.now
            if apart < spacing:
                kernel.violate("spacing", "clock.section1", "d", apart - spacing)

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
        edges = len(self.netlist.edges)
        recorder = Recorder(self.kernel, self.twin, edges, open_writer, probes, window)
        self.recorder = recorder
        self.supervisor.on_step = recorder.step
        return recorder

    def codes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The counters of the free and the clamped network, of all edges looked at, in order."""
        free, clamped = self._codes
        return tuple([net.value for net in free]), tuple([net.value for net in clamped])

    def measure(self, nodes: Sequence[int]) -> dict[int, float]:
        """The free voltages (V) of nodes, as the converter reads them."""
        return self.supervisor.measure(nodes)

    def tally(self) -> Tally:
        """What was counted so far."""
        kernel = self.kernel
        return Tally(
            self.supervisor.opposed, kernel.now, kernel.events,
            dict(kernel.violations), tuple(kernel.violation_list),
        )  # fmt: skip

    def train(self, plan: Sequence[tuple[int, Task, int]]) -> Iterator[Step]:
        """Train (number, task, steps) in turn, yielding each step's measurement as it is made."""
        self.begin(plan)
        while self._training:
            self.kernel.step()
            if self._reported is not None:
                step, self._reported = self._reported, None
                yield step
        self.kernel.run(self.kernel.now + 1)

    def begin(self, plan: Sequence[tuple[int, Task, int]]) -> None:
        """Have the supervisor train as the kernel goes on; `train` does both."""
        if self.recorder is not None:
            self.recorder.start()
        self._training = True
        self.kernel.start(self._teach(plan))

    def _teach(self, plan: Sequence[tuple[int, Task, int]]) -> Life:
        yield from self.supervisor.train(plan)
        self._training = False

    def _report(self, step: Step) -> None:
        self._reported = step

    def close(self) -> None:
        """End the waveform, if one is written."""
        if self.recorder is not None:
            self.recorder.close()
