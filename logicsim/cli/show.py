"""`logicsim show`: what is on a board."""

from pathlib import Path

import click
from click.core import ParameterSource

from logicsim.cli import options


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
    from logicsim.api.text import describe
    from logicsim.board import load

    source = click.get_current_context().get_parameter_source("edge")
    if png is None and source is ParameterSource.COMMANDLINE:
        raise click.UsageError("--edge chooses the schematic in the picture; add --png FILE")
    loaded = load(board, options.parse_settings(settings))
    options.check_edge(edge, loaded)
    lines = describe(loaded)
    if png is not None:
        from logicsim.figures.picture import draw_board

        draw_board(loaded, png, edge)
        lines.append(f"picture    {png}")
    for line in lines:
        click.echo(line)
