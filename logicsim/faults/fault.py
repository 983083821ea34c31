"""Faults by name, 'stuck-at-0:edge3.a@101-200': reading a name, and injecting the fault."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, count, islice
from typing import Final

from logicsim.board import Board
from logicsim.circuit.netlist import Netlist
from logicsim.core.errors import FaultError, nearest
from logicsim.core.units import quantity
from logicsim.faults.injection import Injection
from logicsim.faults.kind import Kind
from logicsim.faults.sites import Place
from logicsim.faults.table import KINDS
from logicsim.faults.when import ActiveWindow, When

TOGETHER: Final = " + "  # between the names of simultaneous faults
_PROPOSED: Final = 20_000  # the most sites to search for the nearest name

_NAME: Final = re.compile(
    r"(?P<kind>[a-z0-9-]+):(?P<site>[^=@%]+)(?:=(?P<value>[^@%]*))?(?P<when>.*)"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A single fault: KIND:SITE=VALUE@WHEN.

    `value` is the text as written, such as '50mV'; '' if the kind takes none.
    """

    kind: str
    site: str
    value: str = ""
    when: When = field(default_factory=When)

    @property
    def name(self) -> str:
        """The text that `parse` reads, on every board that has the site."""
        value = f"={self.value}" if self.value else ""
        return f"{self.kind}:{self.site}{value}{self.when}"

    @property
    def timing(self) -> bool:
        """Whether it changes timing, so that only the event engine can simulate it."""
        return KINDS[self.kind].timing

    def place(self, netlist: Netlist) -> Place:
        """The part, net or edge at its site."""
        return KINDS[self.kind].place(netlist, self.site)


def parse(text: str, board: Board, netlist: Netlist | None = None) -> Fault:
    """Read the name of one fault.

    Args:
        netlist: the board's netlist, if the caller has it.

    Raises:
        FaultError: it is no fault of this board; the message has the nearest kind or site.
    """
    fault = read(text)
    kind, site = KINDS[fault.kind], fault.site
    netlist = netlist if netlist is not None else board.netlist()
    sites = kind.sites(netlist)
    if site not in sites:
        proposed = nearest(site, islice(sites, _PROPOSED))
        raise FaultError(f"'{text}': {kind.name} has no site '{site}'; {proposed}")
    _value(fault)
    if kind.transient and "@" not in text and "%" not in text:
        raise FaultError(f"'{text}' is transient; give its moment, e.g. {text}@40.5")
    inject(netlist, [fault], board, 0)  # refuses a missing tap or bit
    return fault


def read(text: str) -> Fault:
    """Read the name of one fault without checking that a board has the site.

    Raises:
        FaultError: the name has the wrong form, or there is no such kind.
    """
    match = _NAME.fullmatch(text.strip())
    if match is None:
        raise FaultError(f"'{text}' is not a fault; write KIND:SITE, e.g. stuck-at-0:edge1.a@101")
    name, site, value = match["kind"], match["site"].strip(), (match["value"] or "").strip()
    if name not in KINDS:
        raise FaultError(f"'{text}': there is no kind of fault '{name}'; {nearest(name, KINDS)}")
    return Fault(name, site, value, When.parse(match["when"].strip()))


def parse_all(text: str, board: Board, netlist: Netlist | None = None) -> tuple[Fault, ...]:
    """Read the names of simultaneous faults, joined by ' + '.

    Args:
        netlist: the board's netlist, if the caller has it.

    Raises:
        FaultError: one of them is no fault of this board, or two contradict each other.
    """
    faults = tuple(parse(name, board, netlist) for name in apart(text))
    for a, b in combinations(faults, 2):
        if contradict(a, b):
            raise FaultError(f"'{a.name}' and '{b.name}' contradict each other; leave out one")
    return faults


def apart(text: str) -> list[str]:
    """Split the names of simultaneous faults."""
    return text.split(TOGETHER.strip())


def contradict(a: Fault, b: Fault) -> bool:
    """Whether two faults whose times overlap exclude each other at their site.

    A net cannot be stuck at both levels, nor a wiper at two taps; a cut edge cannot have a wrong
    resistance. Any fault contradicts itself.
    """
    if a.site != b.site or not a.when.overlaps(b.when):
        return False
    return a.kind == b.kind or any(a.kind in group and b.kind in group for group in _EXCLUSIVE)


# A site can have one fault of each group at a time.
_EXCLUSIVE: Final = (
    ("stuck-at-0", "stuck-at-1", "open", "missing"),
    ("open", "short"),
    ("wired-and", "wired-or", "dominant"),
    ("frozen", "missed", "doubled"),
)


def inject(netlist: Netlist, faults: Sequence[Fault], board: Board, seed: int) -> Netlist:
    """Inject faults into a netlist, in order; the new netlist keeps the sound one.

    Args:
        board: the board of the netlist, for its timetable.
        seed: the run's seed, for random faults.

    Raises:
        FaultError: a value is impossible for the part, such as a missing tap.
    """
    timetable, sound = board.timetable, netlist.sound or netlist
    for fault in faults:
        label = _label(netlist, fault)
        active = ActiveWindow(fault.when, timetable, fault.name)
        injection = Injection(fault.site, _value(fault), active, label, seed)
        netlist = KINDS[fault.kind].insert(netlist, injection)
    return replace(netlist, sound=sound)  # last, since a netlist caches its tables


def _label(netlist: Netlist, fault: Fault) -> str:
    """The name of the fault's part: the site's breadboard, the kind and a number."""
    scope = fault.place(netlist).scope
    names = (f"{scope}.{fault.kind}_{number}" for number in count(1))
    return next(name for name in names if name not in netlist.by_name)


def _value(fault: Fault) -> float:
    """The value in SI units; NaN if the kind takes none."""
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
