"""A block of machines of one shape, trained together: the last axis of arrays is the lane."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logicsim.board import Board
from logicsim.circuit.timetable import DRAWS_APART
from logicsim.core.converter import IDEAL, Converter, Converters
from logicsim.core.noise import Purpose
from logicsim.core.rule import opposed
from logicsim.tasks.allostery import Allostery
from logicsim.tasks.regression import RegressionRun
from logicsim.vector.alterations import Alterations
from logicsim.vector.comparators import drops
from logicsim.vector.compiler import Compiled
from logicsim.vector.digital import Digital, EventTimes
from logicsim.vector.elimination import Elimination, Factored
from logicsim.vector.philox import normals
from logicsim.vector.task_runs import Allosteries, Regressions, TaskRuns
from logicsim.vector.wiring import Codes, Floats, Wiring


@dataclass(frozen=True, slots=True)
class Lane:
    """One machine: a board, the seed of all its randomness, and its faults if any."""

    board: Board
    seed: int
    altered: Alterations | None = None

    def converters(self) -> Converters:
        """The converters of its supervisor."""
        return (
            self.board.supervisor.converters() if self.altered is None else self.altered.converters
        )


class Block:
    """Machines whose boards differ only in their numbers.

    They have no diodes, no cuts, and only tasks in `logicsim.vector.task_runs`.
    """

    def __init__(
        self, lanes: Sequence[Lane], machines: Sequence[Compiled], wirings: Sequence[Wiring]
    ) -> None:
        self._lanes = lanes
        # The C library reuses freed memory only up to the largest size freed so far; larger arrays
        # are mapped again at each step, which takes a third of a run.
        np.empty(_HEAP)
        self._wiring = _stacked(wirings)
        seeds = np.array([lane.seed for lane in lanes], dtype=np.uint64)
        self._seeds, self._own_seed = np.unique(seeds, return_inverse=True)
        converters = [lane.converters() for lane in lanes]
        self._impose = _Conversion([each.impose for each in converters])
        self._measure = _Conversion([each.measure for each in converters])
        altered = [(lane.altered, (n,)) for n, lane in enumerate(lanes) if lane.altered]
        times = EventTimes([(lane.board, lane.seed, machine)
                            for lane, machine in zip(lanes, machines, strict=True)])  # fmt: skip
        self._digital = Digital(
            machines[0], self._wiring, (self._wiring.edges, len(lanes)), altered,
            [lane.seed for lane in lanes], times,
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
        """Train (number of a task, steps) in turn.

        Yields:
            for each step the errors (V^2) and the numbers of edges with opposite drops, by lane.
        """
        for number, steps in plan:
            self._begin(number)
            for step in range(1, steps + 1):
                self._steps += 1
                self._held = self._impose(self._task_runs.held(step), self._steps)
                self._free[self._inputs] = self._held
                self._solve_free(self._steps)
                measured = self._measure(self._free[self._outputs], self._steps)
                error = self._task_runs.score(measured, self._answers())
                clamp = self._impose(self._task_runs.clamp(step, measured), self._steps)
                self._solve_clamped(clamp)
                yield error, self._decide()

    def _begin(self, number: int) -> None:
        """Begin a task in every lane."""
        task = self._lanes[0].board.tasks[number - 1]
        nodes = task.nodes()
        self._inputs, self._outputs = ([n - 1 for n in nodes[k]] for k in ("inputs", "outputs"))
        ends = list(zip(*self._wiring.ends.tolist(), strict=True))
        self._elimination = Elimination(self._wiring.nodes, ends, self._inputs, self._outputs)
        self._task_runs = _task_runs(self._lanes, number)

    def _solve_free(self, step: int) -> None:
        self._conductance = self._digital.conductance(step)
        self._factored, self._left = self._reduced(0)
        self._elimination.substitute(self._factored, self._left, self._free)

    def _reduced(self, row: int) -> tuple[Factored, Floats]:
        conductance = self._conductance[row]
        factored = self._elimination.factor(conductance)
        return factored, self._elimination.reduce(factored, conductance, self._free)

    def _solve_clamped(self, clamp: Floats) -> None:
        """Solve the clamped networks, reusing the free ones' elimination if codes are equal."""
        equal = len(self._conductance) == 1
        factored, left = (self._factored, self._left) if equal else self._reduced(1)
        self._clamped[self._inputs] = self._held
        self._clamped[self._outputs] = clamp
        self._elimination.substitute(factored, left, self._clamped, clamped=True)

    def _answers(self) -> Floats | None:
        """The free networks' answers at the outputs, (outputs, cases, lanes)."""
        asked = self._task_runs.questions()
        if asked is None:
            return None
        volts: Floats = np.zeros((self._wiring.nodes, *asked.shape[1:]))
        volts[self._inputs] = self._impose(asked, self._steps)
        left = self._elimination.reduce(self._factored, self._conductance[0], volts)
        self._elimination.substitute(self._factored, left, volts)
        return self._measure(volts[self._outputs], self._steps)

    def _decide(self) -> NDArray[np.intp]:
        """Compare, latch and count; return the numbers of edges with opposite drops."""
        wiring, chips = self._wiring, self._wiring.comparators
        free, clamped = (
            self._free.take(wiring.ends, axis=0),
            self._clamped.take(wiring.ends, axis=0),
        )
        self._digital.step(self._steps, free, clamped, self._deviates if chips.hear else _silent)
        counted: NDArray[np.intp] = np.count_nonzero(opposed(drops(free), drops(clamped)), axis=0)
        return counted

    def _deviates(self, draw: int) -> Floats:
        """Standard normal deviates of all comparators, (comparators, edges, lanes)."""
        edges, of = self._wiring.edges, len(self._wiring.comparators)
        index = draw * DRAWS_APART
        drawn = normals(self._seeds, Purpose.COMPARATOR_NOISE, of * edges, self._steps, index)
        own = drawn.take(self._own_seed, axis=1).reshape(edges, of, -1)
        return own.swapaxes(0, 1)


def _silent(draw: int) -> None:  # noqa: ARG001  all draws are the same
    return None


_HEAP: Final = 1 << 20  # floats, more than any array of a block


class _Conversion:
    """The converters of all lanes, applied to arrays whose last axis is the lane."""

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


def _task_runs(lanes: Sequence[Lane], number: int) -> TaskRuns:
    tasks = [lane.board.tasks[number - 1] for lane in lanes]
    allosteries = [task for task in tasks if isinstance(task, Allostery)]
    if allosteries:
        return Allosteries(allosteries)
    drawn = {(id(task), lane.seed): task for task, lane in zip(tasks, lanes, strict=True)}
    task_runs = {key: task.task_run(key[1]) for key, task in drawn.items()}
    own = [task_runs[id(task), lane.seed] for task, lane in zip(tasks, lanes, strict=True)]
    return Regressions([task_run for task_run in own if isinstance(task_run, RegressionRun)])


def _stacked(wirings: Sequence[Wiring]) -> Wiring:
    """Stack the arrays of machines of one shape, with lanes last."""
    first = wirings[0]

    def stack(arrays: Sequence[Floats]) -> Floats:
        if all(array is arrays[0] for array in arrays):
            return arrays[0][..., None]
        same = all(a.shape == arrays[0].shape and (a == arrays[0]).all() for a in arrays[1:])
        return arrays[0][..., None] if same else np.stack(np.broadcast_arrays(*arrays), axis=-1)

    pots, chips = (
        [getattr(w, name) for w in wirings] for name in ("potentiometers", "comparators")
    )
    return replace(
        first,
        comparators=replace(
            first.comparators,
            gains=stack([chip.gains for chip in chips]),
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
