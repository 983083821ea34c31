"""Tables on any terminal: none is cut, however narrow it is."""

from collections.abc import Mapping

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text


def show_table(table: Table, console: Console) -> None:
    """Print a table; a row as a sentence where the terminal is too narrow for columns.

    A pipe has no width, and gets all columns.
    """
    width = console.measure(table, options=console.options.update(max_width=10_000)).maximum
    if not console.is_terminal:
        Console(file=console.file, width=width).print(table)
    elif width <= console.width:
        console.print(table)
    else:
        _show_records(table, console)


def _show_records(table: Table, console: Console) -> None:
    heads = [str(column.header) for column in table.columns]
    for row in zip(*(column.cells for column in table.columns), strict=True):
        told = [f"{head} {cell}" for head, cell in zip(heads, row, strict=True) if str(cell)]
        console.print(Text(f"{told[0]}: " + ", ".join(told[1:])))


def list_titles(titles: Mapping[str, str]) -> None:
    """Print names and what each is called, a line each."""
    width = max((len(name) for name in titles), default=0)
    for name, title in titles.items():
        click.echo(f"{name:{width}}  {title}")
