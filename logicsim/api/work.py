"""Long work without a board in hand: fault campaigns, the race of engines, the paper's figures."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from logicsim import campaign as campaigns
from logicsim.bench import SIZES
from logicsim.bench.compare import Race, race
from logicsim.campaign.repeat import Repeated
from logicsim.campaign.runs import Runs
from logicsim.campaign.runs import read as read_campaign
from logicsim.core.cores import cores
from logicsim.paper.claim import Claim
from logicsim.training.progress import progress as line


def run_campaign(
    campaign: str | Path,
    out: str | Path,
    *,
    jobs: int | None = None,
    cluster: str | None = None,
    progress: bool | None = None,
) -> Runs:
    """Run a fault campaign, as `logicsim faults run` does; again, to go on where it was stopped.

    Args:
        campaign: a shipped name or a path.
        out: the folder of its store.
        jobs: processes; as many as cores if not given.
        cluster: the address of a Dask scheduler to run on instead.
        progress: a line with the time left; None is on a terminal and in a notebook only.

    Returns:
        A row a run, with its verdict; `logicsim.read_campaign(out)` reads the same.

    Raises:
        CampaignError: there is no such campaign or fault, or the store is of something else.
        OutputError: the store cannot be written.
    """
    loaded = campaigns.load(campaign)
    with line("runs", show=progress) as on_progress:
        campaigns.run(
            loaded, Path(out), jobs=jobs or cores(), cluster=cluster, on_progress=on_progress
        )
    return read_campaign(out)


def repeat_run(folder: str | Path, row: int, *, vcd: str | Path | None = None) -> Repeated:
    """Run a row of the campaign in a folder again, as `logicsim faults repeat` does.

    Args:
        row: its number.
        vcd: a file for its waveform.

    Raises:
        CampaignError: there is no such row, or no campaign.
        OutputError: the waveform cannot be written.
    """
    return campaigns.repeat(Path(folder), row, None if vcd is None else Path(vcd))


def write_report(folder: str | Path) -> Sequence[Path]:
    """Write report.html, report.json and runs.csv beside a campaign's store; returns their paths.

    Raises:
        CampaignError: there is no campaign.
        OutputError: a file cannot be written.
    """
    from logicsim.campaign import report  # noqa: PLC0415  matplotlib is slow to import

    return report.write_report(Path(folder))


def run_bench(
    sizes: Sequence[int] = SIZES, *, seconds: float = 1.0, progress: bool | None = None
) -> Race:
    """Measure the engines beside numpy, ngspice and Icarus, as `logicsim bench` does.

    Args:
        sizes: edges of the grids to train.
        seconds: for each program and size.
        progress: a line with the time left; None is on a terminal and in a notebook only.

    Returns:
        Each program's training steps a second, by edges.
    """
    with line("sizes", show=progress) as on_progress:
        return race(sizes, seconds, on_progress)


def make_paper(
    *figures: str,
    out: str | Path = "paper",
    jobs: int | None = None,
    progress: bool | None = None,
) -> Mapping[str, Sequence[Claim]]:
    """Make figures of the paper, all if none are named, as `logicsim paper` does.

    Args:
        figures: 'fig3d', 'xor'...
        out: the folder for NAME.png, NAME.pdf, table.csv and table.md; made if it is not there.
        jobs: processes; as many as cores if not given.
        progress: a line with the time left; None is on a terminal and in a notebook only.

    Returns:
        Every claim by figure: the paper's number, ours, and the verdict.

    Raises:
        LogicsimError: there is no such figure.
        OutputError: a file cannot be written.
    """
    from logicsim.paper import make, registry  # noqa: PLC0415  matplotlib is slow to import

    chosen = registry.studies(figures)
    with line("experiments", show=progress) as on_progress:
        return make.make(chosen, Path(out), jobs or cores(), on_progress)
