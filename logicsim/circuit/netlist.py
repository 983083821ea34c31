"""What is soldered: parts, their pins on nets, nodes and branches. Frozen; faults rewrite it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from logicsim.core.converter import Converters
from logicsim.core.errors import NetlistError
from logicsim.parts.part import Part, Role


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
