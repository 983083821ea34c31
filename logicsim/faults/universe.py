"""All single faults of a board; equivalent faults are listed under one name.

The list is made of each kind's sites and typical values.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from logicsim.board import Board
from logicsim.circuit.netlist import Netlist
from logicsim.faults.equivalence import Equivalence
from logicsim.faults.fault import Fault
from logicsim.faults.table import KINDS
from logicsim.faults.visibility import Visibility
from logicsim.faults.when import When
from logicsim.tasks import AnyTask


@dataclass(frozen=True, slots=True)
class Listed:
    """A fault of the list.

    `represents` are the names of equivalent faults. `part` is the object that breaks: a part, by
    its maker's name, or 'edge', 'node', 'supervisor'. `undetectable` is the reason why the fault
    has no visible effect; '' if it may have one. A fault that is not `permanent` acts once.
    """

    fault: Fault
    represents: Sequence[str]
    part: str
    undetectable: str
    permanent: bool


def universe(board: Board, task: AnyTask | None = None) -> list[Listed]:
    """All single faults of a board, in the order of kinds and sites.

    Args:
        task: the task to learn, which makes some faults undetectable.
    """
    netlist = board.netlist()
    equivalence, visibility = Equivalence(netlist), Visibility(netlist, board.parts.corner, task)
    together: dict[str, list[Fault]] = {}
    for fault in _all(netlist):
        together.setdefault(equivalence.signature(fault), []).append(fault)
    return [
        Listed(
            first, [fault.name for fault in others], first.place(netlist).what,
            visibility.undetectable(first), not KINDS[first.kind].transient,
        )
        for first, *others in together.values()
    ]  # fmt: skip


def _all(netlist: Netlist) -> Iterator[Fault]:
    for kind in KINDS.values():
        when = When(1, 0.5, 1) if kind.transient else When()
        for site in (kind.listed or kind.sites)(netlist):
            for value in kind.all_values(netlist, site):
                yield Fault(kind.name, site, value, when)
