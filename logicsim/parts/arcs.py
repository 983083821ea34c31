"""Timing arcs and checks of a chip, in the words of static timing analysis.

A chip's behaviour and `logicsim.timing` both take their numbers from here. Times are in ticks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from logicsim.core.logic import Function
from logicsim.kernel.kernel import Edge

Constraint = Literal["setup", "hold", "width", "recovery"]


@dataclass(frozen=True, slots=True)
class Span:
    """The smallest and the largest value of a delay."""

    early: int
    late: int

    @classmethod
    def exactly(cls, delay: int) -> "Span":
        """A delay that is always the same."""
        return cls(delay, delay)


@dataclass(frozen=True, slots=True)
class Arc:
    """From a change at pin `start` to an output `end` that rises or falls.

    With an `active` edge, `start` is a clock and the output changes only at that edge. With a
    `grid` above 0, the output changes only at multiples of an oscillator period of that length.
    `early` and `late` explain the two delays in a report.
    """

    start: str
    end: str
    rise: Span
    fall: Span
    active: Edge | None = None
    grid: int = 0
    early: str = ""
    late: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A constraint: `pin` still for `limit` before (setup) or after (hold) `active` of `clock`.

    With `falls`, only a fall of `pin` is constrained. A width is
    the shortest pulse of `level` at `pin`, which is its own clock. A recovery is the least time
    from the end of `level` at `pin`, an asynchronous input, to the clock.
    """

    kind: Constraint
    pin: str
    clock: str
    limit: int
    level: int = 0
    falls: bool = False
    active: Edge = "fall"


@dataclass(frozen=True, slots=True)
class Timing:
    """All arcs and checks of a soldered part in one corner.

    `functions` are the truth tables of outputs that follow their inputs: static timing takes the
    unateness of an arc from them. Without a table, an output may go either way.
    """

    arcs: tuple[Arc, ...] = ()
    checks: tuple[Check, ...] = ()
    functions: Mapping[str, Function] = field(default_factory=dict)

    def arc(self, start: str, end: str) -> Arc:
        """The only arc between two pins."""
        return next(arc for arc in self.arcs if (arc.start, arc.end) == (start, end))

    def limit(self, kind: Constraint, pin: str) -> int:
        """The limit of the first check of this kind at `pin`."""
        return next(c.limit for c in self.checks if (c.kind, c.pin) == (kind, pin))
