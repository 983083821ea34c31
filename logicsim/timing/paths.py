"""A timing path: points from a startpoint to an endpoint, and when the endpoint needs them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

# Who makes a point's delay: how often a step begins, how long the supervisor lets its converters
# wait, the debouncer's oscillator, the network, the comparators, all other chips; and the noise,
# which is drawn so long before chip select falls, whatever the chips.
Owner = Literal["rate", "converters", "oscillator", "settling", "comparators", "gates", "noise"]

# Path types: late data against an early requirement, early data against a late one, a pulse.
Kind = Literal["max", "min", "min_pulse_width"]

WAYS: Final = ("v", "^")  # by the level gone to


@dataclass(frozen=True, slots=True)
class Point:
    """A stage of a path: its delay in ticks, what it is, who makes it, and which way it goes."""

    delay: int
    text: str
    owner: Owner
    way: str = ""


Points = tuple[Point, ...]


def total(points: Sequence[Point]) -> int:
    """The time at the end of points that began at 0, in ticks."""
    return sum(point.delay for point in points)


@dataclass(frozen=True, slots=True)
class Path:
    """One startpoint to one endpoint under one constraint; times are from the step's begin.

    `constraint` is the kind and the pin, 'setup j'; `about` tells what startpoint and endpoint
    are; `group` is the clock that captures; `alike` is how many endpoints of the board have this
    very path. `asynchronous` data may come at any time: `arrival` is when it does most harm.
    """

    constraint: str
    kind: Kind
    startpoint: str
    endpoint: str
    about: tuple[str, str]
    group: str
    arrival: Points
    required: Points
    alike: int = 1
    asynchronous: bool = False

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
        """What each owner adds to the slack, in ticks; negative where it takes from it."""
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
        """The shortest step in ticks that meets the constraint; None if none or any would."""
        shares = self.shares()
        return shares["rate"] - self.slack if shares.get("rate") else None
