"""A faulty netlist read as what the vector engine can do: levels forced on pins, parts changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from logicsim.board import Board
from logicsim.circuit.netlist import Netlist
from logicsim.core.converter import Converters
from logicsim.core.errors import EngineError
from logicsim.core.logic import X
from logicsim.faults.comparator import Disturbed
from logicsim.faults.counter import Doubled, Missed
from logicsim.faults.mutant import Mutant
from logicsim.faults.potentiometer import Altered
from logicsim.faults.resistance import Drifting
from logicsim.faults.stuck import Forced
from logicsim.faults.when import Spell
from logicsim.parts.part import Part

SIDES: Final = ("free", "clamped")
COMPARATORS: Final = ("comparator_a", "comparator_b")

# Whose falls matter, so that a level that comes or goes may be one.
_CLOCKS: Final = ("flop.cp", *(f"digipot_{side}.{pin}" for side in SIDES for pin in ("clk", "cs")))
# Once the trigger is forced from power-up on, neither chip select nor clock ever falls.
_FIRST: Final = "clock.section1.d"


class Force(NamedTuple):
    """A level (0, 1 or X) on an input pin, 'xor.a' of an edge (from 0), while the spell lasts."""

    pin: str
    edge: int
    level: int
    spell: Spell


class Change(NamedTuple):
    """What is done to a part while the spell lasts; rows are A and B, or free and clamped."""

    row: int
    edge: int
    what: Any
    spell: Spell


@dataclass(slots=True)
class Broken:
    """All that is wrong with one machine, each list in the order in which faults were put in."""

    converters: Converters
    seed: int
    forces: list[Force] = field(default_factory=list)
    disturbances: list[Change] = field(default_factory=list)
    laws: list[Change] = field(default_factory=list)
    counts: list[Change] = field(default_factory=list)

    def there(self, change: Force | Change, step: int) -> bool:
        """Whether it is there in a step (from 1)."""
        return change.spell.there(self.seed, step)

    @property
    def struck(self) -> Sequence[Force | Change]:
        """All but the laws."""
        return [*self.forces, *self.disturbances, *self.counts]

    @property
    def apart(self) -> bool:
        """Whether an edge's two potentiometers may come to differ."""
        return bool(self.laws or self.counts) or any(
            force.level == X or not force.pin.startswith("xor") for force in self.forces
        )


def read(netlist: Netlist, board: Board, seed: int, sound: Netlist | None = None) -> Broken:
    """What is wrong with a netlist.

    Args:
        sound: the board's own with the pieces of `seed`, if it is at hand.

    Raises:
        EngineError: the vector engine cannot do it, by the name of the part.
    """
    own = sound if sound is not None else board.netlist(seed)
    reader = _Reader(netlist, board, seed, own)
    reader.read()
    return reader.broken


