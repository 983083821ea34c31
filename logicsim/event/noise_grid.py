"""The comparators' input noise on its time grid: chatter, and the draw that a latch sees."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from logicsim.circuit.clockwork import Clockwork
from logicsim.circuit.netlist import Netlist
from logicsim.circuit.timetable import DRAWS_APART, LEAD
from logicsim.circuit.waves import Transition
from logicsim.core.noise import Purpose, Stream
from logicsim.core.units import ticks
from logicsim.kernel.kernel import Kernel, Net
from logicsim.parts.comparator import Comparator


class NoiseSink(Protocol):
    """The receiver of noise, such as the comparator bank."""

    @property
    def noisy(self) -> bool:
        """Whether any comparator has noise."""

    def __len__(self) -> int:
        """The number of comparators."""

    def hear(self, deviates: NDArray[np.float64]) -> None:
        """Set new standard normal deviates, one for each comparator."""


class NoiseSubset:
    """A noise sink for some edges' comparators (edges from 1), given the noise of all edges.

    Args:
        edges: the number of edges of the board.
        of: the number of comparators of an edge.
    """

    def __init__(self, sink: NoiseSink, included: Sequence[int], edges: int, of: int) -> None:
        self._sink = sink
        self._rows = np.array(included, dtype=np.intp) - 1
        self._edges, self._of = edges, of

    @property
    def noisy(self) -> bool:
        """Whether any comparator has noise."""
        return self._sink.noisy

    def __len__(self) -> int:
        return self._of * self._edges

    def hear(self, deviates: NDArray[np.float64]) -> None:
        """Set new deviates, given those of all comparators."""
        if self._of:
            self._sink.hear(deviates.reshape(-1, self._of)[self._rows].ravel())


Ways = tuple[Sequence[Transition], Sequence[Transition]]


@dataclass(frozen=True, slots=True)
class Moments:
    """The transitions at which noise matters in a step, for a falling and for a rising trigger.

    Attributes:
        latches: the latches of decisions; of those that see the same draw, the first.
        counts: the counts of potentiometers.
        references: the first change of the clock that an edge sees.
        phase: the phase of the oscillator.
        latched: whether the circuit latches decisions at all.
        exposed: whether some decision reaches a potentiometer without a latch.
    """

    latches: Ways
    counts: Ways
    references: Ways
    phase: float
    latched: bool
    exposed: bool

    @classmethod
    def of(cls, clockwork: Clockwork, netlist: Netlist, spacing: int) -> "Moments":
        """The moments of a netlist, with draws `spacing` ticks apart."""
        latches = clockwork.latches(netlist, spacing)
        return cls(
            latches,
            clockwork.counts(),
            clockwork.references(netlist),
            clockwork.phase,
            any(latches),
            netlist.exposed,
        )


@dataclass(slots=True)
class _Grid:
    """The noise cells of one step: cell i starts at origin + i * spacing.

    `place` distinguishes the grids of one step.
    """

    step: int
    origin: int
    spacing: int
    place: int = 0

    def cell(self, time: int) -> int:
        return (time - self.origin) // self.spacing

    def start(self, cell: int) -> int:
        return self.origin + cell * self.spacing


class NoiseGrid:
    """Draws the noise of all comparators together, one value for each cell, by (step, cell).

    Each trigger starts a new grid for every latch of the step. Cell 0 covers the latch, so the
    latched decision sees one draw. Without a latch nothing aligns the noise to the clock, so each
    step's grid starts at a random phase. `chatter = "latch"` draws only the cells that can decide a
    step, `"full"` every cell; the values are the same. If the board has an unlatched edge, the
    noise at the counts decides, too. `steps` is the number of steps done before.
    """

    def __init__(
        self, kernel: Kernel, chip: Comparator, moments: Moments | None, seed: int,
        sink: NoiseSink, steps: int = 0,
    ) -> None:  # fmt: skip
        self._kernel = kernel
        self._full = chip.chatter == "full"
        self._spacing = max(ticks(chip.noise_correlation), 1)
        self._moments = moments
        self._stream = Stream(seed, Purpose.COMPARATOR_NOISE)
        self._sink = sink
        self._step = steps
        self._grid = _Grid(steps, 0, self._spacing)
        self._process = kernel.process("noise")

    def follow(self, trigger: Net) -> None:
        """Start grids at every change of the trigger; does nothing without noise."""
        if self._sink.noisy:
            self._trigger = trigger
            trigger.listen(self._process, self._lay)
            self._kernel.start(self._process.react())

    def _lay(self) -> None:
        now, way = self._kernel.now, self._trigger.value
        self._step += 1
        grids = self._grids(now, way)
        if self._full:
            for place, grid in enumerate(grids):
                first = grid.cell(now + 1) if not place else 0
                self._at(self._draw_from, grid, first)
            return
        if self._moments is None or self._moments.latched:
            for grid in grids:
                self._at(self._draw, grid, 0)
        if self._moments is not None and self._moments.exposed and grids:
            for count in self._moments.counts[way]:
                time = count.at(now, self._moments.phase)
                decided = grids[0].cell(time)
                self._at(self._draw, grids[0], decided - 1)
                self._at(self._draw, grids[0], decided)

    def _grids(self, now: int, way: int) -> list[_Grid]:
        """The grids of the step whose trigger has just gone to `way`."""
        moments, spacing = self._moments, self._spacing
        if moments is None:
            return [_Grid(self._step, now + self._random_phase(), spacing)]
        lead = round(LEAD * spacing)
        found = moments.latches[way] if moments.latched else moments.references[way]
        origins = [each.at(now, moments.phase) - lead for each in found]
        if not moments.latched:
            origins = [origin + self._random_phase() for origin in origins]
        if not origins and self._full:
            origins = [now]  # nothing is latched in this step, but comparators still chatter
        return [_Grid(self._step, origin, spacing, place) for place, origin in enumerate(origins)]

    def _random_phase(self) -> int:
        phase = self._stream.uniforms(1, self._step, index=_PHASE)[0]
        return round(float(phase) * self._spacing)

    def _at(self, act: "Callable[[tuple[_Grid, int]], None]", grid: _Grid, cell: int) -> None:
        delay = max(grid.start(cell) - self._kernel.now, 1)
        self._kernel.schedule(delay, act, (grid, cell), "noise")

    def _draw(self, address: tuple[_Grid, int]) -> None:
        grid, cell = address
        self._sink.hear(
            self._stream.normals(len(self._sink), grid.step, grid.place * DRAWS_APART + cell)
        )
        self._kernel.unsettled = True

    def _draw_from(self, address: tuple[_Grid, int]) -> None:
        """Draw a cell and schedule the next, until another grid starts."""
        grid, cell = address
        current = self._grid
        if (grid.step, grid.place) > (current.step, current.place):
            self._grid = current = grid
        if grid is current:
            if grid.start(cell) <= self._kernel.now:
                self._draw(address)
            self._at(self._draw_from, grid, cell + 1)


_PHASE: Final = 1 << 62  # a cell that no step reaches
