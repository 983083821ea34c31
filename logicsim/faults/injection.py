"""The injection of a fault, and the operations that put it into a netlist."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from logicsim.circuit.netlist import Netlist, Pin
from logicsim.faults.when import ActiveWindow
from logicsim.parts.part import Chip, Part

_DRIVES = ("out", "open", "code")


@dataclass(frozen=True, slots=True)
class Injection:
    """The data for the injection of a fault.

    `site` is a net ('edge3.a'), a pin ('edge3.xor.a'), a part ('edge3.flop'), an edge ('edge3'),
    two of them joined by '~', or one of the supervisor's converters. `value` is in the unit of the
    fault's kind, `label` is the name of the fault's part, `seed` the run's seed.
    """

    site: str
    value: float
    active: ActiveWindow
    label: str
    seed: int


def into_net(
    netlist: Netlist, injection: Injection, net: str, chip: Chip,
    besides: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> Netlist:  # fmt: skip
    """Put a saboteur with pins d and q between the driver and the readers of a net.

    `besides` are further pins of the saboteur, with the nets' names after the injection.
    """
    open_, before, after = opened(netlist, net)
    return added(open_, injection, chip, {"d": (before,), "q": (after,), **besides})


def opened(netlist: Netlist, net: str) -> tuple[Netlist, str, str]:
    """Open a net between its driver and its readers; return the netlist and both nets' names.

    Readers and waveforms keep the net's name, and the driver drives 'NET_sound'. If the supervisor
    drives the net, the driver keeps the name and readers see 'NET_bad'.
    """
    if net in netlist.inputs:
        before, after = net, _fresh(netlist, f"{net}_bad")
        parts = [_rewire(part, ("in", "through"), net, after) for part in netlist.parts]
    else:
        before, after = _fresh(netlist, f"{net}_sound"), net
        parts = [_rewire(part, _DRIVES, net, before) for part in netlist.parts]
    return replace(netlist, parts=tuple(parts)), before, after


def into_pin(netlist: Netlist, injection: Injection, pin: Pin, chip: Chip) -> Netlist:
    """Put a saboteur, with pins d and q, between one input pin and its net."""
    part = pin.part
    after = _fresh(netlist, f"{part.name}_{pin.pin}")
    moved = replace(part, pins={**part.pins, pin.pin: (after,)})
    rewired = tuple(moved if each is part else each for each in netlist.parts)
    pins = {"d": part.pins[pin.pin], "q": (after,)}
    return added(replace(netlist, parts=rewired), injection, chip, pins)


def mutated(netlist: Netlist, name: str, change: Callable[[Chip], Chip]) -> Netlist:
    """Replace the chip of one part by a mutant of it."""
    parts = [replace(part, chip=change(part.chip)) if part.name == name else part
             for part in netlist.parts]  # fmt: skip
    return replace(netlist, parts=tuple(parts))


def added(
    netlist: Netlist, injection: Injection, chip: Chip, pins: Mapping[str, tuple[str, ...]]
) -> Netlist:
    """Add a part to the netlist."""
    return replace(netlist, parts=(*netlist.parts, Part(injection.label, chip, pins)))


def _rewire(part: Part, roles: tuple[str, ...], net: str, other: str) -> Part:
    if (net,) not in part.pins.values():  # most parts are not on this net
        return part
    moved = {pin: (other,) for pin, nets in part.pins.items()
             if part.chip.pins[pin] in roles and nets == (net,)}  # fmt: skip
    return replace(part, pins={**part.pins, **moved})


def _fresh(netlist: Netlist, name: str) -> str:
    place, fresh = 1, name
    while fresh in netlist.connected:
        place += 1
        fresh = f"{name}{place}"
    return fresh
