"""The netlist: parts with their pins on nets, nodes and branches. Frozen; faults rewrite it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple, TypeVar

from logicsim.core.converter import Converters
from logicsim.core.errors import NetlistError, nearest
from logicsim.core.names import CLOCK, LEVELS, SIDES, Branch, Node, scope
from logicsim.parts.part import Part, Role

_PROPOSED = 1000  # the most names to search for the nearest

Named = TypeVar("Named", Node, Branch)


class Pin(NamedTuple):
    """A pin of a part."""

    part: Part
    pin: str

    @property
    def name(self) -> str:
        """'edge3.xor.a'."""
        return f"{self.part.name}.{self.pin}"

    @property
    def role(self) -> Role:
        """The role of the pin, such as reading or driving a net."""
        return self.part.chip.pins[self.pin]

    @property
    def net(self) -> str:
        """The net, node or branch it is on; the first of two nodes."""
        return self.part.pins[self.pin][0]


@dataclass(frozen=True, eq=False)  # compared by identity, so that results can be cached by netlist
class Netlist:
    """A board as soldered: `nodes` network nodes, `edges` between them (from 1), and parts.

    `inputs` are nets driven from outside, by the supervisor (with its `converters`) or the supply.
    If only some edges are `included`, `external_loads` counts the input pins of the others on each
    net, since they load the clock. A netlist with faults keeps the `sound` netlist without them.
    """

    name: str
    nodes: int
    edges: tuple[tuple[int, int], ...]
    parts: tuple[Part, ...]
    inputs: tuple[str, ...] = ()
    converters: Converters = field(default_factory=Converters)
    included: tuple[int, ...] | None = None
    external_loads: Mapping[str, int] = field(default_factory=dict)
    sound: "Netlist | None" = None

    @cached_property
    def _by_scope(self) -> dict[str, list[Part]]:
        scopes: dict[str, list[Part]] = {}
        for part in self.parts:
            scopes.setdefault(part.scope, []).append(part)
        return scopes

    def scopes(self) -> Mapping[str, Sequence[Part]]:
        """Parts by breadboard, in soldering order."""
        return self._by_scope

    @cached_property
    def breadboards(self) -> Mapping[str, int]:
        """Each scope that is an edge's breadboard, to the edge's number."""
        every = range(1, len(self.edges) + 1)
        numbers = every if self.included is None else self.included
        return {scope(edge): edge for edge in numbers}

    def edge_of(self, part: Part) -> int | None:
        """The edge of a part's breadboard; None for a part of the clock."""
        return self.breadboards.get(part.scope)

    @cached_property
    def by_name(self) -> Mapping[str, Part]:
        """Every part by its name."""
        return {part.name: part for part in self.parts}

    def part(self, name: str) -> Part:
        """The part called `name`; KeyError if there is none."""
        return self.by_name[name]

    @cached_property
    def pins(self) -> Mapping[str, Pin]:
        """Every pin of every part by its name, 'edge3.xor.a'."""
        pins = (Pin(part, pin) for part in self.parts for pin in part.chip.pins)
        return {pin.name: pin for pin in pins}

    @cached_property
    def wires(self) -> Mapping[str, Sequence[str]]:
        """Every one-bit net except the supply, to the names of the pins that read it."""
        found: dict[str, list[str]] = {net: [] for net in self.inputs if net not in LEVELS}
        for pin in self.pins.values():
            if pin.role in ("out", "open"):
                found.setdefault(pin.net, [])
        for name, pin in self.pins.items():
            if pin.role == "in" and pin.net in found:
                found[pin.net].append(name)
        return found

    @cached_property
    def readers(self) -> Mapping[str, Sequence[Part]]:
        """The parts with an input on each net, by net, in soldering order."""
        found: dict[str, list[Part]] = {}
        for part in self.parts:
            nets = {part.pins[pin][0] for pin, role in part.chip.pins.items() if role == "in"}
            for net in nets:
                found.setdefault(net, []).append(part)
        return found

    @cached_property
    def identities(self) -> frozenset[int]:
        """The identities of the parts, by which a copy of the netlist shows its own."""
        return frozenset(map(id, self.parts))

    @cached_property
    def shared(self) -> frozenset[str]:
        """The nets with several drivers, which are open collectors."""
        drives = Counter(pin.net for pin in self.pins.values() if pin.role in ("out", "open"))
        return frozenset(net for net, count in drives.items() if count > 1)

    @cached_property
    def home(self) -> Mapping[str, str]:
        """Every net to the scope that drives it; the trigger belongs to the clock."""
        return {**{net: CLOCK for net in self.inputs if net not in LEVELS},
                **{net: part.scope for net, part in self.drivers.items()}}  # fmt: skip

    @cached_property
    def connected(self) -> frozenset[str]:
        """The names of every net, node and branch that a pin is on."""
        return frozenset(net for part in self.parts for nets in part.pins.values() for net in nets)

    @cached_property
    def _nodes(self) -> Mapping[str, Node]:
        numbers = range(1, self.nodes + 1)
        if self.included is not None:
            numbers_ = {node for edge in self.included for node in self.edges[edge - 1]}
            return _table(Node, sorted(numbers_))
        return _table(Node, numbers)

    @cached_property
    def _branches(self) -> Mapping[str, Branch]:
        return _table(Branch, self.breadboards.values())

    def node(self, name: str) -> Node:
        """The node of a name such as 'node3.free'.

        Raises:
            NetlistError: there is no such node.
        """
        return _found("node", name, self._nodes)

    def branch(self, name: str) -> Branch:
        """The branch of a name such as 'edge3.free'.

        Raises:
            NetlistError: there is no such branch.
        """
        return _found("branch", name, self._branches)

    def loads(self) -> Counter[str]:
        """Count the input pins on each net, including those connected through a saboteur."""
        return carried(input_pins(self.parts) + Counter(self.external_loads), self.parts)

    def leaks(self) -> list[tuple[Node, Node]]:
        """The pairs of nodes that parts other than edges may join, each once."""
        ends = [part.pins[pin] for part in self.parts
                for pin, role in part.chip.pins.items() if role == "leak"]  # fmt: skip
        return [(self.node(a), self.node(b)) for a, b in dict.fromkeys((a, b) for a, b in ends)]

    @cached_property
    def drivers(self) -> Mapping[str, Part]:
        """Every driven net, to the part that drives it; the first of several."""
        found: dict[str, Part] = {}
        for part in self.parts:
            for _, role, net in _connections(part):
                if role in ("out", "open", "code"):
                    found.setdefault(net, part)
        return found

    @cached_property
    def decided(self) -> frozenset[str]:
        """The nets that follow the comparators without a clocked part in between."""
        follow: dict[str, list[str]] = defaultdict(list)
        begins: list[str] = []
        for part in self.parts:
            roles = part.chip.pins
            for end, starts in part.chip.follows.items():
                nets = part.pins[end]
                for start in starts:
                    if roles[start] == "node":
                        begins += nets
                    else:
                        follow[part.pins[start][0]] += nets
        return frozenset(reached(begins, follow))

    @cached_property
    def exposed(self) -> bool:
        """Whether it has an unlatched edge: a decision that reaches a potentiometer directly."""
        return any(
            part.pins[pin][0] in self.decided
            for part in self.parts
            if "code" in part.chip.pins.values() and part.chip.capture is not None
            for pin in part.chip.capture.pins
        )

    def check(self) -> None:
        """Refuse a netlist that cannot work.

        Raises:
            NetlistError: a pin is missing or unknown, a net has no driver, or more than one
                driver where one is not open collector.
        """
        drivers: dict[str, list[tuple[str, Role]]] = defaultdict(list)
        readers: dict[str, str] = {}
        for net in self.inputs:
            drivers[net].append(("supply" if net in LEVELS else "supervisor", "out"))
        for part in self.parts:
            if set(part.pins) != set(part.chip.pins):
                raise NetlistError(
                    f"part '{part.name}': pins {sorted(part.pins)} are connected, "
                    f"it has {sorted(part.chip.pins)}"
                )
            for pin, role, net in _connections(part):
                if role in ("in", "through"):
                    readers.setdefault(net, f"{part.name}.{pin}")
                elif role in ("out", "open", "code"):
                    drivers[net].append((f"{part.name}.{pin}", role))
        for net, pin in readers.items():
            if net not in drivers:
                raise NetlistError(f"net '{net}' has no driver, but {pin} reads it")
        for net, pins in drivers.items():
            if len(pins) > 1 and any(role != "open" for _, role in pins):
                names = ", ".join(pin for pin, _ in pins)
                raise NetlistError(f"net '{net}' has {len(pins)} drivers: {names}")


