"""VCD (IEEE 1364): writing through pyvcd, and reading back."""

import io
from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from io import BufferedReader
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from vcd.common import VarType
from vcd.reader import TokenKind, VCDParseError, tokenize
from vcd.writer import VCDWriter

from logicsim.core.errors import TraceError
from logicsim.core.logic import SYMBOLS
from logicsim.waveforms.trace import NO_REALS, Given, History, Kind, Reals, Signal, Trace

_TYPES: Final[dict[Kind, VarType]] = {
    "wire": VarType.wire,
    "bus": VarType.wire,
    "integer": VarType.integer,
    "real": VarType.real,
}

_BLOCK: Final = 1 << 16
_PATTERNS: Final = 64
_TEXTS: Final = 1000  # handed over to the file at a time
_LINES: Final = 256
_LONGEST_REASON: Final = 200


class VcdWriter:
    """Streams a run to an open text file; timescale 1 ps, one scope `board` around all signals.

    pyvcd writes the header and the values at the beginning. The changes are lines of three
    forms, written here: pyvcd's checks of each would take a quarter of the whole run.

    Args:
        values: what each signal is at `time`, when the waveform begins.
    """

    def __init__(
        self, file: IO[str], board: str, signals: Sequence[Signal], values: Sequence[Given],
        time: int,
    ) -> None:  # fmt: skip
        # No date: the same run gives the same file.
        vcd = VCDWriter(file, timescale="1 ps", date="", version="logicsim", init_timestamp=time)
        self._codes: list[str] = []
        self._lines: list[list[str] | _Numbers] = []  # of a change, by the new value
        self._patterns = lru_cache(_PATTERNS)(self._pattern)  # the same reals change together
        for signal, value in zip(signals, values, strict=True):
            scope, _, name = signal.name.rpartition(".")
            wire = signal.kind == "wire"
            init = SYMBOLS[int(value)] if wire else value
            code = vcd.register_var(
                f"{board}.{scope}", name, _TYPES[signal.kind], size=signal.width, init=init
            ).ident
            self._codes.append(code)
            self._lines.append([f"{s}{code}\n" for s in SYMBOLS] if wire else _Numbers(code))
        vcd.flush()
        self._file = file
        self._texts: list[str] = []  # which the file has not been given yet
        self._time = time

    def changes(
        self, time: int, changes: Sequence[tuple[int, int]], reals: Reals = NO_REALS
    ) -> None:
        """Take what changes at `time` (ticks), which is not before the last."""
        lines, texts = self._lines, self._texts
        if time != self._time:
            self._time = time
            texts.append(f"#{time}\n")
        texts += [lines[place][value] for place, value in changes]
        places, values = reals
        if places:
            texts.append(self._patterns(tuple(places)) % tuple(values))
        if len(texts) > _TEXTS:
            self._hand_over()

    def _pattern(self, places: tuple[int, ...]) -> str:
        """The lines of these reals, to be filled in with their values in one go."""
        codes = [self._codes[place].replace("%", "%%") for place in places]
        return "".join([f"r%.16g {code}\n" for code in codes])

    def _hand_over(self) -> None:
        self._file.write("".join(self._texts))
        self._texts.clear()

    def close(self, time: int) -> None:
        """End the waveform at `time` (ticks); the file stays open."""
        if time != self._time:
            self._texts.append(f"#{time}\n")
        self._hand_over()


