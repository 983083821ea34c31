"""`logicsim boards`: the boards that ship."""

import click

from logicsim.board import load, shipped


@click.command("boards")
def command() -> None:
    """List the boards that ship with logicsim, a line each."""
    names = shipped()
    width = max((len(name) for name in names), default=0)
    for name in names:
        click.echo(f"{name:{width}}  {load(name).title}")
