"""Faults of one machine or of a block of them, as arrays for one step."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from logicsim.faults.counter import Missed
from logicsim.vector.broken import SIDES, Broken, Change
from logicsim.vector.logic import FREE, Levels
from logicsim.vector.planes import Bits
from logicsim.vector.wiring import Comparators, Wiring

# Where a lane is in arrays that end in one: (), or its number.
Place = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong in one step.

    `levels` are forced on pins by name, (edges, lanes); `frozen` and `doubled` counters are
    (2, edges, lanes), or None if there are none; `missing` may miss a clock fall.
    """

    levels: dict[str, Levels]
    frozen: Bits | None
    doubled: Bits | None
    missing: Sequence[tuple[Change, Place]]
    comparators: Comparators


def assess(
    wiring: Wiring, shape: tuple[int, ...], broken: Sequence[tuple[Broken, Place]], step: int
) -> Damage:
    """The damage of a step (from 1, over all tasks).

    Args:
        shape: of what is one an edge: (edges,) or (edges, lanes).
        broken: what is broken, and in which lane.
    """
    levels: dict[str, Levels] = defaultdict(lambda: np.full(shape, FREE, dtype=np.int8))
    doubled, missing = np.zeros((2, *shape), dtype=bool), []
    for machine, place in broken:
        for force in machine.forces:
            if machine.there(force, step):
                levels[force.pin][force.edge, *place] = force.level
        for change in machine.counts:
            if machine.there(change, step):
                if isinstance(change.what, Missed):
                    missing.append((change, place))
                else:
                    doubled[change.row, change.edge, *place] = True
    frozen = _frozen(levels, shape)
    return Damage(
        {pin: each for pin, each in levels.items() if not pin.endswith((".clk", ".cs"))},
        frozen if frozen.any() else None,
        doubled if doubled.any() else None,
        missing,
        _disturbed(wiring.comparators, shape, broken, step),
    )


def _frozen(levels: dict[str, Levels], shape: tuple[int, ...]) -> Bits:
    """Counters without a clock, or that are not selected while it falls."""
    frozen: Bits = np.zeros((2, *shape), dtype=bool)
    for row, side in enumerate(SIDES):
        clock, select = f"digipot_{side}.clk", f"digipot_{side}.cs"
        if clock in levels:
            frozen[row] |= levels[clock] != FREE
        if select in levels:
            frozen[row] |= levels[select] > 0
    return frozen


def _disturbed(
    chips: Comparators, shape: tuple[int, ...], broken: Sequence[tuple[Broken, Place]], step: int
) -> Comparators:
    if not any(machine.disturbances for machine, _ in broken):
        return chips
    offsets, noise, limits = (
        np.broadcast_to(each, (2, *shape)).copy()
        for each in (chips.offsets, chips.noise, chips.limits)
    )
    for machine, place in broken:
        for change in machine.disturbances:
            if machine.there(change, step):
                where = (change.row, change.edge, *place)
                offsets[where] += change.what.offset
                noise[where] *= change.what.loudness
                limits[where] += change.what.limit
    return replace(chips, offsets=offsets, noise=noise, limits=limits)