def _table(kind: Callable[..., Named], numbers: Iterable[int]) -> dict[str, Named]:
    made = (kind(number, side) for side in SIDES for number in numbers)
    return {each.name: each for each in made}


def _found(what: str, name: str, table: Mapping[str, Named]) -> Named:
    if name not in table:
        names = [known for known, _ in zip(table, range(_PROPOSED), strict=False)]
        raise NetlistError(f"there is no {what} '{name}'; {nearest(name, names)}")
    return table[name]


def reached(begins: Iterable[str], follow: Mapping[str, Sequence[str]]) -> set[str]:
    """All nets that follow the given ones, and these themselves."""
    found, waiting = set(begins), list(begins)
    while waiting:
        for net in follow.get(waiting.pop(), ()):
            if net not in found:
                found.add(net)
                waiting.append(net)
    return found


def input_pins(parts: Iterable[Part]) -> Counter[str]:
    """Count the input pins of these parts on each net."""
    return Counter(net for part in parts for _, role, net in _connections(part) if role == "in")


def carried(loads: Counter[str], parts: Iterable[Part]) -> Counter[str]:
    """Add the loads behind saboteurs to the nets that the saboteurs read."""
    behind: dict[str, list[str]] = defaultdict(list)
    for part in parts:
        for pin, role, net in _connections(part):
            if role == "through":
                behind[net].append(part.pins[pin.removesuffix("d") + "q"][0])

    def total(net: str) -> int:
        return loads[net] + sum(total(inner) for inner in behind.get(net, ()))

    return loads + Counter({net: total(net) - loads[net] for net in behind})


