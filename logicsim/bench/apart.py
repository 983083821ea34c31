"""Entrants in processes of their own, each in its own environment, which BLAS reads once."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from logicsim.bench.entrants import ENGINES, OTHERS, Entrant, Lap
from logicsim.core.errors import LogicsimError, SimulationError

_END = 0  # steps


@contextmanager
def apart(name: str, board: str, folder: Path) -> Iterator[Lap]:
    """An entrant, ready on a board, in a process that ends with the block.

    Raises:
        LogicsimError: what the entrant raises, or that its process died.
    """
    entrant = _entrant(name)
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(name, board, folder, theirs), daemon=True)
    with _environment(entrant.environment):
        process.start()
    theirs.close()

    def lap(steps: int) -> float:
        _tell(ours, steps)
        return float(_heard(name, ours))

    try:
        _heard(name, ours)
        yield lap
    finally:
        _tell(ours, _END)
        process.join()


def _entrant(name: str) -> Entrant:
    (entrant,) = (one for one in (*ENGINES, *OTHERS) if one.name == name)
    return entrant


@contextmanager
def _environment(more: Mapping[str, str]) -> Iterator[None]:
    """With these variables for whatever is started meanwhile."""
    before = dict(os.environ)
    os.environ.update(more)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _tell(pipe: Connection, steps: int) -> None:
    with suppress(OSError):  # a process that died is noticed by its silence
        pipe.send(steps)


def _heard(name: str, pipe: Connection) -> Any:
    try:
        answer = pipe.recv()
    except (EOFError, OSError):
        raise SimulationError(f"{name}: its process died; was there memory enough?") from None
    if isinstance(answer, LogicsimError):
        raise answer
    return answer


def _serve(name: str, board: str, folder: Path, pipe: Connection) -> None:
    try:
        lap = _entrant(name).ready(board, folder)
        pipe.send(0.0)
        while steps := pipe.recv():
            pipe.send(lap(steps))
    except LogicsimError as error:
        pipe.send(error)
    except EOFError:  # whoever asked has gone
        return
