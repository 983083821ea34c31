"""All counters of a board: up or down by one, and no further than their ends."""

import numpy as np

from logicsim.vector.planes import Bits
from logicsim.vector.wiring import Codes


def count(codes: Codes, up: Bits, last: int, still: Bits | None = None) -> None:
    """Count, in place; `up` broadcasts to the codes and `last` is the highest of them.

    Where they are `still`, counters stay where they are.
    """
    before = codes.copy() if still is not None else codes
    moves = up.astype(codes.dtype)
    moves += moves
    moves -= 1
    codes += moves
    np.maximum(codes, 0, out=codes)
    np.minimum(codes, last, out=codes)
    if still is not None:
        np.copyto(codes, before, where=still)
