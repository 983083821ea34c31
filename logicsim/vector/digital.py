"""From the comparators to the wipers: what happens in a step between two solves."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from logicsim.board import Board
from logicsim.circuit.clock import Cascade
from logicsim.circuit.timetable import Timetable
from logicsim.core.noise import Purpose
from logicsim.vector.broken import SIDES, Broken, is_permanent
from logicsim.vector.comparators import decide
from logicsim.vector.counters import count
from logicsim.vector.damage import Damage, Place, assess
from logicsim.vector.laws import Laws
from logicsim.vector.logic import Logic
from logicsim.vector.philox import Words, uniforms
from logicsim.vector.planes import Bits, Level, unpack
from logicsim.vector.wiring import Codes, Floats, Ints, Wiring


class Digital:
    """Comparators, gates, flops and counters of one machine, or of a block with lanes last.

    Args:
        shape: (edges,) or (edges, lanes).
        broken: what is wrong, and in which lane: (), or its number.
        seeds: of every lane.

    Attributes:
        codes: of the free and the clamped network, or one row while they are the same.
    """

    def __init__(
        self, wiring: Wiring, shape: tuple[int, ...], broken: Sequence[tuple[Broken, Place]],
        seeds: Sequence[int], falls: "Falls",
    ) -> None:  # fmt: skip
        self._wiring, self._shape = wiring, shape
        self._broken, self._falls = broken, falls
        self._seeds = np.array(seeds, dtype=np.uint64)
        self._logic = Logic(shape)
        self._laws: Laws | None = None
        if any(machine.laws for machine, _ in broken):
            self._laws = Laws(wiring.potentiometers, (2, *shape), broken)
        struck = [(machine, force) for machine, _ in broken for force in machine.struck]
        self._passing = [each for each in struck if not is_permanent(each[1].spell)]
        self._pattern: list[bool] | None = None if struck else []
        self._damage: Damage | None = None
        self.codes: Codes = wiring.initial[None].copy()
        if not wiring.potentiometers.alike or any(machine.apart for machine, _ in broken):
            self.part()

    def part(self) -> None:
        """Give the free and the clamped network codes of their own."""
        if len(self.codes) == 1:
            self.codes = np.repeat(self.codes, 2, axis=0)

    def state(self) -> dict[str, NDArray[Any]]:
        """Codes, and what the flops hold."""
        high, low = self._logic.state
        return {"codes": self.codes, "flops_high": high, "flops_low": low}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go on from a state."""
        self.codes = state["codes"]
        self._logic.state = Level(state["flops_high"], state["flops_low"])

    def conductance(self, step: int) -> Floats:
        """Of every edge (S), as it is in a step (from 1, over all tasks)."""
        siemens = self._wiring.potentiometers.conductance(self.codes)
        if self._laws is not None:
            self._laws.apply(siemens, self.codes, step)
        return siemens

    def step(self, step: int, free: Floats, clamped: Floats, noise: Floats | None) -> None:
        """Compare (voltages of the edges' ends), latch at chip select, count at the clock."""
        damage = self._assess(step)
        chips = damage.comparators if damage is not None else self._wiring.comparators
        held = self._logic.latch(*decide(chips, free, clamped, noise))
        if damage is None and not (held.high & held.low).any():
            count(self.codes, unpack(held.high, self._shape), self._last)
        else:
            self._count(step, held, damage)

    @property
    def _last(self) -> int:
        return self._wiring.potentiometers.positions - 1

    def _assess(self, step: int) -> Damage | None:
        pattern = [machine.there(change, step) for machine, change in self._passing]
        if pattern != self._pattern:
            self._pattern = pattern
            self._damage = assess(self._wiring, self._shape, self._broken, step)
            self._logic.force(self._damage.levels)
        return self._damage

    def _count(self, step: int, held: Level, damage: Damage | None) -> None:
        """Count, each potentiometer by its own U/D; where that is unknown it tosses a coin."""
        pins = [self._logic.pin(f"digipot_{side}.ud", held) for side in SIDES]
        up = np.array([unpack(pin.high, self._shape) for pin in pins])
        unknown = np.array([unpack(pin.high & pin.low, self._shape) for pin in pins])
        frozen = damage.frozen if damage is not None else None
        if frozen is not None:
            unknown &= ~frozen
        if unknown.any():
            self._toss(step, up, unknown)
        if damage is not None and damage.missing:
            frozen = self._miss(step, damage, frozen)
        if unknown.any() or damage is not None:
            self.part()
        rows = len(self.codes)
        count(self.codes, up[:rows], self._last, frozen)
        if damage is not None and damage.doubled is not None:
            count(self.codes, up, self._last, ~damage.doubled)

    def _toss(self, step: int, up: Bits, unknown: Bits) -> None:
        rows, edges, *lanes = np.nonzero(unknown)
        lane: Ints = lanes[0] if lanes else np.zeros(len(rows), dtype=np.intp)
        places = _coins(self._shape[0])[rows, edges]
        up[unknown] = self._draw(Purpose.UNDECIDED, step, lane, places) < 0.5

    def _miss(self, step: int, damage: Damage, frozen: Bits | None) -> Bits:
        still: Bits = np.zeros((2, *self._shape), dtype=bool) if frozen is None else frozen.copy()
        lanes = [place[0] if place else 0 for _, place in damage.missing]
        chips = [change.what for change, _ in damage.missing]
        places = np.array([chip.place for chip in chips], dtype=np.uint64)
        drawn = self._draw(Purpose.FAULT, step, np.array(lanes), places)
        for (change, place), chip, number in zip(damage.missing, chips, drawn, strict=True):
            if number < chip.chance:
                still[change.row, change.edge, *place] = True
        return still

    def _draw(self, purpose: Purpose, step: int, lanes: Ints, places: Words) -> Floats:
        """A number in (0, 1) for each matter, by its lane and place, at the clock's fall."""
        now = self._falls.in_step(lanes, step)
        drawn: Floats = uniforms(self._seeds[lanes], purpose, 1, now, places)[0]
        return drawn


