"""`logicsim show`: what is on a board."""

from pathlib import Path

import click

from logicsim.api.text import describe
from logicsim.board import load
from logicsim.cli import options


@click.command("show")
@options.board
@click.option("--png", type=click.Path(path_type=Path), metavar="FILE", help="Draw the network.")
@options.settings
def command(board: str, png: Path | None, settings: tuple[str, ...]) -> None:
    """Show what is on BOARD, a shipped name or a path: counts, parts, nets, tasks."""
    loaded = load(board, options.parse_settings(settings))
    lines = describe(loaded)
    if png is not None:
        from logicsim.picture import draw_network  # noqa: PLC0415  matplotlib is slow to import

        draw_network(loaded, png)
        lines.append(f"picture    {png}")
    for line in lines:
        click.echo(line)
