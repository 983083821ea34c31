"""SN74ALS86: one of four two-input XOR gates (TI SDAS006)."""

from typing import ClassVar, Literal

from logicsim.logic import XOR
from logicsim.parts.declaration import Declaration, Delays, declared
from logicsim.parts.gate import Gate
from logicsim.parts.socket import Socket

_SOURCE = "TI SDAS006, 5 V; typical read in the text, limits from memory of the table"


class Sn74als86(Declaration):
    """Propagation delays of the XOR."""

    pins: ClassVar = {"a": "in", "b": "in", "y": "out"}

    model: Literal["SN74ALS86"] = "SN74ALS86"
    rise: Delays = declared(("3 ns", "6 ns", "17 ns"), "tPLH, a rising output", _SOURCE, "M")
    fall: Delays = declared(("2 ns", "6 ns", "12 ns"), "tPHL, a falling output", _SOURCE, "M")

    def solder(self, socket: Socket) -> None:
        """Put one gate to work: y = a xor b."""
        Gate(
            socket.process,
            XOR,
            (socket.net("a"), socket.net("b")),
            socket.driver("y"),
            rise=self.rise.ticks(socket.corner),
            fall=self.fall.ticks(socket.corner),
        )
