"""FST, GTKWave's compressed waveform: writing, and turning into VCD, through GTKWave's C library.

The library (Python package `pylibfst`) is optional. Run as a program, this module prints an FST
file as VCD: the library crashes on damaged files, so `read_trace` calls it in another process.
"""

import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any, Final

from logicsim.core.errors import OutputError
from logicsim.core.files import streamed
from logicsim.core.logic import SYMBOLS
from logicsim.waveforms.trace import NO_REALS, Given, Kind, Reals, Signal

MISSING: Final = "FST needs a package that is not installed: pip install 'logicsim[fst]'"

_TYPES: Final[dict[Kind, str]] = {
    "wire": "FST_VT_VCD_WIRE",
    "bus": "FST_VT_VCD_WIRE",
    "integer": "FST_VT_VCD_INTEGER",
    "real": "FST_VT_VCD_REAL",
}
_TICK: Final = -12  # a power of ten, in seconds
_HIERARCHY: Final = (4, 6, 7)  # block types: gzip, LZ4, twice LZ4

# Changes between flushes: what a killed run loses. A block a flush costs a little in size.
_FLUSH: Final = 1 << 18


class FstWriter:
    """Streams a run to a new FST file; timescale 1 ps, one scope `board` around all signals.

    Args:
        values: what each signal is at `time`, when the waveform begins.

    Raises:
        OutputError: the package is missing, or the file cannot be written.
    """

    def __init__(
        self, path: Path, board: str, signals: Sequence[Signal], values: Sequence[Given],
        time: int,
    ) -> None:  # fmt: skip
        _refuse_special(path)
        self._path = path
        self._ffi, self._lib = _library()
        # The library deletes a link, where we mean what it points to.
        name = os.fsencode(path.resolve())
        self._file = self._lib.fstWriterCreate(name, 1)
        if self._file == self._ffi.NULL:
            reason = os.strerror(self._ffi.errno)
            raise OutputError(f"{path}: cannot be written: {reason}")
        self._lib.fstWriterSetTimescale(self._file, _TICK)
        self._lib.fstWriterSetVersion(self._file, b"logicsim")
        self._lib.fstWriterSetDate(self._file, b"")  # the same run gives the same file
        self._signals = signals
        self._handles = self._declare(board, signals)
        self._double = self._ffi.new("double *")
        self._changes = 0
        self._now = -1
        for place, value in enumerate(values):
            self._change(place, time, value)

    def _declare(self, board: str, signals: Sequence[Signal]) -> list[int]:
        """Register the signals by scope; their handles in the order of `signals`."""
        lib, file, null = self._lib, self._file, self._ffi.NULL
        handles = [0] * len(signals)
        scopes: dict[str, list[int]] = defaultdict(list)
        for place, signal in enumerate(signals):
            scopes[signal.name.rpartition(".")[0]].append(place)
        lib.fstWriterSetScope(file, lib.FST_ST_VCD_MODULE, board.encode(), null)
        for scope, places in scopes.items():
            path = [word for word in scope.split(".") if word]
            for word in path:
                lib.fstWriterSetScope(file, lib.FST_ST_VCD_MODULE, word.encode(), null)
            for place in places:
                signal = signals[place]
                handles[place] = lib.fstWriterCreateVar(
                    file, getattr(lib, _TYPES[signal.kind]), lib.FST_VD_IMPLICIT, signal.width,
                    signal.name.rpartition(".")[2].encode(), 0,
                )  # fmt: skip
            for _ in path:
                lib.fstWriterSetUpscope(file)
        lib.fstWriterSetUpscope(file)
        return handles

    def _change(self, place: int, time: int, value: Given) -> None:
        """Signal `place` takes a value at `time` (ticks)."""
        lib, file, handle = self._lib, self._file, self._handles[place]
        signal = self._signals[place]
        if time != self._now:
            self._now = time
            lib.fstWriterEmitTimeChange(file, time)
        if isinstance(value, float):
            self._double[0] = value
            lib.fstWriterEmitValueChange(file, handle, self._double)
        elif signal.kind == "wire":
            lib.fstWriterEmitValueChange(file, handle, SYMBOLS[value].encode())
        else:
            bits = value & ((1 << signal.width) - 1)
            lib.fstWriterEmitValueChange64(file, handle, signal.width, bits)
        self._changes += 1
        if self._changes % _FLUSH == 0:
            lib.fstWriterFlushContext(file)

    def changes(
        self, time: int, changes: Sequence[tuple[int, int]], reals: Reals = NO_REALS
    ) -> None:
        """Take what changes at `time` (ticks)."""
        for place, value in chain(changes, zip(*reals, strict=True)):
            self._change(place, time, value)

    def close(self, time: int) -> None:
        """End the waveform at `time` (ticks).

        Raises:
            OutputError: the file is not whole, as on a full disk.
        """
        if time > self._now:
            self._lib.fstWriterEmitTimeChange(self._file, time)
        self._lib.fstWriterClose(self._file)
        if not _is_whole(self._path):  # the library tells nobody when it could not write
            raise OutputError(f"{self._path}: cannot be written to its end: is the disk full?")


@contextmanager
def fst_file(path: Path) -> Iterator[None]:
    """Claim the place of an FST file before a run; the file is removed if the run fails.

    Raises:
        OutputError: it cannot be written, is a pipe or a device, or the package is missing.
    """
    _library()
    _refuse_special(path)
    with streamed(path):  # which the library opens again, by its name
        yield


def dump_vcd(path: Path) -> bool:
    """Print an FST file as VCD on standard output; False if the library refuses it.

    The library ends the process, one way or another, where a file is damaged.
    """
    ffi, lib = _library()
    file = lib.fstReaderOpen(os.fsencode(path))
    if file == ffi.NULL:
        return False
    text = ffi.cast("FILE *", sys.stdout.buffer)
    if not lib.fstReaderProcessHier(file, text):
        return False
    lib.fstReaderSetFacProcessMaskAll(file)
    return bool(lib.fstReaderIterBlocks(file, ffi.NULL, ffi.NULL, text))


def _library() -> tuple[Any, Any]:
    """The library's `ffi` and `lib`, which have no types."""
    try:
        package = import_module("pylibfst")
    except ImportError:
        raise OutputError(MISSING) from None
    return package.ffi, package.lib


def _refuse_special(path: Path) -> None:
    """The library deletes what stands at the path: let it be a file, and no device."""
    if path.exists() and not path.is_file():
        raise OutputError(f"{path}: cannot be written: FST needs a regular file")


def _is_whole(path: Path) -> bool:
    """Whether all blocks are there, the hierarchy, which is written last, among them.

    A block is its type (1 byte), its length without the type (8 bytes, big-endian), and data.
    """
    types = []
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        place = 0
        while place < size:
            file.seek(place)
            head = file.read(9)
            types.append(head[0])
            length = int.from_bytes(head[1:], "big")
            if length < 8:  # the length of a block is written when it is finished
                return False
            place += 1 + length
    return place == size and any(kind in _HIERARCHY for kind in types)


if __name__ == "__main__":
    sys.exit(not dump_vcd(Path(sys.argv[1])))
