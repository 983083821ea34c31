"""`logicsim diff`: compare two waveforms by content."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from logicsim.core.units import quantity, seconds

if TYPE_CHECKING:
    from logicsim.waveforms.trace import Difference, Value

_FILE = click.Path(path_type=Path)
_SHOWN = 20


@click.command("diff")
@click.argument("first", type=_FILE, metavar="A")
@click.argument("second", type=_FILE, metavar="B")
@click.option("--tolerance", default="0 V", show_default=True, metavar="V",
              help="How far apart voltages may be, e.g. '1 mV'.")  # fmt: skip
def command(first: Path, second: Path, tolerance: str) -> int:
    """Compare two waveforms, VCD or FST, by content: exit status 0 if equal, 1 if they differ.

    \b
    logicsim diff divider.vcd other.vcd
    logicsim diff divider.vcd other.fst --tolerance '1 mV'
    """  # noqa: D301  click takes this backspace to mean: keep the lines
    from logicsim.waveforms.read import read_trace
    from logicsim.waveforms.trace import compare

    differences = compare(read_trace(first), read_trace(second), _volts(tolerance))
    for difference in differences[:_SHOWN]:
        click.echo(_line(difference))
    if len(differences) > _SHOWN:
        click.echo(f"... and {len(differences) - _SHOWN} more signals")
    if not differences:
        click.echo("equal")
    return 1 if differences else 0


def _volts(text: str) -> float:
    try:
        plain = float(text)
    except ValueError:
        plain = None
    try:
        volts = quantity(text if plain is None else plain, "V")
    except ValueError as error:
        raise click.UsageError(f"--tolerance: {error}") from None
    if volts < 0:
        raise click.UsageError(f"--tolerance: {text} is negative")
    return volts


def _line(difference: Difference) -> str:
    if difference.time < 0:
        return f"{difference.name}: {difference.first} | {difference.second}"
    apart = ""
    if isinstance(difference.first, float) and isinstance(difference.second, float):
        apart = f"  ({difference.second - difference.first:+.3g} V)"
    return (
        f"{difference.name}: at {seconds(difference.time):.12f} s: "
        f"{_shown(difference.first)} | {_shown(difference.second)}{apart}"
    )


def _shown(value: Value) -> str:
    return f"{value:.9g}" if isinstance(value, float) else str(value)
