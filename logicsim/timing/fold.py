"""A netlist with one breadboard of each kind: those alike have the same paths."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from logicsim.circuit.netlist import Netlist, carried
from logicsim.parts.part import Chip, Part


@dataclass(frozen=True, slots=True)
class Folded:
    """The first of every kind of scope, how many there are of it, and the whole board's loads."""

    parts: tuple[Part, ...]
    alike: Mapping[str, int]
    loads: Mapping[str, int]


def fold(netlist: Netlist) -> Folded:
    """Keep one of all scopes whose parts are the same and connected in the same way.

    A piece's own offset or R_AB has no part in its timing and does not tell scopes apart. A scope
    whose nets another scope reads is a kind of its own.
    """
    scopes = netlist.scopes()
    chips = _Kinds()
    kinds: dict[tuple[_Signature, ...], list[str]] = {}
    for scope, parts in scopes.items():
        own = len(scope) + 1
        kind = tuple([_signature(part, own, chips) for part in parts])
        kinds.setdefault(kind, []).append(scope)
    read = {net.lstrip("/").partition(".")[0] for kind in kinds for _, _, nets, _ in kind
            for net in nets if net.startswith("/")}  # fmt: skip
    alike: dict[str, int] = {}
    for members in kinds.values():
        alike |= {scope: 1 for scope in members if scope in read}
        rest = [scope for scope in members if scope not in read]
        if rest:
            alike[rest[0]] = len(rest)
    kept = {scope: scopes[scope] for scope in alike}
    first = tuple(part for parts in kept.values() for part in parts)
    return Folded(first, alike, _loads(kept, alike))


def _loads(kept: Mapping[str, Sequence[Part]], alike: Mapping[str, int]) -> Counter[str]:
    """Input pins on each net: those on a net of another scope once for each scope of the kind."""
    loads: Counter[str] = Counter()
    for scope, parts in kept.items():
        for part in parts:
            for pin, role in part.chip.pins.items():
                if role == "in":
                    net = part.pins[pin][0]
                    loads[net] += 1 if net.partition(".")[0] == scope else alike[scope]
    return carried(loads, [part for parts in kept.values() for part in parts])


# A part's own name, its chip, its nets, and the one value of a piece that times anything.
_Signature = tuple[str, int, tuple[str, ...], float | None]


def _signature(part: Part, own: int, chips: "_Kinds") -> _Signature:
    """What a part is and how it is connected; `own` letters of a name are its scope's."""
    scope = part.name[:own]
    number, pins = chips.of(part.chip)
    nets = [net[own:] if net.startswith(scope) else f"/{net}"
            for net in [part.pins[pin][0] for pin in pins]]  # fmt: skip
    return part.name[own:], number, tuple(nets), part.values.get("capacitance")


class _Kinds:
    """A number for each declaration, however often it was made, and the pins that are on nets."""

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
