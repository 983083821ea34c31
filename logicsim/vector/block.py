"""Machines of one shape, trained together by kernels."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from logicsim.analog.pattern import SINGULAR
from logicsim.core.cores import cores
from logicsim.core.errors import SolveError
from logicsim.tasks.script import Script
from logicsim.vector.alterations import Active
from logicsim.vector.compiler import Compiled
from logicsim.vector.kernels.comparators import comparators
from logicsim.vector.kernels.groups import bits, by_lane, grouped, planes
from logicsim.vector.kernels.logic import logic
from logicsim.vector.kernels.networks import networks
from logicsim.vector.kernels.potentiometers import potentiometers
from logicsim.vector.kernels.random import NDTRI
from logicsim.vector.kernels.step import Machines, Record, State, run
from logicsim.vector.kernels.supervisor import Shown, supervisor
from logicsim.vector.lane import Lane
from logicsim.vector.pace import Pace
from logicsim.vector.wiring import Codes, Floats, Wiring

Bits = NDArray[np.bool_]

_MOST_BYTES: Final = 1 << 24  # of codes and outputs that a call records
_PIECES: Final = 4  # of work for each core
_LOW, _HIGH = 0, 1  # the nets of fixed levels


class Circuits(NamedTuple):
    """What lanes of one shape consist of.

    `own` is the wiring of each lane among `wirings`; `phases` are those of the clock's oscillators;
    `dead` are the edges (from 0) that conduct nothing in the free and in the clamped network;
    `active` are the faults of each lane.
    """

    lanes: Sequence[Lane]
    machine: Compiled
    wirings: Sequence[Wiring]
    own: Sequence[int]
    phases: Floats
    dead: tuple[frozenset[int], frozenset[int]]
    active: Sequence[Active]


def phases(lanes: Sequence[Lane]) -> Floats:
    """The phase of the clock's oscillator in each lane, 0 to 1."""
    known: dict[tuple[int, int], float] = {}
    for lane in lanes:
        key = id(lane.board), lane.seed
        if key not in known:
            known[key] = lane.board.phase(lane.seed)
    return np.array([known[id(lane.board), lane.seed] for lane in lanes])


class Measured(NamedTuple):
    """The measurements of some steps by lane, each before its update.

    `errors` (V^2), `accuracies`: (lanes, steps). `opposed`: edges with drops of opposite sign, over
    all steps, (lanes,). `outputs` (V): (lanes, steps, outputs), `codes`: (lanes, steps, 2, edges),
    both empty if they are not recorded.
    """

    errors: Floats
    accuracies: Floats
    opposed: NDArray[np.int64]
    outputs: Floats
    codes: Codes


