"""A fault about to be soldered in: where, how much, when; and the ways into a netlist."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from logicsim.circuit.netlist import Netlist
from logicsim.faults.when import Spell
from logicsim.parts.part import Chip, Part

_DRIVES = ("out", "open", "code")

KEPT: Final = 8  # netlists whose nets are remembered: a campaign has a few, fault after fault


@dataclass(frozen=True, slots=True)
class Strike:
    """One fault on its way into a netlist.

    `site` is a net ('edge3.a'), a pin ('edge3.xor.a'), a part ('edge3.flop'), an edge ('edge3'),
    two of them joined by '~', or one of the supervisor's converters. `value` is in the unit of the
    fault's kind, `label` is what its part is called, `seed` the run's.
    """

    site: str
    value: float
    spell: Spell
    label: str
    seed: int


@lru_cache(KEPT)
def nets(netlist: Netlist) -> Mapping[str, Sequence[str]]:
    """Every wire to the pins ('edge3.xor.a') that read it; the supply is none of them."""
    found: dict[str, list[str]] = {name: [] for name in netlist.inputs}
    for part in netlist.parts:
        for pin, role in part.chip.pins.items():
            if role in ("out", "open"):
                found.setdefault(part.pins[pin][0], [])
    for part in netlist.parts:
        for pin, role in part.chip.pins.items():
            if role == "in" and part.pins[pin][0] in found:
                found[part.pins[pin][0]].append(f"{part.name}.{pin}")
    return {name: pins for name, pins in found.items() if not name.startswith("supply.")}


def into_net(
    netlist: Netlist, strike: Strike, net: str, chip: Chip,
    besides: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> Netlist:  # fmt: skip
    """Put a saboteur, with pins d and q, between what drives a net and what reads it.

    `besides` are further pins, on nets as they are called afterwards.
    """
    open_, before, after = opened(netlist, net)
    return added(open_, strike, chip, {"d": (before,), "q": (after,), **besides})


def opened(netlist: Netlist, net: str) -> tuple[Netlist, str, str]:
    """Open a net between what drives it and what reads it; the netlist, and the names of both.

    Readers, and a waveform, see the net by its name; as it was it is called 'NET_sound'. A net
    that the supervisor drives keeps its name there, and readers see 'NET_bad'.
    """
    if net in netlist.inputs:
        before, after = net, _fresh(netlist, f"{net}_bad")
        parts = [_rewire(part, ("in", "through"), net, after) for part in netlist.parts]
    else:
        before, after = _fresh(netlist, f"{net}_sound"), net
        parts = [_rewire(part, _DRIVES, net, before) for part in netlist.parts]
    return replace(netlist, parts=tuple(parts)), before, after


def into_pin(netlist: Netlist, strike: Strike, pin: str, chip: Chip) -> Netlist:
    """Put a saboteur, with pins d and q, between one input pin ('edge3.xor.a') and its net."""
    owner, _, terminal = pin.rpartition(".")
    part = netlist.part(owner)
    after = _fresh(netlist, f"{owner}_{terminal}")
    moved = replace(part, pins={**part.pins, terminal: (after,)})
    rewired = tuple(moved if each is part else each for each in netlist.parts)
    pins = {"d": part.pins[terminal], "q": (after,)}
    return added(replace(netlist, parts=rewired), strike, chip, pins)


def mutated(netlist: Netlist, name: str, change: Callable[[Chip], Chip]) -> Netlist:
    """Exchange one part's chip, by a mutant of it."""
    parts = [replace(part, chip=change(part.chip)) if part.name == name else part
             for part in netlist.parts]  # fmt: skip
    return replace(netlist, parts=tuple(parts))


def added(
    netlist: Netlist, strike: Strike, chip: Chip, pins: Mapping[str, tuple[str, ...]]
) -> Netlist:
    """Solder in one more part."""
    return replace(netlist, parts=(*netlist.parts, Part(strike.label, chip, pins)))


def _rewire(part: Part, roles: tuple[str, ...], net: str, other: str) -> Part:
    if (net,) not in part.pins.values():  # most are elsewhere
        return part
    moved = {pin: (other,) for pin, nets in part.pins.items()
             if part.chip.pins[pin] in roles and nets == (net,)}  # fmt: skip
    return replace(part, pins={**part.pins, **moved})


@lru_cache(KEPT)
def _taken(netlist: Netlist) -> frozenset[str]:
    return frozenset(net for part in netlist.parts for nets in part.pins.values() for net in nets)


def _fresh(netlist: Netlist, name: str) -> str:
    taken = _taken(netlist)
    place, fresh = 1, name
    while fresh in taken:
        place += 1
        fresh = f"{name}{place}"
    return fresh
