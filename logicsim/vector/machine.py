"""One machine, trained a step at a time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logicsim.analog.twin import Twin
from logicsim.board import Board
from logicsim.core.converter import converted
from logicsim.core.rule import opposed
from logicsim.core.units import seconds
from logicsim.tasks.classification import ClassificationLesson
from logicsim.tasks.lesson import Exam, Lesson, Step, Tally, Task
from logicsim.vector.broken import Broken
from logicsim.vector.circuit import Circuit
from logicsim.vector.comparators import drops
from logicsim.vector.digital import Digital, Falls
from logicsim.vector.hiss import Hiss
from logicsim.vector.wiring import Floats, wire


class Machine:
    """One machine, powered up, whose static timing is met.

    Args:
        board: what to build and train.
        seed: of all randomness; the event engine makes the same of it.
        broken: what is wrong with it, as `logicsim.vector.broken.read` found it in a netlist.

    Attributes:
        steps: begun, over all tasks.
        opposed: edges, over all steps, whose two drops had opposite signs.
        lesson: the one under way, if a task is.
        at_rest: called between steps, when `state` may be asked for.
    """

    def __init__(self, board: Board, seed: int = 0, broken: Broken | None = None) -> None:
        self.board = board
        self.seed = seed
        self.broken = broken
        self._wiring = wire(board, seed)
        self._circuit = Circuit(self._wiring)
        self._converters = broken.converters if broken else board.supervisor.converters()
        self._digital = Digital(
            self._wiring, (self._wiring.edges,), [(broken, ())] if broken else [], [seed],
            Falls([(board, seed)]),
        )  # fmt: skip
        self._times = board.timetable()
        self._hiss = Hiss(seed, self._wiring.edges)
        self.lesson: Lesson | None = None
        self._targets: Floats | None = None  # of a lesson that goes on
        self.steps = 0
        self.opposed = 0
        self.at_rest: list[Callable[[], None]] = []

    def codes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The counters of the free and the clamped network, in edge order."""
        rows = [tuple(row) for row in self._digital.codes.tolist()]
        return rows[0], rows[-1]

    @property
    def now(self) -> int:
        """When the step that comes next will begin, in ticks."""
        return self._times.begin(self.steps)

    @property
    def conductance(self) -> Floats:
        """Of every edge (S) in the step that comes next: a row for both networks, or for each."""
        return self._digital.conductance(self.steps + 1)

    def tally(self) -> Tally:
        """What was counted so far; where timing is met, no violations."""
        return Tally(self.opposed, self.now)

    def train(self, plan: Sequence[tuple[int, Task, int]]) -> Iterator[Step]:
        """Train (number, task, steps) in turn, yielding each step's measurement as it is made."""
        self._settle()
        done = self.steps
        for _, task, steps in plan:
            if done < steps:
                self.lesson = lesson = task.lesson(self.seed)
                if self._targets is not None and isinstance(lesson, ClassificationLesson):
                    lesson.targets, self._targets = self._targets, None
            for number in range(done + 1, steps + 1):
                yield from self._step(task, lesson, number)
                if number == steps:
                    self.lesson = None
                for look in self.at_rest:
                    look()
            done = max(done - steps, 0)

    def put_on(self, twin: Twin) -> None:
        """Have a twin's networks be what this machine's are in the step that comes next."""
        self._circuit.put_on(twin, self.conductance)

    def state(self) -> dict[str, NDArray[Any]]:
        """All that the steps to come depend on, between steps."""
        state = {"steps": np.array(self.steps), "opposed": np.array(self.opposed)}
        if isinstance(self.lesson, ClassificationLesson):
            state["targets"] = self.lesson.targets
        return state | self._digital.state() | self._circuit.state()

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go on from a state; `train` then takes up the plan where it was left."""
        self.steps, self.opposed = int(state["steps"]), int(state["opposed"])
        self._targets = state.get("targets")
        self._digital.restore(state)
        self._settle()
        self._circuit.restore(state)

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
        self._decide({**inputs, **clamp})

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

    def _decide(self, held: Mapping[int, float]) -> None:
        """Clamp, compare, latch and count."""
        clamped = self._circuit.clamped({node - 1: volts for node, volts in held.items()})
        ends, chips = self._wiring.ends, self._wiring.comparators
        free_ends, clamped_ends = self._circuit.free.voltages.take(ends), clamped.take(ends)
        self.opposed += int(np.count_nonzero(opposed(drops(free_ends), drops(clamped_ends))))
        noise = self._hiss.draw(self.steps) if chips.hear else None
        self._digital.step(self.steps, free_ends, clamped_ends, noise)
        self._settle()

    def _settle(self) -> None:
        """Move the wipers to where they are as the next step begins."""
        self._circuit.set(self.conductance)
