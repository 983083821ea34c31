"""The digital part of a step, from the comparators to the wipers."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from logicsim.board import Board
from logicsim.circuit.timetable import trigger_way
from logicsim.core.noise import Purpose
from logicsim.parts.operations import Draw
from logicsim.vector.alterations import Active, Alterations
from logicsim.vector.comparators import Decisions, decide
from logicsim.vector.compiler import Compiled
from logicsim.vector.conductance_maps import ConductanceMaps
from logicsim.vector.counters import count
from logicsim.vector.damage import Damage, assess
from logicsim.vector.interpreter import Interpreter
from logicsim.vector.noise_source import Numbers
from logicsim.vector.philox import Words, uniforms
from logicsim.vector.planes import Bits, Level, Plane, pack, unpack
from logicsim.vector.program import Form
from logicsim.vector.wiring import Codes, Floats, Wiring

# Gives the standard normal deviates of all comparators for a draw of a step.
Noise = Callable[[int], Floats | Numbers | None]


class State(NamedTuple):
    """The state between steps.

    `codes`: the counters of both networks, (2, edges). `states`: where the states of the program
    may be high, and low, (2, states, edges).
    """

    codes: Codes
    states: Bits


class Digital:
    """The comparators, gates, flops and counters of a machine, on planes.

    Args:
        altered: the faults, if there are any.

    Attributes:
        codes: the codes of the free and the clamped network, or one row while they are equal.
    """

    def __init__(
        self, board: Board, seed: int, machine: Compiled, wiring: Wiring,
        altered: Alterations | None,
    ) -> None:  # fmt: skip
        self._board, self._seed = board, seed
        self._program, self._wiring, self._edges = machine.program, wiring, (wiring.edges,)
        self._altered = altered
        self._interpreter = Interpreter(machine.program, wiring.edges)
        self._places: dict[Form, Words] = {}
        self._maps: ConductanceMaps | None = None
        if altered is not None and altered.maps:
            self._maps = ConductanceMaps(wiring.potentiometers, wiring.edges, altered)
        self._active = Active()
        self._damage: Damage | None = None
        self.codes: Codes = wiring.initial.copy()
        if not wiring.potentiometers.equal or (altered is not None and altered.apart):
            self.part()

    def part(self) -> None:
        """Separate the codes of the free and the clamped network."""
        if len(self.codes) == 1:
            self.codes = np.repeat(self.codes, 2, axis=0)

    def state(self) -> dict[str, NDArray[Any]]:
        """The codes and the states of the flops."""
        held = self._interpreter.state()
        planes = [np.frombuffer(plane.tobytes(), np.uint8) for level in held for plane in level]
        size = len(planes[0]) if planes else 0
        return {"codes": self.codes, "held": np.array(planes, dtype=np.uint8).reshape(-1, size)}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Restore a state."""
        self.codes = state["codes"].copy()
        rows = [
            pack(np.unpackbits(row, count=self._wiring.edges).view(np.bool_))
            for row in state["held"]
        ]
        self._interpreter.restore(
            [Level(high, low) for high, low in zip(rows[::2], rows[1::2], strict=True)]
        )

    def unpacked(self) -> State:
        """The codes and states as arrays."""
        held, edges = self._interpreter.state(), self._edges
        states = [[unpack(level[kind], edges) for level in held] for kind in (0, 1)]
        codes = np.broadcast_to(self.codes, (2, *edges))
        return State(codes, np.array(states, dtype=np.bool_).reshape(2, -1, *edges))

    def pack(self, state: State) -> None:
        """Set the codes and states from arrays."""
        codes = state.codes
        equal = len(self.codes) == 1 and bool((codes[0] == codes[1]).all())
        self.codes = codes[:1].copy() if equal else codes.copy()
        self._interpreter.restore([Level(pack(high), pack(low)) for high, low in
                                   zip(*state.states, strict=True)])  # fmt: skip

    def conductance(self, step: int) -> Floats:
        """The conductance (S) of every edge in a step (from 1, over all tasks)."""
        siemens = self._wiring.potentiometers.conductance(self.codes)
        if self._maps is not None:
            self._maps.apply(siemens, self.codes, step)
        return siemens

    def step(self, step: int, free: Floats, clamped: Floats, noise: Noise) -> None:
        """Run the program of a step (from 1), given the voltages of the edges' ends."""
        damage = self._assess(step)
        chips = damage.comparators if damage is not None else self._wiring.comparators

        def compare(draw: int) -> Decisions:
            return decide(chips, free, clamped, noise(draw))

        forced = damage.forced if damage is not None else None
        if forced is not None and not forced.pins and not forced.still:
            forced = None
        run = _Step(self, step, compare)
        self._interpreter.run(trigger_way(step - 1), run, forced)
        for event, counts in run.counts.items():
            self._count(step, event, counts, damage)

    def _assess(self, step: int) -> Damage | None:
        if self._altered is not None:
            active = self._altered.active(step)._replace(maps=())  # they have tables
            if active != self._active:
                self._active = active
                self._damage = assess(self._program, self._wiring, active)
        return self._damage

    def _count(
        self, step: int, event: int, counts: Sequence["_Counted"], damage: Damage | None
    ) -> None:
        """Count at one event, each potentiometer by its U/D; an unknown U/D is drawn at random."""
        unsure = any(each.unknown is not None for each in counts)
        if not unsure and damage is None:
            for each in counts[: len(self.codes)]:  # only one of two that are equal
                still = None if each.frozen is None else unpack(each.frozen, self._edges)
                count(self.codes[each.row], unpack(each.up, self._edges), self._last, still)
            return
        self.part()
        ups = self._bits([each.up for each in counts])
        frozen = self._bits([each.frozen for each in counts])
        if unsure:
            unknown = self._bits([each.unknown for each in counts])
            self._toss(step, event, counts, ups, unknown & ~frozen)
        if damage is not None and damage.missing:
            self._miss(step, event, counts, damage, frozen)
        for place, each in enumerate(counts):
            codes = self.codes[each.row]
            count(codes, ups[place], self._last, frozen[place])
            twice = None if damage is None else damage.doubled
            if twice is not None and twice[each.row].any():
                count(codes, ups[place], self._last, frozen[place] | ~twice[each.row])

    def _bits(self, planes: Sequence[Plane | None]) -> Bits:
        """Unpack planes to bits, (planes, edges); None is a plane of zeros."""
        bits: Bits = np.zeros((len(planes), *self._edges), dtype=bool)
        for row, plane in zip(bits, planes, strict=True):
            if plane is not None:
                row[...] = unpack(plane, self._edges)
        return bits

    @property
    def _last(self) -> int:
        return self._wiring.potentiometers.positions - 1

    def _toss(
        self, step: int, event: int, counts: Sequence["_Counted"], ups: Bits, unknown: Bits
    ) -> None:
        """Replace unknown directions, in place, by random ones."""
        places = np.array([self._places_of(each.form) for each in counts])
        ups[unknown] = self._draw(Purpose.UNDECIDED, step, event, places[unknown]) < 0.5

    def _miss(
        self, step: int, event: int, counts: Sequence["_Counted"], damage: Damage, frozen: Bits
    ) -> None:
        """Freeze, in place, the counters that miss this clock edge."""
        rows = {each.row: place for place, each in enumerate(counts)}
        here = [change for change in damage.missing if change.row in rows]
        places = np.array([change.what.place for change in here], dtype=np.uint64)
        drawn = self._draw(Purpose.FAULT, step, event, places)
        for change, number in zip(here, drawn, strict=True):
            if number < change.what.chance:
                frozen[rows[change.row], change.edge] = True

    def bits(self, step: int, event: int, form: Form) -> Plane:
        """A random bit of every edge."""
        assert isinstance(form.operation, Draw)
        drawn = self._draw(Purpose.UNDECIDED, step, event, self._places_of(form))
        return pack(drawn < form.operation.probability)

    def _places_of(self, form: Form) -> Words:
        places = self._places.get(form)
        if places is None:
            places = self._places[form] = form.places(self._wiring.edges)
        return places

    def _draw(self, purpose: Purpose, step: int, event: int, places: Words) -> Floats:
        """A number in (0, 1) for each place, at the event's tick."""
        if not len(places):
            return np.empty(0)
        transition = self._program.events[trigger_way(step - 1)][event].transition
        now = transition.at(self._board.timetable.triggered(step - 1), self._phase)
        seeds = np.full(len(places), self._seed, dtype=np.uint64)
        drawn: Floats = uniforms(seeds, purpose, 1, now, places)[0]
        return drawn

    @cached_property
    def _phase(self) -> float:
        """The phase of the clock's oscillator, 0 to 1; needed only for draws."""
        return self._board.phase(self._seed)


class _Counted(NamedTuple):
    """Potentiometers of a network (0 free, 1 clamped) that count at an event."""

    row: int
    form: Form
    up: Plane
    unknown: Plane | None
    frozen: Plane | None


class _Step:
    """The machinery of one step, for the program."""

    def __init__(self, digital: Digital, step: int, compare: Callable[[int], Decisions]) -> None:
        self._digital, self._step = digital, step
        self.compare = compare
        # By event; wipers move at the end of the step.
        self.counts: dict[int, list[_Counted]] = {}

    def count(
        self, row: int, event: int, form: Form, up: Plane, unknown: Plane | None,
        frozen: Plane | None,
    ) -> None:  # fmt: skip
        """Store the count for the end of the step, since no operation reads a code."""
        counted = _Counted(row, form, up, unknown, frozen)
        self.counts.setdefault(event, []).append(counted)

    def draw(self, event: int, form: Form) -> Plane:
        """Random bits."""
        return self._digital.bits(self._step, event, form)
