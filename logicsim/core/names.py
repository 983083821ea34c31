"""The names of nets, nodes and branches; no other module makes such names.

No code parses a name: a netlist has tables from each name to its node, branch or net.
"""

import re
from typing import Final, Literal, NamedTuple

Side = Literal["free", "clamped"]
SIDES: Final[tuple[Side, Side]] = ("free", "clamped")

NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")  # of a part, a pin, a net

CLOCK: Final = "clock"  # the scope of the clock's circuit
TRIGGER: Final = "clock.trigger"  # the net that the supervisor drives
STEP: Final = "supervisor.step"  # the step of the task, from 1
HIGH: Final = "supply.high"  # the net of a pin tied to the supply
LOW: Final = "supply.low"  # and of one tied to ground
LEVELS: Final = {HIGH: 1, LOW: 0}


class Node(NamedTuple):
    """A node (from 1) of one of the two networks."""

    number: int
    side: Side

    @property
    def name(self) -> str:
        """'node3.free'."""
        return f"{self.row}.{self.side}"

    @property
    def row(self) -> str:
        """'node3', the waveform scope of the node's voltages in both networks."""
        return f"node{self.number}"


class Branch(NamedTuple):
    """The resistance of an edge (from 1) in one of the two networks."""

    edge: int
    side: Side

    @property
    def name(self) -> str:
        """'edge3.free'."""
        return f"edge{self.edge}.{self.side}"


def scope(edge: int) -> str:
    """The scope of an edge (from 1), which is its breadboard's name."""
    return f"edge{edge}"


def edge_in_file(name: str) -> int | None:
    """The edge that a signal of a trace file belongs to; None if it belongs to none.

    Only for a trace file, which has no netlist: the names are all it contains.
    """
    found = _OF_EDGE.match(name)
    return int(found[1]) if found else None


_OF_EDGE: Final = re.compile(r"edge([1-9][0-9]{0,8})\.")
