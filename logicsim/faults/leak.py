"""Two nodes joined by a resistance: of one network, or of the free and the clamped one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import ClassVar

from logicsim.analog.leaking import LeakingTwin
from logicsim.circuit.netlist import Netlist
from logicsim.faults.kind import Kind
from logicsim.faults.strike import Strike, added
from logicsim.faults.when import Spell
from logicsim.parts.arcs import Timing
from logicsim.parts.declaration import Corner
from logicsim.parts.part import Part, Role
from logicsim.parts.socket import Socket


@dataclass(frozen=True, slots=True)
class Leak:
    """A resistance (ohm) between two nodes while the fault lasts."""

    spell: Spell
    ohms: float
    pins: ClassVar[Mapping[str, Role]] = {"ab": "leak"}

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """None: it has to do with voltages alone."""
        return Timing()

    def solder(self, socket: Socket) -> None:
        """Put it between its nodes."""
        twin = socket.bench.twin
        assert isinstance(twin, LeakingTwin)
        first, second = socket.part.pins["ab"]

        def turn(there: bool) -> None:
            twin.leak((first, second), 1 / self.ohms if there else 0.0)
            socket.kernel.unsettled = True

        self.spell.arrange(socket.kernel, socket.bench.seed, turn)


def _any(netlist: Netlist) -> Sequence[str]:
    nodes = [f"node{node}.{side}" for side in ("free", "clamped")
             for node in range(1, netlist.nodes + 1)]  # fmt: skip
    return [f"{a}~{b}" for a, b in permutations(nodes, 2)]


def _twins(netlist: Netlist) -> Sequence[str]:
    """Each node's two rows of the breadboard, which lie side by side."""
    return [f"node{n}.free~node{n}.clamped" for n in range(1, netlist.nodes + 1)]


def _join(netlist: Netlist, strike: Strike) -> Netlist:
    first, second = strike.site.split("~")
    return added(netlist, strike, Leak(strike.spell, strike.value), {"ab": (first, second)})


LEAK = Kind(
    "leak", "two nodes touch through so many ohm", _any, _join,
    listed=_twins, unit="ohm", values=("1kohm",), least=1e-3,
)  # fmt: skip
