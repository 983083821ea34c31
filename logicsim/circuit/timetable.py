"""The times at which the supervisor acts in a step.

begin        impose the inputs
measured     read the free outputs, then clamp the outputs of the clamped network
triggered    flip the trigger; the clock does the rest (`clockwork`)
begin + 1    the next step
"""

from dataclasses import dataclass
from typing import Final

from logicsim.core.units import ticks

# The share of a noise grid's cell that lies before the latch: the draw must pass all delays by then
# (comparator at its least overdrive, pull-up, XORs, setup: 3.9 us in the slowest corner).
LEAD: Final = 0.8

# Cells of the noise grid between the draws that two latches of one step see.
DRAWS_APART: Final = 1 << 40


@dataclass(frozen=True, slots=True)
class Timetable:
    """The supervisor's times, in ticks: the first step, the period, and the wait to settle."""

    first: int
    period: int
    settle: int

    def begin(self, steps: int) -> int:
        """The begin of the step after `steps` others."""
        return self.first + steps * self.period

    def measured(self, steps: int) -> int:
        """The time at which that step reads the outputs."""
        return self.begin(steps) + self.settle

    def triggered(self, steps: int) -> int:
        """The time at which that step's trigger flips: a tick after the supervisor schedules it."""
        return self.measured(steps) + self.settle + 1


def trigger_way(steps: int) -> int:
    """The level that the trigger goes to in the step after `steps` others."""
    return 1 - steps % 2


def timetable(wait: float, rate: float, power_up: int) -> Timetable:
    """The supervisor's times at `rate` steps a second, if it waits `wait` seconds to settle.

    Raises:
        ValueError: a step is too short to settle twice.
    """
    period, settle = ticks(1 / rate), ticks(wait)
    if period <= 2 * settle + 1:
        raise ValueError(
            f"a step settles twice for {wait:g} s, so {rate:g} Hz is too fast; "
            "lower clock.rate or supervisor.settle"
        )
    return Timetable(power_up, period, settle)
