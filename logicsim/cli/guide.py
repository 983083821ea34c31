"""`logicsim guide`: the pages that come with logicsim, in the terminal."""

from importlib.resources import files
from typing import Final

import click
from rich.console import Console
from rich.markdown import Markdown

PAGES: Final = {
    "first-hour": "from two commands to a board of one's own",
    "extending": "add a chip, a circuit, a fault, a board, a format, an export",
    "when-to-use-what": "this, ngspice, Icarus or plain numpy",
    "glossary": "the words",
}


@click.command("guide")
@click.argument("name", metavar="[PAGE]", required=False, type=click.Choice(list(PAGES)))
def command(name: str | None) -> None:
    """Show a PAGE of the guide, or which there are; in a pipe as it is written, in Markdown.

    \b
    logicsim guide
    logicsim guide first-hour
    logicsim guide extending > extending.md
    """  # noqa: D301  click takes this backspace to mean: keep the lines
    console = Console()
    if name is None:
        for title, about in PAGES.items():
            click.echo(f"logicsim guide {title:<18}{about}")
    elif console.is_terminal:
        console.print(Markdown(page(name)))
    else:
        click.echo(page(name), nl=False)


def page(name: str) -> str:
    """The text of a page, in Markdown."""
    return files("logicsim").joinpath("guide", f"{name}.md").read_text("utf-8")
