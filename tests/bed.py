"""A test bed for parts: a driver on every input net, voltages at the nodes, and the outputs."""

from collections.abc import Mapping, Sequence

from logicsim.analog.twin import Twin
from logicsim.board import Board
from logicsim.circuit.netlist import Netlist
from logicsim.core.logic import Z
from logicsim.core.names import Branch, Node
from logicsim.kernel.kernel import Driver, Kernel, Net
from logicsim.parts.comparator import ComparatorBank
from logicsim.parts.kind import ChipKind, Corner
from logicsim.parts.part import Part
from logicsim.parts.socket import Bench, Socket
from logicsim.tasks.task_run import Task

Wave = list[tuple[int, int]]  # (time, value) of every change

ANALOG = ("node", "branch", "leak")  # roles of pins that are on no net
NS = 1000  # ticks
US = 1000 * NS
SEEDS = range(32)  # that two equally likely outcomes both turn up: 1 - 2^-31


def watch(net: Net) -> Wave:
    """What a net will do."""
    kernel, seen = net.kernel, Wave()
    process = kernel.process(f"watch of {net.name}")
    net.listen(process, lambda: seen.append((kernel.now, net.value)))
    kernel.start(process.react())
    return seen


def part(
    chip: ChipKind, name: str = "bed.part", values: Mapping[str, float] | None = None,
    **pins: str | tuple[str, ...],
) -> Part:  # fmt: skip
    """A part with each pin on a net of the pin's own name, or on what `pins` says."""
    on = {pin: pins.get(pin, pin) for pin in chip.pins}
    return Part(
        name,
        chip,
        {pin: (nets,) if isinstance(nets, str) else nets for pin, nets in on.items()},
        values or {},
    )


class Bed:
    """Parts at work on two networks of one graph.

    Args:
        levels: the value at power-up of every net that is driven from here.
        edges: of the graph, nodes from 1.
        loads: input pins on nets, besides those of the parts.
        kernel: where some of the nets are already.

    Attributes:
        drive: the driver of each net in `levels`.
        waves: what each net that a part drives did.
    """

    def __init__(
        self,
        *parts: Part,
        levels: Mapping[str, int],
        corner: Corner = "typ",
        seed: int = 1,
        edges: Sequence[tuple[int, int]] = ((1, 2),),
        loads: Mapping[str, int] | None = None,
        kernel: Kernel | None = None,
    ) -> None:
        nodes = max(max(ends) for ends in edges)
        self.netlist = Netlist(
            "bed", nodes, tuple(edges), parts, tuple(levels), external_loads=loads or {}
        )
        self.kernel = kernel if kernel is not None else Kernel()
        self.twin = Twin(nodes, [(a - 1, b - 1) for a, b in edges])
        self.bank = ComparatorBank(self._place, ground=2 * nodes)
        self._make_nets()
        self.drive = {
            net: Driver(self.kernel.nets[net], f"drive of {net}", level)
            for net, level in levels.items()
        }
        self._solder(corner, seed)
        self.waves = {net: watch(self.kernel.nets[net]) for net in self.netlist.drivers}
        if len(self.bank):
            self.kernel.settle = self._settle

    def _place(self, node: str) -> int:
        return self.twin.place(self.netlist.node(node))

    def _make_nets(self) -> None:
        for name in self.netlist.inputs:
            self._net(name)
        for each in self.netlist.parts:
            for pin, role in each.chip.pins.items():
                if role not in ANALOG:
                    for name in each.pins[pin]:
                        self._net(name, each.chip.widths.get(pin, 1), 1 if role == "open" else Z)

    def _net(self, name: str, width: int = 1, pull: int = Z) -> None:
        if name not in self.kernel.nets:
            self.kernel.net(name, width, pull)

    def _solder(self, corner: Corner, seed: int) -> None:
        loads = self.netlist.loads()
        bench = Bench(self.kernel, self.twin, self.bank, corner, seed, self.netlist, loads)
        self.soldered: dict[str, object] = {}
        for scope, parts in self.netlist.scopes().items():
            process = self.kernel.process(scope)
            for each in parts:
                self.soldered[each.name] = each.chip.solder(Socket(each, process, bench))
            self.kernel.start(process.react())
        self.bank.close()

    def _settle(self) -> None:
        self.twin.settle(self.kernel.now)
        self.bank.look(self.twin.voltages)

    def impose(self, time: int, free: Sequence[float], clamped: Sequence[float] = ()) -> None:
        """At `time`, hold the first nodes of the two networks at these voltages, alone."""

        def act(_: None) -> None:
            for network, volts in ((self.twin.free, free), (self.twin.clamped, clamped)):
                network.hold(dict(enumerate(volts)))
            self.kernel.unsettled = True

        self.kernel.schedule(time - self.kernel.now, act, None, "bed")

    def change(self, time: int, **levels: int) -> None:
        """At `time`, take driven nets to these values."""
        for net, value in levels.items():
            self.drive[net].transport(value, time - self.kernel.now)

    def run(self, until: int) -> None:
        """Go on to the end of the instant `until`, whether or not anything happens then."""
        self.kernel.schedule(until - self.kernel.now, lambda _: None, None, "bed")
        self.kernel.run(until + 1)

    def value(self, net: str) -> int:
        """What a net is at."""
        return self.kernel.nets[net].value

    def found(self) -> list[tuple[str, str, int]]:
        """The violations: kind, pin and margin of each."""
        return [(each.kind, each.pin, each.margin) for each in self.kernel.violation_list]


def plan(board: Board, steps: int, names: Sequence[str] = ()) -> list[tuple[int, Task, int]]:
    """All tasks, or those named, for so many steps each."""
    return [(number, task, steps) for number, task in enumerate(board.tasks, start=1)
            if not names or task.name in names]  # fmt: skip


def node(number: int, side: str = "free") -> str:
    """The name of a node."""
    return Node(number, "clamped" if side == "clamped" else "free").name


def branch(edge: int, side: str = "free") -> str:
    """The name of a branch."""
    return Branch(edge, "clamped" if side == "clamped" else "free").name
