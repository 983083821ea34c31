"""`logicsim edges`: the edge circuits that ship."""

import click

from logicsim.cli.tables import list_titles


@click.command("edges")
def command() -> None:
    """List the edge circuits that ship with logicsim, a line each.

    An edge circuit stands on every breadboard. A board chooses one, or the path of your own, by
    its key edge.circuit.

    \b
    logicsim edges
    """  # noqa: D301  click takes this backspace to mean: keep the lines
    from logicsim.api.listing import edges

    list_titles(edges())