def powered_up(netlist: Netlist) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The codes at power-up of the free and the clamped network, in edge order."""
    codes: dict[str, dict[int, int]] = {side: {} for side in SIDES}
    for part in netlist.parts:
        branch = counted_branch(netlist, part)
        if branch is not None:
            codes[branch.side][branch.edge] = int(part.values["initial"])
    free, clamped = (tuple(row[edge] for edge in sorted(row)) for row in codes.values())
    return free, clamped


def counted_branch(netlist: Netlist, part: Part) -> Branch | None:
    """The branch of a potentiometer; None for any other part."""
    if not part.chip.widths:
        return None
    pins = part.chip.pins.items()
    return next((netlist.branch(part.pins[pin][0]) for pin, r in pins if r == "branch"), None)


def with_codes(netlist: Netlist, free: Sequence[int], clamped: Sequence[int]) -> Netlist:
    """The netlist with these codes at power-up, in edge order."""
    codes = {"free": free, "clamped": clamped}

    def powered(part: Part) -> Part:
        branch = counted_branch(netlist, part)
        if branch is None:
            return part
        edge, side = branch
        return replace(part, values={**part.values, "initial": codes[side][edge - 1]})

    return replace(netlist, parts=tuple(powered(part) for part in netlist.parts))


def _connections(part: Part) -> Iterator[tuple[str, Role, str]]:
    for pin, nets in part.pins.items():
        for net in nets:
            yield pin, part.chip.pins[pin], net
