"""Two nets that touch: wired-and, wired-or, or one that wins over the other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, permutations
from typing import ClassVar, Final

from logicsim.circuit.netlist import Netlist
from logicsim.core.logic import X
from logicsim.core.units import ticks
from logicsim.faults.kind import Kind
from logicsim.faults.saboteur import PASSING
from logicsim.faults.sites import wires
from logicsim.faults.strike import KEPT, Strike, into_net, opened
from logicsim.faults.when import Spell
from logicsim.parts.arcs import Arc, Span, Timing
from logicsim.parts.declaration import Corner
from logicsim.parts.part import Part, Role
from logicsim.parts.socket import Socket

Touch = Callable[[int, int], int]

# A loop that a bridge closes through gates swings; real ones come to rest at no valid level.
_SWINGS: Final = 1000
_SOON: Final = ticks(1e-6)


def wired_and(first: int, second: int) -> int:
    """Low wins, as between open collectors or strong pull-downs (TTL)."""
    if 0 in (first, second):
        return 0
    return 1 if first == second == 1 else X


def wired_or(first: int, second: int) -> int:
    """High wins."""
    if 1 in (first, second):
        return 1
    return 0 if first == second == 0 else X


def dominant(first: int, _second: int) -> int:
    """The first wins."""
    return first


@dataclass(frozen=True, slots=True)
class Bridge:
    """Joins two nets, each of which keeps a side of its own before the bridge.

    Where it closes a loop of gates, the loop swings a thousand times and is then unknown, until
    something else has changed.
    """

    spell: Spell
    touch: Touch
    pins: ClassVar[Mapping[str, Role]] = {
        "d": "through", "q": "out", "other_d": "through", "other_q": "out",
    }  # fmt: skip

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """From whichever net has a say to both."""
        least = Span.exactly(PASSING)
        heard = ("d",) if self.touch is dominant else ("d", "other_d")
        return Timing(tuple(Arc(a, b, "either", least, least)
                            for a in heard for b in ("q", "other_q")))  # fmt: skip

    def solder(self, socket: Socket) -> None:
        """Put it to work."""
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
        self.spell.arrange(kernel, socket.bench.seed, turn)


class Swings:
    """Counts changes that follow each other closely."""

    def __init__(self) -> None:
        self._last = 0
        self._count = 0

    def too_many(self, now: int) -> bool:
        """Take a change at `now` (ticks); whether it is one of too many in a row."""
        self._count = self._count + 1 if now - self._last < _SOON else 0
        self._last = now
        return self._count > _SWINGS


def _join(touch: Touch) -> Callable[[Netlist, Strike], Netlist]:
    def insert(netlist: Netlist, strike: Strike) -> Netlist:
        first, second = strike.site.split("~")
        netlist, other_d, other_q = opened(netlist, second)
        chip, others = Bridge(strike.spell, touch), {"other_d": (other_d,), "other_q": (other_q,)}
        return into_net(netlist, strike, first, chip, others)

    return insert


@lru_cache(KEPT)
def _any(netlist: Netlist) -> Sequence[str]:
    return [f"{a}~{b}" for a, b in permutations(wires(netlist), 2)]


def _adjacent(netlist: Netlist) -> Sequence[str]:
    """Nets that meet at a part of an edge, or of the clock, and so lie side by side."""
    known = set(wires(netlist))
    found: dict[tuple[str, str], None] = {}
    for part in netlist.parts:
        meet = [net for nets in part.pins.values() for net in nets if net in known]
        here = [net for net in dict.fromkeys(meet) if net.partition(".")[0] == part.scope]
        found |= dict.fromkeys(combinations(sorted(here), 2))
    return [f"{a}~{b}" for a, b in found]


def _either_way(netlist: Netlist) -> Sequence[str]:
    adjacent = _adjacent(netlist)
    return [*adjacent, *("~".join(reversed(site.split("~"))) for site in adjacent)]


WIRED_AND = Kind(
    "wired-and", "two nets touch, and low wins", _any, _join(wired_and), listed=_adjacent
)  # fmt: skip
WIRED_OR = Kind(
    "wired-or", "two nets touch, and high wins", _any, _join(wired_or), listed=_adjacent
)  # fmt: skip
DOMINANT = Kind(
    "dominant", "two nets touch, and the first wins", _any, _join(dominant), listed=_either_way
)  # fmt: skip
