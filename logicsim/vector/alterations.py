"""The differences between a netlist and its cell: levels forced on pins, and changed parts.

A fault rewrites the netlist. This module translates the breadboards that differ from the cell into
operations of the vector engine: saboteurs before pins force levels or lose clock edges, mutants
change a comparator or a potentiometer. Faults of timing are refused, by the name of the part.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, product
from typing import Any, Final, NamedTuple, TypeVar

from logicsim.board import Board
from logicsim.circuit.cell import CellPart
from logicsim.circuit.netlist import Netlist
from logicsim.circuit.waves import total, waves
from logicsim.core.converter import Converters
from logicsim.core.errors import EngineError, NetlistError
from logicsim.core.logic import Function, X
from logicsim.core.names import LEVELS, SIDES
from logicsim.core.units import ticks
from logicsim.faults.comparator import Disturbed
from logicsim.faults.counter import Doubled, Missed
from logicsim.faults.mutant import Mutant
from logicsim.faults.potentiometer import Remapped
from logicsim.faults.resistance import Drifting
from logicsim.faults.stuck import Forced
from logicsim.faults.when import ActiveWindow
from logicsim.parts.arcs import Timing
from logicsim.parts.operations import Lookup
from logicsim.parts.part import Part
from logicsim.vector.compiler import Compiled

_SHORTLY: Final = ticks(1e-6)  # longer than any bounce


class Force(NamedTuple):
    """A level (0, 1 or X) on a pin of a part (by its place in the cell) of an edge (from 0)."""

    part: int
    pin: str
    edge: int
    level: int
    active: ActiveWindow


class Change(NamedTuple):
    """A change of the comparator or potentiometer in a row, while the fault is active."""

    row: int
    edge: int
    what: Any
    active: ActiveWindow


class Active(NamedTuple):
    """The faults of a machine that are active in a step, apart from converters."""

    forces: Sequence[Force] = ()
    disturbances: Sequence[Change] = ()
    maps: Sequence[Change] = ()
    counts: Sequence[Change] = ()


_C = TypeVar("_C", Force, Change)


@dataclass(slots=True)
class Alterations:
    """All faults of one machine; each list is in the order of injection.

    `apart`: the codes of an edge's two potentiometers may come to differ.
    """

    converters: Converters
    seed: int
    forces: list[Force] = field(default_factory=list)
    disturbances: list[Change] = field(default_factory=list)
    maps: list[Change] = field(default_factory=list)
    counts: list[Change] = field(default_factory=list)
    apart: bool = False

    def there(self, change: Force | Change, step: int) -> bool:
        """Whether a change is active in a step (from 1)."""
        return change.active.there(self.seed, step)

    def active(self, step: int) -> Active:
        """The faults that are active in a step (from 1)."""

        def there(changes: Sequence[_C]) -> Sequence[_C]:
            return tuple(change for change in changes if self.there(change, step))

        return Active(
            there(self.forces), there(self.disturbances), there(self.maps), there(self.counts)
        )

    @property
    def passing(self) -> Sequence[Force | Change]:
        """The intermittent or temporary changes."""
        kinds = self.forces, self.disturbances, self.maps, self.counts
        every: Iterable[Force | Change] = chain.from_iterable(kinds)
        return [each for each in every if not is_permanent(each.active)]


def is_permanent(active: ActiveWindow) -> bool:
    """Whether it lasts from power-up to the end."""
    when = active.when
    return when.first == 1 and not when.moment and when.last is None and when.chance == 1


def read(
    netlist: Netlist, machine: Compiled, board: Board, seed: int, sound: Netlist | None = None
) -> Alterations:
    """Read the alterations of a netlist.

    Args:
        machine: the board's cell and its program.
        sound: the board's own netlist with the pieces of `seed`, if the caller has it.

    Raises:
        EngineError: the vector engine cannot compute it; names the part.
    """
    reader = _Reader(netlist, machine, board, seed, sound or board.netlist(seed))
    reader.read()
    return reader.found


class _Reader:
    def __init__(
        self, netlist: Netlist, machine: Compiled, board: Board, seed: int, sound: Netlist
    ) -> None:
        self._board, self._netlist = board, netlist
        self._cell, self._program = machine.cell, machine.program
        self._clockwork = machine.clockwork
        self._breadboards = sound.breadboards
        self._places = {part.label: place for place, part in enumerate(self._cell.parts)}
        self._comparators = [
            part.label for part in self._cell.parts if "node" in part.chip.pins.values()
        ]
        self.found = Alterations(netlist.converters, seed)
        known, same = sound.by_name, sound.identities
        different = [part for part in netlist.parts if id(part) not in same]
        self._changed = [(part, known[part.name]) for part in different if part.name in known]
        new = [part for part in different if part.name not in known]
        own = len(netlist.parts) - len(new)
        if own < len(sound.parts) or (netlist.nodes, netlist.edges) != (sound.nodes, sound.edges):
            lost = next((name for name in known if name not in netlist.by_name), "network")
            raise self._refusal(lost, "it is not on the board")
        self._new = new
        self._saboteurs = {part.pins["q"][0]: part for part in new if set(part.pins) == {"d", "q"}}
        changed = {own.name for _, own in self._changed}
        # An unchanged part may still read a net that a saboteur now drives.
        readers = chain.from_iterable(sound.readers.get(net, ()) for net in self._saboteurs)
        unchanged = {part.name: part for part in readers if part.name not in changed}
        self._misled = [*unchanged.values(), *(part for part, _ in self._changed)]

    def read(self) -> None:
        """Find every change."""
        in_clock: list[Part] = []
        for part in self._new:
            self._check_saboteur(part)
        for part, own in self._changed:
            if part != own:
                self._compare(part, own)
        for part in self._misled:
            for pin, nets in part.pins.items():
                if part.chip.pins[pin] == "in" and nets[0] in self._saboteurs:
                    chain = self._chain(nets[0])
                    edge = self._breadboards.get(part.scope)
                    if edge is None:
                        in_clock += chain
                    else:
                        self._force(chain, part, pin, edge - 1)
        if in_clock:
            self._stop(in_clock)
        found = self.found
        found.apart = bool(found.maps or found.counts or found.forces)
        if found.counts and found.forces:
            part = next(iter(self._saboteurs.values()))
            raise self._refusal(part.name, "the time at which an unknown U/D is counted matters")

    def _check_saboteur(self, part: Part) -> None:
        if not isinstance(part.chip, Forced | Missed | Doubled):
            raise self._refusal(part.name, "its timing or its loops matter")
        self._check_active(part.name, part.chip.active)

    def _compare(self, part: Part, own: Part) -> None:
        """Compare a part with its original: it may be a mutant, or read a saboteur's net."""
        chip: Any = part.chip
        mutants: list[Mutant] = []
        while isinstance(chip, Mutant):
            mutants.insert(0, chip)
            chip = chip.chip
        if chip != own.chip or part.values != own.values or set(part.pins) != set(own.pins):
            raise self._refusal(part.name, "it is a different part")
        for mutant in mutants:
            self._check_active(part.name, mutant.active)
            self._mutate(part, mutant)
        for pin, nets in part.pins.items():
            if nets != own.pins[pin] and not self._is_put_before(nets[0], own.pins[pin][0]):
                raise self._refusal(part.name, f"its pin {pin} is connected to another net")

    def _is_put_before(self, net: str, other: str) -> bool:
        """Whether only saboteurs are between two nets, in either direction."""
        for first, last in ((net, other), (other, net)):
            behind = last
            while behind in self._saboteurs and behind != first:
                behind = self._saboteurs[behind].pins["d"][0]
            if behind == first:
                return True
        return False

    def _mutate(self, part: Part, mutant: Mutant) -> None:
        what: Any
        edge = self._breadboards.get(part.scope)
        if edge is None:
            raise self._refusal(part.name, "it changes the timing of the clock")
        if isinstance(mutant, Disturbed):
            row = self._comparators.index(part.label)
            to, what = self.found.disturbances, mutant.disturbance
        elif isinstance(mutant, Remapped | Drifting):
            row, to = self._network(part), self.found.maps
            what = mutant.mapping if isinstance(mutant, Remapped) else mutant
        else:
            raise self._refusal(part.name, "its moment matters")
        to.append(Change(row, edge - 1, what, mutant.active))

    def _network(self, part: Part) -> int:
        """The row of a potentiometer: 0 free, 1 clamped."""
        return SIDES.index(self._netlist.branch(part.pins["ab"][0]).side)

    def _chain(self, net: str) -> list[Part]:
        """The saboteurs before a pin, the nearest last; the nearest decides the level."""
        chain: list[Part] = []
        while net in self._saboteurs:
            chain.insert(0, self._saboteurs[net])
            net = self._saboteurs[net].pins["d"][0]
        return chain

    def _force(self, chain: Sequence[Part], part: Part, pin: str, edge: int) -> None:
        """Record the effect of saboteurs on a pin of an edge."""
        place = self._places[part.label]
        capture = part.chip.capture
        counts = bool(part.chip.widths) and capture is not None and capture.clock == pin
        for saboteur in chain:
            chip: Any = saboteur.chip
            if isinstance(chip, Forced):
                self._force_pin(saboteur, place, pin, edge, min(chip.level, X))
            elif counts:
                if isinstance(chip, Doubled) and not self._is_selected_on(part):
                    raise self._refusal(saboteur.name, "it counts again as it is deselected")
                self.found.counts.append(Change(self._network(part), edge, chip, chip.active))
            else:
                raise self._refusal(saboteur.name, "its timing or its loops matter")

    def _is_selected_on(self, part: Part) -> bool:
        """Whether the chip select is stable for a short time after a potentiometer counts."""
        (net,) = self._cell.parts[self._places[part.label]].nets("cs")
        for counts, way in zip(self._clockwork.counts(), (0, 1), strict=True):
            for count, select in product(counts, self._clockwork.row(net, way)):
                if 0 < total(select.late) - total(count.late) < _SHORTLY:
                    return False
        return True

    def _force_pin(self, saboteur: Part, place: int, pin: str, edge: int, level: int) -> None:
        chip: Any = saboteur.chip
        if (place, pin) in self._program.clocked and not is_permanent(chip.active):
            raise self._refusal(saboteur.name, "an intermittent clock depends on delays")
        self.found.forces.append(Force(place, pin, edge, level, chip.active))
        part = self._cell.parts[place]
        for each in part.chip.operations():
            if not isinstance(each, Lookup):
                continue
            if part.nets(each.output)[0] in self._program.moving:
                self._force_behind(saboteur, part, each, (pin, level), edge)
            elif (place, pin) in self._program.clocked:
                self._check_gate(saboteur, part, each, (pin, level))

    def _force_behind(
        self, saboteur: Part, part: CellPart, gate: Lookup, forced: tuple[str, int], edge: int
    ) -> None:
        """Record that the output of a clock gate on an edge's own breadboard is stuck."""
        pin, level = forced
        moving = [p for p in gate.inputs if part.nets(p)[0] in self._program.moving and p != pin]
        if moving:
            raise self._refusal(saboteur.name, f"it changes the timing of {part.label}")
        tied = {p: LEVELS.get(part.nets(p)[0], X) for p in gate.inputs} | {pin: level}
        stuck = Function(gate.inputs, gate.table).value([tied[p] for p in gate.inputs])
        (net,) = part.nets(gate.output)
        for place, other in enumerate(self._cell.parts):
            for name, role in other.chip.pins.items():
                if role == "in" and other.nets(name)[0] == net:
                    self._force_pin(saboteur, place, name, edge, stuck)

    def _check_gate(
        self, saboteur: Part, part: CellPart, gate: Lookup, forced: tuple[str, int]
    ) -> None:
        """Refuse a gated clock that stands still where it lets data through to a clock pin."""
        pin, level = forced
        function = Function(gate.inputs, gate.table)
        levels = (level,) if level < X else (0, 1)
        left = {digit for each in levels for digit in function.tied({pin: each}).table}
        if len(left) > 1 and self._clocks(part.nets(gate.output)[0]):
            raise self._refusal(saboteur.name, f"data behind {part.label} are a clock then")

    def _clocks(self, net: str) -> bool:
        """Whether a net clocks a part, itself or through gates."""
        for part in self._cell.parts:
            for each in part.chip.operations():
                clock = getattr(each, "clock", "")
                if clock and net in part.nets(clock):
                    return True
                if (
                    isinstance(each, Lookup)
                    and any(net in part.nets(pin) for pin in each.inputs)
                    and self._clocks(part.nets(each.output)[0])
                ):
                    return True
        return False

    def _stop(self, chain: Sequence[Part]) -> None:
        """Check that a level forced in the clock stops every net that edges read."""
        for part in chain:
            if not isinstance(part.chip, Forced):
                raise self._refusal(part.name, "it changes the timing of the clock")
            if not is_permanent(part.chip.active):
                reason = "an intermittent clock depends on delays"
                raise self._refusal(part.name, reason)
        scopes = (part for part in self._netlist.parts if part.scope not in self._breadboards)
        timings = [(part, _frozen(part, self._board.parts.corner)) for part in scopes]
        try:
            made = [waves(timings, way) for way in (0, 1)]
        except NetlistError:
            made = []
        read = {own.nets(pin)[0]: None for place, own in enumerate(self._cell.parts)
                for pin in own.chip.pins if (place, pin) in self._program.clocked}  # fmt: skip
        shared = [net for net in read if any(net in each.resting for each in made)]
        if not made or any(each.rows[net] for each in made for net in shared if net in each.rows):
            raise self._refusal(chain[0].name, "it changes the timing of the clock")
        for place, own in enumerate(self._cell.parts):
            for pin in own.chip.pins:
                if (place, pin) in self._program.clocked and own.nets(pin)[0] in shared:
                    level = made[0].resting[own.nets(pin)[0]]
                    for edge in range(len(self._netlist.edges)):
                        self._force_pin(chain[0], place, pin, edge, level)

    def _check_active(self, name: str, active: ActiveWindow) -> None:
        if active.when.moment:
            raise self._refusal(name, "it begins within a step")

    def _refusal(self, part: str, reason: str) -> EngineError:
        return EngineError(
            f"board '{self._board.name}': part '{part}': {reason}; "
            "use the event engine (--engine event)"
        )


def _frozen(part: Part, corner: Any) -> Timing:
    """The timing of a part; a stuck part has no arcs."""
    if not isinstance(part.chip, Forced):
        timing: Timing = part.chip.timing(part, corner, {})
        return timing
    # A floating or unknown level does not change either.
    return Timing(functions={"q": Function((), "1" if part.chip.level == 1 else "0")})
