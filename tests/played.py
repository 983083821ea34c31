"""Parts that say what they are told, in the place of comparators and random bits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from logicsim.parts.arcs import Timing
from logicsim.parts.part import Part, Role
from logicsim.parts.socket import Socket


@dataclass(frozen=True)
class Player:
    """A part in a comparator's place that says a wave: times (ticks) and levels."""

    wave: Sequence[tuple[int, int]]
    pins: ClassVar[Mapping[str, Role]] = {"y": "out"}
    follows: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    capture: ClassVar[None] = None
    widths: ClassVar[Mapping[str, int]] = {}
    untimed: ClassVar[frozenset[str]] = frozenset()

    def solder(self, socket: Socket) -> None:
        y = socket.driver("y")
        for time, value in self.wave:
            y.transport(value, time)

    def timing(self, part: Part, corner: object, loads: object) -> Timing:
        return Timing()
