"""All counters of a board: they count up or down by one and saturate at their ends."""

import numpy as np

from logicsim.vector.planes import Bits
from logicsim.vector.wiring import Codes


def count(codes: Codes, up: Bits, last: int, still: Bits | None = None) -> None:
    """Count up or down, in place; `last` is the highest code.

    Counters with `still` set do not count.
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
