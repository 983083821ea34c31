"""The input noise of all comparators in a step; of a large board piece by piece, on every core."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from logicsim.core.noise import Purpose, Stream
from logicsim.vector.wiring import Floats

_PIECE: Final = 1 << 15  # deviates that stay in a core's cache; a multiple of 8


class Hiss:
    """Standard normal deviates, the same whatever the pieces and the cores."""

    def __init__(self, seed: int, edges: int) -> None:
        self._edges = edges
        self._firsts = range(0, 2 * edges, _PIECE)
        self._streams = [Stream(seed, Purpose.COMPARATOR_NOISE) for _ in self._firsts]
        self._pool = ThreadPoolExecutor(os.cpu_count()) if len(self._firsts) > 1 else None

    def draw(self, step: int) -> Floats:
        """Of comparators A and B of every edge: (2, edges)."""
        if self._pool is None:
            deviates = self._streams[0].normals(2 * self._edges, step)
            return deviates.reshape(-1, 2).T
        drawn: Floats = np.empty((2, self._edges))

        def fill(stream: Stream, first: int) -> None:
            place = slice(first // 2, (first + _PIECE) // 2)
            count = 2 * len(range(self._edges)[place])
            drawn[:, place] = stream.normals(count, step, first=first).reshape(-1, 2).T

        for _ in self._pool.map(fill, self._streams, self._firsts):
            pass
        return drawn
