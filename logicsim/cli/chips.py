"""`logicsim chips`: the chips that ship."""

import click

from logicsim.cli.tables import list_titles


@click.command("chips")
def command() -> None:
    """List the chips that ship with logicsim, a line each: name, kind, title.

    A board chooses one, or the path of your own, by a key like parts.comparator.model; a part of
    a circuit by its key chip.

    \b
    logicsim chips
    """  # noqa: D301  click takes this backspace to mean: keep the lines
    from logicsim.api.listing import chips

    found = chips()
    width = max(len(kind) for kind, _ in found.values())
    list_titles({name: f"{kind:{width}}  {title}" for name, (kind, title) in found.items()})
