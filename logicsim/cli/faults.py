"""`logicsim faults`: campaigns of runs with something broken."""

from pathlib import Path

import click

from logicsim.campaign import load, repeat, run
from logicsim.cli.options import cores
from logicsim.cli.progress import progress

_FOLDER = click.Path(path_type=Path)


@click.group("faults", no_args_is_help=True)
def command() -> None:
    """Break anything, at any time, and see what the machine still learns."""


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
    with progress("runs", show=not quiet) as on_progress:
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
