"""A timing path: points from a startpoint to an endpoint, and the required time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from logicsim.circuit.waves import Stage
from logicsim.kernel.kernel import Edge
from logicsim.parts.part import Part

# The owner of a point's delay: the training rate, the supervisor's wait for its converters, the
# debouncer's oscillator, the network, the comparators, all other chips; and the noise, which is
# drawn a fixed time before a latch.
Owner = Literal["rate", "converters", "oscillator", "settling", "comparators", "gates", "noise"]

# Path types: late data against an early requirement, early data against a late one, a pulse.
Kind = Literal["max", "min", "min_pulse_width"]

WAYS: Final = ("v", "^")  # by the new level


@dataclass(frozen=True, slots=True)
class Point:
    """A stage of a path: delay in ticks, description, owner, and direction."""

    delay: int
    text: str
    owner: Owner
    way: str = ""


Points = tuple[Point, ...]


def total(points: Sequence[Point]) -> int:
    """The sum of the points' delays, in ticks."""
    return sum(point.delay for point in points)


def model(part: Part) -> str:
    """The maker's name of a part."""
    return str(getattr(part.chip, "model", "") or type(part.chip).__name__)


def through(stage: Stage) -> Point:
    """A stage of the clock as a point of a path."""
    notes = ", ".join(text for text in (model(stage.part), stage.note) if text)
    text = f"{stage.part.name}/{stage.arc.end} ({notes})"
    return Point(stage.delay, text, "oscillator" if stage.arc.grid else "gates", WAYS[stage.way])


@dataclass(frozen=True, slots=True)
class Path:
    """One startpoint to one endpoint under one constraint; times are from the step's begin.

    `constraint` is the kind and the pin, 'setup j'; `about` describes startpoint and endpoint;
    `group` is the clock that captures, at its `edge`; `multiplicity` is the number of endpoints of
    the board with this path. `asynchronous` data may come at any time: `arrival` is then the worst
    time.
    """

    constraint: str
    kind: Kind
    startpoint: str
    endpoint: str
    about: tuple[str, str]
    group: str
    arrival: Points
    required: Points
    multiplicity: int = 1
    asynchronous: bool = False
    edge: Edge = "fall"

    @property
    def slack(self) -> int:
        """Ticks to spare; negative if violated."""
        margin = total(self.required) - total(self.arrival)
        return margin if self.kind == "max" else -margin

    @property
    def met(self) -> bool:
        """Whether the constraint is met."""
        return self.slack >= 0

    def shares(self) -> dict[Owner, int]:
        """The contribution of each owner to the slack, in ticks; negative if it reduces it."""
        if self.asynchronous:
            return {"comparators": self.slack}
        shares: dict[Owner, int] = {}
        sign = 1 if self.kind == "max" else -1
        for points, direction in ((self.required, sign), (self.arrival, -sign)):
            for point in points:
                shares[point.owner] = shares.get(point.owner, 0) + direction * point.delay
        return shares

    @property
    def least_step(self) -> int | None:
        """The shortest step in ticks that meets the constraint; None if none or any does."""
        rate = self.shares().get("rate")
        if not rate:
            return None
        steps = sum(point.owner == "rate" for point in (*self.required, *self.arrival))
        return -((self.slack - rate) // steps)
