"""A Dask cluster that runs rows; Dask runs a dead worker's rows on another worker."""

from collections.abc import Iterator, Sequence
from importlib.metadata import version
from types import TracebackType
from typing import Any, Final, Self

from logicsim.board import Board
from logicsim.campaign.execute import batch_size, execute
from logicsim.campaign.row import Outcome, Row, failed
from logicsim.core.errors import CampaignError

_PATIENCE: Final = 10  # s to wait for the scheduler's answer


class Cluster:
    """The workers of the scheduler at an address ('tcp://10.0.0.1:8786').

    Runs have no timeout, since Dask cannot stop one.

    Raises:
        CampaignError: Dask is not installed, or no scheduler answers.
    """

    def __init__(self, board: Board, address: str) -> None:
        try:
            from distributed import Client  # noqa: PLC0415  optional, and takes half a second
        except ImportError:
            raise CampaignError("a cluster needs Dask: pip install 'logicsim[cluster]'") from None
        try:
            self._client = Client(address, timeout=_PATIENCE)
        except (OSError, ValueError) as error:
            raise CampaignError(f"cluster '{address}' cannot be reached: {error}") from None
        self._board = board

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._client.close()

    def map(self, rows: Sequence[Row]) -> Iterator[Sequence[Outcome]]:
        """Run rows and yield outcomes as they arrive, a batch at a time.

        A batch that killed every worker on which Dask tried it is run again row by row; a row that
        kills workers by itself has failed.

        Raises:
            CampaignError: a worker has another version of logicsim.
        """
        from distributed import KilledWorker, as_completed  # noqa: PLC0415  optional

        size = batch_size(rows[0].engine)
        batches = [rows[start : start + size] for start in range(0, len(rows), size)]
        waiting = {self._submit(batch): batch for batch in batches}
        coming = as_completed(waiting)
        for future in coming:
            batch = waiting.pop(future)
            try:
                yield future.result()
            except KilledWorker:
                if len(batch) == 1:
                    yield [failed(batch[0], "its process died on every worker")]
                    continue
                singles = {self._submit([row]): [row] for row in batch}
                waiting.update(singles)
                coming.update(singles)

    def _submit(self, batch: Sequence[Row]) -> Any:
        return self._client.submit(_execute, self._board, batch, version("logicsim"), pure=False)


def _execute(board: Board, rows: Sequence[Row], wanted: str) -> Sequence[Outcome]:
    """Run rows on a worker of the cluster."""
    if version("logicsim") != wanted:
        raise CampaignError(
            f"a worker of the cluster has logicsim {version('logicsim')}, not {wanted}"
        )
    return list(execute(board, rows))
