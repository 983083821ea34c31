"""The digital part of a step, from the comparators to the wipers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from logicsim.board import Board
from logicsim.circuit.timetable import Timetable, trigger_way
from logicsim.core.names import scope
from logicsim.core.noise import Purpose
from logicsim.parts.operations import Draw
from logicsim.vector.alterations import Alterations
from logicsim.vector.comparators import Decisions, decide
from logicsim.vector.compiler import Compiled
from logicsim.vector.conductance_maps import ConductanceMaps
from logicsim.vector.counters import count
from logicsim.vector.damage import Damage, Place, assess
from logicsim.vector.interpreter import Interpreter
from logicsim.vector.noise_source import Numbers
from logicsim.vector.philox import Words, uniforms
from logicsim.vector.planes import Bits, Level, Plane, pack, unpack
from logicsim.vector.program import Form
from logicsim.vector.wiring import Codes, Floats, Ints, Wiring

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
    """The comparators, gates, flops and counters of one machine, or of a block with lanes last.

    Args:
        shape: (edges,) or (edges, lanes).
        altered: the alterations, each with its lane: () or a number.
        seeds: the seed of every lane.

    Attributes:
        codes: the codes of the free and the clamped network, or one row while they are equal.
    """

    def __init__(
        self, machine: Compiled, wiring: Wiring, shape: tuple[int, ...],
        altered: Sequence[tuple[Alterations, Place]], seeds: Sequence[int], times: "EventTimes",
    ) -> None:  # fmt: skip
        self._program, self._wiring, self._shape = machine.program, wiring, shape
        self._altered, self._times = altered, times
        self._seeds = np.array(seeds, dtype=np.uint64)
        self._interpreter = Interpreter(machine.program, int(np.prod(shape)))
        self._places: dict[tuple[str, str], Words] = {}
        self._maps: ConductanceMaps | None = None
        if any(each.maps for each, _ in altered):
            self._maps = ConductanceMaps(wiring.potentiometers, (2, *shape), altered)
        self._passing = [(each, change) for each, _ in altered for change in each.passing]
        struck = any(each.forces or each.disturbances or each.counts for each, _ in altered)
        self._pattern: list[bool] | None = None if struck else []
        self._damage: Damage | None = None
        self.codes: Codes = wiring.initial.copy()
        if not wiring.potentiometers.equal or any(each.apart for each, _ in altered):
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
        bits = int(np.prod(self._shape))
        rows = [pack(np.unpackbits(row, count=bits).view(np.bool_)) for row in state["held"]]
        self._interpreter.restore(
            [Level(high, low) for high, low in zip(rows[::2], rows[1::2], strict=True)]
        )

    def unpacked(self) -> State:
        """The codes and states as arrays."""
        held = self._interpreter.state()
        edges = self._wiring.edges
        states = [[unpack(level[kind], (edges,)) for level in held] for kind in (0, 1)]
        codes = np.broadcast_to(self.codes, (2, edges))
        return State(codes, np.array(states, dtype=np.bool_).reshape(2, -1, edges))

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
        pattern = [machine.there(change, step) for machine, change in self._passing]
        if pattern != self._pattern:
            self._pattern = pattern
            self._damage = assess(self._program, self._wiring, self._shape, self._altered, step)
        return self._damage

    def _count(
        self, step: int, event: int, counts: Sequence["_Counted"], damage: Damage | None
    ) -> None:
        """Count at one event, each potentiometer by its U/D; an unknown U/D is drawn at random."""
        unsure = any(each.unknown is not None for each in counts)
        if not unsure and damage is None:
            for each in counts[: len(self.codes)]:  # only one of two that are equal
                still = None if each.frozen is None else unpack(each.frozen, self._shape)
                count(self.codes[each.row], unpack(each.up, self._shape), self._last, still)
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
        """Unpack planes to bits, (planes, edges[, lanes]); None is a plane of zeros."""
        bits: Bits = np.zeros((len(planes), *self._shape), dtype=bool)
        for row, plane in zip(bits, planes, strict=True):
            if plane is not None:
                row[...] = unpack(plane, self._shape)
        return bits

    @property
    def _last(self) -> int:
        return self._wiring.potentiometers.positions - 1

    def _toss(
        self, step: int, event: int, counts: Sequence["_Counted"], ups: Bits, unknown: Bits
    ) -> None:
        rows, edges, *lanes = np.nonzero(unknown)
        lane: Ints = lanes[0] if lanes else np.zeros(len(edges), dtype=np.intp)
        named = [self._places_of(each.form.label, each.form.operation.direction)  # type: ignore[union-attr]
                 for each in counts]  # fmt: skip
        drawn = self._draw(Purpose.UNDECIDED, step, event, lane, np.array(named)[rows, edges])
        ups[unknown] = drawn < 0.5

    def _miss(
        self, step: int, event: int, counts: Sequence["_Counted"], damage: Damage, frozen: Bits
    ) -> None:
        """Freeze, in place, the counters that miss this clock edge."""
        rows = {each.row: place for place, each in enumerate(counts)}
        here = [(change, place) for change, place in damage.missing if change.row in rows]
        lanes = np.array([place[0] if place else 0 for _, place in here], dtype=np.intp)
        places = np.array([change.what.place for change, _ in here], dtype=np.uint64)
        drawn = self._draw(Purpose.FAULT, step, event, lanes, places)
        for (change, place), number in zip(here, drawn, strict=True):
            if number < change.what.chance:
                frozen[rows[change.row], change.edge, *place] = True

    def bits(self, step: int, event: int, form: Form) -> Plane:
        """A random bit of every edge."""
        assert isinstance(form.operation, Draw)
        edges, *lanes = np.indices(self._shape).reshape(len(self._shape), -1)
        lane: Ints = lanes[0] if lanes else np.zeros(len(edges), dtype=np.intp)
        places = self._places_of(form.label, "bit")[edges]
        drawn = self._draw(Purpose.UNDECIDED, step, event, lane, places)
        return pack(drawn < form.operation.probability)

    def _places_of(self, label: str, matter: str) -> Words:
        """The stream indices by which the parts of a label draw, one for each edge (`Socket`)."""
        places = self._places.get((label, matter))
        if places is None:
            edges = range(1, self._wiring.edges + 1)
            names = (f"{scope(edge)}.{label}.{matter}" for edge in edges)
            places = np.array([crc32(name.encode()) for name in names], dtype=np.uint64)
            self._places[label, matter] = places
        return places

    def _draw(self, purpose: Purpose, step: int, event: int, lanes: Ints, places: Words) -> Floats:
        """A number in (0, 1) for each lane and place, at the event's tick."""
        if not len(places):
            return np.empty(0)
        now = self._times.of(lanes, step, event)
        drawn: Floats = uniforms(self._seeds[lanes], purpose, 1, now, places)[0]
        return drawn


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


