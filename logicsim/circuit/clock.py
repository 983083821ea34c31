"""The global clock (paper, Fig. 7C and D): one trigger edge makes one chip-select and clock fall.

    trigger -> section 1 -> section 2 -> section 3      n3 = out3 xor 1
                  out1         out2         out3        CS = out1 xor n3, CLK = out2 xor n3

CS falls when out1 flips, CLK four oscillator periods later when out2 does, and both rise when
out3 does; a falling trigger does the same with all levels reversed.
"""

from dataclasses import dataclass

from pydantic import Field

from logicsim.circuit.edge import HIGH
from logicsim.circuit.netlist import Netlist
from logicsim.core.errors import NetlistError
from logicsim.core.table import Farads, Hertz, Table
from logicsim.parts.catalogue import Parts
from logicsim.parts.declaration import Corner
from logicsim.parts.mc14490 import respond
from logicsim.parts.part import Part

TRIGGER = "clock.trigger"

# A trigger needs 12.5 periods to come back; 13 for any phase of the oscillator.
SPACING_PERIODS = 13


class ClockTable(Table):
    """The `[clock]` table: training steps a second, and the debouncer's capacitor."""

    rate: Hertz = Field(default=4.0, gt=0, le=1e9)
    capacitance: Farads = Field(default=10e-9, gt=0, le=1.0)


def global_clock(chips: Parts, table: ClockTable, phase: float) -> list[Part]:
    """The parts of the clock; `phase` (0 to 1) is where its oscillator stands at power-up."""
    values = {"capacitance": table.capacitance, "phase": phase}

    def section(number: int, d: str) -> Part:
        pins = {"d": (d,), "q": (f"clock.out{number}",)}
        return Part(f"clock.section{number}", chips.debouncer, pins, values)

    def xor(name: str, a: str, b: str, y: str) -> Part:
        return Part(f"clock.{name}", chips.xor, {"a": (a,), "b": (b,), "y": (y,)})

    return [
        section(1, TRIGGER),
        section(2, "clock.out1"),
        section(3, "clock.out2"),
        xor("xor_n3", "clock.out3", HIGH, "clock.n3"),
        xor("xor_cs", "clock.out1", "clock.n3", "clock.cs"),
        xor("xor_clk", "clock.out2", "clock.n3", "clock.clk"),
    ]


@dataclass(frozen=True, slots=True)
class Cascade:
    """When things happen after a trigger edge, in ticks: what the parts will do, foretold.

    `cs_gate` and `clk_gate` are what the falls of CS and CLK take from their sections on.
    """

    period: int
    phase: float
    cs_gate: int
    clk_gate: int

    @classmethod
    def of(cls, netlist: Netlist, corner: Corner) -> "Cascade":
        """The cascade of a netlist's clock.

        Raises:
            NetlistError: a part of the global clock is not there.
        """
        parts = {part.name: part for part in netlist.parts if part.scope == "clock"}
        for name in ("clock.section1", "clock.xor_cs", "clock.xor_clk"):
            if name not in parts:
                raise NetlistError(f"board '{netlist.name}' has no clock: no part '{name}'")
        loads = netlist.loads()
        section = parts["clock.section1"]
        period = section.chip.timing(section, corner, loads).arc("d", "q").grid
        cs, clk = (
            part.chip.timing(part, corner, loads).arc("a", "y").fall.late
            for part in (parts["clock.xor_cs"], parts["clock.xor_clk"])
        )
        return cls(period, section.values["phase"], cs, clk)

    @property
    def spacing(self) -> int:
        """The least distance between trigger edges that lets the debouncer return."""
        return SPACING_PERIODS * self.period

    def chip_select_fall(self, trigger: int) -> int:
        """When CS falls if the trigger flips at `trigger`."""
        return trigger + respond(trigger, self.period, self.phase) + self.cs_gate

    def clock_fall(self, trigger: int) -> int:
        """When CLK falls if the trigger flips at `trigger`."""
        after_cs = 4 * self.period + self.clk_gate - self.cs_gate
        return self.chip_select_fall(trigger) + after_cs
