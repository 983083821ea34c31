"""A mutant: a part that is not quite what it was, around the part that it was."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from logicsim.faults.when import Spell
from logicsim.parts.arcs import Timing
from logicsim.parts.declaration import Corner
from logicsim.parts.part import Chip, Part, Role
from logicsim.parts.socket import Socket


def innermost(chip: Chip) -> Chip:
    """What a part was before anything was done to it."""
    while isinstance(chip, Mutant):
        chip = chip.chip
    return chip


@dataclass(frozen=True, slots=True)
class Mutant:
    """What all mutants share: pins and timing of the chip within; each kind solders it anew."""

    chip: Chip
    spell: Spell

    @property
    def pins(self) -> Mapping[str, Role]:
        """Those of the chip within."""
        return self.chip.pins

    @property
    def model(self) -> str:
        """The maker's name of the chip within."""
        return str(getattr(self.chip, "model", type(self.chip).__name__))

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """That of the chip within."""
        timing: Timing = self.chip.timing(part, corner, loads)
        return timing

    def solder(self, socket: Socket) -> Any:
        """Put the chip within to work, and have it changed when the fault comes and goes."""
        part = self.chip.solder(socket)
        change = self.change(part, socket)

        def turn(there: bool) -> None:
            change(there)

        self.spell.arrange(socket.kernel, socket.bench.seed, turn)
        return part

    def change(self, part: Any, socket: Socket) -> Callable[[bool], None]:
        """What to do when the fault comes (true) or goes to `part`, which is at work."""
        raise NotImplementedError
