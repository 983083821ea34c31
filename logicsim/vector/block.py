"""A block of machines of one shape, trained by one array program: every array ends in a lane."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from logicsim.board import Board
from logicsim.core.converter import IDEAL, Converter, Converters
from logicsim.core.noise import Purpose
from logicsim.core.rule import opposed
from logicsim.tasks.allostery import Allostery
from logicsim.tasks.regression import RegressionLesson
from logicsim.vector.broken import Broken
from logicsim.vector.comparators import drops
from logicsim.vector.digital import Digital, Falls
from logicsim.vector.elimination import Elimination, Factored
from logicsim.vector.lessons import Allosteries, Lessons, Regressions
from logicsim.vector.philox import normals
from logicsim.vector.wiring import Codes, Floats, Wiring, wire


@dataclass(frozen=True, slots=True)
class Lane:
    """One machine: a board, the seed of all its randomness, and what is wrong with it, if any."""

    board: Board
    seed: int
    broken: Broken | None = None

    def converters(self) -> Converters:
        """Its supervisor's."""
        return self.board.supervisor.converters() if self.broken is None else self.broken.converters


class Block:
    """Machines whose boards differ in their numbers alone.

    No diodes, no cuts, tasks whose lessons `logicsim.vector.lessons` has.
    """

    def __init__(self, lanes: Sequence[Lane]) -> None:
        self._lanes = lanes
        self._wiring = _stacked([wire(lane.board, lane.seed) for lane in lanes])
        seeds = np.array([lane.seed for lane in lanes], dtype=np.uint64)
        self._seeds, self._own_seed = np.unique(seeds, return_inverse=True)
        converters = [lane.converters() for lane in lanes]
        self._impose = _Conversion([each.impose for each in converters])
        self._measure = _Conversion([each.measure for each in converters])
        self._digital = Digital(
            self._wiring, (self._wiring.edges, len(lanes)),
            [(lane.broken, (place,)) for place, lane in enumerate(lanes) if lane.broken],
            [lane.seed for lane in lanes], Falls([(lane.board, lane.seed) for lane in lanes]),
        )  # fmt: skip
        self._free: Floats = np.zeros((self._wiring.nodes, len(lanes)))
        self._clamped: Floats = np.zeros_like(self._free)
        self._steps = 0

    def codes(self) -> Codes:
        """The counters, (lanes, 2, edges)."""
        _, *shape = self._digital.codes.shape
        return np.moveaxis(np.broadcast_to(self._digital.codes, (2, *shape)), -1, 0)

    def measured(self) -> Floats:
        """The free outputs (V) as they are now, (outputs, lanes)."""
        self._solve_free(self._steps + 1)
        return self._measure(self._free[self._outputs], self._steps)

    def train(self, plan: Sequence[tuple[int, int]]) -> Iterator[tuple[Floats, NDArray[np.intp]]]:
        """Train numbers of tasks for so many steps each.

        Yields:
            of each step the errors (V^2) and how many edges had opposite drops, by lane.
        """
        for number, steps in plan:
            self._begin(number)
            for step in range(1, steps + 1):
                self._steps += 1
                self._held = self._impose(self._lessons.held(step), self._steps)
                self._free[self._inputs] = self._held
                self._solve_free(self._steps)
                measured = self._measure(self._free[self._outputs], self._steps)
                error = self._lessons.mark(measured, self._answers())
                clamp = self._impose(self._lessons.clamp(step, measured), self._steps)
                self._solve_clamped(clamp)
                yield error, self._decide()

    def _begin(self, number: int) -> None:
        """Take up a task of every lane's board."""
        task = self._lanes[0].board.tasks[number - 1]
        nodes = task.nodes()
        self._inputs, self._outputs = ([n - 1 for n in nodes[k]] for k in ("inputs", "outputs"))
        ends = list(zip(*self._wiring.ends.tolist(), strict=True))
        self._elimination = Elimination(self._wiring.nodes, ends, self._inputs, self._outputs)
        self._lessons = _lessons(self._lanes, number)

    def _solve_free(self, step: int) -> None:
        self._conductance = self._digital.conductance(step)
        self._factored, self._left = self._reduced(0)
        self._elimination.substitute(self._factored, self._left, self._free)

    def _reduced(self, row: int) -> tuple[Factored, Floats]:
        conductance = self._conductance[row]
        factored = self._elimination.factor(conductance)
        return factored, self._elimination.reduce(factored, conductance, self._free)

    def _solve_clamped(self, clamp: Floats) -> None:
        """One elimination serves both networks, if they are alike."""
        alike = len(self._conductance) == 1
        factored, left = (self._factored, self._left) if alike else self._reduced(1)
        self._clamped[self._inputs] = self._held
        self._clamped[self._outputs] = clamp
        self._elimination.substitute(factored, left, self._clamped, clamped=True)

    def _answers(self) -> Floats | None:
        """The free networks' answers at the outputs, (outputs, cases, lanes)."""
        asked = self._lessons.questions()
        if asked is None:
            return None
        volts: Floats = np.zeros((self._wiring.nodes, *asked.shape[1:]))
        volts[self._inputs] = self._impose(asked, self._steps)
        left = self._elimination.reduce(self._factored, self._conductance[0], volts)
        self._elimination.substitute(self._factored, left, volts)
        return self._measure(volts[self._outputs], self._steps)

    def _decide(self) -> NDArray[np.intp]:
        """Compare, latch and count; how many edges had opposite drops."""
        wiring, chips = self._wiring, self._wiring.comparators
        free, clamped = (
            self._free.take(wiring.ends, axis=0),
            self._clamped.take(wiring.ends, axis=0),
        )
        noise = None
        if chips.hear:
            drawn = normals(self._seeds, Purpose.COMPARATOR_NOISE, 2 * wiring.edges, self._steps)
            noise = drawn.take(self._own_seed, axis=1).reshape(wiring.edges, 2, -1).swapaxes(0, 1)
        self._digital.step(self._steps, free, clamped, noise)
        counted: NDArray[np.intp] = np.count_nonzero(opposed(drops(free), drops(clamped)), axis=0)
        return counted


