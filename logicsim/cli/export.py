"""`logicsim export`: the same circuit for another program."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from logicsim.api.export import Target
from logicsim.cli import complete, options


@click.command("export")
@options.board
@click.option(
    "--to", "target", type=click.Choice(get_args(Target)), required=True, help="For what."
)
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
    board: str, target: Target, path: Path, task: str | None, steps: int | None, seed: int,
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
    from logicsim.api.export import export
    from logicsim.board import load

    loaded = load(board, options.parse_settings(settings))
    options.check_edge(edge, loaded)
    export(loaded, target, path, task, steps, seed, edge)
