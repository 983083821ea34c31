"""AD5220-100: digital potentiometer with an up/down counter (Analog Devices AD5220 Rev. 0).

R_WB(code) = code/128 * R_AB + R_W. The counter saturates at both ends and powers up at half
scale. The datasheet text prints full scale as 3FH; 128 positions need 7 bits, so it is 127.
"""

import math
from collections.abc import Callable, Mapping
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, StrictInt

from logicsim.core.logic import X
from logicsim.core.noise import Purpose, Stream
from logicsim.core.table import Farads, Ohms, Ratio
from logicsim.parts.arcs import Arc, Check, Span, Timing
from logicsim.parts.declaration import Corner, Declaration, Delays, Times, declared
from logicsim.parts.part import Part
from logicsim.parts.socket import Socket

_SHEET = "AD5220 Rev. 0"
_MEMORY = "AD5220 Rev. 0, from memory of the table"

# A logarithmic (audio) taper reaches a tenth of its span at mid-scale: (81^x - 1) / 80.
_LOG_BASE = 81.0

Law = Callable[[NDArray[np.float64]], NDArray[np.float64]]


class Ad5220(Declaration):
    """Resistances, spread and timing of the potentiometer."""

    pins: ClassVar = {"clk": "in", "cs": "in", "ud": "in", "code": "code", "ab": "branch"}

    model: Literal["AD5220-100k"] = "AD5220-100k"
    end_to_end: Ohms = declared("100 kohm", "R_AB, nominal", _SHEET, "F", gt=0)
    wiper: Ohms = declared("40 ohm", "R_W, wiper and switch", _SHEET, "F", gt=0)
    tolerance: Ratio = declared(
        0.0, "relative sigma of R_AB between pieces; 0 is the ideal twin", _SHEET, "F",
        ge=0, le=0.2,
    )  # fmt: skip
    inl: Ratio = declared(0.0, "sigma of the bow of R(code), LSB", _SHEET, "F", ge=0, le=2)
    dnl: Ratio = declared(0.0, "sigma of a step's width, LSB", _SHEET, "F", ge=0, le=0.25)
    taper: Literal["linear", "log"] = "linear"
    positions: StrictInt = declared(128, "wiper positions", _SHEET, "F", ge=2, le=65536)
    initial: StrictInt | list[StrictInt] = Field(
        default=64,
        description="code at power-up, one for all or one an edge",
        json_schema_extra={"source": _SHEET, "mark": "F"},
    )
    delay_drift: Ratio = declared(
        0.003, "delays' growth per kelvin, relative", "order of CMOS logic", "D", ge=0, le=0.01
    )
    temperature_coefficient: Ratio = declared(
        800e-6, "of R_AB per kelvin", _SHEET, "F", ge=-0.01, le=0.01
    )
    terminal_capacitance: Farads = declared(
        "10 pF", "of terminal A or B, at the edge's first node", _MEMORY, "M", ge=0
    )
    wiper_capacitance: Farads = declared(
        "48 pF", "of terminal W, at the edge's second node", _MEMORY, "M", ge=0
    )
    cs_setup: Times = declared("20 ns", "CS low before the CLK fall", _MEMORY, "M")
    ud_setup: Times = declared("10 ns", "U/D still before the CLK fall", _MEMORY, "M")
    ud_hold: Times = declared("10 ns", "U/D still after the CLK fall; not listed", _MEMORY, "M")
    width: Times = declared("25 ns", "shortest CLK pulse, high or low", _MEMORY, "M")
    clock_to_wiper: Delays = declared(
        ("5 ns", "10 ns", "20 ns"), "CLK fall to the new tap; not listed, analog switches",
        "assumed", "D",
    )  # fmt: skip

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """From the CLK fall to the wiper; CS low before it, U/D still around it, CLK's widths."""
        to_wiper, width = Span.exactly(self.clock_to_wiper.ticks(corner)), self.width.ticks(corner)
        return Timing(
            (Arc("clk", "code", "falling", to_wiper, to_wiper),),
            (
                Check("setup", "cs", "clk", self.cs_setup.ticks(corner), only_falls=True),
                Check("setup", "ud", "clk", self.ud_setup.ticks(corner)),
                Check("hold", "ud", "clk", self.ud_hold.ticks(corner)),
                *(Check("width", "clk", "clk", width, level) for level in (0, 1)),
            ),
        )

    def solder(self, socket: Socket) -> "Digipot":
        """Put one potentiometer to work."""
        return Digipot(self, socket)

    def resistances(self, end_to_end: float, seed: int, piece: int) -> NDArray[np.float64]:
        """R_WB in ohms at every code, for the piece numbered `piece` with its own R_AB."""
        resistances: NDArray[np.float64] = self.travel(seed, piece) * end_to_end + self.wiper
        return resistances

    def travel(self, seed: int, piece: int) -> NDArray[np.float64]:
        """The share of R_AB at every code; without inl and dnl, all pieces have the same."""
        x = np.arange(self.positions) / self.positions
        if self.taper == "log":
            x = (_LOG_BASE**x - 1) / (_LOG_BASE - 1)
        if self.inl or self.dnl:
            normals = Stream(seed, Purpose.TAPER).normals(self.positions + 1, step=piece)
            bow = self.inl * normals[0] * np.sin(np.pi * x)
            x = x + (bow + self.dnl / math.sqrt(2) * normals[1:]) / self.positions
            x = np.maximum(x, 0.0)
        return x


