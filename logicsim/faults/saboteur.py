"""Saboteurs: parts put into a net, which pass it on while the fault is inactive."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from logicsim.core.logic import Function
from logicsim.faults.when import ActiveWindow
from logicsim.kernel.kernel import Driver, Net
from logicsim.parts.arcs import Arc, Span, Timing
from logicsim.parts.kind import Corner
from logicsim.parts.part import Part, Role
from logicsim.parts.socket import Socket

PASSES: Final = Function(("d",), "01")
PASSING: Final = 1  # ticks: the shortest delay


@dataclass(frozen=True, slots=True)
class Saboteur:
    """A part put into one net: it reads the driver at d and drives the readers at q.

    A subclass defines the level that it `makes` of a level, or how it `works`.
    """

    active: ActiveWindow
    pins: ClassVar[Mapping[str, Role]] = {"d": "through", "q": "out"}
    follows: ClassVar[Mapping[str, tuple[str, ...]]] = {"q": ("d",)}
    capture: ClassVar[None] = None
    widths: ClassVar[Mapping[str, int]] = {}
    untimed: ClassVar[frozenset[str]] = frozenset()

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """An arc from d to q, and the function of a wire."""
        least = Span.exactly(PASSING)
        return Timing((Arc("d", "q", least, least),), functions={"q": PASSES})

    def solder(self, socket: Socket) -> None:
        """Start the saboteur in a run, and call it when the fault begins and ends."""
        d, there = socket.net("d"), False
        follow = self.works(d, socket.driver("q"), socket)

        def react() -> None:
            follow(there)

        def turn(now_there: bool) -> None:
            nonlocal there
            there = now_there
            socket.process.notify(react)

        for net in self.heeds(socket):
            net.listen(socket.process, react)
        socket.process.notify(react)
        self.active.arrange(socket.kernel, socket.bench.seed, turn)

    def heeds(self, socket: Socket) -> tuple[Net, ...]:
        """The nets whose changes it reacts to."""
        return (socket.net("d"),)

    def works(self, d: Net, q: Driver, socket: Socket) -> Callable[[bool], None]:
        """The function to call when a net changes, and when the fault begins (true) or ends."""

        def follow(there: bool) -> None:
            q.inertial(self.makes(d.value) if there else d.value, PASSING)

        return follow

    def makes(self, level: int) -> int:
        """Apply the fault to a level."""
        raise NotImplementedError
