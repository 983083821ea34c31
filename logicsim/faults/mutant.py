"""Mutants: chips that wrap a sound chip and change its behaviour."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from logicsim.faults.when import ActiveWindow
from logicsim.parts.arcs import Timing
from logicsim.parts.kind import Corner
from logicsim.parts.part import Capture, Chip, Part, Role
from logicsim.parts.socket import Socket


def innermost(chip: Chip) -> Chip:
    """The sound chip inside a mutant, or inside several."""
    while isinstance(chip, Mutant):
        chip = chip.chip
    return chip


@dataclass(frozen=True, slots=True)
class Mutant:
    """A chip with the pins and the timing of the chip inside; a subclass defines the change."""

    chip: Chip
    active: ActiveWindow

    @property
    def pins(self) -> Mapping[str, Role]:
        """The pins of the chip inside."""
        return self.chip.pins

    @property
    def model(self) -> str:
        """The maker's name of the chip inside."""
        return str(getattr(self.chip, "model", type(self.chip).__name__))

    @property
    def follows(self) -> Mapping[str, tuple[str, ...]]:
        """The same as in the chip inside."""
        return self.chip.follows

    @property
    def capture(self) -> Capture | None:
        """The same as in the chip inside."""
        return self.chip.capture

    @property
    def widths(self) -> Mapping[str, int]:
        """The same as in the chip inside."""
        return self.chip.widths

    @property
    def untimed(self) -> frozenset[str]:
        """The same as in the chip inside."""
        return self.chip.untimed

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """The timing of the chip inside."""
        timing: Timing = self.chip.timing(part, corner, loads)
        return timing

    def solder(self, socket: Socket) -> Any:
        """Start the chip inside, and change it when the fault begins and ends."""
        part = self.chip.solder(socket)
        change = self.change(part, socket)

        def turn(there: bool) -> None:
            change(there)

        self.active.arrange(socket.kernel, socket.bench.seed, turn)
        return part

    def change(self, part: Any, socket: Socket) -> Callable[[bool], None]:
        """The function to call when the fault begins (true) or ends; `part` is the running part."""
        raise NotImplementedError
