"""Faults of one machine or of a block of them, as arrays for one step."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from logicsim.faults.counter import Missed
from logicsim.vector.alterations import Alterations, Change
from logicsim.vector.interpreter import FREE, Forced, mask
from logicsim.vector.planes import Bits, pack
from logicsim.vector.program import Program
from logicsim.vector.wiring import Comparators, Levels, Wiring

# The index of a lane in arrays whose last axis is the lane: (), or its number.
Place = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Damage:
    """The faults active in one step.

    `forced` are levels on pins; `doubled` marks counters that count twice, (2, edges[, lanes]), or
    is None; `missing` are the faults that may lose a clock edge.
    """

    forced: Forced
    doubled: Bits | None
    missing: Sequence[tuple[Change, Place]]
    comparators: Comparators


def assess(
    program: Program, wiring: Wiring, shape: tuple[int, ...],
    altered: Sequence[tuple[Alterations, Place]], step: int,
) -> Damage:  # fmt: skip
    """Collect the damage of a step (from 1, over all tasks).

    Args:
        shape: (edges,) or (edges, lanes).
        altered: the alterations, each with its lane.
    """
    doubled, missing = np.zeros((2, *shape), dtype=bool), []
    for machine, place in altered:
        for change in machine.counts:
            if machine.there(change, step):
                if isinstance(change.what, Missed):
                    missing.append((change, place))
                else:
                    doubled[change.row, change.edge, *place] = True
    return Damage(
        _forced(program, shape, altered, step),
        doubled if doubled.any() else None,
        missing,
        _disturbed(wiring.comparators, shape, altered, step),
    )


def _forced(
    program: Program, shape: tuple[int, ...], altered: Sequence[tuple[Alterations, Place]],
    step: int,
) -> Forced:  # fmt: skip
    levels: dict[tuple[int, str], Levels] = {}
    for machine, place in altered:
        for force in machine.forces:
            if machine.there(force, step):
                here = levels.get((force.part, force.pin))
                if here is None:
                    here = levels[force.part, force.pin] = np.full(shape, FREE, dtype=np.int8)
                here[force.edge, *place] = force.level
    pins = {
        (number, operand): mask(levels[form.part, pin])
        for number, form in enumerate(program.forms)
        for operand, pin in enumerate(form.pins) if (form.part, pin) in levels
    }  # fmt: skip
    still = {
        number: pack(levels[form.part, form.clock] != FREE)
        for number, form in enumerate(program.forms) if (form.part, form.clock) in levels
    }  # fmt: skip
    return Forced(pins, still)


def _disturbed(
    chips: Comparators, shape: tuple[int, ...], altered: Sequence[tuple[Alterations, Place]],
    step: int,
) -> Comparators:  # fmt: skip
    if not any(machine.disturbances for machine, _ in altered):
        return chips
    offsets, noise, limits = (
        np.broadcast_to(each, (len(chips), *shape)).copy()
        for each in (chips.offsets, chips.noise, chips.limits)
    )
    for machine, place in altered:
        for change in machine.disturbances:
            if machine.there(change, step):
                where = (change.row, change.edge, *place)
                offsets[where] += change.what.offset
                noise[where] *= change.what.loudness
                limits[where] += change.what.limit
    return replace(chips, offsets=offsets, noise=noise, limits=limits)
