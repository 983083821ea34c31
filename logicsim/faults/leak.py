"""Leaks: a resistance between two nodes of one network or of both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from logicsim.analog.leaking import LeakingTwin
from logicsim.circuit.netlist import Netlist
from logicsim.core.names import SIDES, Node
from logicsim.faults.injection import Injection, added
from logicsim.faults.kind import Kind
from logicsim.faults.sites import Pairs, at_nodes, both, pair
from logicsim.faults.when import ActiveWindow
from logicsim.parts.arcs import Timing
from logicsim.parts.kind import Corner
from logicsim.parts.part import Part, Role
from logicsim.parts.socket import Socket


@dataclass(frozen=True, slots=True)
class Leak:
    """A resistance (ohm) between two nodes while the fault is active."""

    active: ActiveWindow
    ohms: float
    pins: ClassVar[Mapping[str, Role]] = {"ab": "leak"}
    follows: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    capture: ClassVar[None] = None
    widths: ClassVar[Mapping[str, int]] = {}
    untimed: ClassVar[frozenset[str]] = frozenset()

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """No arcs: a leak changes only voltages."""
        return Timing()

    def solder(self, socket: Socket) -> None:
        """Start the leak in a run."""
        twin = socket.bench.twin
        assert isinstance(twin, LeakingTwin)
        first, second = (socket.bench.names.node(name) for name in socket.part.pins["ab"])

        def turn(there: bool) -> None:
            twin.leak((first, second), 1 / self.ohms if there else 0.0)
            socket.kernel.unsettled = True

        self.active.arrange(socket.kernel, socket.bench.seed, turn)


def _any(netlist: Netlist) -> Pairs:
    numbers = range(1, netlist.nodes + 1)
    return Pairs(Node(number, side).name for side in SIDES for number in numbers)


def _twins(netlist: Netlist) -> Sequence[str]:
    """Each node of the free network with that of the clamped one, which are adjacent."""
    twins = ([Node(number, side).name for side in SIDES] for number in range(1, netlist.nodes + 1))
    return [pair(*each) for each in twins]


def _join(netlist: Netlist, injection: Injection) -> Netlist:
    leak = Leak(injection.active, injection.value)
    return added(netlist, injection, leak, {"ab": both(injection.site)})


LEAK = Kind(
    "leak", "a resistance joins two nodes", _any, _join,
    at_nodes, _twins, unit="ohm", values=("1kohm",), least=1e-3,
)  # fmt: skip
