"""Conductance maps: code-to-conductance tables of potentiometers altered by faults."""

from collections.abc import Sequence

import numpy as np

from logicsim.faults.resistance import Drifting
from logicsim.vector.alterations import Alterations, Change, is_permanent
from logicsim.vector.damage import Place
from logicsim.vector.wiring import Codes, Floats, Potentiometers


class ConductanceMaps:
    """All conductance maps of one machine or of a block, each a table (S, by code).

    Args:
        shape: the shape of the codes of both networks, (2, edges) or (2, edges, lanes).
        altered: the alterations, each with its lane.
    """

    def __init__(
        self, pots: Potentiometers, shape: tuple[int, ...],
        altered: Sequence[tuple[Alterations, Place]],
    ) -> None:  # fmt: skip
        self._changes: dict[Place, list[tuple[Change, Alterations]]] = {}
        for machine, place in altered:
            for change in machine.maps:
                where = (change.row, change.edge, *place)
                self._changes.setdefault(where, []).append((change, machine))
        self._index = tuple(np.array(list(self._changes)).T)
        self._sound = [pots.table(where, shape) for where in self._changes]
        self._tables: Floats = np.array(self._sound)
        self._each = np.arange(len(self._sound))
        self._steady = [all(map(_is_steady, changes)) for changes in self._changes.values()]
        self._step = 0

    def apply(self, siemens: Floats, codes: Codes, step: int) -> None:
        """Replace, in place, the conductances (S) altered in a step (from 1)."""
        if self._step != step:
            for place, changes in enumerate(self._changes.values()):
                if not self._steady[place] or not self._step:
                    self._tables[place] = _through(self._sound[place], changes, step)
            self._step = step
        siemens[self._index] = self._tables[self._each, codes[self._index]]


def _is_steady(change: tuple[Change, Alterations]) -> bool:
    return is_permanent(change[0].active) and not isinstance(change[0].what, Drifting)


def _through(siemens: Floats, changes: Sequence[tuple[Change, Alterations]], step: int) -> Floats:
    for change, machine in changes:
        if machine.there(change, step):
            mapping = (
                change.what.mapping(step) if isinstance(change.what, Drifting) else change.what
            )
            siemens = mapping(siemens)
    return siemens
