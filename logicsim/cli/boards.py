"""`logicsim boards`: the boards that ship."""

import click


@click.command("boards")
def command() -> None:
    """List the boards that ship with logicsim, a line each.

    \b
    logicsim boards
    """  # noqa: D301  click takes this backspace to mean: keep the lines
    from logicsim.board import load, shipped

    names = shipped()
    width = max((len(name) for name in names), default=0)
    for name in names:
        click.echo(f"{name:{width}}  {load(name).title}")
