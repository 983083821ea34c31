"""`logicsim faults`: campaigns of runs with something broken."""

from __future__ import annotations

from pathlib import Path

import click

from logicsim.cli import complete, options
from logicsim.core.cores import cores
from logicsim.training.progress import progress

_FOLDER = click.Path(path_type=Path)


@click.group("faults", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Break anything, at any time, and see what the machine still learns.

    \b
    logicsim faults list twin16 --task iv
    logicsim faults run damage --out damage
    logicsim faults report damage
    logicsim faults repeat damage 2 --vcd two.vcd
    """  # noqa: D301  click takes this backspace to mean: keep the lines
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@command.command("list", short_help="List all single faults of a board.")
@options.board
@click.option(
    "--task",
    metavar="NAME",
    shell_complete=complete.tasks,
    help="What it is to learn; some faults are not seen then.",
)
@options.json_file(help="Write the whole list as JSON.")
@options.settings
def list_command(
    board: str, task: str | None, json_file: str | None, settings: tuple[str, ...]
) -> None:
    """List all single faults of BOARD: counts by kind, what it is, and an example of a name.

    \b
    logicsim faults list twin16
    logicsim faults list twin16 --task iv --json -
    """  # noqa: D301  click takes this backspace to mean: keep the lines
    from logicsim import board as boards
    from logicsim.faults import universe
    from logicsim.faults.listing import as_json, as_lines

    loaded = boards.load(board, options.parse_settings(settings))
    listed = universe(loaded, loaded.task(task)[1] if task is not None else None)
    if json_file is None:
        for line in as_lines(listed):
            click.echo(line)
        return
    options.write_json(json_file, as_json(loaded.name, listed))


@command.command("run", short_help="Run a campaign, or go on with it.")
@click.argument("campaign", metavar="CAMPAIGN.toml", shell_complete=complete.campaigns)
@click.option("--out", type=_FOLDER, required=True, metavar="DIR", help="Where its store is.")
@click.option(
    "--jobs", type=click.IntRange(1, 1024), metavar="N", help="Processes; as many as cores."
)
@click.option("--cluster", metavar="ADDRESS", help="A Dask scheduler to run on instead.")
@click.option("--quiet", is_flag=True, help="No progress and no summary.")
def run_command(
    campaign: str, out: Path, jobs: int | None, cluster: str | None, quiet: bool
) -> None:
    """Run CAMPAIGN, a shipped name or a path; run it again to go on where it was stopped.

    \b
    logicsim faults run damage --out damage
    logicsim faults run twin16 --out twin16 --jobs 2
    """  # noqa: D301  click takes this backspace to mean: keep the lines
    from logicsim.campaign import load, run

    with progress("runs", show=False if quiet else None) as on_progress:
        table = run(
            load(campaign), out, jobs=jobs or cores(), cluster=cluster, on_progress=on_progress
        )
    if not quiet:
        failed = sum(bool(outcome.failure) for _, outcome in table.rows)
        click.echo(f"{out}: {table.meta['finished']}, {failed} of which came to no end")


@command.command("repeat", short_help="Run one row again, with its waveform.")
@click.argument("folder", type=_FOLDER, metavar="DIR")
@click.argument("row", type=click.IntRange(1), metavar="ROW")
@click.option("--vcd", type=_FOLDER, metavar="FILE", help="Write its waveform.")
def repeat_command(folder: Path, row: int, vcd: Path | None) -> int:
    """Run ROW of the campaign in DIR again, by itself; exit status 1 if it came out otherwise.

    \b
    logicsim faults repeat damage 2 --vcd two.vcd
    """  # noqa: D301  click takes this backspace to mean: keep the lines
    from logicsim.campaign import repeat

    repeated = repeat(folder, row, vcd)
    then = repeated.row
    click.echo(
        f"row {row}: {then.fault or 'no fault'}, task {then.task}, seed {then.seed}, "
        f"{then.steps} steps: {'the same as stored' if repeated.same else 'not the same as stored'}"
    )
    return 0 if repeated.same else 1


@command.command("report", short_help="Write what came of a campaign.")
@click.argument("folder", type=_FOLDER, metavar="DIR")
def report_command(folder: Path) -> None:
    """Write report.html, report.json and runs.csv into DIR, also while its campaign runs.

    \b
    logicsim faults report damage
    """  # noqa: D301  click takes this backspace to mean: keep the lines
    from logicsim.campaign.report import write_report

    for path in write_report(folder):
        click.echo(str(path))