class EventTimes:
    """The times of the clock's events, for every lane's board and seed."""

    def __init__(self, machines: Sequence[tuple[Board, int, Compiled]]) -> None:
        kinds: dict[tuple[int, int], int] = {}
        self._kinds: Ints = np.array(
            [kinds.setdefault((id(board), seed), len(kinds)) for board, seed, _ in machines]
        )
        self._machines = dict(zip(self._kinds.tolist(), machines, strict=True))
        self._phases: dict[int, tuple[float, Timetable]] = {}  # of the lanes used so far

    def of(self, lanes: Ints, step: int, event: int) -> Words:
        """The times (ticks) of an event in a step (from 1, over all tasks), for some lanes."""
        kinds = self._kinds[lanes]
        ticks: Words = np.zeros(len(self._machines), dtype=np.uint64)
        way = trigger_way(step - 1)
        for kind in np.unique(kinds).tolist():
            phase, times = self._known(kind)
            transition = self._machines[kind][2].program.events[way][event].transition
            ticks[kind] = transition.at(times.triggered(step - 1), phase)
        return ticks[kinds]

    def _known(self, kind: int) -> tuple[float, Timetable]:
        if kind not in self._phases:
            board, seed, _ = self._machines[kind]
            self._phases[kind] = board.phase(seed), board.timetable
        return self._phases[kind]
