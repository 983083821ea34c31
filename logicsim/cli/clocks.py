"""`logicsim clocks`: the clock circuits that ship."""

import click

from logicsim.cli.tables import list_titles


@click.command("clocks")
def command() -> None:
    """List the clock circuits that ship with logicsim, a line each.

    A clock makes chip select and clock of the trigger. A board chooses one, or the path of your
    own, by its key clock.circuit.

    \b
    logicsim clocks
    """  # noqa: D301  click takes this backspace to mean: keep the lines
    from logicsim.api.listing import clocks

    list_titles(clocks())
