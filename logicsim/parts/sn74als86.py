"""SN74ALS86: one of four two-input XOR gates (TI SDAS006)."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import StrictInt

from logicsim.core.logic import XOR
from logicsim.core.table import Farads, Ohms, Ratio, Volts
from logicsim.core.units import ticks
from logicsim.parts.arcs import Arc, Span, Timing
from logicsim.parts.declaration import Corner, Declaration, Delays, declared
from logicsim.parts.gate import Gate
from logicsim.parts.part import Part
from logicsim.parts.socket import Socket

_SOURCE = "TI SDAS006, 5 V; typical read in the text, limits from memory of the table"


class Sn74als86(Declaration):
    """Propagation delays of the XOR, and what a net of many pins adds to them."""

    pins: ClassVar = {"a": "in", "b": "in", "y": "out"}

    model: Literal["SN74ALS86"] = "SN74ALS86"
    rise: Delays = declared(("3 ns", "6 ns", "17 ns"), "tPLH, a rising output", _SOURCE, "M")
    fall: Delays = declared(("2 ns", "6 ns", "12 ns"), "tPHL, a falling output", _SOURCE, "M")

    output_high: Volts = declared("3.0 V", "least high output", _SOURCE, "M", gt=0)
    rated_load: Farads = declared("50 pF", "load of the delays above", _SOURCE, "F", ge=0)
    pin_load: Farads = declared(
        "10 pF", "of an input pin on the net, with its wire", "HC input and breadboard", "D", ge=0
    )
    drive: Ohms = declared(
        "60 ohm", "delay added per farad beyond the rated load", "order of ALS outputs", "D", ge=0
    )
    delay_drift: Ratio = declared(
        0.002, "delays' growth per kelvin, relative", "order of ALS logic", "D", ge=0, le=0.01
    )
    fan_out: StrictInt = declared(
        64, "pins one output drives; more are shared out among equal gates", "ours", "D", ge=1
    )

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """From either input to the output, slower when many pins hang on it."""
        pins = min(loads.get(part.pins["y"][0], 0), self.fan_out)
        slower = ticks(self.drive * max(pins * self.pin_load - self.rated_load, 0.0))
        rise, fall = (Span.exactly(d.ticks(corner) + slower) for d in (self.rise, self.fall))
        note = f"{pins} pins" if slower else ""
        return Timing(
            tuple(Arc(pin, "y", "either", rise, fall, 0, note, note) for pin in ("a", "b"))
        )

    def solder(self, socket: Socket) -> None:
        """Put one gate to work: y = a xor b."""
        delay = socket.timing.arc("a", "y")
        Gate(
            socket.process,
            XOR,
            (socket.net("a"), socket.net("b")),
            socket.driver("y"),
            rise=delay.rise.late,
            fall=delay.fall.late,
        )
