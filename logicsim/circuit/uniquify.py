"""Reduce a netlist to one breadboard of each kind, since equal breadboards have equal paths."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from logicsim.circuit.netlist import Netlist, carried
from logicsim.parts.part import Chip, Part


@dataclass(frozen=True, slots=True)
class Unique:
    """The first scope of each kind, the multiplicity of the kind, and the whole board's loads."""

    parts: tuple[Part, ...]
    multiplicity: Mapping[str, int]
    loads: Mapping[str, int]


def uniquify(netlist: Netlist) -> Unique:
    """Keep one of all scopes with equal parts and connections.

    Scopes whose pieces have different values differ, unless the chip declares those values
    untimed. A scope whose nets another scope reads is a kind of its own. If only some edges are
    included, they represent the others.
    """
    scopes = netlist.scopes()
    home = {net: part.scope for net, part in netlist.drivers.items()}
    chips = _Chips()
    kinds: dict[tuple[_Signature, ...], list[str]] = {}
    foreign: set[str] = set()
    for scope, parts in scopes.items():
        nets: dict[str, int] = {}
        kind = tuple([_signature(part, scope, home, nets, foreign, chips) for part in parts])
        kinds.setdefault(kind, []).append(scope)
    multiplicity: dict[str, int] = {}
    for members in kinds.values():
        multiplicity |= {scope: 1 for scope in members if scope in foreign}
        rest = [scope for scope in members if scope not in foreign]
        if rest:
            multiplicity[rest[0]] = len(rest)
    kept = {scope: scopes[scope] for scope in multiplicity}
    first = tuple(part for parts in kept.values() for part in parts)
    return Unique(first, _whole(netlist, multiplicity), _loads(netlist, kept, multiplicity, home))


def _whole(netlist: Netlist, multiplicity: Mapping[str, int]) -> Mapping[str, int]:
    """The multiplicities on the whole board, including edges that the netlist leaves out."""
    if not netlist.included:
        return multiplicity
    of = len(netlist.edges) // len(netlist.included)
    return {scope: count * of if scope in netlist.breadboards else count
            for scope, count in multiplicity.items()}  # fmt: skip


def _loads(
    netlist: Netlist, kept: Mapping[str, Sequence[Part]], multiplicity: Mapping[str, int],
    home: Mapping[str, str],
) -> Counter[str]:  # fmt: skip
    """The input pins on each net; those on a net of another scope count for each such scope."""
    loads = Counter(netlist.external_loads)
    for scope, parts in kept.items():
        for part in parts:
            for pin, role in part.chip.pins.items():
                if role == "in":
                    net = part.pins[pin][0]
                    loads[net] += 1 if home.get(net) == scope else multiplicity[scope]
    return carried(loads, [part for parts in kept.values() for part in parts])


# A part's label, its chip, its nets (a scope's own by number), and the values that affect timing.
_Signature = tuple[str, int, tuple[int | str, ...], tuple[tuple[str, float], ...]]


def _signature(
    part: Part, scope: str, home: Mapping[str, str], nets: dict[str, int], foreign: set[str],
    chips: "_Chips",
) -> _Signature:  # fmt: skip
    """The signature of a part and its connections; `nets` numbers the scope's own nets in turn."""
    number, pins = chips.of(part.chip)
    on: list[int | str] = []
    for pin in pins:
        net = part.pins[pin][0]
        owner = home.get(net)
        if owner == scope:
            on.append(nets.setdefault(net, len(nets)))
        else:
            on.append(net)
            if owner is not None:
                foreign.add(owner)
    untimed = part.chip.untimed
    values = tuple((key, value) for key, value in part.values.items() if key not in untimed)
    return part.label, number, tuple(on), values


class _Chips:
    """A number for each different chip, and the chip's pins that are on nets."""

    def __init__(self) -> None:
        self._by_object: dict[int, tuple[int, tuple[str, ...]]] = {}
        self._by_content: dict[tuple[type, str], int] = {}

    def of(self, chip: Chip) -> tuple[int, tuple[str, ...]]:
        known = self._by_object.get(id(chip))
        if known is None:
            content = type(chip), repr(chip)
            number = self._by_content.setdefault(content, len(self._by_content))
            pins = tuple(
                p for p, role in chip.pins.items() if role not in ("node", "branch", "leak")
            )
            known = self._by_object[id(chip)] = number, pins
        return known
