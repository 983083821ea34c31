"""The checkpoint of a long run: a file from which it continues to exactly the same end."""

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
from logicsim.tasks.task_run import Task
from logicsim.vector.machine import Machine

State = Mapping[str, NDArray[Any]]

_FILE: Final = "checkpoint.npz"
_RUN: Final = "run"  # the key of the run's identity in a file
_EVERY: Final = 2.0  # s of computing between checkpoints


def identity(machine: Machine, plan: Sequence[tuple[int, Task, int]]) -> dict[str, str]:
    """The properties that must be equal for a run to be resumed, in words."""
    board, altered = machine.board, machine.altered
    tables = (getattr(task, "data", None) for task in board.tasks)
    sheets = [table.sheet for table in tables if isinstance(table, FileTable)]
    content = sha256(f"{board.contents()} {altered} {sheets}".encode()).hexdigest()[:12]
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
        CheckpointError: there is no checkpoint, it is damaged, or it belongs to another run.
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
    """Writes a machine's checkpoint to a folder every few seconds.

    Args:
        run: the `identity` of the run.
        resume: whether to continue from the checkpoint in the folder.

    Raises:
        CheckpointError: there is no checkpoint of this run.
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
        """Write the checkpoint now."""
        save(self._folder, self._run, self._machine.state())
        self._due = time.monotonic() + _EVERY

    def _look(self) -> None:
        if time.monotonic() >= self._due:
            self.save()
