"""Running a campaign: golden runs first, then all rows that are not in the store yet."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from logicsim.campaign.expansion import expand
from logicsim.campaign.file import Campaign, Loaded
from logicsim.campaign.row import Outcome, Row
from logicsim.campaign.runs import judge
from logicsim.campaign.sample import enough
from logicsim.campaign.store import Store, Stored, opened
from logicsim.campaign.workers import Workers
from logicsim.core.errors import CampaignError


class Executor(Protocol):
    """An executor of rows: processes on this machine, or a cluster."""

    def map(self, rows: Sequence[Row]) -> Iterator[Sequence[Outcome]]:
        """Run rows in any order, and yield outcomes as they arrive."""


def run(
    loaded: Loaded,
    out: Path,
    *,
    jobs: int = 1,
    cluster: str | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Stored:
    """Run or continue a campaign; the rows do not depend on the executor or on interruptions.

    Args:
        loaded: the result of `file.load`.
        out: the folder of its store, made if missing.
        jobs: the number of processes on this machine.
        cluster: the address of a Dask cluster to use instead.
        on_progress: called with the numbers of finished and of all runs.

    Raises:
        CampaignError: the board has no such fault, the store belongs to another campaign, another
            process runs this campaign, or the cluster cannot be reached.
        OutputError: the store cannot be written, such as on a full disk; its rows are kept.
    """
    try:
        expansion = expand(loaded.campaign, loaded.board)
    except CampaignError as error:
        raise CampaignError(f"campaign '{loaded.name}': {error}") from None
    with opened(out, loaded, expansion.listings) as store:
        done, rounds = store.numbers(), [expansion.golden, *expansion.rounds]
        with _executor(loaded, jobs, cluster) as executor:
            for rows in rounds:
                left = {row.number: row for row in rows if row.number not in done}
                for outcomes in executor.map(list(left.values())) if left else ():
                    store.add(left, outcomes)
                    done.update(outcome.number for outcome in outcomes)
                    if on_progress is not None:
                        on_progress(len(done), len(expansion))
                if rows is not expansion.golden and _enough(loaded.campaign, store, rows):
                    break
        store.finish(f"{len(done)} of {len(expansion)} runs")
        return store.table()


def _executor(loaded: Loaded, jobs: int, cluster: str | None) -> AbstractContextManager[Executor]:
    if cluster is None:
        return Workers(loaded.campaign, loaded.board, jobs)
    from logicsim.campaign.cluster import Cluster  # noqa: PLC0415  Dask takes half a second

    return Cluster(loaded.board, cluster)


def _enough(campaign: Campaign, store: Store, rows: Sequence[Row]) -> bool:
    """Whether the share of harmed runs is known well enough for every task.

    Only rows up to the last of `rows` count, so that interruptions do not change the answer.
    """
    wanted = campaign.sample
    if wanted is None or not rows:
        return False
    by_task: dict[str, list[bool]] = {}
    table = store.table()
    for (row, _), verdict in zip(table.rows, judge(table), strict=True):
        if row.fault and row.number <= rows[-1].number:
            by_task.setdefault(row.task, []).append(verdict.name != "masked")
    return all(
        enough(sum(harmed), len(harmed), wanted.margin, wanted.confidence)
        for harmed in by_task.values()
    )
