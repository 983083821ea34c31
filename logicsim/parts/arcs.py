"""What a chip's timing consists of, in the words of static timing analysis: arcs and checks.

A chip's behaviour and `logicsim.timing` both take their numbers from here. Times are in ticks.
"""

from dataclasses import dataclass
from typing import Literal

# Which way an output goes: as the input did (`positive`), either way, turned over by every change
# of the input (`either`: XOR), or either way at a fall of the input only (`falling`: a clock).
Sense = Literal["positive", "either", "falling"]


@dataclass(frozen=True, slots=True)
class Span:
    """The earliest and the latest that a delay may be."""

    early: int
    late: int

    @classmethod
    def exactly(cls, delay: int) -> "Span":
        """A delay that is always the same."""
        return cls(delay, delay)


@dataclass(frozen=True, slots=True)
class Arc:
    """From a change at pin `start` to an output `end` that rises or falls.

    `grid` is the period of the oscillator at whose ticks alone the output moves; 0 if there is
    none. `early` and `late` say what makes the difference between the two, for a report.
    """

    start: str
    end: str
    sense: Sense
    rise: Span
    fall: Span
    grid: int = 0
    early: str = ""
    late: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A constraint: `pin` still for `limit` before (setup) or after (hold) a fall of `clock`.

    `only_falls`: a rise of `pin` is free to come when it likes. A width is the shortest pulse of
    `level` at `pin`, which is its own clock.
    """

    kind: Literal["setup", "hold", "width"]
    pin: str
    clock: str
    limit: int
    level: int = 0
    only_falls: bool = False


@dataclass(frozen=True, slots=True)
class Timing:
    """All arcs and checks of a soldered part in one corner."""

    arcs: tuple[Arc, ...] = ()
    checks: tuple[Check, ...] = ()

    def arc(self, start: str, end: str) -> Arc:
        """The arc between two pins, of which there is one."""
        return next(arc for arc in self.arcs if (arc.start, arc.end) == (start, end))

    def limit(self, kind: str, pin: str) -> int:
        """The limit of the first check of this kind at `pin`."""
        return next(c.limit for c in self.checks if (c.kind, c.pin) == (kind, pin))