class Block:
    """Machines of one shape, and one task of each.

    Args:
        scripts: the task of each lane; all have one shape.
        codes: the counters, (lanes, 2, edges).
        states: where the program's states may be high, and low, (lanes, 2, states, edges).
        wanted: what the scripts want (V), (lanes, labels, clamps).
        width: the number of lanes that are computed side by side.
    """

    def __init__(
        self, circuits: Circuits, scripts: Sequence[Script], codes: Codes, states: Bits,
        wanted: Floats, width: int,
    ) -> None:  # fmt: skip
        lanes, machine, wirings, own, phases, dead, active = circuits
        program, first, board = machine.program, scripts[0], lanes[0].board
        self._program, self._scripts, self._lanes = program, scripts, len(lanes)
        inputs, clamps = ([n - 1 for n in nodes] for nodes in (first.inputs, first.clamps))
        graph = networks(wirings[0].nodes, wirings[0].ends, inputs, clamps, dead)
        converters = [lane.converters() for lane in lanes]
        times = board.timetable
        self._width, self._edges = width, wirings[0].edges
        self._machines = Machines(
            graph,
            potentiometers(wirings, own, [each.maps for each in active], width),
            comparators(wirings, own, program.comparators,
                        [each.disturbances for each in active], width),
            logic(program, self._edges, active, phases, width),
            supervisor(graph, scripts, converters, width),
            np.array([times.triggered(0), times.period]),
            grouped(np.array([lane.seed for lane in lanes], dtype=np.uint64), width),
        )  # fmt: skip
        self._state = State(
            grouped(codes.astype(np.int32), width),
            self._levels(states),
            grouped(wanted, width),
        )
        self._pace = Pace()

    def _levels(self, states: Bits) -> NDArray[np.uint64]:
        """The planes of all nets; those without a state are unknown until they are computed."""
        levels = np.ones((self._lanes, 2, len(self._program.nets), self._edges), dtype=np.bool_)
        levels[:, 0, _LOW] = levels[:, 1, _HIGH] = False
        levels[:, :, list(self._program.states)] = states
        return planes(levels, self._width)

    @property
    def codes(self) -> Codes:
        """The counters, (lanes, 2, edges)."""
        return by_lane(self._state.codes, self._lanes)

    @property
    def states(self) -> Bits:
        """Where the program's states may be high, and low, (lanes, 2, states, edges)."""
        packed = self._state.levels[:, :, list(self._program.states)]
        found = bits(packed, self._edges * self._width)
        return by_lane(found.reshape(*packed.shape[:3], self._edges, self._width), self._lanes)

    @property
    def wanted(self) -> Floats:
        """What the scripts want now (V), (lanes, labels, clamps)."""
        return by_lane(self._state.wanted, self._lanes)

    def train(self, first: int, steps: int, done: int) -> Iterator[Measured]:
        """Do steps, with calls of about a tenth of a second.

        Args:
            first: the number of the first step in the task, from 1.
            done: the number of steps before, over all tasks.

        Raises:
            SolveError: a network is singular to machine precision.
        """
        with ThreadPoolExecutor(cores()) as pool:
            while steps:
                measured = self.call(first, steps, done, pool)
                yield measured
                count = measured.errors.shape[1]
                first, steps, done = first + count, steps - count, done + count

    def call(
        self, first: int, most: int, done: int, pool: ThreadPoolExecutor | None = None, *,
        recorded: bool = False,
    ) -> Measured:  # fmt: skip
        """Do at least one step and at most `most`, in about a tenth of a second.

        Args:
            recorded: whether to record outputs and codes.
        """
        if recorded:
            most = min(most, max(1, _MOST_BYTES // (8 * self._lanes * (self._edges + 8))))
        count = self._pace.steps(most)
        shown, record = self._shown(first, count), self._record(count, recorded=recorded)
        ranges = self._pieces()
        lanes = (0,) * self._width

        def piece(groups: tuple[int, int]) -> tuple[int, int]:
            return run(self._machines, shown, self._state, record, done, *groups, NDTRI, lanes)

        begun = time.perf_counter()
        found = list((map if pool is None else pool.map)(piece, ranges))
        self._pace.took(count, time.perf_counter() - begun)
        if any(network >= 0 for network, _ in found):
            raise SolveError(SINGULAR)
        return Measured(
            by_lane(record.errors, self._lanes),
            by_lane(record.accuracies, self._lanes),
            by_lane(record.opposed, self._lanes),
            by_lane(record.outputs, self._lanes),
            by_lane(record.codes, self._lanes),
        )

    def _pieces(self) -> list[tuple[int, int]]:
        """The groups of each piece of work: the first, and the one after the last."""
        groups = len(self._state.codes)
        number = min(groups, _PIECES * cores())
        ends = [groups * piece // number for piece in range(number + 1)]
        return list(pairwise(ends))

    def _shown(self, first: int, count: int) -> Shown:
        own = {id(script): script for script in self._scripts}
        rows = {key: script.rows(first, count) for key, script in own.items()}
        shown = np.array([rows[id(script)] for script in self._scripts])
        return Shown(
            np.ascontiguousarray(np.moveaxis(grouped(shown, self._width), 1, 0), dtype=np.int32),
            self._scripts[0].begins(first, count),
        )

    def _record(self, count: int, *, recorded: bool) -> Record:
        groups, width = len(self._state.codes), self._width
        outputs = len(self._scripts[0].outputs) if recorded else 0
        return Record(
            np.empty((groups, count, width)),
            np.full((groups, count, width), np.nan),
            np.zeros((groups, width), dtype=np.int64),
            np.empty((groups, count, outputs, width)),
            np.empty((groups, count, 2, self._edges if recorded else 0, width), dtype=np.int32),
        )
