"""`logicsim timing`: static timing analysis of a board."""

import json
from pathlib import Path
from typing import get_args

import click

from logicsim.board import load
from logicsim.cli import options
from logicsim.files import check_folder, write_text
from logicsim.parts.declaration import Corner
from logicsim.timing.report import as_json, as_text
from logicsim.timing.static import analyse


@click.command("timing")
@options.board
@click.option("--corner", type=click.Choice(get_args(Corner)),
              help="Which of the declared delays; the board's own if not given.")  # fmt: skip
@click.option("--rate", metavar="HZ", help="Ask about this rate, e.g. '20 kHz'.")
@options.settings
@click.option("--json", "json_file", metavar="FILE|-", help="Write everything as JSON.")
@click.option("--png", type=click.Path(path_type=Path), metavar="FILE",
              help="Draw the clock of a step and the windows with their margins.")  # fmt: skip
def command(
    board: str, corner: str | None, rate: str | None, settings: tuple[str, ...],
    json_file: str | None, png: Path | None,
) -> None:  # fmt: skip
    """Analyse the timing of BOARD, a shipped name or a path.

    The report has the path of least slack under each constraint, the tightest first, then a
    summary and what limits the training rate. Missed constraints are results: the exit status is 0.

    \b
    logicsim timing twin16
    logicsim timing twin16 --corner max --rate '20 kHz' --set clock.capacitance='2 pF'
    """  # noqa: D301  click takes this backspace to mean: keep the lines
    keys = options.parse_settings(settings)
    for option, key, value in (("corner", "parts.corner", corner), ("rate", "clock.rate", rate)):
        if value is not None:
            if key in keys:
                raise click.UsageError(f"--{option} and --set {key} contradict; give one of them")
            keys |= options.parse_settings([f"{key}={value}"])
    to_stdout = json_file == "-"
    if json_file is not None and not to_stdout:
        check_folder(Path(json_file))
    analysis = analyse(load(board, keys))
    if png is not None:
        from logicsim.timing.picture import draw_timing  # noqa: PLC0415  matplotlib is slow

        draw_timing(analysis, png)
    if json_file is not None:
        text = json.dumps(as_json(analysis), indent=2) + "\n"
        click.echo(text, nl=False) if to_stdout else write_text(Path(json_file), text)
    if not to_stdout:
        click.echo(as_text(analysis), nl=False)