class _Conversion:
    """The converters of all lanes at work on arrays that end in a lane."""

    def __init__(self, converters: Sequence[Converter]) -> None:
        own: list[tuple[Converter, list[int]]] = []
        for lane, converter in enumerate(converters):
            if converter == IDEAL:
                continue
            same = next((lanes for known, lanes in own if known == converter), None)
            if same is None:
                own.append((converter, [lane]))
            else:
                same.append(lane)
        self._own = own

    def __call__(self, volts: Floats, step: int) -> Floats:
        if not self._own:
            return volts
        volts = volts.copy()
        for converter, lanes in self._own:
            volts[..., lanes] = converter.convert(volts[..., lanes], step)
        return volts


def _lessons(lanes: Sequence[Lane], number: int) -> Lessons:
    tasks = [lane.board.tasks[number - 1] for lane in lanes]
    allosteries = [task for task in tasks if isinstance(task, Allostery)]
    if allosteries:
        return Allosteries(allosteries)
    drawn = {(id(task), lane.seed): task for task, lane in zip(tasks, lanes, strict=True)}
    lessons = {key: task.lesson(key[1]) for key, task in drawn.items()}
    own = [lessons[id(task), lane.seed] for task, lane in zip(tasks, lanes, strict=True)]
    return Regressions([lesson for lesson in own if isinstance(lesson, RegressionLesson)])


def _stacked(wirings: Sequence[Wiring]) -> Wiring:
    """Arrays of machines of one shape as one, with lanes last."""
    first = wirings[0]

    def stack(arrays: Sequence[Floats]) -> Floats:
        if all((array == arrays[0]).all() for array in arrays[1:]):
            return arrays[0][..., None]
        return np.stack(arrays, axis=-1)

    pots, chips = (
        [getattr(w, name) for w in wirings] for name in ("potentiometers", "comparators")
    )
    return replace(
        first,
        comparators=replace(
            first.comparators,
            offsets=stack([chip.offsets for chip in chips]),
            noise=stack([chip.noise for chip in chips]),
            limits=stack([chip.limits for chip in chips]),
        ),
        potentiometers=replace(
            first.potentiometers,
            end_to_end=stack([pot.end_to_end for pot in pots]),
            wiper=stack([pot.wiper for pot in pots]),
        ),
        initial=np.stack([wiring.initial for wiring in wirings], axis=-1),
    )