class _Reader:
    def __init__(self, netlist: Netlist, board: Board, seed: int, sound: Netlist) -> None:
        self._board, self._netlist = board, netlist
        known = {part.name: part for part in sound.parts}
        self._parts = [(part, known.pop(part.name, None)) for part in netlist.parts]
        if known or (netlist.nodes, netlist.edges) != (sound.nodes, sound.edges):
            raise self._refusal(next(iter(known), "network"), "it is not on the board")
        self._saboteurs = {
            part.pins["q"][0]: part for part, own in self._parts
            if own is None and set(part.pins) == {"d", "q"}
        }  # fmt: skip
        self.broken = Broken(netlist.converters, seed)

    def read(self) -> None:
        """Find every change."""
        for part, own in self._parts:
            if own is None:
                self._check_saboteur(part)
        behind = set(self._saboteurs)
        for part, own in self._parts:
            if own is None:
                continue
            if part is not own and part != own:
                self._compare(part, own)
            for pin, nets in part.pins.items():
                if part.chip.pins[pin] == "in" and nets[0] in behind:
                    self._force(part, pin, nets[0])
        unsure = self.broken.apart and any(
            force.level == X or force.pin.startswith(("flop", "inverter"))
            for force in self.broken.forces
        )
        if self.broken.counts and unsure:
            part = next(iter(self._saboteurs.values()))
            raise self._refusal(part.name, "when an unknown U/D is counted matters")

    def _check_saboteur(self, part: Part) -> None:
        if not isinstance(part.chip, Forced | Missed | Doubled):
            raise self._refusal(part.name, "its timing or its loops matter")
        self._check_spell(part.name, part.chip.spell)

    def _compare(self, part: Part, own: Part) -> None:
        """A part that is on the board: a mutant of what it was, or its pins moved to saboteurs."""
        chip: Any = part.chip
        mutants: list[Mutant] = []
        while isinstance(chip, Mutant):
            mutants.insert(0, chip)
            chip = chip.chip
        if chip != own.chip or part.values != own.values or set(part.pins) != set(own.pins):
            raise self._refusal(part.name, "it is another part")
        for mutant in mutants:
            self._check_spell(part.name, mutant.spell)
            self._mutate(part, mutant)
        for pin, nets in part.pins.items():
            if nets != own.pins[pin] and not self._is_put_before(nets[0], own.pins[pin][0]):
                raise self._refusal(part.name, f"its pin {pin} is soldered elsewhere")

    def _is_put_before(self, net: str, other: str) -> bool:
        """Whether only saboteurs are between two nets, whichever comes first."""
        for first, last in ((net, other), (other, net)):
            behind = last
            while behind in self._saboteurs and behind != first:
                behind = self._saboteurs[behind].pins["d"][0]
            if behind == first:
                return True
        return False

    def _mutate(self, part: Part, mutant: Mutant) -> None:
        what: Any
        scope, _, name = part.name.partition(".")
        edge = int(scope.removeprefix("edge")) - 1
        if isinstance(mutant, Disturbed):
            row, to, what = COMPARATORS.index(name), self.broken.disturbances, mutant.disturbance
        elif isinstance(mutant, Altered | Drifting):
            row, to = SIDES.index(name.removeprefix("digipot_")), self.broken.laws
            what = mutant.law if isinstance(mutant, Altered) else mutant
        else:
            raise self._refusal(part.name, "its moment matters")
        to.append(Change(row, edge, what, mutant.spell))

    def _force(self, part: Part, pin: str, net: str) -> None:
        """What the saboteurs before a pin do to it, the nearest last, whose word counts."""
        chain = []
        while net in self._saboteurs:
            chain.append(self._saboteurs[net])
            net = self._saboteurs[net].pins["d"][0]
        scope, _, name = part.name.partition(".")
        place = f"{name}.{pin}"
        for saboteur in reversed(chain):
            chip: Any = saboteur.chip
            if part.name + "." + pin == _FIRST and isinstance(chip, Forced):
                self._stop(chip.spell, saboteur)
            elif scope == "clock":
                raise self._refusal(saboteur.name, f"it changes when {part.name} switches")
            elif isinstance(chip, Forced):
                self._force_edge(saboteur, place, int(scope.removeprefix("edge")) - 1)
            elif place.endswith(".clk"):
                row = SIDES.index(name.removeprefix("digipot_"))
                edge = int(scope.removeprefix("edge")) - 1
                self.broken.counts.append(Change(row, edge, chip, chip.spell))
            else:
                raise self._refusal(saboteur.name, "its timing or its loops matter")

    def _force_edge(self, saboteur: Part, place: str, edge: int) -> None:
        chip: Any = saboteur.chip
        if place in _CLOCKS and not is_permanent(chip.spell):
            raise self._refusal(saboteur.name, "a clock that comes and goes is a matter of moments")
        self.broken.forces.append(Force(place, edge, min(chip.level, X), chip.spell))

    def _stop(self, spell: Spell, saboteur: Part) -> None:
        if not is_permanent(spell):
            raise self._refusal(saboteur.name, "a clock that comes and goes is a matter of moments")
        for edge in range(len(self._netlist.edges)):
            self.broken.forces += [Force(pin, edge, 1, spell) for pin in _CLOCKS]

    def _check_spell(self, name: str, spell: Spell) -> None:
        if spell.when.moment:
            raise self._refusal(name, "it sets in within a step")

    def _refusal(self, part: str, reason: str) -> EngineError:
        return EngineError(
            f"board '{self._board.name}': part '{part}': {reason}; "
            "use the event engine (--engine event)"
        )


def is_permanent(spell: Spell) -> bool:
    """Whether it lasts from power-up on, for good."""
    when = spell.when
    return when.first == 1 and when.last is None and when.chance == 1
