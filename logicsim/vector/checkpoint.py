"""A long run's checkpoint: a file from which it goes on to exactly the same end."""

import json
import time
import zipfile
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from logicsim.core.errors import CheckpointError
from logicsim.core.files import replaced
from logicsim.tasks.data import FileTable
from logicsim.tasks.lesson import Task
from logicsim.vector.machine import Machine

State = Mapping[str, NDArray[Any]]

_FILE: Final = "checkpoint.npz"
_RUN: Final = "run"  # the key under which a file says of what run it is
_EVERY: Final = 2.0  # s of computing between checkpoints


def identity(machine: Machine, plan: Sequence[tuple[int, Task, int]]) -> dict[str, str]:
    """What has to be the same for a run to be resumed, in words."""
    board, broken = machine.board, machine.broken
    tables = (getattr(task, "data", None) for task in board.tasks)
    sheets = [table.sheet for table in tables if isinstance(table, FileTable)]
    content = sha256(f"{board.model_dump_json()} {broken} {sheets}".encode()).hexdigest()[:12]
    return {
        "version": f"logicsim {version('logicsim')}",
        "board": f"board '{board.name}' ({content})",
        "seed": f"seed {machine.seed}",
        "plan": "tasks " + ", ".join(f"'{task.name}' for {steps} steps" for _, task, steps in plan),
    }


def save(folder: Path, run: Mapping[str, str], state: State) -> None:
    """Write a machine's state, all of it or nothing.

    Raises:
        OutputError: it cannot be written.
    """
    arrays: dict[str, Any] = {_RUN: np.array(json.dumps(run)), **state}
    with replaced(folder / _FILE) as target, target.open("wb") as file:
        np.savez(file, **arrays)


def load(folder: Path, run: Mapping[str, str]) -> State:
    """Read a machine's state back; nothing in the file is executed.

    Raises:
        CheckpointError: there is none, it is damaged, or it is another run's.
    """
    path = folder / _FILE
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            state = {name: file[name] for name in file.files}
        saved = json.loads(str(state.pop(_RUN)))
    except FileNotFoundError:
        raise CheckpointError(f"{path}: there is no checkpoint; run without --resume") from None
    except (OSError, ValueError, KeyError, EOFError, AttributeError, TypeError, zipfile.BadZipFile):
        raise CheckpointError(f"{path}: not a checkpoint; run without --resume") from None
    for key, here in run.items():
        there = saved.get(key) if isinstance(saved, dict) else None
        if there != here:
            raise CheckpointError(f"{path}: it is of {there}, this run is of {here}")
    return state


class Keeper:
    """Keeps a machine's checkpoint in a folder up to date, every few seconds.

    Args:
        run: what run it is, as `identity` has it.
        resume: whether to go on from the checkpoint that is there.

    Raises:
        CheckpointError: there is none of this run.
        OutputError: it cannot be written.
    """

    def __init__(
        self, machine: Machine, folder: Path, run: Mapping[str, str], *, resume: bool
    ) -> None:
        self._machine, self._folder, self._run = machine, folder, run
        if resume:
            machine.restore(load(folder, run))
        self.save()
        machine.at_rest.append(self._look)

    def save(self) -> None:
        """Write it now."""
        save(self._folder, self._run, self._machine.state())
        self._due = time.monotonic() + _EVERY

    def _look(self) -> None:
        if time.monotonic() >= self._due:
            self.save()
