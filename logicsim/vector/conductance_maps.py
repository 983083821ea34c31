"""Conductance maps: code-to-conductance tables of potentiometers altered by faults."""

from collections.abc import Sequence

import numpy as np

from logicsim.faults.resistance import Drifting
from logicsim.vector.alterations import Alterations, Change, is_permanent
from logicsim.vector.wiring import Codes, Floats, Potentiometers


class ConductanceMaps:
    """All conductance maps of a machine, each a table (S, by code).

    Args:
        edges: the number of edges.
        altered: the faults of the machine.
    """

    def __init__(self, pots: Potentiometers, edges: int, altered: Alterations) -> None:
        self._altered = altered
        self._changes: dict[tuple[int, int], list[Change]] = {}
        for change in altered.maps:
            self._changes.setdefault((change.row, change.edge), []).append(change)
        self._index = tuple(np.array(list(self._changes)).T)
        self._sound = [pots.table(where, (2, edges)) for where in self._changes]
        self._tables: Floats = np.array(self._sound)
        self._each = np.arange(len(self._sound))
        self._steady = [all(map(_is_steady, changes)) for changes in self._changes.values()]
        self._step = 0

    def apply(self, siemens: Floats, codes: Codes, step: int) -> None:
        """Replace, in place, the conductances (S) altered in a step (from 1)."""
        if self._step != step:
            for place, changes in enumerate(self._changes.values()):
                if not self._steady[place] or not self._step:
                    self._tables[place] = self._through(self._sound[place], changes, step)
            self._step = step
        siemens[self._index] = self._tables[self._each, codes[self._index]]

    def _through(self, siemens: Floats, changes: Sequence[Change], step: int) -> Floats:
        for change in changes:
            if self._altered.there(change, step):
                what = change.what
                siemens = (what.mapping(step) if isinstance(what, Drifting) else what)(siemens)
        return siemens


def _is_steady(change: Change) -> bool:
    return is_permanent(change.active) and not isinstance(change.what, Drifting)