class _Numbers(dict[int, str]):
    """The lines of a bus's changes, by its value: a counter shows few, again and again."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self._code = code

    def __missing__(self, value: int) -> str:
        line = f"b{value:b} {self._code}\n"
        if len(self) < _LINES:
            self[value] = line
        return line


def read_vcd(path: Path) -> Trace:
    """Read a waveform of ours: timescale 1 ps, any top scope.

    Raises:
        TraceError: the file cannot be read or is not a VCD file; a file that ends in the middle
            of a line, as after a crash, is read up to that line.
    """
    try:
        with path.open("rb") as file:
            return _Reader().read(_WholeLines(file))
    except OSError as error:
        raise TraceError(f"{path}: {error.strerror or error}") from None
    except (VCDParseError, ValueError, OverflowError) as error:
        reason = str(error)[:_LONGEST_REASON]
        raise TraceError(f"{path}: not a waveform logicsim can read: {reason}") from None


class _WholeLines(io.RawIOBase):
    """A file up to its last line end: after a crash, half a line would be misread."""

    def __init__(self, file: BufferedReader) -> None:
        self._file = file
        end = file.seek(0, io.SEEK_END)
        while end:
            start = max(end - _BLOCK, 0)
            file.seek(start)
            newline = file.read(end - start).rfind(b"\n")
            if newline >= 0:
                end = start + newline + 1
                break
            end = start
        self._left = end
        file.seek(0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(min(len(buffer), self._left))
        self._left -= len(data)
        buffer[: len(data)] = data
        return len(data)


class _Reader:
    """Collects the tokens of a VCD file; signals are kept by identifier, of which names share."""

    def __init__(self) -> None:
        self._signals: dict[str, list[Signal]] = {}
        self._times: dict[str, array[int]] = {}
        self._values: dict[str, list[Any]] = {}
        self._scopes: list[str] = []
        self._now = 0

    def read(self, file: io.RawIOBase) -> Trace:
        """Read all of a file; ValueError says what is wrong with it."""
        take: dict[TokenKind, Callable[[Any], None]] = {
            TokenKind.TIMESCALE: lambda token: self._timescale(str(token.timescale)),
            TokenKind.SCOPE: lambda token: self._scopes.append(token.scope.ident),
            TokenKind.UPSCOPE: lambda _: self._up(),
            TokenKind.VAR: lambda token: self._declare(token.var),
            TokenKind.CHANGE_TIME: lambda token: self._move_on(token.time_change),
            TokenKind.CHANGE_SCALAR: lambda token: self._change(token.scalar_change),
            TokenKind.CHANGE_VECTOR: lambda token: self._change(token.vector_change),
            TokenKind.CHANGE_REAL: lambda token: self._change(token.real_change),
        }
        for token in tokenize(file):
            if token.kind in take:
                take[token.kind](token)
        if not self._signals:
            raise ValueError("it declares no signals")
        return Trace({history.signal.name: history for history in self._histories()}, self._now)

    def _timescale(self, timescale: str) -> None:
        if timescale != "1 ps":
            raise ValueError(f"its timescale is {timescale}, ours is 1 ps")

    def _up(self) -> None:
        if not self._scopes:
            raise ValueError("it closes a scope it did not open")
        self._scopes.pop()

    def _declare(self, var: Any) -> None:
        name = ".".join([*self._scopes[1:], var.reference])
        self._signals.setdefault(var.id_code, []).append(Signal(name, _kind(var), var.size))
        self._times.setdefault(var.id_code, array("q"))
        self._values.setdefault(var.id_code, [])

    def _move_on(self, time: int) -> None:
        if time < self._now:
            raise ValueError(f"time runs backwards at #{time}")
        self._now = time

    def _change(self, change: Any) -> None:
        life = self._values.get(change.id_code)
        if life is None:
            raise ValueError(
                f"a value for the identifier '{change.id_code}', which is not declared"
            )
        if not life or life[-1] != change.value:
            self._times[change.id_code].append(self._now)
            life.append(change.value)

    def _histories(self) -> Iterator[History]:
        for code, aliases in self._signals.items():
            times = np.array(self._times[code], dtype=np.int64)
            for signal in aliases:
                yield History(signal, times, _array(signal, self._values[code]))


def _kind(var: Any) -> Kind:
    if var.type_ is VarType.real:
        return "real"
    if var.type_ is VarType.integer:
        return "integer"
    return "wire" if var.size == 1 else "bus"


def _array(signal: Signal, values: list[Any]) -> Any:
    if signal.kind == "real":
        return np.array(values, dtype=np.float64)
    if signal.kind == "wire":
        return np.array([str(value).lower() for value in values], dtype=np.str_)
    return np.array([v if isinstance(v, int) else -1 for v in values], dtype=np.int64)
