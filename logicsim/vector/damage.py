"""The faults of a machine that are active in a step, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from logicsim.faults.counter import Missed
from logicsim.vector.alterations import Active, Change, Force
from logicsim.vector.interpreter import FREE, Forced, mask
from logicsim.vector.planes import Bits, pack
from logicsim.vector.program import Program
from logicsim.vector.wiring import Comparators, Floats, Levels, Wiring


@dataclass(frozen=True, slots=True)
class Damage:
    """The faults active in one step.

    `forced` are levels on pins; `doubled` marks counters that count twice, (2, edges), or is None;
    `missing` are the faults that may lose a clock edge.
    """

    forced: Forced
    doubled: Bits | None
    missing: Sequence[Change]
    comparators: Comparators


def assess(program: Program, wiring: Wiring, active: Active) -> Damage:
    """Collect the damage that active faults do."""
    doubled = np.zeros((2, wiring.edges), dtype=bool)
    missing = [change for change in active.counts if isinstance(change.what, Missed)]
    for change in active.counts:
        if not isinstance(change.what, Missed):
            doubled[change.row, change.edge] = True
    return Damage(
        _forced(program, wiring.edges, active.forces),
        doubled if doubled.any() else None,
        missing,
        _disturbed(wiring, active.disturbances),
    )


def _forced(program: Program, edges: int, forces: Sequence[Force]) -> Forced:
    levels: dict[tuple[int, str], Levels] = {}
    for force in forces:
        here = levels.setdefault((force.part, force.pin), np.full(edges, FREE, dtype=np.int8))
        here[force.edge] = force.level
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


def _disturbed(wiring: Wiring, disturbances: Sequence[Change]) -> Comparators:
    if not disturbances:
        return wiring.comparators
    volts = comparator_volts(wiring, disturbances)
    offsets, noise, limits = np.moveaxis(volts, -1, 0)
    return replace(wiring.comparators, offsets=offsets, noise=noise, limits=limits)


def comparator_volts(wiring: Wiring, disturbances: Sequence[Change] = ()) -> Floats:
    """Offset, noise (rms) and common-mode limit (V) with faults, (comparators, edges, 3)."""
    chips, shape = wiring.comparators, (len(wiring.comparators), wiring.edges)
    sound = (chips.offsets, chips.noise, chips.limits)
    volts = np.stack([np.broadcast_to(rows, shape) for rows in sound], axis=-1)
    for change in disturbances:
        here = volts[change.row, change.edge]
        here += change.what.offset, 0.0, change.what.limit
        here[1] *= change.what.loudness
    return volts
