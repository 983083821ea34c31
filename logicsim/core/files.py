"""Writing files, streamed or atomic; a failure never leaves half a file."""

import errno
import io
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from logicsim.core.errors import LogicsimError, OutputError


class _NamedFile(io.TextIOWrapper):
    """A text file whose write errors say which file it was.

    The file below is all C: an interrupt that came in Python code between the system's write and
    the buffer's note of it would have the buffer write the same bytes again.
    """

    def __init__(self, path: Path, *, line_buffering: bool, goes_on: bool) -> None:
        self._path = path
        raw = io.FileIO(path, "a" if goes_on else "w")
        buffer = io.BufferedWriter(raw, 1 << 16)
        super().__init__(buffer, "utf-8", newline="", line_buffering=line_buffering)

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError as error:
            raise _refusal(self._path, error) from None

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            raise _refusal(self._path, error) from None

    def close(self) -> None:
        try:
            super().close()
        except OSError as error:
            raise _refusal(self._path, error) from None


def _refusal(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path}: cannot be written: {error.strerror or error}")


@contextmanager
def streamed(
    path: Path, *, line_buffering: bool = False, goes_on: bool = False
) -> Iterator[IO[str]]:
    """A text file written during the run: closed on an interrupt, removed on an error.

    With `goes_on` the file is appended to and is never removed.

    Raises:
        OutputError: it cannot be opened or written; the message names it.
    """
    try:
        file = _NamedFile(path, line_buffering=line_buffering, goes_on=goes_on)
    except OSError as error:
        raise _refusal(path, error) from None
    try:
        yield file
        file.close()
    except LogicsimError:
        with suppress(LogicsimError):
            file.close()
        if not goes_on:
            _remove(path)
        raise
    finally:
        with suppress(LogicsimError):
            file.close()


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """A temporary path to write to: on success it replaces `path`, on an error it is removed.

    Raises:
        OutputError: the folder or the file cannot be written.
    """
    temporary = None
    try:
        if _is_special(path):
            yield path
            return
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
        temporary = Path(name)
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        raise _refusal(path, error) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _is_special(path: Path) -> bool:
    """Whether `path` must be written in place: a device, a pipe or a link."""
    try:
        return not stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return False


def check_folder(path: Path) -> None:
    """Check, before any work is done, that the folder of an output file exists.

    Raises:
        OutputError: it is not a folder.
    """
    try:
        if not stat.S_ISDIR(path.parent.stat().st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    except OSError as error:
        raise _refusal(path, error) from None


def write_text(path: Path, text: str) -> None:
    """Write a small file, all of it or nothing.

    Raises:
        OutputError: it cannot be written.
    """
    with replaced(path) as target:
        target.write_text(text, encoding="utf-8", errors="surrogateescape")


def make_folder(path: Path) -> None:
    """Make a folder and its parents.

    Raises:
        OutputError: it cannot be made, or is a file.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refusal(path, error) from None


def shipped_boards() -> Path:
    """The folder of the boards that ship: in the installed package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "boards"
    return installed if installed.is_dir() else package.parent / "boards"


def found(name: str, kind: str, folder: Path | None) -> Path | None:
    """The file that a board, circuit or chip file names: a shipped file or a path.

    Args:
        name: of a shipped file, without its ending, or a path that ends in '.toml'.
        kind: which folder of the shipped boards it may be in: 'edges', 'clocks', 'chips'.
        folder: of the file that names it, where relative paths begin; None is the current one.

    Returns:
        its path, which may not be there; None if the name is neither.
    """
    ours = shipped_boards() / kind / f"{name}.toml"
    if name and Path(name).name == name and ours.is_file():
        return ours
    if not name.endswith(".toml") or "\0" in name:
        return None
    return (folder or Path()) / name


def relative(path: Path, folder: Path) -> str:
    """The path of a file as a file in `folder` writes it."""
    return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()


def _remove(path: Path) -> None:
    with suppress(OSError):
        if stat.S_ISREG(path.lstat().st_mode):
            path.unlink()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
