"""`logicsim run`: train a board."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.text import Text

from logicsim.cli import complete, options
from logicsim.cli.tables import show_table
from logicsim.core.files import check_folder
from logicsim.training.progress import training

if TYPE_CHECKING:
    from logicsim.board import Board
    from logicsim.figures.page.recorder import PageRecorder
    from logicsim.tasks.result import Result
    from logicsim.tasks.task_run import Steps
    from logicsim.training.engines import EngineName
    from logicsim.training.run import OnSteps, Plan

_FILE = click.Path(path_type=Path)


class _Window(click.ParamType[tuple[int, int]]):
    name = "window"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, int]:
        match = re.fullmatch(r"([1-9]\d{0,8}):([1-9]\d{0,8})", str(value))
        if match is None or int(match[1]) > int(match[2]):
            self.fail(
                f"'{value}': write FIRST:LAST, two steps counted from 1, e.g. 3:5", param, ctx
            )
        return int(match[1]), int(match[2])


@click.command("run")
@options.board
@click.option(
    "--task",
    "tasks",
    multiple=True,
    metavar="NAME",
    shell_complete=complete.tasks,
    help="Only this task; may be repeated.",
)
@click.option("--steps", type=click.IntRange(1, 10**9), metavar="N", help="Steps of each task.")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**64 - 1),
    default=0,
    show_default=True,
    metavar="S",
    help="Seed of all randomness: the same seed gives the same run.",
)
@click.option(
    "--engine",
    type=click.Choice(["event", "vector"]),
    default="event",
    show_default=True,
    help="Every chip at its true time, or a step at once where timing is met.",
)
@options.settings
@click.option(
    "--vcd", type=_FILE, metavar="FILE", help="Write the waveform, and a .gtkw beside it."
)
@click.option("--fst", type=_FILE, metavar="FILE", help="The same as FST, a fifth of the size.")
@click.option(
    "--probe",
    "probes",
    multiple=True,
    metavar="GLOB",
    help="Only these signals in the waveform, e.g. 'edge1.*'; may be repeated.",
)
@click.option(
    "--window",
    type=_Window(),
    metavar="FIRST:LAST",
    help="Only these steps in the waveform, counted over all tasks.",
)
@click.option(
    "--out", type=_FILE, metavar="DIR", help="Write result.json, history.csv and history.png here."
)
@click.option("--resume", is_flag=True, help="Go on from the checkpoint in DIR.")
@click.option("--html", type=_FILE, metavar="FILE",
              help="Write a page: learning, network, a step's waveform.")  # fmt: skip
@options.json_file(help="Write the result as JSON.")
@click.option("--live", is_flag=True, help="Watch it learn: error, outputs and codes.")
@click.option("--quiet", is_flag=True, help="No progress and no table.")  # fmt: skip
def command(
    board: str, tasks: tuple[str, ...], steps: int | None, seed: int, engine: EngineName,
    settings: tuple[str, ...], vcd: Path | None, fst: Path | None, probes: tuple[str, ...],
    window: tuple[int, int] | None, out: Path | None, resume: bool, html: Path | None,
    json_file: str | None, live: bool, quiet: bool,
) -> None:  # fmt: skip
    """Train BOARD, a shipped name or a path, on its tasks one after the other.

    \b
    logicsim run divider --vcd divider.vcd --out divider
    logicsim run twin16 --task iv --steps 300 --seed 7
    logicsim run twin16 --live
    logicsim run divider --html divider.html
    logicsim run grid:30x30 --steps 50
    logicsim run twin16 --task ii --steps 5 --vcd wave.vcd --probe 'edge1.*' --window 3:4
    """  # noqa: D301  click takes this backspace to mean: keep the lines
    from logicsim.board import load
    from logicsim.training.run import Waveform, plan, run

    if live and quiet:
        raise click.UsageError("--live and --quiet contradict; give one of them")
    recorded = vcd is not None or fst is not None or html is not None
    if not recorded and (probes or window):
        raise click.UsageError(
            "--probe and --window choose what goes into a waveform; add --vcd FILE"
        )
    loaded = load(board, options.parse_settings(settings))
    chosen = plan(loaded, tasks, steps)
    if not chosen:
        raise click.UsageError(f"board '{loaded.name}' has no tasks; add a [[tasks]] table")
    kept = _memo(html)
    if kept is not None and vcd is None and fst is None:
        window = window or (1, 1)  # the page shows one step; more are for the asking
    also = None if kept is None else kept.open
    waveform = Waveform(vcd, probes, window, fst, also) if recorded else None
    to_stdout = json_file == "-"
    if json_file is not None and not to_stdout:
        check_folder(Path(json_file))
    with _watched(loaded, chosen, live=live, show=False if quiet else None) as on_steps:
        result = run(
            loaded, chosen, seed=seed, engine=engine, waveform=waveform, out=out, resume=resume,
            on_steps=_both(kept, on_steps),
        )  # fmt: skip
    if html is not None and kept is not None:
        from logicsim.figures.page.page import write_page

        typed = shlex.join(["logicsim", *sys.argv[1:]])
        write_page(html, loaded, result, kept.steps, kept.waveform, typed)
    if json_file is not None:
        options.write_json(json_file, result.as_json())
    if not quiet:
        _show(result, Console(stderr=to_stdout))
        _suggest(vcd or fst)


def _suggest(waveform: Path | None) -> None:
    """What to do next, on a terminal only."""
    console = Console(stderr=True)
    if waveform is not None and waveform.is_file() and console.is_terminal:
        view = waveform.with_suffix(".gtkw")
        told = f"gtkwave {shlex.quote(str(view))}\nlogicsim measure {shlex.quote(str(waveform))}"
        console.print(Text(told, "dim"), soft_wrap=True)


def _memo(html: Path | None) -> PageRecorder | None:
    """What the page will show; a page that cannot be written is known before the run."""
    if html is None:
        return None
    from logicsim.figures.page.page import check_page
    from logicsim.figures.page.recorder import PageRecorder

    check_page(html)
    return PageRecorder()


def _both(kept: PageRecorder | None, on_progress: OnSteps | None) -> OnSteps | None:
    if kept is None or on_progress is None:
        return on_progress if kept is None else kept.add

    def on_steps(steps: Steps) -> None:
        kept.add(steps)
        on_progress(steps)

    return on_steps


@contextmanager
def _watched(
    board: Board, chosen: Plan, *, live: bool, show: bool | None
) -> Iterator[OnSteps | None]:
    """What is to see every step: the panel, where a terminal can show it, or a progress line."""
    console = Console(stderr=True)
    if live and console.is_terminal and not console.is_dumb_terminal:
        from logicsim.cli.live import live as panel

        with panel(chosen, board.positions, console) as on_steps:
            yield on_steps
    else:
        with training(chosen, show=show) as on_progress:
            yield on_progress


def _show(result: Result, console: Console) -> None:
    from logicsim.api.text import speed, summary

    show_table(summary(result), console)
    console.print(speed(result), highlight=False)
