"""Small-signal diodes in series with a potentiometer, such as a BAT85."""

import math
from collections.abc import Iterator, Mapping
from typing import ClassVar, Final

from logicsim.analog.diodes import Junction
from logicsim.core.table import Amperes, Ohms, Ratio, Volts
from logicsim.parts.arcs import Timing
from logicsim.parts.kind import ChipKind, Corner, number
from logicsim.parts.part import Part
from logicsim.parts.socket import Socket
from logicsim.parts.spice import Place

_NO_CURRENT: Final = 1e3  # A, far above any potentiometer's


class Diode(ChipKind):
    """Shockley's law with a shunt; charge storage and series resistance are left out."""

    kind: ClassVar[str] = "diode"
    pins: ClassVar = {"ab": "branch"}

    saturation: Amperes = number("saturation current I_S", gt=0)
    emission: Ratio = number("emission coefficient n", ge=0.5, le=5)
    thermal: Volts = number("kT/q", gt=0)
    shunt: Ohms = number("leakage across the junction", gt=0)

    @property
    def junction(self) -> Junction:
        """The diode's law, for the solver."""
        return Junction(self.saturation, self.emission * self.thermal, self.shunt)

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """None: a diode is on no net."""
        return Timing()

    def solder(self, socket: Socket) -> None:
        """Put a diode in series with its branch."""
        network, edge = socket.branch("ab")
        network.put_diode(edge, self.junction)

    def verilog(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> None:
        """None: a diode is on no net."""

    def spice(self, part: Part, place: Place) -> Iterator[str]:
        """A current source between the potentiometer and the edge's second node.

        SPICE's own diode has another reverse law. Shockley's law is continued as a straight
        line above any current in the circuit, so that ngspice's first guesses do not overflow.
        """
        anode, cathode = place.junction("ab")
        knee = math.log(_NO_CURRENT / self.saturation)
        x = f"(V({anode},{cathode})/{self.emission * self.thermal!r})"
        beyond = f"{math.exp(knee)!r}*(1+{x}-{knee!r})"
        law = f"({x}<{knee!r} ? exp({x}) : {beyond})-1"
        yield f"B{place.name} {anode} {cathode} I={self.saturation!r}*({law})"
        yield f"R{place.name} {anode} {cathode} {self.shunt!r}"
