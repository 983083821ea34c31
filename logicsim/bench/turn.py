"""A contender's turn: how many steps it made, in how many seconds."""

from collections.abc import Callable
from typing import Final, NamedTuple

_LEAST: Final = 1e-6  # s; the shortest time to divide by


class Turn(NamedTuple):
    """The steps really made, which may be a few more than asked for, and their seconds."""

    steps: int
    seconds: float

    @property
    def rate(self) -> float:
        """Steps a second."""
        return self.steps / max(self.seconds, _LEAST)


RunSteps = Callable[[int], Turn]  # makes at least that many steps
