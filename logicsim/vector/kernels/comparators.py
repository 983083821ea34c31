"""The comparators of all machines, and their decisions."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logicsim.circuit.timetable import DRAWS_APART
from logicsim.core.jit import inlined, inner
from logicsim.core.noise import Purpose
from logicsim.core.rule import RESOLUTION
from logicsim.vector.alterations import Change
from logicsim.vector.damage import comparator_volts
from logicsim.vector.kernels.groups import grouped
from logicsim.vector.kernels.random import SHIFT, bounds, deviate, fill
from logicsim.vector.wiring import Wiring

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
Halves = NDArray[np.uint32]
Ends = NDArray[np.uint32]

_NOISE = int(Purpose.COMPARATOR_NOISE)


class Comparators(NamedTuple):
    """The comparators.

    `taps`: the voltages that plus and minus see the mean of, (comparators, 2, 2): 0, 1 free at the
    first and the second node, 2, 3 clamped, -1 none. `nets`: their outputs. `volts`: offset, noise
    (rms) and the limit of the common mode, (groups, comparators, edges, 3, lanes). `noisy`: whether
    there is noise, (groups,). `bounds`: the least and the greatest deviates, (2, bins).
    """

    taps: Ints
    gains: Floats
    nets: Ints
    volts: Floats
    noisy: NDArray[np.bool_]
    bounds: Floats


def comparators(
    wirings: Sequence[Wiring], own: Sequence[int], nets: Sequence[int],
    disturbed: Sequence[Sequence[Change]], width: int,
) -> Comparators:  # fmt: skip
    """The comparators of lanes.

    Args:
        wirings: each different one.
        own: the wiring of each lane.
        nets: the net of each comparator's output.
        disturbed: the faults of each lane.
    """
    first = wirings[0].comparators
    sound = np.array([comparator_volts(wiring) for wiring in wirings])
    volts = sound[own]
    for lane, changes in enumerate(disturbed):
        if changes:
            volts[lane] = comparator_volts(wirings[own[lane]], changes)
    laid = grouped(volts, width)
    taps = [[(*pin, -1)[:2] for pin in pins] for pins in first.taps]
    return Comparators(
        np.array(taps, dtype=np.int64).reshape(-1, 2, 2),
        first.gains,
        np.array(nets, dtype=np.int64),
        laid,
        (laid[:, :, :, 1] != 0).any(axis=(1, 2, 3)),
        np.array(bounds()),
    )


@inner
def compare(
    chips: tuple[Ints, Floats, Ints, Floats], volts: Floats, ends: Ends, voltages: Floats,
    halves: Halves, levels: Words, seeds: Words, noisy: bool, step: int, draw: int, address: int,
    lanes: tuple[int, ...],
) -> None:  # fmt: skip
    """Decide all comparators: high where input, offset and noise together are above zero.

    An output is unknown on an island, where voltages are NaN.

    Args:
        chips: `taps`, `gains`, `nets` and `bounds` of `Comparators`.
        volts: those of the group.
        ends: both nodes of every edge.
        voltages: those of the free and then of the clamped network, (2 nodes, lanes).
        halves: space for the noise, (numbers, lanes).
        levels: the planes of nets, (high and low, nets, words).
        address: of SciPy's `ndtri`.
    """
    taps, gains, nets, bounds_ = chips
    of, width = len(taps), len(lanes)
    if noisy:
        for lane in range(width):
            fill(halves, lane, np.uint64(draw * DRAWS_APART), np.uint64(step), seeds[lane],
                 np.uint64(_NOISE))  # fmt: skip
    for c in range(of):
        averaged = taps[c, 0, 1] >= 0
        for w in range(levels.shape[2]):
            highs = lows = shift = np.uint64(0)
            for e in range(w * 64 // width, min((w + 1) * 64 // width, ends.shape[1])):
                for lane in range(width):
                    above = _seen(voltages, ends, taps[c, 0, 0], e, lane)
                    below = _seen(voltages, ends, taps[c, 1, 0], e, lane)
                    if averaged:
                        above += _seen(voltages, ends, taps[c, 0, 1], e, lane)
                        below += _seen(voltages, ends, taps[c, 1, 1], e, lane)
                    inputs = (above - below) * gains[c]
                    offset = volts[c, e, 0, lane]
                    high = inputs - offset > RESOLUTION
                    if noisy:
                        half, noise = halves[of * e + c, lane], volts[c, e, 1, lane]
                        at = half >> SHIFT
                        high = inputs + (noise * bounds_[0, at] - offset) > RESOLUTION
                        perhaps = inputs + (noise * bounds_[1, at] - offset) > RESOLUTION
                        if high != perhaps:
                            high = inputs + (noise * deviate(half, address) - offset) > RESOLUTION
                    high &= not min(above, below) / (1 + averaged) > volts[c, e, 2, lane]
                    unknown = inputs != inputs
                    highs |= np.uint64(high | unknown) << shift
                    lows |= np.uint64((not high) | unknown) << shift
                    shift += np.uint64(1)
            levels[0, nets[c], w], levels[1, nets[c], w] = highs, lows


@inlined
def _seen(voltages: Floats, ends: Ends, tap: int, e: int, lane: int) -> float:
    """The voltage at an end of an edge."""
    node = ends[tap & 1, e] + np.uint64(tap >> 1) * np.uint64(len(voltages) >> 1)
    return float(voltages[node, lane])
