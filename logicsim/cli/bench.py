"""`logicsim bench`: how fast the engines are beside other programs."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from logicsim.api.tables import plain_table
from logicsim.bench import SIZES
from logicsim.cli import options
from logicsim.cli.tables import show_table
from logicsim.core.files import check_folder
from logicsim.training.progress import progress

if TYPE_CHECKING:
    from logicsim.bench.compare import Race

_FILE = click.Path(path_type=Path)


class _Sizes(click.ParamType[list[int]]):
    name = "sizes"

    def convert(self, value: Any, param: Any, ctx: Any) -> list[int]:
        sizes = str(value).split(",")
        if not all(re.fullmatch(r"[1-9]\d{0,6}", size, re.ASCII) for size in sizes):
            self.fail(f"'{value}': write numbers of edges, e.g. 16,533,1633", param, ctx)
        return [int(size) for size in sizes]


@click.command("bench")
@click.option("--sizes", type=_Sizes(), default=",".join(map(str, SIZES)), show_default=True,
              metavar="N,...", help="Edges of the grids to train.")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(0, 3600, min_open=True), default=1.0,
              show_default=True, metavar="S", help="For each program and size.")  # fmt: skip
@options.json_file(help="Write everything as JSON.")
@click.option("--png", type=_FILE, metavar="FILE", help="Draw steps/s against edges.")
def command(sizes: list[int], seconds: float, json_file: str | None, png: Path | None) -> None:
    """Measure the engines beside other programs that do the same work, or a named part of it.

    The learning rule in plain numpy; the factorisation and the solves of a step in CHOLMOD; the
    whole machine in ngspice; its digital part, with toggling comparators and no constraints, in
    Icarus and in Verilator. All train triangulated grids, in turns; what is not installed, or
    would take too long at a size, is left out. Speeds are medians, in training steps a second,
    for lanes of all machines together.

    \b
    logicsim bench --png speed.png
    logicsim bench --sizes 16,533,1633,10000,100000,1000000 --json speed.json
    """  # noqa: D301  click takes this backspace to mean: keep the lines
    from logicsim.bench.compare import race

    to_stdout = json_file == "-"
    for file in (json_file if not to_stdout else None, png):
        if file is not None:
            check_folder(Path(file))
    with progress("sizes") as on_progress:
        outcome = race(sizes, seconds, on_progress)
    if json_file is not None:
        options.write_json(json_file, outcome.as_json())
    if png is not None:
        _draw(outcome, png)
    if not to_stdout:
        _show(outcome, Console())


def _draw(outcome: Race, png: Path) -> None:
    from logicsim.bench.figure import draw
    from logicsim.figures.style import save, styled

    with styled():
        save(draw(outcome), png)


def _show(outcome: Race, console: Console) -> None:
    edges = sorted({speed.edges for line in outcome.speeds.values() for speed in line})
    table = plain_table()
    table.add_column("edges", no_wrap=True)
    for count in edges:
        table.add_column(f"{count:,}", justify="right", no_wrap=True)
    table.add_row("steps/s", style="bold")
    for name, line in outcome.speeds.items():
        _row(table, edges, name, {speed.edges: speed.steps_per_s for speed in line})
    for engine, others in outcome.ratios().items():
        table.add_row(f"{engine} over", style="bold")
        for other, ratios in others.items():
            _row(table, edges, other, ratios)
    show_table(table, console)
    if outcome.absent:
        console.print(f"not installed: {'; '.join(outcome.absent)}", highlight=False)
    for engine, crossed in outcome.crossings().items():
        if math.isfinite(crossed):
            console.print(
                f"the {engine} is as fast as the paper's bench (3 to 5 Hz) at {crossed:,.0f} edges",
                highlight=False,
            )


def _row(table: Table, edges: list[int], name: str, values: Mapping[int, float]) -> None:
    table.add_row(
        f" {name}", *(_figures(values[count]) if count in values else "-" for count in edges)
    )


def _figures(value: float) -> str:
    """Three figures, without an exponent."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
