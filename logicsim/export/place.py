"""A part's place in a SPICE deck: what its nets, nodes and branches are called there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from logicsim.circuit.netlist import Netlist
from logicsim.core.names import LEVELS, Side
from logicsim.parts.part import Part

_NETS = ("in", "out", "open", "code")


def called(name: str) -> str:
    """A part or net; a dot would divide a plot from its vector."""
    return name.replace(".", "_")


def node(number: int, side: Side) -> str:
    """A node of one of the two networks."""
    return f"node{number}_{side}"


def branches(netlist: Netlist) -> Iterator[tuple[Part, str]]:
    """Every part that is, or is in series with, a resistance, and the pin with its branch."""
    for part in netlist.parts:
        for pin, role in part.chip.pins.items():
            if role == "branch":
                yield part, pin


def counters(netlist: Netlist) -> Iterator[tuple[Part, str, str]]:
    """Every part whose code is a resistance: the pins of the branch and of the code."""
    for part, pin in branches(netlist):
        for code, role in part.chip.pins.items():
            if role == "code":
                yield part, pin, code


def diodes(netlist: Netlist) -> dict[str, Part]:
    """What is in series with the resistances, by branch."""
    return {part.pins[pin][0]: part for part, pin in branches(netlist)
            if "code" not in part.chip.pins.values()}  # fmt: skip


@dataclass(frozen=True)
class DeckPlace:
    """The place of a part; see `logicsim.parts.spice.Place`.

    `series` has the diodes by branch, `cuts` the edges that go, `ceiling` the highest voltage.
    """

    part: Part
    netlist: Netlist
    series: Mapping[str, Part]
    cuts: Mapping[int, int] = field(default_factory=dict)
    ceiling: float = 0.0

    @property
    def name(self) -> str:
        """Of the part, for its elements and the nodes within it."""
        return called(self.part.name)

    @cached_property
    def nets(self) -> Mapping[str, str]:
        """The digital node on each pin that is on a net."""
        roles = self.part.chip.pins
        return {pin: called(nets[0]) for pin, nets in self.part.pins.items()
                if roles[pin] in _NETS}  # fmt: skip

    def voltages(self, pin: str) -> Sequence[str]:
        """Expressions of the voltages of the network's nodes on a pin."""
        return [f"V({node(*self.netlist.node(name))})" for name in self.part.pins[pin]]

    def tied(self, pin: str) -> int | None:
        """The level that a pin is tied to; None if it is on a net that moves."""
        return LEVELS.get(self.part.pins[pin][0])

    def resistance(self, pin: str) -> tuple[str, str]:
        """The ends of the resistance that a branch is, up to a diode behind it."""
        a, b = self._ends(pin)
        return (a, self.junction(pin)[0]) if self.part.pins[pin][0] in self.series else (a, b)

    def junction(self, pin: str) -> tuple[str, str]:
        """Anode and cathode of the diode in series with a branch."""
        edge, side = self.netlist.branch(self.part.pins[pin][0])
        return f"edge{edge}_{side}_anode", self._ends(pin)[1]

    def live(self, pin: str) -> str:
        """What the current through a branch is multiplied by: nothing, or 0 once it is cut."""
        edge, _ = self.netlist.branch(self.part.pins[pin][0])
        return f"*V({live(edge)})" if edge in self.cuts else ""

    def _ends(self, pin: str) -> tuple[str, str]:
        edge, side = self.netlist.branch(self.part.pins[pin][0])
        a, b = self.netlist.edges[edge - 1]
        return node(a, side), node(b, side)


def live(edge: int) -> str:
    """The node at 1 V as long as an edge is there, then at 0."""
    return f"edge{edge}_live"
