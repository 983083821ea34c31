"""`logicsim timing`: static timing analysis of a board."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from logicsim.cli import options
from logicsim.core.files import check_folder
from logicsim.core.units import quantity
from logicsim.training.progress import progress

if TYPE_CHECKING:
    from logicsim.board import Board
    from logicsim.timing.spread import Conditions, Lot


@click.command("timing")
@options.board
@click.option("--corner", type=click.Choice(["min", "typ", "max"]),
              help="Which of the declared delays; the board's own if not given.")  # fmt: skip
@click.option("--rate", metavar="HZ", help="Ask about this rate, e.g. '20 kHz'.")
@options.settings
@options.json_file(help="Write everything as JSON.")
@click.option("--png", type=click.Path(path_type=Path), metavar="FILE",
              help="Draw the clock of a step and the windows with their margins.")  # fmt: skip
@click.option("--yield", "machines", type=click.IntRange(1, 10**6), metavar="N",
              help="Make N machines of parts that spread: how many work how fast.")  # fmt: skip
@click.option("--temperature", metavar="LOW:HIGH", default="0:70", show_default=True,
              help="Where the machines run, in degrees Celsius.")  # fmt: skip
@click.option("--jitter", metavar="TIME", default="0 s", show_default=True,
              help="The trigger's, rms, e.g. '100 us'.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Of the machines' parts.")
def command(
    board: str, corner: str | None, rate: str | None, settings: tuple[str, ...],
    json_file: str | None, png: Path | None,
    machines: int | None, temperature: str, jitter: str, seed: int,
) -> None:  # fmt: skip
    """Analyse the timing of BOARD, a shipped name or a path.

    The report has the path of least slack under each constraint, the tightest first, then a
    summary and what limits the training rate. Missed constraints are results: the exit status is 0.

    \b
    logicsim timing twin16
    logicsim timing twin16 --corner max --rate '20 kHz' --set clock.capacitance='2 pF'
    logicsim timing twin16 --yield 200 --temperature 0:70 --jitter '100 us'
    """  # noqa: D301  click takes this backspace to mean: keep the lines
    from logicsim.api.timing import Timing
    from logicsim.board import load
    from logicsim.timing.static import analyse

    keys = options.parse_settings(settings)
    for option, key, value in (("corner", "parts.corner", corner), ("rate", "clock.rate", rate)):
        if value is not None:
            if key in keys:
                raise click.UsageError(f"--{option} and --set {key} contradict; give one of them")
            keys |= options.parse_settings([f"{key}={value}"])
    to_stdout = json_file == "-"
    if json_file is not None and not to_stdout:
        check_folder(Path(json_file))
    conditions = _conditions(temperature, jitter)
    loaded = load(board, keys)
    analysis = analyse(loaded)
    if png is not None:
        from logicsim.figures.timing import draw_timing

        draw_timing(analysis, png)
    lot = None if machines is None else _manufactured(loaded, machines, seed, conditions)
    timing = Timing(analysis, lot)
    if json_file is not None:
        options.write_json(json_file, timing.as_json())
    if not to_stdout:
        click.echo(str(timing), nl=False)


def _conditions(temperature: str, jitter: str) -> Conditions:
    from logicsim.timing.spread import COLDEST, HOTTEST, Conditions

    low, colon, high = temperature.partition(":")
    try:
        coldest, hottest = float(low), float(high)
    except ValueError:
        coldest, hottest = math.nan, math.nan
    try:
        conditions = Conditions(coldest, hottest) if colon else None
    except ValueError:
        conditions = None
    if conditions is None:
        raise click.UsageError(
            f"--temperature {temperature}: write LOW:HIGH in degrees Celsius between "
            f"{COLDEST:g} and {HOTTEST:g}, e.g. 0:70"
        )
    try:
        return replace(conditions, jitter=quantity(jitter, "s"))
    except ValueError as error:
        raise click.UsageError(f"--jitter {jitter}: {error}") from None


def _manufactured(board: Board, machines: int, seed: int, conditions: Conditions) -> Lot:
    from logicsim.timing.spread import manufacture

    with progress("machines") as on_progress:
        return manufacture(board, machines, seed, conditions, on_progress)
