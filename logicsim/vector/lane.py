"""A lane: one of the machines that are computed together."""

from dataclasses import dataclass

from logicsim.board import Board
from logicsim.core.converter import Converters
from logicsim.vector.alterations import Alterations


@dataclass(frozen=True, slots=True)
class Lane:
    """One machine: a board, the seed of all its randomness, and its faults if any."""

    board: Board
    seed: int
    altered: Alterations | None = None

    def converters(self) -> Converters:
        """The converters of its supervisor."""
        return (
            self.board.supervisor.converters() if self.altered is None else self.altered.converters
        )
