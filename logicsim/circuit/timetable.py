"""When the supervisor acts."""

from dataclasses import dataclass
from typing import Final

from logicsim.core.units import ticks

# Of a noise grid's cell that lies before the chip-select fall: the draw must have every delay
# behind it (comparator at its least overdrive, pull-up, XORs, setup: 3.9 us in the slowest corner).
LEAD: Final = 0.8


@dataclass(frozen=True, slots=True)
class Timetable:
    """When the supervisor acts, in ticks: first step, step to step, and the wait to settle."""

    first: int
    period: int
    settle: int

    def begin(self, steps: int) -> int:
        """When the step begins that comes after so many."""
        return self.first + steps * self.period


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
