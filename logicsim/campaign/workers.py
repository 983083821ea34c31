"""Local processes that run rows: fed, watched, and replaced when they die or hang.

Each worker has its own pipe. The pools of the standard library and of pebble share one pipe between
all workers, behind a lock that a killed worker may leave locked, and they do not know which run
killed the worker.
"""

import math
import os
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Final, Self

from logicsim.board import Board
from logicsim.campaign.execute import batch_size, execute
from logicsim.campaign.file import Campaign
from logicsim.campaign.row import Outcome, Row, failed
from logicsim.core.errors import CampaignError

_BEGINNING: Final = 300.0  # s for a process to import logicsim
_TRIES: Final = 3  # attempts at a row whose worker dies or hangs


class _Worker:
    """A process and its queue of rows; it runs the first."""

    def __init__(self, board: Board) -> None:
        # Fresh processes: a fork of one that runs threads (a progress line) may hang.
        context = get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, board), daemon=True)
        self.process.start()
        theirs.close()
        self.ready = False
        self.rows: deque[Row] = deque()
        self.deadline = time.monotonic() + _BEGINNING

    def give(self, rows: Sequence[Row]) -> None:
        """Append rows to the queue."""
        with suppress(OSError):  # a dead process is noticed later by its silence
            self.connection.send(rows)
        self.rows.extend(rows)

    def end(self) -> None:
        """Kill it."""
        self.process.kill()
        self.process.join()
        self.connection.close()


def _serve(connection: Connection, board: Board) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent gets the signal and ends this process
    threading.Thread(target=_die_with_the_parent, daemon=True).start()
    connection.send(None)
    while True:
        try:
            rows = connection.recv()
        except EOFError:
            return
        for outcome in execute(board, rows):
            connection.send(outcome)


def _die_with_the_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


class Workers:
    """A pool of `jobs` processes, started when there is work and ended with the context."""

    def __init__(self, campaign: Campaign, board: Board, jobs: int) -> None:
        self._campaign = campaign
        self._board = board
        self._jobs = jobs
        self._workers: list[_Worker] = []
        self._stillborn = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        for worker in self._workers:
            worker.end()

    def map(self, rows: Sequence[Row]) -> Iterator[Sequence[Outcome]]:
        """Run rows and yield their outcomes as they arrive, several together if possible.

        A row whose worker died or hung three times has failed.

        Raises:
            CampaignError: workers die while they start.
        """
        waiting, tries = deque(rows), Counter[int]()
        while waiting or any(worker.rows for worker in self._workers):
            self._feed(waiting)
            outcomes: list[Outcome] = []
            for worker in self._heard():
                alive = self._listen(worker, outcomes)
                if not alive or worker.deadline <= time.monotonic():
                    outcomes += self._give_up(worker, waiting, tries)
            if outcomes:
                yield outcomes

    def _feed(self, waiting: deque[Row]) -> None:
        while len(self._workers) < min(self._jobs, len(waiting)):
            self._workers.append(_Worker(self._board))
        for worker in self._workers:
            if worker.ready and not worker.rows and waiting:
                # Small batches at the end, so that all workers end at the same time.
                most = batch_size(self._campaign.engine)
                size = max(1, min(most, len(waiting) // (2 * self._jobs)))
                worker.give([waiting.popleft() for _ in range(size)])
                self._wind(worker)

    def _wind(self, worker: _Worker) -> None:
        """Set a worker's timeout for its present row."""
        patience = self._campaign.patience(worker.rows[0].steps) if worker.rows else math.inf
        worker.deadline = time.monotonic() + patience

    def _heard(self) -> Sequence[_Worker]:
        """Wait for messages from workers, or for a timeout."""
        soonest = min(worker.deadline for worker in self._workers) - time.monotonic()
        speaking = wait([worker.connection for worker in self._workers],
                        None if soonest == math.inf else max(soonest, 0))  # fmt: skip
        now = time.monotonic()
        return [w for w in self._workers if w.connection in speaking or w.deadline <= now]

    def _listen(self, worker: _Worker, outcomes: list[Outcome]) -> bool:
        """Receive a worker's outcomes, and return whether it is alive."""
        try:
            while worker.connection.poll():
                outcome = worker.connection.recv()
                if outcome is not None:
                    worker.rows.popleft()
                    outcomes.append(outcome)
                worker.ready, self._stillborn = True, 0
                self._wind(worker)
        except (EOFError, OSError):
            return False
        return True

    def _give_up(
        self, worker: _Worker, waiting: deque[Row], tries: Counter[int]
    ) -> Sequence[Outcome]:
        """Take a worker's rows back; the first caused the trouble and fails after its last try."""
        late = worker.process.is_alive() and worker.deadline <= time.monotonic()
        worker.end()
        self._workers.remove(worker)
        if not worker.ready:
            self._stillborn += 1
            if self._stillborn == _TRIES:
                raise CampaignError(
                    "processes end before they begin; in a script, call run below "
                    "if __name__ == '__main__'"
                )
        if not worker.rows:
            return []
        first = worker.rows[0]
        tries[first.number] += 1
        if tries[first.number] < _TRIES:
            waiting.extendleft(reversed(worker.rows))
            return []
        worker.rows.popleft()
        waiting.extendleft(reversed(worker.rows))
        patience = self._campaign.patience(first.steps)
        how = f"took longer than {patience:g} s" if late else "its process died"
        return [failed(first, f"{how}, {_TRIES} times")]
