"""Fault sites: nets, pins, parts, edges and nodes of a netlist."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import permutations
from typing import Final, NamedTuple

from logicsim.circuit.netlist import Netlist, Pin
from logicsim.core.names import CLOCK
from logicsim.faults.mutant import innermost
from logicsim.kernel.kernel import Edge
from logicsim.parts.comparator import Comparator
from logicsim.parts.kind import ChipKind, Held
from logicsim.parts.part import Part

_BETWEEN: Final = "~"  # the two names of a site that is a pair


class Place(NamedTuple):
    """The object at a site.

    `what` is the object that breaks: a part, by its maker's name, or 'net', 'edge', 'node' or
    'supervisor'. `scope` is its breadboard, and `edge` the edge's number if that is an edge's. For
    a `pair` they are those of the first.
    """

    what: str
    scope: str
    edge: int | None = None
    pair: bool = False


def at_net(netlist: Netlist, site: str) -> Place:
    """A net, or a pin that reads one."""
    return _net(netlist, site) if site in netlist.wires else at_part(netlist, site)


def _net(netlist: Netlist, site: str) -> Place:
    scope = netlist.home[site]
    return Place("net", scope, netlist.breadboards.get(scope))


def at_nets(netlist: Netlist, site: str) -> Place:
    """Two nets."""
    return at_net(netlist, both(site)[0])._replace(pair=True)


def at_nodes(netlist: Netlist, site: str) -> Place:
    """Two nodes."""
    return Place("node", netlist.node(both(site)[0]).row, pair=True)


def at_part(netlist: Netlist, site: str) -> Place:
    """A part, a pin of a part, or an edge; or a net, unless a part has the same name."""
    if site in netlist.breadboards:
        return Place("edge", site, netlist.breadboards[site])
    if site not in netlist.by_name and site not in netlist.pins:
        return _net(netlist, site)
    part = netlist.by_name[site] if site in netlist.by_name else netlist.pins[site].part
    return Place(str(getattr(part.chip, "model", "")), part.scope, netlist.edge_of(part))


def at_converter(netlist: Netlist, site: str) -> Place:  # noqa: ARG001  all boards have them
    """A converter."""
    return Place("supervisor", "supervisor")


class Pairs(Collection[str]):
    """All pairs of some names in either order, 'a~b', made on demand because they are many."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = dict.fromkeys(names)

    def __contains__(self, site: object) -> bool:
        first, between, second = str(site).partition(_BETWEEN)
        known = first in self._names and second in self._names
        return bool(between) and known and first != second

    def __iter__(self) -> Iterator[str]:
        return (pair(a, b) for a, b in permutations(self._names, 2))

    def __len__(self) -> int:
        return len(self._names) * (len(self._names) - 1)


def pair(first: str, second: str) -> str:
    """The name of a site of two."""
    return f"{first}{_BETWEEN}{second}"


def both(site: str) -> tuple[str, str]:
    """Split the name of a pair."""
    first, second = site.split(_BETWEEN)
    return first, second


def wires(netlist: Netlist) -> Sequence[str]:
    """Every one-bit net except the supply."""
    return list(netlist.wires)


def input_pins(netlist: Netlist) -> Sequence[str]:
    """Every pin that reads a net, including those tied to the supply."""
    return [name for name, pin in netlist.pins.items() if pin.role == "in"]


def wires_and_pins(netlist: Netlist) -> Sequence[str]:
    """Every net, and every pin that reads one."""
    return [*wires(netlist), *input_pins(netlist)]


def comparators(netlist: Netlist) -> Sequence[str]:
    """Every comparator."""
    return [part.name for part in netlist.parts if isinstance(innermost(part.chip), Comparator)]


def potentiometers(netlist: Netlist) -> Sequence[str]:
    """Every part with a counter that sets a resistance in a network."""
    return [part.name for part in netlist.parts if is_potentiometer(part)]


def potentiometers_of(netlist: Netlist, edge: str) -> Sequence[str]:
    """The potentiometers on the breadboard of an edge."""
    return [part.name for part in netlist.scopes()[edge] if is_potentiometer(part)]


def is_potentiometer(part: Part) -> bool:
    """Whether a part has a code and is a branch of a network."""
    return {"code", "branch"} <= {*part.chip.pins.values()}


def clock_of(netlist: Netlist, potentiometer: str) -> tuple[Pin, Edge]:
    """The clock pin of a potentiometer's counter, and its active edge."""
    part = netlist.part(potentiometer)
    capture = part.chip.capture
    assert capture is not None  # a counter is clocked
    return Pin(part, capture.clock), capture.edge


def is_flop(part: Part) -> bool:
    """Whether a part is a flop or a latch."""
    capture = part.chip.capture
    return capture is not None and bool(capture.pins) and "code" not in part.chip.pins.values()


def only_pin(netlist: Netlist, site: str) -> str:
    """The only pin that reads a net; for any other site, the site itself."""
    pins = netlist.wires.get(site, ())
    return pins[0] if len(pins) == 1 else site


def stuck(netlist: Netlist, pin: Pin, level: int) -> str | Held:
    """The behaviour of a part with an input stuck at a level (`ChipKind.stuck`).

    An output counts as held only if no other part drives its net.
    """
    chip = innermost(pin.part.chip)
    made = chip.stuck(pin.pin, level) if isinstance(chip, ChipKind) else ""
    if isinstance(made, Held) and pin.part.pins[made.output][0] in netlist.shared:
        return ""
    return made


def state_bits(part: Part) -> int:
    """The number of bits that a particle may flip in a part, or in the chip inside a mutant."""
    chip = innermost(part.chip)
    return chip.state_bits if isinstance(chip, ChipKind) else 0


def edges(netlist: Netlist) -> Sequence[str]:
    """Every edge."""
    return list(netlist.breadboards)


def clocks(netlist: Netlist) -> Sequence[str]:
    """The clock's nets that parts of edges read."""
    return [net for net, pins in netlist.wires.items() if netlist.home[net] == CLOCK
            and any(netlist.edge_of(netlist.pins[pin].part) for pin in pins)]  # fmt: skip


def drivers(netlist: Netlist) -> Sequence[str]:
    """Every part that drives a one-bit net."""
    return [part.name for part in netlist.parts if output(part)]


def output(part: Part) -> str | None:
    """The one-bit net that a part drives, if any."""
    found = [part.pins[pin][0] for pin, role in part.chip.pins.items() if role in ("out", "open")]
    return found[0] if found else None
