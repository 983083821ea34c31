"""A part as soldered, and a chip as a netlist sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Role = Literal["in", "out", "open", "code", "node", "branch", "through", "leak"]


class Chip(Protocol):
    """A kind of part, as the netlist sees it: its pins and what each is.

    Roles: `in` reads a net, `out` drives one, `open` drives one low or lets go (open collector),
    `code` is a counter brought out as a bus, `node` touches network nodes, `branch` is a
    resistance in a network. A saboteur has more: `through` (d, or ending in d) reads a net in
    place of whatever hangs on its own output (q, or ending in q), and `leak` is a resistance
    between two nodes that no edge joins.
    """

    @property
    def pins(self) -> Mapping[str, Role]:
        """Pin name to role."""

    def solder(self, socket: Any) -> object:
        """Put one such part to work in a run, which the socket connects it to.

        Returns:
            the part at work, if there is more to do with it than its pins allow.
        """

    def timing(self, part: "Part", corner: Any, loads: Mapping[str, int]) -> Any:
        """Its arcs and checks (`parts.arcs.Timing`) as soldered, with `loads` on its nets."""


@dataclass(frozen=True, slots=True)
class Part:
    """One soldered part.

    `name` is 'scope.part': parts of a scope share a breadboard and so a process. `pins` gives
    for each pin the net, or the nodes ('node3.free') it averages, or the branch ('edge3.free').
    `values` holds what is this piece's own: an offset in volts, an R_AB in ohms.
    """

    name: str
    chip: Chip
    pins: Mapping[str, tuple[str, ...]]
    values: Mapping[str, float] = field(default_factory=dict)

    @property
    def scope(self) -> str:
        """The breadboard it sits on."""
        return self.name.partition(".")[0]
