"""The input noise of all comparators in a step; large boards are drawn in pieces on all cores."""

from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Final, NamedTuple

import numpy as np
from scipy.special import ndtri

from logicsim.circuit.timetable import DRAWS_APART
from logicsim.core.cores import cores
from logicsim.core.noise import Halves, Purpose, Stream
from logicsim.core.rule import RESOLUTION
from logicsim.vector.planes import Bits
from logicsim.vector.wiring import Floats

_PIECE: Final = 1 << 14  # edges whose numbers stay in a core's cache; a multiple of 8


class Numbers(NamedTuple):
    """The integers behind the deviates of a large board, (comparators, edges).

    Most decisions need no deviate: the integer's leading bits bound it. `bounds` are the least and
    the greatest for each value of these bits, and `shift` the number of the other bits. `pool`
    works on pieces at once.
    """

    halves: Halves
    bounds: tuple[Floats, Floats]
    shift: int
    pool: Executor

    def piece(self, edges: slice) -> "Numbers":
        """The numbers of some edges."""
        return self._replace(halves=self.halves[:, edges])

    def above(self, row: int, inputs: Floats, noise: Floats, offset: Floats) -> Bits:
        """Where the inputs (V) of a comparator with noise (V rms) and offset (V) are above zero.

        Exactly as with the deviates, since rounding keeps the order of sums and products.
        """
        halves = self.halves[row]
        leading = halves >> self.shift
        above: list[Bits] = [
            inputs + (bound.take(leading) * noise - offset) > RESOLUTION for bound in self.bounds
        ]
        surely, perhaps = above
        unsure = np.flatnonzero(surely != perhaps)
        noise, offset = (each if len(each) == 1 else each[unsure] for each in (noise, offset))
        deviates = ndtri((halves[unsure] + 0.5) * 2.0**-32)
        surely[unsure] = inputs[unsure] + (deviates * noise - offset) > RESOLUTION
        return surely


class NoiseSource:
    """Standard normal deviates, which do not depend on the pieces or the number of cores.

    Args:
        comparators: the number of comparators of an edge.
    """

    def __init__(self, seed: int, edges: int, comparators: int) -> None:
        self._edges, self._of = edges, comparators
        self._firsts = range(0, edges, _PIECE)
        self._streams = [Stream(seed, Purpose.COMPARATOR_NOISE) for _ in self._firsts]
        if len(self._firsts) > 1:
            from logicsim.vector.kernels.random import SHIFT, bounds  # noqa: PLC0415  imports numba

            self._pool = ThreadPoolExecutor(cores())
            self._shift, self._bounds = SHIFT, bounds()

    def draw(self, step: int, draw: int = 0) -> Floats | Numbers:
        """The deviates of all comparators, (comparators, edges), for a draw of a step.

        Of a large board, the numbers behind them.
        """
        index, of = draw * DRAWS_APART, self._of
        if len(self._firsts) == 1:
            deviates = self._streams[0].normals(of * self._edges, step, index)
            return deviates.reshape(-1, of).T
        drawn: Halves = np.empty((of, self._edges), dtype=np.uint32)

        def fill(stream: Stream, first: int) -> None:
            place = slice(first, first + _PIECE)
            count = of * len(range(self._edges)[place])
            halves = stream.halves(count, step, index, first=of * first)
            drawn[:, place] = halves.reshape(-1, of).T

        for _ in self._pool.map(fill, self._streams, self._firsts):
            pass
        return Numbers(drawn, self._bounds, self._shift, self._pool)
