"""A recorded run: which signals there are, and their values over time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Kind = Literal["wire", "bus", "integer", "real"]
Value = int | float | str  # as read back: a wire's is '0', '1', 'x' or 'z'
Given = int | float  # as written: a wire's is a logic level of `logicsim.core.logic`


@dataclass(frozen=True, slots=True)
class Signal:
    """A recorded quantity: its name 'scope.name', kind, and width in bits."""

    name: str
    kind: Kind
    width: int = 1


# Reals that change together: places of signals, and their new values.
Reals = tuple[Sequence[int], Sequence[float]]
NO_REALS: Final[Reals] = ((), ())


class Writer(Protocol):
    """A waveform file being written; signals are addressed by their place in its list."""

    def changes(
        self, time: int, changes: Sequence[tuple[int, int]], reals: Reals = NO_REALS
    ) -> None:
        """Take what changes at `time` (ticks), not before the last: digital signals, then reals."""

    def close(self, time: int) -> None:
        """End the waveform at `time` (ticks)."""


@dataclass(frozen=True, slots=True)
class History:
    """A signal's life: `values[i]` holds from `times[i]` (ticks) to the next.

    Wires are arrays of '0', '1', 'x', 'z'; buses and integers of int64, -1 where not a number;
    reals of float64.
    """

    signal: Signal
    times: NDArray[np.int64]
    values: NDArray[np.str_] | NDArray[np.int64] | NDArray[np.float64]

    def at(self, time: int) -> Value:
        """The value in force at `time` (ticks), changes at that very tick included.

        Raises:
            LookupError: the recording of this signal begins later.
        """
        place = np.searchsorted(self.times, time, side="right") - 1
        if place < 0:
            raise LookupError(f"'{self.signal.name}' is not recorded as early as {time} ps")
        value: Value = self.values[place].item()
        return value


@dataclass(frozen=True, slots=True)
class Trace(Mapping[str, History]):
    """A waveform in memory: histories by name, and the time (ticks) at which it ends."""

    histories: Mapping[str, History]
    end: int

    def __getitem__(self, name: str) -> History:
        """The history of 'scope.name'; KeyError if it was not recorded."""
        return self.histories[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.histories)

    def __len__(self) -> int:
        return len(self.histories)


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two traces part: the signal, the time in ticks (-1: it is missing), both values."""

    name: str
    time: int
    first: Value
    second: Value


def compare(first: Trace, second: Trace, tolerance: float = 0.0) -> list[Difference]:
    """The first difference of every signal in which two traces differ, by content.

    Args:
        tolerance: how far apart (V) two reals may be; everything else must be equal.
    """
    differences = []
    for name in sorted(first.histories.keys() | second.histories.keys()):
        a, b = first.histories.get(name), second.histories.get(name)
        if a is None or b is None:
            differences.append(
                Difference(name, -1, "absent" if a is None else "present",
                           "absent" if b is None else "present")
            )  # fmt: skip
            continue
        if a.signal != b.signal:
            kinds = (f"{s.kind} of {s.width} bits" for s in (a.signal, b.signal))
            differences.append(Difference(name, -1, *kinds))
            continue
        difference = _first_difference(a, b, tolerance)
        if difference is not None:
            differences.append(difference)
    return differences


def _first_difference(a: History, b: History, tolerance: float) -> Difference | None:
    """Both as step functions, at every time where either changes."""
    if not len(a.times) or not len(b.times):
        return None if len(a.times) == len(b.times) else Difference(a.signal.name, -1, "", "")
    times = np.union1d(a.times, b.times)
    values = [h.values[np.maximum(np.searchsorted(h.times, times, side="right") - 1, 0)]
              for h in (a, b)]  # fmt: skip
    if a.signal.kind == "real":
        x, y = (v.astype(float) for v in values)
        with np.errstate(invalid="ignore"):  # inf - inf
            close = np.abs(x - y) <= tolerance
        apart = ~(close | (x == y) | (np.isnan(x) & np.isnan(y)))
    else:
        apart = values[0] != values[1]
    if not apart.any():
        return None
    where = int(np.flatnonzero(apart)[0])
    return Difference(
        a.signal.name, int(times[where]), values[0][where].item(), values[1][where].item()
    )
