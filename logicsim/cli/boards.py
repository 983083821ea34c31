"""`logicsim boards`: the boards that ship."""

import click

from logicsim.cli.tables import list_titles


@click.command("boards")
def command() -> None:
    """List the boards that ship with logicsim, a line each.

    \b
    logicsim boards
    """  # noqa: D301  click takes this backspace to mean: keep the lines
    from logicsim.api.listing import boards

    list_titles(boards())
