"""Compilation of kernels with numba, once for an installation.

The machine code is kept on disk, beside the source or in the user's cache folder. Where neither can
be written, or the disk is full, each process compiles again.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import numba
from numba.core.caching import FunctionCache

_F = TypeVar("_F", bound=Callable[..., Any])
# The files of all kernels, since one may call those of another, and this one.
_SOURCES: Final[set[str]] = {__file__}


class _Cache(FunctionCache):
    """Numba's cache, but it notices changes in every file of kernels, and may fail."""

    def _index_key(self, sig: Any, codegen: Any) -> Any:
        return super()._index_key(sig, codegen), tuple(map(_stamp, sorted(_SOURCES)))

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Load machine code; None if there is none, or its file is damaged."""
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # noqa: BLE001  reading a damaged file may raise anything
            with suppress(OSError):
                self.flush()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Save machine code if there is space."""
        with suppress(OSError):
            super().save_overload(sig, data)


def _stamp(file: str) -> tuple[str, int, int]:
    path = Path(file)
    status = path.stat()
    return path.name, status.st_size, status.st_mtime_ns


def kernel(function: _F) -> _F:
    """Have numba compile a function at its first call; it runs without the interpreter's lock.

    A division by zero gives infinity or NaN, as in numpy. What kernels pass to each other should be
    little: an array is ten numbers, so a named tuple of many is taken apart before loops.
    """
    return _compiled(function)


def inner(function: _F) -> _F:
    """Like `kernel`, for a function that only kernels call; this takes half the time to compile."""
    return _compiled(function, no_cpython_wrapper=True)


def inlined(function: _F) -> _F:
    """Like `inner`, for a small function whose calls would take longer than its work."""
    return _compiled(function, no_cpython_wrapper=True, forceinline=True)


def _compiled(function: _F, **options: bool) -> _F:
    njit: Any = numba.njit  # its type does not know all options
    compiled: Any = njit(nogil=True, error_model="numpy", no_cfunc_wrapper=True, **options)(
        function
    )
    with suppress(RuntimeError, OSError):  # no folder to write to
        compiled._cache = _Cache(function)  # noqa: SLF001  numba has no other way to choose one
    _SOURCES.add(function.__code__.co_filename)
    return compiled  # type: ignore[no-any-return]
