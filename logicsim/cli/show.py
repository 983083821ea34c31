"""`logicsim show`: what is on a board."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from logicsim.cli import options
from logicsim.units import engineering, seconds

if TYPE_CHECKING:
    from logicsim.board import Board


@click.command("show")
@options.board
@click.option("--png", type=click.Path(path_type=Path), metavar="FILE",
              help="Draw the network, and the schematic of an edge.")  # fmt: skip
@options.edge(help="Whose schematic.")
@options.settings
def command(board: str, png: Path | None, edge: int, settings: tuple[str, ...]) -> None:
    """Show what is on BOARD, a shipped name or a path: counts, parts, nets, tasks.

    \b
    logicsim show twin16
    logicsim show twin16 --png twin16.png --edge 3
    logicsim show divider --png trained.png --set parts.digipot.initial='[30, 97]'
    """  # noqa: D301  click takes this backspace to mean: keep the lines
    from logicsim.board import load

    loaded = load(board, options.parse_settings(settings))
    options.check_edge(edge, loaded)
    lines = _describe(loaded)
    if png is not None:
        from logicsim.picture import draw_board

        draw_board(loaded, png, edge)
        lines.append(f"picture    {png}")
    for line in lines:
        click.echo(line)


def _describe(board: Board) -> list[str]:
    netlist = board.netlist()
    netlist.check()
    chips = Counter(str(getattr(part.chip, "model", "part")) for part in netlist.parts)
    nets = {net for part in netlist.parts for pin, role in part.chip.pins.items()
            if role in ("in", "out", "open") for net in part.pins[pin]}  # fmt: skip
    cascade = board.cascade(0)
    lines = [
        f"{board.name}: {board.title}",
        f"network    {netlist.nodes} nodes, {len(netlist.edges)} edges, twice: free and clamped",
        f"nets       {len(nets)}",
        "parts      " + ", ".join(f"{count} {chip}" for chip, count in chips.items()),
        f"corner     {board.parts.corner}",
        f"rule       {board.edge.rule}{'' if board.edge.latch else ', D-flop bypassed'}",
        (
            f"clock      {board.clock.rate:g} steps/s, oscillator period "
            f"{engineering(seconds(cascade.period), 's')}, CLK falls "
            f"{engineering(seconds(4 * cascade.period), 's')} after CS"
        ),
        f"noise      {engineering(board.parts.comparator.noise, 'V')} rms",
    ]
    for number, task in enumerate(board.tasks):
        nodes = "; ".join(f"{key} {_listed(where)}" for key, where in task.nodes().items())
        title = "tasks" if number == 0 else ""
        lines.append(f"{title:<10} '{task.name}': {task.kind}, {task.steps} steps; {nodes}")
    return lines


def _listed(nodes: object) -> str:
    return " ".join(str(node) for node in nodes) if isinstance(nodes, tuple) else str(nodes)
