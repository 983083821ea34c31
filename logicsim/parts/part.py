"""A part as soldered, and a chip as a netlist sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from logicsim.kernel.kernel import Edge

Role = Literal["in", "out", "open", "code", "node", "branch", "through", "leak"]


class Capture(NamedTuple):
    """The sampling of a clocked chip: it samples `pins` at an `edge` of its pin `clock`."""

    clock: str
    edge: Edge
    pins: tuple[str, ...]


class Chip(Protocol):
    """A chip as the netlist sees it: its pins and their roles.

    Roles: `in` reads a net, `out` drives one, `open` drives one low or releases it (open
    collector), `code` is a counter's bus, `node` is on network nodes, `branch` is a
    resistance in a network. Saboteurs have two more: `through` (d, or ending in d) reads a net
    for the parts on the saboteur's output (q, or ending in q), and `leak` is a resistance
    between two nodes without an edge.
    """

    @property
    def pins(self) -> Mapping[str, Role]:
        """Pin name to role."""

    @property
    def follows(self) -> Mapping[str, tuple[str, ...]]:
        """For each output, the inputs that it follows without a clock."""

    @property
    def capture(self) -> Capture | None:
        """The clock pin, its active edge and the sampled pins; None for a chip without a clock."""

    @property
    def widths(self) -> Mapping[str, int]:
        """The number of bits at each pin that is a bus."""

    @property
    def untimed(self) -> frozenset[str]:
        """The values of a piece that do not affect its timing."""

    def solder(self, socket: Any) -> object:
        """Start a part of this chip in a run, connected through the socket.

        Returns:
            the running part, if it has methods that faults or the engine call.
        """

    def timing(self, part: "Part", corner: Any, loads: Mapping[str, int]) -> Any:
        """Arcs and checks (`parts.arcs.Timing`) of a soldered part, with `loads` on its nets."""


@dataclass(frozen=True, slots=True)
class Part:
    """One soldered part.

    `name` is 'scope.label': parts of a scope share a breadboard and so a process. `pins` gives
    for each pin the net, or the nodes ('node3.free') it averages, or the branch ('edge3.free').
    `values` holds the values of this piece: an offset in volts, an R_AB in ohms.
    """

    name: str
    chip: Chip
    pins: Mapping[str, tuple[str, ...]]
    values: Mapping[str, float] = field(default_factory=dict)

    @property
    def scope(self) -> str:
        """The name of its breadboard."""
        return self.name.partition(".")[0]

    @property
    def label(self) -> str:
        """The part's name on its breadboard."""
        return self.name.partition(".")[2]
