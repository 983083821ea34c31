"""The input noise of all comparators in a step; large boards are drawn in pieces on all cores."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from logicsim.circuit.timetable import DRAWS_APART
from logicsim.core.cores import cores
from logicsim.core.noise import Purpose, Stream
from logicsim.vector.wiring import Floats

_PIECE: Final = 1 << 12  # edges whose deviates stay in a core's cache; a multiple of 8


class NoiseSource:
    """Standard normal deviates, which do not depend on the pieces or the number of cores.

    Args:
        comparators: the number of comparators of an edge.
    """

    def __init__(self, seed: int, edges: int, comparators: int) -> None:
        self._edges, self._of = edges, comparators
        self._firsts = range(0, edges, _PIECE)
        self._streams = [Stream(seed, Purpose.COMPARATOR_NOISE) for _ in self._firsts]
        self._pool = ThreadPoolExecutor(cores()) if len(self._firsts) > 1 else None

    def draw(self, step: int, draw: int = 0) -> Floats:
        """The deviates of all comparators, (comparators, edges), for a draw of a step."""
        index, of = draw * DRAWS_APART, self._of
        if self._pool is None:
            deviates = self._streams[0].normals(of * self._edges, step, index)
            return deviates.reshape(-1, of).T
        drawn: Floats = np.empty((of, self._edges))

        def fill(stream: Stream, first: int) -> None:
            place = slice(first, first + _PIECE)
            count = of * len(range(self._edges)[place])
            deviates = stream.normals(count, step, index, first=of * first)
            drawn[:, place] = deviates.reshape(-1, of).T

        for _ in self._pool.map(fill, self._streams, self._firsts):
            pass
        return drawn
