"""`logicsim export`: the same circuit for another program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import click

from logicsim.cli import complete, options
from logicsim.files import check_folder, write_text

if TYPE_CHECKING:
    from logicsim.board import Board
    from logicsim.run import Plan


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
    from logicsim.formats.gtkw import gtkw
    from logicsim.recorder import Tee
    from logicsim.simulation import Simulation

    waveform = order.path.with_suffix(".vcd").name
    recorder = Simulation(order.board, order.seed).record(lambda *_: Tee([]))  # of a run never made
    return gtkw(waveform, order.board.name, recorder.signals, {})


def _wavedrom(order: _Order) -> str:
    """The last step of the run."""
    from logicsim.export.wavedrom import to_wavedrom
    from logicsim.formats.read import read_trace
    from logicsim.run import Waveform, run

    steps = order.plan[0][2]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "step.vcd"
        waveform = Waveform(path, ["clock.*", "supervisor.*", f"edge{order.edge}.*"])
        run(order.board, order.plan, seed=order.seed, waveform=waveform)
        return to_wavedrom(read_trace(path), order.edge, steps)


_TARGETS: Final[dict[str, Callable[[_Order], str]]] = {
    "spice": _spice,
    "verilog": _verilog,
    "gtkw": _gtkw,
    "wavedrom": _wavedrom,
}


@click.command("export")
@options.board
@click.option("--to", "target", type=click.Choice(list(_TARGETS)), required=True, help="For what.")
@click.option(
    "-o", "path", type=click.Path(path_type=Path), metavar="FILE", required=True, help="Where to."
)
@click.option(
    "--task",
    metavar="NAME",
    shell_complete=complete.tasks,
    help="Which task; the board's first unless said.",
)
@click.option("--steps", type=click.IntRange(1, 10**9), metavar="N", help="How many of its steps.")
@click.option(
    "--seed", type=click.IntRange(0, 2**64 - 1), default=0, metavar="S", help="As in run."
)
@options.edge(help="For wavedrom.")
@options.settings
def command(
    board: str, target: str, path: Path, task: str | None, steps: int | None, seed: int,
    edge: int, settings: tuple[str, ...],
) -> None:  # fmt: skip
    """Write BOARD, training a task, for another program.

    spice: the whole twin machine for ngspice. verilog: the digital part, with a bench that plays
    a run and checks every transition. gtkw: a GTKWave view. wavedrom: the last of the steps.

    \b
    logicsim export divider --to spice -o divider.cir --set parts.comparator.noise=0
    logicsim export twin16 --to verilog -o twin16.v --task iv --steps 100
    logicsim export divider --to wavedrom -o step.json --steps 40
    """  # noqa: D301  click takes this backspace to mean: keep the lines
    from logicsim.board import load
    from logicsim.run import plan

    loaded = load(board, options.parse_settings(settings))
    check_folder(path)
    chosen = plan(loaded, [task] if task is not None else [], steps)[:1]
    if not chosen:
        raise click.UsageError(f"board '{loaded.name}' has no tasks; add a [[tasks]] table")
    options.check_edge(edge, loaded)
    write_text(path, _TARGETS[target](_Order(loaded, chosen, seed, edge, path)))
