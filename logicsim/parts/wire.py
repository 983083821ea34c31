"""A jumper: a piece of wire in place of a part, such as the one that bypasses the D-flop."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from logicsim.core.logic import X
from logicsim.parts.arcs import Arc, Span, Timing
from logicsim.parts.declaration import Corner, Declaration, Delays, declared
from logicsim.parts.part import Part
from logicsim.parts.socket import Socket


class Wire(Declaration):
    """Passes every pulse on (transport delay)."""

    pins: ClassVar = {"d": "in", "q": "out"}

    model: Literal["wire"] = "wire"
    delay: Delays = declared("0.1 ns", "2 cm on a breadboard", "two thirds of light's speed", "D")

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """From one end to the other."""
        delay = Span.exactly(self.delay.ticks(corner))
        return Timing((Arc("d", "q", "positive", delay, delay),))

    def solder(self, socket: Socket) -> None:
        """Put one jumper in place."""
        d, q, delay = socket.net("d"), socket.driver("q"), socket.timing.arc("d", "q").rise.late

        def react() -> None:
            q.transport(min(d.value, X), delay)

        d.listen(socket.process, react)
        socket.process.notify(react)
