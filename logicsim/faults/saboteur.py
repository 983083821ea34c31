"""A saboteur: a part put into a net, which passes it on while all is well."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from logicsim.faults.when import Spell
from logicsim.kernel.kernel import Driver, Net
from logicsim.parts.arcs import Arc, Span, Timing
from logicsim.parts.declaration import Corner
from logicsim.parts.part import Part, Role
from logicsim.parts.socket import Socket

PASSING: Final = 1  # ticks: the least that anything takes


@dataclass(frozen=True, slots=True)
class Saboteur:
    """What all saboteurs of one net share; each kind says what it `makes` of the net, or `works`.

    It reads the net at d, and drives what hangs behind it at q.
    """

    spell: Spell
    pins: ClassVar[Mapping[str, Role]] = {"d": "through", "q": "out"}

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """From one side to the other."""
        least = Span.exactly(PASSING)
        return Timing((Arc("d", "q", "positive", least, least),))

    def solder(self, socket: Socket) -> None:
        """Put it to work, and tell it when the fault comes and goes."""
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
        self.spell.arrange(socket.kernel, socket.bench.seed, turn)

    def heeds(self, socket: Socket) -> tuple[Net, ...]:
        """The nets whose changes matter to it."""
        return (socket.net("d"),)

    def works(self, d: Net, q: Driver, socket: Socket) -> Callable[[bool], None]:
        """What to do when the net changes and when the fault comes (true) or goes."""

        def follow(there: bool) -> None:
            q.inertial(self.makes(d.value) if there else d.value, PASSING)

        return follow

    def makes(self, level: int) -> int:
        """What becomes of the net's level while the fault is there."""
        raise NotImplementedError