class Falls:
    """When the clock falls in the steps of every lane's board and seed."""

    def __init__(self, machines: Sequence[tuple[Board, int]]) -> None:
        kinds: dict[tuple[int, int], int] = {}
        self._kinds: Ints = np.array(
            [kinds.setdefault((id(board), seed), len(kinds)) for board, seed in machines]
        )
        self._machines = dict(zip(self._kinds.tolist(), machines, strict=True))
        self._of_board: dict[int, tuple[Cascade, Timetable]] = {}
        self._of_kind: dict[int, tuple[Cascade, Timetable]] = {}  # of those that were asked for

    def in_step(self, lanes: Ints, step: int) -> Words:
        """The ticks of the falls in a step (from 1, over all tasks), of each of these lanes."""
        kinds = self._kinds[lanes]
        ticks: Words = np.zeros(len(self._machines), dtype=np.uint64)
        for kind in np.unique(kinds).tolist():
            cascade, times = self._foretold(kind)
            trigger = times.begin(step - 1) + 2 * times.settle + 1
            ticks[kind] = cascade.clock_fall(trigger)
        return ticks[kinds]

    def _foretold(self, kind: int) -> tuple[Cascade, Timetable]:
        if kind not in self._of_kind:
            board, seed = self._machines[kind]
            if id(board) not in self._of_board:
                self._of_board[id(board)] = board.cascade(seed), board.timetable()
            cascade, times = self._of_board[id(board)]
            self._of_kind[kind] = replace(cascade, phase=board.phase(seed)), times
        return self._of_kind[kind]


@cache
def _coins(edges: int) -> Words:
    """By which the potentiometers of either network toss theirs: their names' places."""
    names = [[f"edge{edge}.digipot_{side}.ud" for edge in range(1, edges + 1)] for side in SIDES]
    coins: Words = np.array(
        [[crc32(name.encode()) for name in row] for row in names], dtype=np.uint64
    )
    return coins
