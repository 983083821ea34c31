"""One machine, trained a step at a time."""

from collections.abc import Iterator, Mapping, Sequence
from zlib import crc32

import numpy as np

from logicsim.board import Board
from logicsim.converter import converted
from logicsim.noise import Purpose, Stream
from logicsim.supervisor import Exam, Lesson, Step, Tally, Task, opposed
from logicsim.units import seconds
from logicsim.vector.circuit import Circuit
from logicsim.vector.comparators import decide, drops
from logicsim.vector.counters import count
from logicsim.vector.planes import Level, unpack, xor
from logicsim.vector.wiring import Floats, wire

SIDES = ("free", "clamped")


class Machine:
    """One machine, powered up, whose static timing is met.

    Args:
        board: what to build and train.
        seed: of all randomness; the event engine makes the same of it.

    Attributes:
        steps: begun, over all tasks.
        opposed: edges, over all steps, whose two drops had opposite signs.
    """

    def __init__(self, board: Board, seed: int = 0) -> None:
        self.board = board
        self.seed = seed
        self._wiring = wire(board, seed)
        self._circuit = Circuit(self._wiring)
        self._codes = self._wiring.initial[None].copy()  # one row while no edge's two have parted
        if not self._wiring.potentiometers.alike:
            self._codes = np.repeat(self._codes, 2, axis=0)
        self._converters = board.supervisor.converters()
        self._times = board.timetable()
        self._cascade = board.cascade(seed)
        self._noise = Stream(seed, Purpose.COMPARATOR_NOISE)
        self._undecided = Stream(seed, Purpose.UNDECIDED)
        self.steps = 0
        self.opposed = 0

    def codes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The counters of the free and the clamped network, in edge order."""
        rows = [tuple(row) for row in self._codes.tolist()]
        return rows[0], rows[-1]

    @property
    def now(self) -> int:
        """When the step that comes next will begin, in ticks."""
        return self._times.first + self.steps * self._times.period

    def tally(self) -> Tally:
        """What was counted so far; where timing is met, no violations."""
        return Tally(self.opposed, self.now)

    def train(self, plan: Sequence[tuple[int, Task, int]]) -> Iterator[Step]:
        """Train (number, task, steps) in turn, yielding each step's measurement as it is made."""
        self._settle()
        for _, task, steps in plan:
            lesson = task.lesson(self.seed)
            for number in range(1, steps + 1):
                yield from self._step(task, lesson, number)

    def _step(self, task: Task, lesson: Lesson, number: int) -> Iterator[Step]:
        begin = self.now
        self.steps += 1
        if number in task.cut:
            self._circuit.cut([edge - 1 for edge in task.cut[number]])
        inputs = converted(self._converters.impose, lesson.held(number), self.steps)
        self._circuit.hold({node - 1: volts for node, volts in inputs.items()})
        measured = self.measure(task.output_nodes)
        mark = lesson.mark(number, measured, self._examine(lesson.exam(number), task.output_nodes))
        time = seconds(begin + self._times.settle)
        yield Step(task.name, number, time, *mark, measured, *self.codes())
        clamp = converted(self._converters.impose, lesson.clamp(number, measured), self.steps)
        self._count(self._decide({**inputs, **clamp}), begin + 2 * self._times.settle + 1)
        self._settle()

    def measure(self, nodes: Sequence[int]) -> dict[int, float]:
        """The free voltages (V) of nodes, as the converter reads them."""
        if self._circuit.free.stale:
            self._circuit.free.solve()
        volts = self._circuit.free.voltages
        read = {node: float(volts[node - 1]) for node in nodes}
        return dict(converted(self._converters.measure, read, self.steps))

    def _examine(self, exam: Exam | None, outputs: Sequence[int]) -> Floats | None:
        """The free network's answers at `outputs`, as the converters pose and read them."""
        if exam is None:
            return None
        volts = self._converters.impose.convert(exam.volts, self.steps)
        answers = self._circuit.free.answers([node - 1 for node in exam.nodes], volts)
        outs = answers[:, [node - 1 for node in outputs]]
        return self._converters.measure.convert(outs, self.steps)

    def _decide(self, held: Mapping[int, float]) -> Level:
        """What the flops latch at the chip-select fall: up or down."""
        clamped = self._circuit.clamped({node - 1: volts for node, volts in held.items()})
        ends, chips = self._wiring.ends, self._wiring.comparators
        free_ends, clamped_ends = self._circuit.free.voltages.take(ends), clamped.take(ends)
        self.opposed += int(opposed(drops(free_ends), drops(clamped_ends)))
        noise = None
        if chips.noise.any():
            noise = self._noise.normals(2 * self._wiring.edges, self.steps).reshape(-1, 2).T
        return xor(*decide(chips, free_ends, clamped_ends, noise))

    def _count(self, up: Level, trigger: int) -> None:
        """Count at the clock fall; a potentiometer whose U/D is unknown tosses a coin."""
        edges, last = self._wiring.edges, self._wiring.potentiometers.positions - 1
        ups = unpack(up.high, (edges,))
        unknown = up.high & up.low
        if unknown.any():
            both = np.repeat(ups[None], 2, axis=0)
            now = self._cascade.clock_fall(trigger)
            for edge in np.flatnonzero(unpack(unknown, (edges,))).tolist():
                both[:, edge] = [self._toss(edge, side, now) for side in SIDES]
            ups = both
            if len(self._codes) == 1:
                self._codes = np.repeat(self._codes, 2, axis=0)
        count(self._codes, ups, last)

    def _toss(self, edge: int, side: str, now: int) -> bool:
        place = crc32(f"edge{edge + 1}.digipot_{side}.ud".encode())
        return bool(self._undecided.uniforms(1, step=now, index=place)[0] < 0.5)

    def _settle(self) -> None:
        self._circuit.set(self._wiring.potentiometers.conductance(self._codes))