class Digipot:
    """Counts at the CLK fall while CS is low and moves its wiper, a branch of a network.

    A U/D that moves within setup or hold, or is unknown, counts either way, as likely; a CS
    that fell too late may or may not have enabled the count.
    """

    __slots__ = ("_before", "_clk", "_code", "_conductances", "_counted", "_cs", "_cs_setup",
                 "_delay", "_driver", "_hold", "_kernel", "_last", "_laws", "_move", "_siemens",
                 "_socket", "_ud", "_ud_setup")  # fmt: skip

    def __init__(self, chip: Ad5220, socket: Socket) -> None:
        timing, process = socket.timing, socket.process
        self._socket = socket
        self._kernel = socket.kernel
        self._clk, self._cs, self._ud = socket.net("clk"), socket.net("cs"), socket.net("ud")
        self._cs_setup = timing.limit("setup", "cs")
        self._ud_setup, self._hold = timing.limit("setup", "ud"), timing.limit("hold", "ud")
        self._delay = timing.arc("clk", "code").rise.late
        self._last = chip.positions - 1
        self._code = self._before = int(socket.values["initial"])
        self._counted = False
        self._driver = socket.driver("code", self._code)
        self._connect(chip)
        self._clk.listen_fall(process, self.clock)
        self._ud.listen_hold(self._clk, self._hold, process, self.disturb)
        for level in (0, 1):
            width = timing.limit("width", "clk")
            self._clk.constrain_width(socket.part.name, "clk", level, width)

    def _connect(self, chip: Ad5220) -> None:
        """Have the wiper set a conductance of its network."""
        socket = self._socket
        network, edge = socket.bench.twin.branch(socket.part.pins["ab"][0])
        end_to_end = socket.values["end_to_end"]
        piece = int(socket.values["piece"])
        self._siemens = 1 / chip.resistances(end_to_end, socket.bench.seed, piece)
        self._conductances: list[float] = self._siemens.tolist()
        self._laws: list[Law] = []
        kernel = socket.kernel

        def move(code: int) -> None:
            network.set(edge, self._conductances[code])
            kernel.unsettled = True

        move(self._code)
        self._move = socket.net("code").moves = move

    def alter(self, law: Law, there: bool) -> None:
        """Have the conductances (S, by code) go through one more law, or through it no more."""
        (self._laws.append if there else self._laws.remove)(law)
        siemens = self._siemens
        for each in self._laws:
            siemens = each(siemens)
        self._conductances = siemens.tolist()
        self._move(self._code)

    def clock(self) -> None:
        """Count at the CLK fall."""
        self._before, self._counted = self._code, False
        if self._cs.value == 0:
            now, socket = self._kernel.now, self._socket
            selected, still = now - self._cs.fell, now - self._ud.changed
            up = self._ud.value
            if still < self._ud_setup:
                socket.violate("setup", "ud", still - self._ud_setup)
                up = X
            if selected < self._cs_setup:
                socket.violate("setup", "cs", selected - self._cs_setup)
                if not socket.undecided("cs"):
                    return
            self._count(up if up < X else socket.undecided("ud"))

    def disturb(self) -> None:
        """Decide again when U/D moved within the hold time of a count."""
        if self._counted:
            self._socket.violate("hold", "ud", self._kernel.now - self._clk.fell - self._hold)
            self._count(self._socket.undecided("ud"))

    def upset(self, bit: int) -> None:
        """Have a particle turn over a bit of the counter, which stays on its last position."""
        self._code = self._before = min(self._code ^ 1 << bit, self._last)
        self._driver.inertial(self._code, self._delay)

    def _count(self, up: int) -> None:
        self._counted = True
        code = self._before
        if up:
            if code < self._last:
                code += 1
        elif code:
            code -= 1
        self._code = code
        self._driver.inertial(code, self._delay)
