"""Making figures: run all experiments on all cores, and write pictures and table."""

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, as_completed
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from logicsim.core.errors import SimulationError
from logicsim.core.files import make_folder
from logicsim.figures.style import save, styled
from logicsim.paper.claim import Claim
from logicsim.paper.study import Study
from logicsim.paper.table import write_table

_KINDS: Final = ("png", "pdf")

AnyStudy = Study[Any, Any]
Job = tuple[Callable[[Any], Any], Any]  # an experiment and its case


def make(
    studies: Sequence[AnyStudy],
    out: Path,
    workers: int,
    on_progress: Callable[[int, int], None] | None = None,
) -> dict[str, list[Claim]]:
    """Run studies, and write NAME.png and NAME.pdf of each, `table.csv` and `table.md`.

    The files do not depend on the number of workers, except for studies that measure time.

    Args:
        out: the folder, made if missing.
        on_progress: called with the numbers of finished and of all experiments.

    Returns:
        The claims by figure, in the order of `studies`.

    Raises:
        OutputError: a file cannot be written.
        SimulationError: a worker died.
    """
    make_folder(out)
    jobs = list(dict.fromkeys(job for study in studies for job in _jobs(study)))
    outcomes: dict[Job, Any] = {}
    claims: dict[str, list[Claim]] = {}
    for job, outcome in _run(jobs, {j for s in studies if s.alone for j in _jobs(s)}, workers):
        outcomes[job] = outcome
        if on_progress is not None:
            on_progress(len(outcomes), len(jobs))
        for study in studies:
            if study.name not in claims and all(job in outcomes for job in _jobs(study)):
                claims[study.name] = _finish(study, outcomes, out)
                write_table(out, {s.name: claims[s.name] for s in studies if s.name in claims})
    return {study.name: claims[study.name] for study in studies}


def _jobs(study: AnyStudy) -> list[Job]:
    return [(study.experiment, case) for case in study.cases]


def _run(jobs: Sequence[Job], alone: set[Job], workers: int) -> Iterator[tuple[Job, Any]]:
    """Run jobs and yield each with its outcome; jobs in `alone` come last, one at a time."""
    together = [job for job in jobs if job not in alone]
    if workers == 1:
        yield from ((job, job[0](job[1])) for job in together)
    elif together:
        # Fresh processes: a fork of one that runs threads (a progress line) may hang.
        pool = ProcessPoolExecutor(
            workers, get_context("spawn"), partial(signal.signal, signal.SIGINT, signal.SIG_IGN)
        )
        try:
            waiting = {pool.submit(job[0], job[1]): job for job in together}
            for future in as_completed(waiting):
                yield waiting[future], future.result()
        except BrokenExecutor:
            raise SimulationError(
                "a process that ran experiments was killed, perhaps because memory ran out; "
                "try --jobs 1"
            ) from None
        finally:
            pool.shutdown(cancel_futures=True)
    yield from ((job, job[0](job[1])) for job in jobs if job in alone)


def _finish(study: AnyStudy, outcomes: dict[Job, Any], out: Path) -> list[Claim]:
    own = {case: outcomes[study.experiment, case] for case in study.cases}
    with styled():
        figure = study.draw(own)
        for kind in _KINDS:
            save(figure, out / f"{study.name}.{kind}", kind)
    return study.claims(own)
