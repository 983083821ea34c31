"""A small-signal Schottky diode in series with a potentiometer (BAT85)."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from logicsim.analog.diodes import Junction
from logicsim.core.table import Amperes, Ohms, Ratio, Volts
from logicsim.parts.arcs import Timing
from logicsim.parts.declaration import Corner, Declaration, declared
from logicsim.parts.part import Part
from logicsim.parts.socket import Socket

_SOURCE = "from memory of a SPICE model of BAT85; the data sheet allows 0.32 V at 1 mA"


class Bat85(Declaration):
    """Shockley's law with a shunt; what it stores and its own resistance are left out."""

    pins: ClassVar = {"ak": "branch"}

    model: Literal["BAT85"] = "BAT85"
    saturation: Amperes = declared("0.21 uA", "saturation current I_S", _SOURCE, "M", gt=0)
    emission: Ratio = declared(1.02, "emission coefficient n", _SOURCE, "M", ge=0.5, le=5)
    thermal: Volts = declared("25.69 mV", "kT/q at 25 C", "physics", "F", gt=0)
    shunt: Ohms = declared(
        "25 Mohm", "leakage across the junction: 0.2 uA at 5 V", _SOURCE, "D", gt=0
    )

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """None: it has to do with voltages alone."""
        return Timing()

    def solder(self, socket: Socket) -> None:
        """Put one diode in series with its branch."""
        network, edge = socket.bench.twin.branch(socket.part.pins["ak"][0])
        network.put_diode(edge, Junction(self.saturation, self.emission * self.thermal, self.shunt))
