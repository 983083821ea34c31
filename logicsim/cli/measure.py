"""`logicsim measure`: delays, chatter, glitches and mis-steps in a waveform."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from logicsim.api.tables import plain_table
from logicsim.cli import complete, options
from logicsim.cli.tables import show_table
from logicsim.core.files import write_text
from logicsim.core.units import engineering, quantity

if TYPE_CHECKING:
    from logicsim.waveforms.measure import EdgeMeasures, Measures, Spread

_FILE = click.Path(path_type=Path)
_SHOWN = 5


@click.command("measure")
@click.argument("trace", type=_FILE, metavar="TRACE")
@click.option("--board", metavar="BOARD", shell_complete=complete.boards,
              help="What was recorded, if its circuits are not the paper's.")  # fmt: skip
@options.settings
@click.option("--glitch", default="20 ns", show_default=True, metavar="S",
              help="Shorter pulses are glitches.")  # fmt: skip
@click.option("--positions", type=click.IntRange(2), metavar="N",
              help="Wiper positions of a potentiometer; the board's, or 128.")  # fmt: skip
@options.json_file(help="Write everything as JSON.")
@click.option("--csv", "csv_file", type=_FILE, metavar="FILE", help="Write a row an edge as CSV.")
def command(
    trace: Path, board: str | None, settings: tuple[str, ...], glitch: str, positions: int | None,
    json_file: str | None, csv_file: Path | None,
) -> None:  # fmt: skip
    """Measure TRACE, a VCD or FST waveform of ours, with whatever signals are in it.

    What the latch samples is the decision: the XOR in the paper's circuit, latched when CS falls.

    \b
    Of each edge:
    chatter    changes of the decision before the latches, over all steps
    glitches   short pulses of the comparators and the decision
    decided    longest from a change of the voltages to the decision's last, before the latch
    quiet      shortest from the decision's last change to the latch
    latched    longest from the latch to U/D
    still      shortest from U/D's last change to the step (CLK fall)
    mis-steps  counts otherwise than U/D said
    apart      steps in which the twins moved differently

    \b
    logicsim measure divider.vcd
    logicsim measure divider.vcd --glitch '50 ns' --csv edges.csv
    logicsim measure mine.vcd --board mine.toml
    """  # noqa: D301  click takes this backspace to mean: keep the lines
    from logicsim.api.trace import read_trace
    from logicsim.board import load

    if board is None and settings:
        raise click.UsageError("--set changes a board; name it with --board BOARD")
    recorded = None if board is None else load(board, options.parse_settings(settings))
    measures = read_trace(trace).measure(
        board=recorded, glitch=_seconds(glitch), positions=positions
    )
    if csv_file is not None:
        write_text(csv_file, measures.as_csv())
    if json_file is not None:
        options.write_json(json_file, measures.as_json())
    if json_file != "-":
        _show(measures, Console())


def _seconds(text: str) -> float:
    try:
        value = quantity(text, "s")
    except ValueError as error:
        raise click.UsageError(f"--glitch: {error}") from None
    if value < 0:
        raise click.UsageError(f"--glitch: {text} is negative")
    return value


def _show(measures: Measures, console: Console) -> None:
    rows = {
        "steps": _shown(measures.steps),
        "latch to step": _range(measures.latch_to_step),
        "CS low": _range(measures.cs_low),
        "CLK low": _range(measures.clk_low),
        "voltages settled after step": _range(measures.settling),
    }
    for name, value in rows.items():
        console.print(f"{name:<29}{value}", highlight=False)
    if measures.edges:
        show_table(_table(measures), console)
    if measures.missing:
        names = ", ".join(measures.missing[:_SHOWN])
        more = len(measures.missing) - _SHOWN
        rest = f" and {more} more" if more > 0 else ""
        console.print(f"not recorded: {names}{rest}", highlight=False, soft_wrap=True)


def _table(measures: Measures) -> Table:
    table = plain_table()
    for name in ("edge", "chatter", "glitches", "decided", "quiet", "latched", "still",
                 "mis-steps", "apart"):  # fmt: skip
        table.add_column(name, justify="right", no_wrap=True)
    for edge in measures.edges:
        table.add_row(*_cells(edge))
    return table


def _cells(edge: EdgeMeasures) -> list[str]:
    glitches = [count for count in edge.glitches.values() if count is not None]
    return [
        str(edge.edge),
        _shown(None if edge.chatter is None else sum(edge.chatter)),
        _shown(sum(glitches) if glitches else None),
        "-" if edge.decision is None else engineering(edge.decision.most_s, "s"),
        "-" if edge.quiet is None else engineering(edge.quiet.least_s, "s"),
        "-" if edge.latch is None else engineering(edge.latch.most_s, "s"),
        "-" if edge.still is None else engineering(edge.still.least_s, "s"),
        _shown(edge.missteps),
        _shown(edge.apart),
    ]


def _range(spread: Spread | None) -> str:
    if spread is None:
        return "-"
    least, mean, most = (
        engineering(value, "s") for value in (spread.least_s, spread.mean_s, spread.most_s)
    )
    return f"{mean}, from {least} to {most}"


def _shown(count: int | None) -> str:
    return "-" if count is None else str(count)
