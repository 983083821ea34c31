"""A fault by name: 'stuck-at-0:edge3.a@101-200', and its way into a netlist."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

from logicsim.board import Board
from logicsim.circuit.netlist import Netlist
from logicsim.core.errors import FaultError, nearest
from logicsim.core.units import quantity
from logicsim.faults.kind import Kind
from logicsim.faults.strike import Strike
from logicsim.faults.table import KINDS
from logicsim.faults.when import Spell, When

TOGETHER: Final = " + "  # between the names of faults that are there at once

_NAME: Final = re.compile(
    r"(?P<kind>[a-z0-9-]+):(?P<site>[^=@%]+)(?:=(?P<value>[^@%]*))?(?P<when>.*)"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is broken: KIND:SITE=VALUE@WHEN.

    `value` is as written ('50mV'; '' where the kind takes none).
    """

    kind: str
    site: str
    value: str = ""
    when: When = field(default_factory=When)

    @property
    def name(self) -> str:
        """What `parse` reads; it stays the same as long as the site is there."""
        value = f"={self.value}" if self.value else ""
        return f"{self.kind}:{self.site}{value}{self.when}"

    @property
    def timing(self) -> bool:
        """Whether it changes when things happen, so that it is a matter for the event engine."""
        return KINDS[self.kind].timing


def parse(text: str, board: Board, netlist: Netlist | None = None) -> Fault:
    """Read the name of one fault.

    Args:
        netlist: the board's, if it is at hand.

    Raises:
        FaultError: it is no fault of this board; the message has the nearest kind or site.
    """
    match = _NAME.fullmatch(text.strip())
    if match is None:
        raise FaultError(f"'{text}' is not a fault; write KIND:SITE, e.g. stuck-at-0:edge1.a@101")
    name, site = match["kind"], match["site"].strip()
    kind = KINDS.get(name)
    if kind is None:
        raise FaultError(f"'{text}': there is no kind of fault '{name}'; {nearest(name, KINDS)}")
    netlist = netlist if netlist is not None else board.netlist()
    sites = kind.sites(netlist)
    if site not in sites:
        raise FaultError(f"'{text}': {name} has no site '{site}'; {nearest(site, sites)}")
    fault = Fault(name, site, (match["value"] or "").strip(), When.parse(match["when"].strip()))
    _value(fault)
    if kind.transient and not match["when"]:
        raise FaultError(f"'{text}' is a matter of a moment; say which, e.g. {text}@40.5")
    inject(netlist, [fault], board, 0)  # a tap or a bit that is not there is refused now
    return fault


def parse_all(text: str, board: Board, netlist: Netlist | None = None) -> tuple[Fault, ...]:
    """Read the names of faults that are there at once, joined by ' + '.

    Args:
        netlist: the board's, if it is at hand.

    Raises:
        FaultError: one of them is no fault of this board, or two contradict each other.
    """
    faults = tuple(parse(name, board, netlist) for name in text.split(TOGETHER.strip()))
    for a, b in combinations(faults, 2):
        if contradict(a, b):
            raise FaultError(f"'{a.name}' and '{b.name}' contradict each other; leave out one")
    return faults


def contradict(a: Fault, b: Fault) -> bool:
    """Whether two faults that may be there at once cannot both be true of their site.

    A net cannot be stuck at both levels, nor a wiper at two taps; an edge that is cut has no
    resistance left to be wrong. Any fault contradicts itself.
    """
    if a.site != b.site or not a.when.overlaps(b.when):
        return False
    return a.kind == b.kind or any(a.kind in group and b.kind in group for group in _EXCLUSIVE)


# Of each group, a site can have one at a time.
_EXCLUSIVE: Final = (
    ("stuck-at-0", "stuck-at-1", "open", "missing"),
    ("open", "short"),
    ("wired-and", "wired-or", "dominant"),
    ("frozen", "missed", "doubled"),
)


def inject(netlist: Netlist, faults: Sequence[Fault], board: Board, seed: int) -> Netlist:
    """The netlist with the faults in it, in their order.

    Args:
        board: whose netlist it is, for its timetable.
        seed: the run's, for what is left to chance.

    Raises:
        FaultError: a fault asks for what its part has not.
    """
    timetable = board.timetable()
    for fault in faults:
        label = _label(netlist, fault)
        spell = Spell(fault.when, timetable, fault.name)
        strike = Strike(fault.site, _value(fault), spell, label, seed)
        netlist = KINDS[fault.kind].insert(netlist, strike)
    return netlist


def _label(netlist: Netlist, fault: Fault) -> str:
    """What its part is called: on the breadboard of the site, by kind, with a number."""
    scope = fault.site.partition(".")[0]
    taken = {part.name for part in netlist.parts}
    names = (f"{scope}.{fault.kind}_{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _value(fault: Fault) -> float:
    """In SI units; NaN where the kind takes none."""
    kind, text = KINDS[fault.kind], fault.value
    if not kind.unit:
        if text:
            raise FaultError(f"'{fault.name}': {kind.name} takes no value")
        return math.nan
    example = f"e.g. {kind.name}:{fault.site}={kind.values[0]}"
    if not text:
        raise FaultError(f"'{fault.name}': {kind.name} needs a value, {example}")
    try:
        value = _number(text, kind)
    except ValueError:
        raise FaultError(
            f"'{fault.name}': '{text}' is not a value of {kind.name}, {example}"
        ) from None
    if not kind.least <= value <= kind.most:
        raise FaultError(
            f"'{fault.name}': a value of {kind.name} is from {kind.least:g} to {kind.most:g}"
        )
    return value


def _number(text: str, kind: Kind) -> float:
    if kind.unit == "integer":
        return int(text)
    value = float(text) if kind.unit == "number" else quantity(text, kind.unit)
    if not math.isfinite(value):
        raise ValueError(text)
    return value
