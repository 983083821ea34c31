"""What is soldered: parts, their pins on nets, nodes and branches. Frozen; faults rewrite it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from logicsim.converter import Converters
from logicsim.errors import NetlistError

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


@dataclass(frozen=True, slots=True, eq=False)  # itself alone, so that what it is asked can be kept
class Netlist:
    """A board as soldered: `nodes` network nodes, `edges` between them (from 1), and parts.

    `inputs` are nets driven from outside, by the supervisor, which has `converters`. `exposed`:
    some edge's decision reaches its potentiometers without a latch. Where only some edges are
    `looked_at`, `beyond` are the input pins that the others have on each net: they load the clock.
    """

    name: str
    nodes: int
    edges: tuple[tuple[int, int], ...]
    parts: tuple[Part, ...]
    inputs: tuple[str, ...] = ()
    converters: Converters = field(default_factory=Converters)
    exposed: bool = False
    looked_at: tuple[int, ...] | None = None
    beyond: Mapping[str, int] = field(default_factory=dict)

    def scopes(self) -> dict[str, list[Part]]:
        """Parts by breadboard, in soldering order."""
        scopes: dict[str, list[Part]] = {}
        for part in self.parts:
            scopes.setdefault(part.scope, []).append(part)
        return scopes

    def part(self, name: str) -> Part:
        """The part called `name`; KeyError if there is none."""
        return next(part for part in self.parts if part.name == name)

    def loads(self) -> Counter[str]:
        """How many input pins hang on each net, those behind a saboteur included."""
        return carried(input_pins(self.parts) + Counter(self.beyond), self.parts)

    def leaks(self) -> list[tuple[str, str]]:
        """The pairs of nodes that parts, not edges, may join; each once."""
        ends = [part.pins[pin] for part in self.parts
                for pin, role in part.chip.pins.items() if role == "leak"]  # fmt: skip
        return list(dict.fromkeys((a, b) for a, b in ends))

    def check(self) -> None:
        """Refuse a netlist that cannot work.

        Raises:
            NetlistError: a pin is missing or unknown, a net has no driver, or more than one
                driver where one is not open collector.
        """
        drivers: dict[str, list[tuple[str, Role]]] = defaultdict(list)
        readers: dict[str, str] = {}
        for net in self.inputs:
            drivers[net].append(("supervisor", "out"))
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
                raise NetlistError(f"net '{net}' has no driver, yet {pin} reads it")
        for net, pins in drivers.items():
            if len(pins) > 1 and any(role != "open" for _, role in pins):
                names = ", ".join(pin for pin, _ in pins)
                raise NetlistError(f"net '{net}' has {len(pins)} drivers: {names}")


def input_pins(parts: Iterable[Part]) -> Counter[str]:
    """How many input pins of these parts hang on each net."""
    return Counter(net for part in parts for _, role, net in _connections(part) if role == "in")


def carried(loads: Counter[str], parts: Iterable[Part]) -> Counter[str]:
    """Loads with what hangs behind saboteurs added to the nets that these are put into."""
    behind: dict[str, list[str]] = defaultdict(list)
    for part in parts:
        for pin, role, net in _connections(part):
            if role == "through":
                behind[net].append(part.pins[pin.removesuffix("d") + "q"][0])

    def total(net: str) -> int:
        return loads[net] + sum(total(inner) for inner in behind.get(net, ()))

    return loads + Counter({net: total(net) - loads[net] for net in behind})


def _connections(part: Part) -> Iterator[tuple[str, Role, str]]:
    for pin, nets in part.pins.items():
        for net in nets:
            yield pin, part.chip.pins[pin], net
