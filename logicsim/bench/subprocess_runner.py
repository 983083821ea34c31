"""Contenders in subprocesses, each with its own environment, which BLAS reads only once."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from logicsim.bench.contenders import ENGINES, OTHERS, Contender
from logicsim.bench.turn import RunSteps, Turn
from logicsim.core.errors import LogicsimError, SimulationError

_END = 0  # steps


@contextmanager
def in_subprocess(name: str, board: str, folder: Path) -> Iterator[RunSteps]:
    """A contender with its board prepared, in a process that ends with the block.

    Raises:
        LogicsimError: the contender raised an error, or its process died.
    """
    contender = _contender(name)
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(name, board, folder, theirs), daemon=True)
    with _environment(contender.environment):
        process.start()
    theirs.close()

    def run_steps(steps: int) -> Turn:
        _tell(ours, steps)
        return Turn(*_heard(name, ours))

    try:
        _heard(name, ours)
        yield run_steps
    finally:
        _tell(ours, _END)
        process.join()


def _contender(name: str) -> Contender:
    (contender,) = (one for one in (*ENGINES, *OTHERS) if one.name == name)
    return contender


@contextmanager
def _environment(more: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for processes started within the block."""
    before = dict(os.environ)
    os.environ.update(more)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _tell(pipe: Connection, steps: int) -> None:
    with suppress(OSError):  # a dead process is noticed by its silence
        pipe.send(steps)


def _heard(name: str, pipe: Connection) -> Any:
    try:
        answer = pipe.recv()
    except (EOFError, OSError):
        raise SimulationError(f"{name}: its process died; perhaps memory ran out") from None
    if isinstance(answer, LogicsimError):
        raise answer
    return answer


def _serve(name: str, board: str, folder: Path, pipe: Connection) -> None:
    try:
        run_steps = _contender(name).ready(board, folder)
        pipe.send(None)
        while steps := pipe.recv():
            pipe.send(run_steps(steps))
    except LogicsimError as error:
        pipe.send(error)
    except EOFError:  # the parent has ended
        return
