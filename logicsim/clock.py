"""The global clock (paper, Fig. 7C and D): one trigger edge makes one chip-select and clock fall.

    trigger -> section 1 -> section 2 -> section 3      n3 = out3 xor 1
                  out1         out2         out3        CS = out1 xor n3, CLK = out2 xor n3

CS falls when out1 flips, CLK four oscillator periods later when out2 does, and both rise when
out3 does; a falling trigger does the same with all levels reversed.
"""

from dataclasses import dataclass

from pydantic import Field

from logicsim.edge import HIGH
from logicsim.netlist import Part
from logicsim.parts.catalogue import Parts
from logicsim.parts.mc14490 import respond
from logicsim.table import Farads, Hertz, Table

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
    """When things happen after a trigger edge, in ticks: what the parts will do, foretold."""

    period: int
    phase: float
    gate: int

    @classmethod
    def of(cls, chips: Parts, table: ClockTable, phase: float) -> "Cascade":
        """The cascade of these parts in their corner."""
        corner = chips.corner
        period = chips.debouncer.period(table.capacitance, corner)
        return cls(period, phase, chips.xor.fall.ticks(corner))

    @property
    def spacing(self) -> int:
        """The least distance between trigger edges that lets the debouncer return."""
        return SPACING_PERIODS * self.period

    def chip_select_fall(self, trigger: int) -> int:
        """When CS falls if the trigger flips at `trigger`."""
        return trigger + respond(trigger, self.period, self.phase) + self.gate

    def clock_fall(self, trigger: int) -> int:
        """When CLK falls if the trigger flips at `trigger`."""
        return self.chip_select_fall(trigger) + 4 * self.period
