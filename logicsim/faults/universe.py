"""All single faults of a board, each once: what cannot be told apart is listed under one name.

The list is made of each kind's sites and typical values. Two faults are equivalent where their
circuits are: a pin that is alone on its net is that net, a counter without a clock is frozen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from logicsim.board import Board
from logicsim.circuit.netlist import Netlist
from logicsim.faults.fault import Fault
from logicsim.faults.strike import nets
from logicsim.faults.table import KINDS
from logicsim.faults.when import When
from logicsim.tasks import AnyTask


@dataclass(frozen=True, slots=True)
class Listed:
    """A fault of the list.

    `represents` are the names of those that are equivalent to it. `part` is what breaks, by its
    maker's name, or 'edge', 'node', 'supervisor'. `undetectable` says why nothing of it can be
    seen; '' if something may. What is not `permanent` strikes once.
    """

    fault: Fault
    represents: Sequence[str]
    part: str
    undetectable: str
    permanent: bool


def universe(board: Board, task: AnyTask | None = None) -> list[Listed]:
    """All single faults of a board, in the order of kinds and sites.

    Args:
        task: what it is to learn, which makes some faults undetectable.
    """
    netlist = board.netlist()
    places = _Places(netlist)
    held = frozenset(task.nodes().get("inputs", ())) if task is not None else frozenset()
    together: dict[str, list[Fault]] = {}
    for fault in _all(netlist):
        together.setdefault(places.signature(fault), []).append(fault)
    return [
        Listed(
            first, [fault.name for fault in others], places.part(first),
            places.undetectable(first, held), not KINDS[first.kind].transient,
        )
        for first, *others in together.values()
    ]  # fmt: skip


def _all(netlist: Netlist) -> Sequence[Fault]:
    return [
        Fault(kind.name, site, value, When(1, 0.5, 1) if kind.transient else When())
        for kind in KINDS.values()
        for site in (kind.listed or kind.sites)(netlist)
        for value in kind.values
        if not (kind.name == "flip" and site.endswith("flop") and value != "0")
    ]


class _Places:
    """What of a netlist decides whether faults are the same, or are seen."""

    def __init__(self, netlist: Netlist) -> None:
        self._netlist = netlist
        self._parts = {part.name: part for part in netlist.parts}
        self._nets = nets(netlist)
        self._alone = {pins[0]: net for net, pins in self._nets.items() if len(pins) == 1}

    def signature(self, fault: Fault) -> str:
        """The same for faults whose circuits do the same."""
        kind, site = fault.kind, self._alone.get(fault.site, fault.site)
        owner, _, pin = fault.site.rpartition(".")
        if kind == "missing":
            kind = "stuck-at-1"
        if owner not in self._parts:
            pin = ""  # the site is a net, whatever it is called
        if kind == "open" and pin in ("plus", "minus"):
            kind, site = f"stuck-at-{int(pin == 'plus')}", self._parts[owner].pins["y"][0]
        elif kind in ("stuck-at-0", "stuck-at-1") and pin == "cp":
            kind, site = "unclocked", owner  # it never samples, whatever the level
        elif (kind in ("stuck-at-0", "stuck-at-1") and pin == "clk") or (
            kind == "stuck-at-1" and pin == "cs"
        ):
            kind, site = "frozen", owner  # no fall, or none while it is selected
        return str(replace(fault, kind=kind, site=site).name)

    def part(self, fault: Fault) -> str:
        """What breaks."""
        site = fault.site.partition("~")[0]
        owner = site if site in self._parts else site.rpartition(".")[0]
        if owner in self._parts:
            return str(getattr(self._parts[owner].chip, "model", ""))
        if site in self._nets:
            return "net"
        return site.rstrip("0123456789").partition(".")[0].rstrip("0123456789")

    def undetectable(self, fault: Fault, held: frozenset[int]) -> str:
        """Why nothing can be seen of a fault; '' if something may."""
        owner, _, pin = fault.site.rpartition(".")
        if fault.kind == "stuck-at-1" and self._net(owner, pin).startswith("supply."):
            return "the pin is tied high"
        if fault.kind == "stuck-at-0" and pin == "cs" and owner in self._parts:
            return "the potentiometer is always selected when the clock falls"
        edge = fault.site.partition(".")[0]
        alone = edge.startswith("edge") and "~" not in fault.site
        if alone and {*self._netlist.edges[int(edge.removeprefix("edge")) - 1]} <= held:
            return "both ends of the edge are inputs of the task"
        return ""

    def _net(self, owner: str, pin: str) -> str:
        part = self._parts.get(owner)
        return part.pins[pin][0] if part is not None and pin in part.pins else ""
