"""Machines of one shape in lanes, trained on their tasks by kernels."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from logicsim.core.errors import EngineError
from logicsim.tasks.script import Script
from logicsim.vector.alterations import Active
from logicsim.vector.block import Block, Circuits, Measured, phases
from logicsim.vector.compiler import Compiled
from logicsim.vector.fast import has_kernel
from logicsim.vector.lane import Lane
from logicsim.vector.wiring import Codes, Floats, Wiring


class Batch:
    """Powered-up machines of one shape.

    Args:
        wirings: that of each lane.
        dead: the edges (from 0) that conduct nothing in the free and in the clamped network.
        width: the number of lanes that are computed side by side.

    Attributes:
        codes: the counters, (lanes, 2, edges).
    """

    def __init__(
        self, lanes: Sequence[Lane], machine: Compiled, wirings: Sequence[Wiring],
        dead: tuple[frozenset[int], frozenset[int]], width: int,
    ) -> None:  # fmt: skip
        different = {id(wiring): wiring for wiring in wirings}
        places = {key: place for place, key in enumerate(different)}
        self._circuits = Circuits(
            lanes, machine, list(different.values()), [places[id(each)] for each in wirings],
            phases(lanes), dead,
            [Active() if lane.altered is None else lane.altered.active(1) for lane in lanes],
        )  # fmt: skip
        edges, states = wirings[0].edges, len(machine.program.states)
        self.codes: Codes = np.array(
            [np.broadcast_to(wiring.initial, (2, edges)) for wiring in wirings]
        )
        self._states = np.ones((len(lanes), 2, states, edges), dtype=np.bool_)  # unknown
        self._width, self._done = width, 0

    def train(
        self, scripts: Sequence[Script], cut: Mapping[int, Sequence[int]], steps: int
    ) -> Iterator[Measured]:
        """Train a task from its first step.

        Args:
            scripts: the task of each lane.
            cut: the edges (from 1) to remove at the start of steps.

        Raises:
            EngineError: the kernels do not know the task.
            SolveError: a network is singular to machine precision.
        """
        wanted: Floats = np.array([script.wanted for script in scripts])
        begins = sorted({1, *(step for step in cut if step <= steps)})
        for first, end in zip(begins, [*begins[1:], steps + 1], strict=True):
            edges = {edge - 1 for edge in cut.get(first, ())}
            free, clamped = self._circuits.dead
            self._circuits = self._circuits._replace(dead=(free | edges, clamped | edges))
            block = self._block(scripts, wanted)
            yield from block.train(first, end - first, self._done)
            self.codes, self._states, wanted = block.codes, block.states, block.wanted
            self._done += end - first

    def outputs(self, scripts: Sequence[Script], step: int) -> Floats:
        """The free outputs (V) as they are now, for the inputs of a step, (lanes, outputs)."""
        block = self._block(scripts, np.array([script.wanted for script in scripts]))
        return block.call(step, 1, self._done, recorded=True).outputs[:, 0]

    def _block(self, scripts: Sequence[Script], wanted: Floats) -> Block:
        free, _ = self._circuits.dead
        if not has_kernel(scripts[0], self._circuits.wirings[0], free):
            raise EngineError("the kernels do not know a task whose outputs are on an island")
        return Block(self._circuits, scripts, self.codes, self._states, wanted, self._width)
