"""`logicsim faults`: campaigns of runs with something broken."""

from pathlib import Path

import click

from logicsim import board as boards
from logicsim.campaign import load, repeat, run
from logicsim.cli import options
from logicsim.cores import cores
from logicsim.faults import universe
from logicsim.faults.listing import as_json, as_lines
from logicsim.progress import progress

_FOLDER = click.Path(path_type=Path)


@click.group("faults", no_args_is_help=True)
def command() -> None:
    """Break anything, at any time, and see what the machine still learns."""


@command.command("list")
@options.board
@click.option("--task", metavar="NAME", help="What it is to learn; some faults are not seen then.")
@click.option("--json", "json_file", metavar="FILE|-", help="Write the whole list as JSON.")
@options.settings
def list_command(
    board: str, task: str | None, json_file: str | None, settings: tuple[str, ...]
) -> None:
    """List all single faults of BOARD: counts by kind, what it is, and an example of a name.

    \b
    logicsim faults list twin16
    logicsim faults list twin16 --task iv --json -
    """  # noqa: D301  click takes this backspace to mean: keep the lines
    loaded = boards.load(board, options.parse_settings(settings))
    listed = universe(loaded, loaded.task(task)[1] if task is not None else None)
    if json_file is None:
        for line in as_lines(listed):
            click.echo(line)
        return
    options.write_json(json_file, as_json(loaded.name, listed))


@command.command("run")
@click.argument("campaign", metavar="CAMPAIGN.toml")
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
    with progress("runs", show=False if quiet else None) as on_progress:
        table = run(
            load(campaign), out, jobs=jobs or cores(), cluster=cluster, on_progress=on_progress
        )
    if not quiet:
        failed = sum(bool(outcome.failure) for _, outcome in table.rows)
        click.echo(f"{out}: {table.meta['finished']}, {failed} of which came to no end")


@command.command("repeat")
@click.argument("folder", type=_FOLDER, metavar="DIR")
@click.argument("row", type=click.IntRange(1), metavar="ROW")
@click.option("--vcd", type=_FOLDER, metavar="FILE", help="Write its waveform.")
def repeat_command(folder: Path, row: int, vcd: Path | None) -> int:
    """Run ROW of the campaign in DIR again, by itself; exit status 1 if it came out otherwise."""
    repeated = repeat(folder, row, vcd)
    then = repeated.row
    click.echo(
        f"row {row}: {then.fault or 'no fault'}, task {then.task}, seed {then.seed}, "
        f"{then.steps} steps: {'the same as stored' if repeated.same else 'not the same as stored'}"
    )
    return 0 if repeated.same else 1


@command.command("report")
@click.argument("folder", type=_FOLDER, metavar="DIR")
def report_command(folder: Path) -> None:
    """Write report.html, report.json and runs.csv into DIR, also while its campaign runs."""
    from logicsim.campaign.report import write_report  # noqa: PLC0415  it draws

    for path in write_report(folder):
        click.echo(str(path))
