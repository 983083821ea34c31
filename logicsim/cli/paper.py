"""`logicsim paper`: every experiment of the paper, its figures and one table."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from click.shell_completion import CompletionItem
from rich.console import Console
from rich.text import Text

from logicsim.api.tables import plain_table
from logicsim.cli.tables import show_table
from logicsim.core.cores import cores
from logicsim.paper.claim import Claim
from logicsim.paper.make import make
from logicsim.paper.registry import FIGURES, studies
from logicsim.paper.table import HEADER, cells
from logicsim.training.progress import progress

_NAMES = "\n    ".join(f"{name:<16}{study.title}" for name, study in FIGURES.items())


def _names(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    return [CompletionItem(name, help=study.title) for name, study in FIGURES.items()
            if name.startswith(incomplete)]  # fmt: skip


@click.command(
    "paper",
    help=f"""Make FIGURES of the paper, all by default: NAME.png and NAME.pdf each, and table.csv
    and table.md, which hold every claim, the paper's figure, the one measured and the verdict.

    \b
    logicsim paper
    logicsim paper fig3d fig5 --out figures

    \b
    {_NAMES}
    """,
)
@click.argument("figures", nargs=-1, metavar="[FIGURE]...", shell_complete=_names)
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("paper"), metavar="DIR",
    help="Where to write; made if it is not there.  [default: paper]",
)  # fmt: skip
@click.option(
    "--jobs", type=click.IntRange(1, 1024), metavar="N", help="Processes; as many as cores.",
)  # fmt: skip
def command(figures: tuple[str, ...], out: Path, jobs: int | None) -> None:
    """Make figures and table; on a terminal, with progress, and the table shown at the end."""
    chosen = studies(figures)
    with progress("experiments") as on_progress:
        claims = make(chosen, out, jobs or cores(), on_progress)
    if sys.stdout.isatty():
        _show(claims)


def _show(claims: Mapping[str, Sequence[Claim]]) -> None:
    table = plain_table()
    for name in HEADER:
        table.add_column(name)
    for *row, verdict in cells(claims):
        style = "bold red" if verdict == "not reached" else ""
        table.add_row(*(Text(cell) for cell in row), Text(verdict, style=style))
    show_table(table, Console())
