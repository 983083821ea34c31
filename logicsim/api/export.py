"""The same circuit for another program.

What each export needs is imported when it is used: the command line asks here which there are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, Literal, get_args

from logicsim.core.errors import BoardError, OutputError, nearest
from logicsim.core.files import check_folder, write_text

if TYPE_CHECKING:
    from logicsim.board import Board
    from logicsim.training.run import Plan

Target = Literal["spice", "verilog", "gtkw", "wavedrom"]


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be exported, and where it goes."""

    board: Board
    plan: Plan
    seed: int
    edge: int
    path: Path


def _spice(order: _Order) -> str:
    from logicsim.export.spice import export_spice

    ((_, task, steps),) = order.plan
    return export_spice(order.board, task, steps, order.seed)


def _verilog(order: _Order) -> str:
    from logicsim.export.verilog import export_verilog

    return export_verilog(order.board, order.plan, order.seed)


def _gtkw(order: _Order) -> str:
    from logicsim.circuit.signals import layout
    from logicsim.waveforms.gtkw import gtkw

    waveform = order.path.with_suffix(".vcd").name
    signals = layout(order.board.netlist(order.seed))
    return gtkw(waveform, order.board.name, signals.by_name, signals, {})


def _wavedrom(order: _Order) -> str:
    """The last step of the run."""
    from logicsim.circuit.signals import layout
    from logicsim.export.wavedrom import to_wavedrom
    from logicsim.training.run import Waveform, run
    from logicsim.waveforms.read import read_trace

    signals = layout(order.board.netlist(order.seed, (order.edge,)))
    probes = [each.signal.name for each in signals.signals
              if each.tells_of(order.edge) or "supervisor" in each.roles]  # fmt: skip
    with TemporaryDirectory() as folder:
        path = Path(folder) / "step.vcd"
        run(order.board, order.plan, seed=order.seed, waveform=Waveform(path, probes))
        return to_wavedrom(read_trace(path), signals, order.edge, order.plan[0][2])


_TARGETS: Final[dict[Target, Callable[[_Order], str]]] = {
    "spice": _spice,
    "verilog": _verilog,
    "gtkw": _gtkw,
    "wavedrom": _wavedrom,
}


def export(
    board: Board,
    to: Target,
    path: Path,
    task: str | None = None,
    steps: int | None = None,
    seed: int = 0,
    edge: int = 1,
) -> None:
    """Write a board for another program; see `logicsim.Board.export`."""
    from logicsim.training.run import plan

    if to not in get_args(Target):
        raise OutputError(f"there is no export to '{to}'; {nearest(to, get_args(Target))}")
    check_folder(path)
    chosen = plan(board, [task] if task is not None else [], steps)[:1]
    if not chosen:
        raise BoardError(f"board '{board.name}' has no tasks; add a [[tasks]] table")
    check_edge(board, edge)
    write_text(path, _TARGETS[to](_Order(board, chosen, seed, edge, path)))


def check_edge(board: Board, edge: int) -> None:
    """Refuse an edge that a board has not.

    Raises:
        BoardError: it is not from 1 to their number.
    """
    if not 1 <= edge <= len(board.network.edges):
        raise BoardError(f"edge {edge}: edges are 1 to {len(board.network.edges)}")
