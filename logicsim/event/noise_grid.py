"""The comparators' input noise on its time grid: chatter, and the one draw the latch sees."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from logicsim.circuit.clock import Cascade
from logicsim.circuit.timetable import LEAD
from logicsim.core.noise import Purpose, Stream
from logicsim.core.units import ticks
from logicsim.kernel.kernel import Kernel, Net
from logicsim.parts.lm339a import Lm339a


class Ear(Protocol):
    """Who hears the noise: the comparator bank."""

    def __len__(self) -> int:
        """How many comparators there are."""

    def hear(self, noise: NDArray[np.float64]) -> None:
        """Take new input noise (V), one value a comparator."""


class Some:
    """Both comparators of some edges (from 1), which hear their own of all the noise."""

    def __init__(self, ear: Ear, looked_at: Sequence[int], edges: int) -> None:
        self._ear = ear
        self._rows = np.array(looked_at, dtype=np.intp) - 1
        self._edges = edges

    def __len__(self) -> int:
        return 2 * self._edges

    def hear(self, noise: NDArray[np.float64]) -> None:
        """Take new input noise (V) of all comparators."""
        self._ear.hear(noise.reshape(-1, 2)[self._rows].ravel())


@dataclass(slots=True)
class _Grid:
    """The cells of one step: cell i lasts from origin + i * spacing to the next."""

    step: int
    origin: int
    spacing: int

    def cell(self, time: int) -> int:
        return (time - self.origin) // self.spacing

    def start(self, cell: int) -> int:
        return self.origin + cell * self.spacing


class Chatter:
    """Draws all comparators' noise at once, a value a cell, addressed by (step, cell).

    The grid is laid anew at each trigger. With a D-flop, cell 0 covers the chip-select fall, so
    the latched decision is one draw. Without one nothing aligns the noise to the clock fall, so
    each step's grid starts at a random phase. `chatter = "latch"` draws only the cells that can
    decide a step, `"full"` every cell; the values are the same. If some edge is `exposed`, what
    comes at the clock fall decides too. `steps` have been done before.
    """

    def __init__(
        self,
        kernel: Kernel,
        chip: Lm339a,
        cascade: Cascade,
        latched: bool,
        exposed: bool,
        seed: int,
        ear: Ear,
        steps: int = 0,
    ) -> None:
        self._kernel = kernel
        self._sigma = chip.noise
        self._full = chip.chatter == "full"
        self._spacing = max(ticks(chip.noise_correlation), 1)
        self._cascade = cascade
        self._latched = latched
        self._exposed = exposed
        self._stream = Stream(seed, Purpose.COMPARATOR_NOISE)
        self._ear = ear
        self._step = steps
        self._grid = _Grid(steps, 0, self._spacing)
        self._process = kernel.process("chatter")

    def follow(self, trigger: Net) -> None:
        """Lay a grid at every change of the trigger; silent if there is no noise."""
        if self._sigma > 0:
            trigger.listen(self._process, self._lay)
            self._kernel.start(self._process.react())

    def _lay(self) -> None:
        now = self._kernel.now
        self._step += 1
        origin = self._cascade.chip_select_fall(now) - round(LEAD * self._spacing)
        if not self._latched:
            phase = self._stream.uniforms(1, self._step, index=_PHASE)[0]
            origin += round(phase * self._spacing)
        self._grid = grid = _Grid(self._step, origin, self._spacing)
        if self._full:
            self._at(self._draw_from, grid, grid.cell(now + 1))
            return
        if self._latched:
            self._at(self._draw, grid, 0)
        if self._exposed:
            decided = grid.cell(self._cascade.clock_fall(now))
            self._at(self._draw, grid, decided - 1)
            self._at(self._draw, grid, decided)

    def _at(self, act: "Callable[[tuple[_Grid, int]], None]", grid: _Grid, cell: int) -> None:
        delay = max(grid.start(cell) - self._kernel.now, 1)
        self._kernel.schedule(delay, act, (grid, cell), "chatter")

    def _draw(self, address: tuple[_Grid, int]) -> None:
        grid, cell = address
        noise = self._stream.normals(len(self._ear), grid.step, cell)
        noise *= self._sigma
        self._ear.hear(noise)
        self._kernel.unsettled = True

    def _draw_from(self, address: tuple[_Grid, int]) -> None:
        """Draw a cell and go on to the next, until another grid is laid."""
        grid, cell = address
        if grid is self._grid:
            if grid.start(cell) <= self._kernel.now:
                self._draw(address)
            self._at(self._draw_from, grid, cell + 1)


_PHASE: Final = 1 << 62  # a cell no step reaches
