"""Bridging faults between two nets: wired-and, wired-or, or one net dominant."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar, Final

from logicsim.circuit.netlist import Netlist
from logicsim.core.logic import X
from logicsim.core.units import ticks
from logicsim.faults.injection import Injection, into_net, opened
from logicsim.faults.kind import Kind
from logicsim.faults.saboteur import PASSING
from logicsim.faults.sites import Pairs, at_nets, both, pair
from logicsim.faults.when import ActiveWindow
from logicsim.parts.arcs import Arc, Span, Timing
from logicsim.parts.kind import Corner
from logicsim.parts.part import Part, Role
from logicsim.parts.socket import Socket

Touch = Callable[[int, int], int]

# A bridge that closes a loop of gates oscillates here; a real one rests at an invalid level.
_SWINGS: Final = 1000
_SOON: Final = ticks(1e-6)


def wired_and(first: int, second: int) -> int:
    """Low dominates, as between open collectors or strong pull-downs (TTL)."""
    if 0 in (first, second):
        return 0
    return 1 if first == second == 1 else X


def wired_or(first: int, second: int) -> int:
    """High dominates."""
    if 1 in (first, second):
        return 1
    return 0 if first == second == 0 else X


def dominant(first: int, _second: int) -> int:
    """The first net dominates."""
    return first


@dataclass(frozen=True, slots=True)
class Bridge:
    """A bridge between two nets, which each have a driver's side and a readers' side.

    If it closes a loop of gates, the loop oscillates a thousand times and is then unknown until
    another input changes.
    """

    active: ActiveWindow
    touch: Touch
    pins: ClassVar[Mapping[str, Role]] = {
        "d": "through", "q": "out", "other_d": "through", "other_q": "out",
    }  # fmt: skip
    # The cross paths are left out: they would count as unlatched decisions, and then noise would be
    # drawn at other times than on the sound board.
    follows: ClassVar[Mapping[str, tuple[str, ...]]] = {"q": ("d",), "other_q": ("other_d",)}
    capture: ClassVar[None] = None
    widths: ClassVar[Mapping[str, int]] = {}
    untimed: ClassVar[frozenset[str]] = frozenset()

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """Arcs from each net that affects the bridge to both outputs."""
        least = Span.exactly(PASSING)
        heard = ("d",) if self.touch is dominant else ("d", "other_d")
        return Timing(tuple(Arc(a, b, least, least)
                            for a in heard for b in ("q", "other_q")))  # fmt: skip

    def solder(self, socket: Socket) -> None:
        """Start the bridge in a run."""
        kernel, there = socket.kernel, False
        nets = socket.net("d"), socket.net("other_d")
        drivers = socket.driver("q"), socket.driver("other_q")
        swings = Swings()

        def react() -> None:
            levels = [net.value for net in nets]
            if there:
                level = self.touch(*levels)
                levels = [X if swings.too_many(kernel.now) else level] * 2
            for driver, level in zip(drivers, levels, strict=True):
                driver.inertial(level, PASSING)

        def turn(now_there: bool) -> None:
            nonlocal there
            there = now_there
            socket.process.notify(react)

        for net in nets:
            net.listen(socket.process, react)
        socket.process.notify(react)
        self.active.arrange(kernel, socket.bench.seed, turn)


class Swings:
    """Counts changes in quick succession."""

    def __init__(self) -> None:
        self._last = 0
        self._count = 0

    def too_many(self, now: int) -> bool:
        """Count a change at `now` (ticks), and return whether there were too many in a row."""
        self._count = self._count + 1 if now - self._last < _SOON else 0
        self._last = now
        return self._count > _SWINGS


def _join(touch: Touch) -> Callable[[Netlist, Injection], Netlist]:
    def insert(netlist: Netlist, injection: Injection) -> Netlist:
        first, second = both(injection.site)
        netlist, other_d, other_q = opened(netlist, second)
        others = {"other_d": (other_d,), "other_q": (other_q,)}
        return into_net(netlist, injection, first, Bridge(injection.active, touch), others)

    return insert


def _any(netlist: Netlist) -> Pairs:
    return Pairs(netlist.wires)


def _adjacent(netlist: Netlist) -> Sequence[str]:
    """Pairs of nets on pins of one part of their own breadboard, which are physically adjacent."""
    found: dict[tuple[str, str], None] = {}
    for part in netlist.parts:
        meet = [net for nets in part.pins.values() for net in nets if net in netlist.wires]
        here = [net for net in dict.fromkeys(meet) if netlist.home[net] == part.scope]
        found |= dict.fromkeys(combinations(sorted(here), 2))
    return [pair(a, b) for a, b in found]


def _either_way(netlist: Netlist) -> Sequence[str]:
    adjacent = _adjacent(netlist)
    return [*adjacent, *(pair(*reversed(both(site))) for site in adjacent)]


WIRED_AND = Kind(
    "wired-and", "two nets touch, and low wins", _any, _join(wired_and), at_nets, _adjacent
)  # fmt: skip
WIRED_OR = Kind(
    "wired-or", "two nets touch, and high wins", _any, _join(wired_or), at_nets, _adjacent
)  # fmt: skip
DOMINANT = Kind(
    "dominant", "two nets touch, and the first wins", _any, _join(dominant), at_nets, _either_way
)  # fmt: skip
