"""A jumper: a piece of wire in place of a part, such as the one that bypasses the D-flop."""

from typing import ClassVar, Literal

from logicsim.logic import X
from logicsim.parts.declaration import Declaration, Delays, declared
from logicsim.parts.socket import Socket


class Wire(Declaration):
    """Passes every pulse on (transport delay)."""

    pins: ClassVar = {"d": "in", "q": "out"}

    model: Literal["wire"] = "wire"
    delay: Delays = declared("0.1 ns", "2 cm on a breadboard", "two thirds of light's speed", "D")

    def solder(self, socket: Socket) -> None:
        """Put one jumper in place."""
        d, q, delay = socket.net("d"), socket.driver("q"), self.delay.ticks(socket.corner)

        def react() -> None:
            q.transport(min(d.value, X), delay)

        d.listen(socket.process, react)
        socket.process.notify(react)
