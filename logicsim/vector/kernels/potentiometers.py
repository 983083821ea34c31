"""The potentiometers of all machines: their conductances at any code."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logicsim.core.jit import inner
from logicsim.faults.resistance import LEAST, Drifting
from logicsim.vector.alterations import Alterations, Change
from logicsim.vector.kernels.groups import grouped
from logicsim.vector.wiring import Wiring

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Codes = NDArray[np.int32]


class Potentiometers(NamedTuple):
    """The potentiometers of both networks.

    `travel`: the fraction of R_AB at each code. `ohms`: R_AB and the wiper's resistance,
    (groups, 2 networks, edges, 2, lanes). `tables`: the row of `siemens` with the conductance (S)
    at each code, or -1, (groups, 2, edges, lanes). `aging`: the growth of R_AB in a step, and its
    first step, (groups, 2, edges, 2, lanes). `tables` and `aging` have no edges if no lane needs
    them. `equal`: whether the two potentiometers of every edge are equal, (groups,).
    """

    travel: Floats
    ohms: Floats
    tables: Codes
    siemens: Floats
    aging: Floats
    equal: NDArray[np.bool_]


def potentiometers(
    wirings: Sequence[Wiring], own: Sequence[int], altered: Sequence[Sequence[Change]], width: int
) -> Potentiometers:
    """The potentiometers of lanes.

    Args:
        wirings: each different one.
        own: the wiring of each lane.
        altered: the faults of each lane.
    """
    pots, shape = [each.potentiometers for each in wirings], (2, wirings[0].edges)
    ohms = np.stack([
        np.stack([np.broadcast_to(pot.end_to_end, shape), np.broadcast_to(pot.wiper, shape)], -1)
        for pot in pots
    ])[own]  # fmt: skip
    tables, siemens = _tables(wirings, own, altered)
    travel = pots[0].travel if pots[0].travel.ndim == 1 else pots[0].travel[0, 0]
    alike = [pots[each].equal and not changes for each, changes in zip(own, altered, strict=True)]
    return Potentiometers(
        travel,
        grouped(ohms, width),
        grouped(tables, width),
        siemens,
        grouped(_aging(altered, shape), width),
        np.all(grouped(np.array(alike), width), axis=1),
    )


def _tables(
    wirings: Sequence[Wiring], own: Sequence[int], altered: Sequence[Sequence[Change]]
) -> tuple[Codes, Floats]:
    """The tables of conductance by code (S), and the one of each potentiometer, or -1."""
    positions, edges = wirings[0].potentiometers.positions, wirings[0].edges
    siemens: list[Floats] = []
    tables = np.full((len(own), 2, edges), -1, dtype=np.int32)
    for number, wiring in enumerate(wirings):
        pots = wiring.potentiometers
        if pots.travel.ndim > 1:
            shape = 2, edges, 1
            made = 1 / (
                pots.travel * np.broadcast_to(pots.end_to_end[..., None], shape)
                + np.broadcast_to(pots.wiper[..., None], shape)
            )
            mine = np.array(own) == number
            tables[mine] = len(siemens) + np.arange(2 * edges).reshape(2, edges)
            siemens += list(made.reshape(-1, positions))
    for lane, changes in enumerate(altered):
        for change in changes:
            if not isinstance(change.what, Drifting):
                where = change.row, change.edge
                here = tables[(lane, *where)]
                sound = wirings[own[lane]].potentiometers.table(where, (2, edges))
                tables[(lane, *where)] = len(siemens)
                siemens.append(change.what(siemens[here] if here >= 0 else sound))
    if not siemens:
        tables = tables[:, :, :0]
    return tables, np.array(siemens).reshape(-1, positions)


def _aging(altered: Sequence[Sequence[Change]], shape: tuple[int, int]) -> Floats:
    """The growth of R_AB in a step and its first step, (lanes, 2, edges, 2)."""
    aging = np.zeros((len(altered), *shape, 2))
    for lane, changes in enumerate(altered):
        for change in changes:
            if isinstance(change.what, Drifting):
                first = change.active.when.first
                aging[lane, change.row, change.edge] = change.what.rate, first
    return aging if aging.any() else aging[:, :, :0]


def are_known(altered: Alterations) -> bool:
    """Whether `potentiometers` knows the faults: none drifts that has another fault."""
    return all(
        not isinstance(change.what, Drifting)
        or sum((each.row, each.edge) == (change.row, change.edge) for each in altered.maps) == 1
        for change in altered.maps
    )


@inner
def conduct(
    travel: Floats, ohms: Floats, tables: Codes, table_siemens: Floats, aging: Floats, codes: Codes,
    step: int, siemens: Floats, lanes: tuple[int, ...],
) -> None:  # fmt: skip
    """The conductances (S) of a network's potentiometers at their codes.

    The arrays of `Potentiometers` are those of one group and network.
    """
    for e in range(len(codes)):
        for lane in range(len(lanes)):
            share = travel[codes[e, lane]]
            siemens[e, lane] = 1.0 / (share * ohms[e, 0, lane] + ohms[e, 1, lane])
    for e in range(len(tables)):
        for lane in range(len(lanes)):
            if tables[e, lane] >= 0:
                siemens[e, lane] = table_siemens[tables[e, lane], codes[e, lane]]
    for e in range(len(aging)):
        for lane in range(len(lanes)):
            rate, since = aging[e, 0, lane], aging[e, 1, lane]
            if rate and step >= since:
                grown, wiper = max(1 + rate * (step - since + 1), LEAST), ohms[e, 1, lane]
                siemens[e, lane] = 1 / ((1 / siemens[e, lane] - wiper) * grown + wiper)
