"""Yield against rate: Monte Carlo over part spread, temperature and the trigger's jitter.

A machine of the lot has each declared limit somewhere between its min and its max, which are
taken to be three standard deviations from typ; its delays grow with temperature by each chip's
declared drift. Static timing then gives its largest rate. Machine m has the same parts whatever
is asked of it, so yields at different rates, temperatures or clocks compare like with like.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from logicsim.board import Board
from logicsim.core.intervals import wilson
from logicsim.core.noise import Purpose, Stream
from logicsim.parts.declaration import Declaration, Limits
from logicsim.timing.static import analyse

COLDEST: Final = -55.0  # degrees Celsius; what drifts are declared for
HOTTEST: Final = 125.0

_SIGMAS: Final = 3.0  # from typ to min or max
_ROOM: Final = 25.0  # degrees Celsius at which delays are declared
_JITTER: Final = 6.0  # standard deviations, peak to peak, that a step is shortened by


@dataclass(frozen=True, slots=True)
class Conditions:
    """Where machines are run: degrees Celsius, and the trigger's rms jitter in seconds."""

    coldest: float = 0.0
    hottest: float = 70.0
    jitter: float = 0.0

    def __post_init__(self) -> None:
        """Refuse conditions that no part is declared for.

        Raises:
            ValueError: a temperature is beyond them, or the jitter negative.
        """
        if not COLDEST <= self.coldest <= self.hottest <= HOTTEST:
            raise ValueError(
                f"{self.coldest:g} to {self.hottest:g} degrees Celsius: give the lowest and the "
                f"highest between {COLDEST:g} and {HOTTEST:g}"
            )
        if self.jitter < 0:
            raise ValueError(f"a jitter of {self.jitter:g} s: it must not be negative")


@dataclass(frozen=True, slots=True)
class Lot:
    """The largest rates (Hz) of all machines of a lot, ascending; 0 where no rate is in time."""

    rates: NDArray[np.float64]
    conditions: Conditions
    seed: int

    def working(self, rate: float) -> int:
        """How many machines are in time at `rate` (Hz)."""
        return len(self.rates) - int(np.searchsorted(self.rates, rate))

    def yields(self, rate: float) -> tuple[float, float, float]:
        """The share of machines in time at `rate` (Hz), and its 95 % Wilson interval."""
        working, of = self.working(rate), len(self.rates)
        return working / of, *wilson(working, of)

    def rate(self, share: float) -> float:
        """The largest rate (Hz) at which at least `share` of the machines are in time."""
        needed = int(np.ceil(share * len(self.rates)))
        return float(self.rates[len(self.rates) - max(needed, 1)])

    def points(self) -> Sequence[float]:
        """Rates (Hz) at which to look at the yield: where it is near 1, 0 and between."""
        shares = (1.0, 0.99, 0.95, 0.9, 0.75, 0.5, 0.25, 0.1)
        return sorted({self.rate(share) for share in shares} - {0.0})


def manufacture(
    board: Board,
    machines: int,
    seed: int = 0,
    conditions: Conditions | None = None,
    on_progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Lot:
    """Make a lot of a board and find the largest rate of every machine.

    Args:
        on_progress: called with the number of machines done and of all, after each.

    Raises:
        NetlistError: the board has no static timing.
    """
    conditions = conditions if conditions is not None else Conditions()
    rates = np.zeros(machines)
    for number in range(machines):
        one = machine(board, number, seed, conditions)
        rates[number] = _largest_rate(one, conditions.jitter)
        on_progress(number + 1, machines)
    return Lot(np.sort(rates), conditions, seed)


def machine(board: Board, number: int, seed: int, conditions: Conditions) -> Board:
    """Machine `number` of the lot: the board with that machine's parts at its temperature."""
    chips = {name: chip for name, chip in board.parts if isinstance(chip, Declaration)}
    fields = [
        (name, field) for name, chip in chips.items()
        for field, value in chip if isinstance(value, Limits)
    ]  # fmt: skip
    stream = Stream(seed, Purpose.LOT)
    normals = np.clip(stream.normals(len(fields) + 1, step=number), -_SIGMAS, _SIGMAS)
    warmth = stream.uniforms(1, step=number, index=1)[0]
    warmer = conditions.coldest + warmth * (conditions.hottest - conditions.coldest) - _ROOM
    drawn: dict[str, dict[str, Any]] = {name: {} for name in chips}
    for (name, field), normal in zip(fields, normals[1:].tolist(), strict=True):
        warm = 1 + getattr(chips[name], "delay_drift", 0.0) * warmer
        value = _drawn(getattr(chips[name], field), normal) * warm
        drawn[name][field] = Limits(min=value, typ=value, max=value)
    pot = board.parts.digipot
    span = 1 + _R_AB_SIGMA * float(normals[0])
    drawn["digipot"]["end_to_end"] = (
        pot.end_to_end * span * (1 + pot.temperature_coefficient * warmer)
    )
    parts = {name: chip.model_copy(update=drawn[name]) for name, chip in chips.items()}
    return board.model_copy(update={"parts": board.parts.model_copy(update=parts)})


_R_AB_SIGMA: Final = 0.1  # of a lot's mean: 70 to 130 kohm are three sigma (AD5220 Rev. 0)


def _drawn(limits: Limits, normal: float) -> float:
    far = limits.max - limits.typ if normal > 0 else limits.typ - limits.min
    return limits.typ + normal / _SIGMAS * far


def _largest_rate(board: Board, jitter: float) -> float:
    rate = analyse(board).max_rate
    return 1 / (1 / rate + _JITTER * jitter) if rate else 0.0
