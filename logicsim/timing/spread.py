"""Yield against rate: Monte Carlo over part spread, temperature and the trigger's jitter.

Each declared limit of a machine is drawn between min and max, which are taken to be three standard
deviations from typ; delays grow with temperature by each chip's declared drift. Static timing then
gives the machine's largest rate. Machine m always has the same parts, so yields at different rates,
temperatures or clocks can be compared.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from logicsim.board import Board
from logicsim.circuit.netlist import Netlist
from logicsim.core.intervals import wilson
from logicsim.core.noise import Purpose, Stream
from logicsim.parts.digipot import Digipot
from logicsim.parts.kind import ChipKind, Limits
from logicsim.timing.static import analyse

COLDEST: Final = -55.0  # degrees Celsius; the range for which drifts are declared
HOTTEST: Final = 125.0

_SIGMAS: Final = 3.0  # from typ to min or max
_ROOM: Final = 25.0  # degrees Celsius at which delays are declared
_JITTER: Final = 6.0  # standard deviations of jitter, peak to peak, by which a step is shortened


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of a lot: temperature (degrees Celsius) and the trigger's rms jitter (s)."""

    coldest: float = 0.0
    hottest: float = 70.0
    jitter: float = 0.0

    def __post_init__(self) -> None:
        """Refuse conditions outside the parts' declarations.

        Raises:
            ValueError: the temperature is out of range, or the jitter is negative.
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
    """The largest rates (Hz) of all machines of a lot, ascending; 0 if no rate is in time."""

    rates: NDArray[np.float64]
    conditions: Conditions
    seed: int

    def working(self, rate: float) -> int:
        """Count the machines in time at `rate` (Hz)."""
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
        """Rates (Hz) for a table of the yield, from near 1 to near 0."""
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
        one, netlist = machine(board, number, seed, conditions)
        rates[number] = _largest_rate(one, netlist, conditions.jitter)
        on_progress(number + 1, machines)
    return Lot(np.sort(rates), conditions, seed)


def machine(board: Board, number: int, seed: int, conditions: Conditions) -> tuple[Board, Netlist]:
    """Make machine `number` of the lot: its board and its netlist, with drawn limits.

    Chips with the same declaration are from one batch and have the same limits.
    """
    slots = {name: chip for name, chip in board.parts if isinstance(chip, ChipKind)}
    netlist = board.netlist()
    others = {id(part.chip): part.chip for part in netlist.parts
              if isinstance(part.chip, ChipKind)}  # fmt: skip
    # The slots are drawn first, in order, so that chips declared in a circuit change nothing.
    chips = list(({id(chip): chip for chip in slots.values()} | others).values())
    fields = [(chip, field) for chip in chips for field, value in chip if isinstance(value, Limits)]
    stream = Stream(seed, Purpose.LOT)
    normals = np.clip(stream.normals(len(fields) + 1, step=number), -_SIGMAS, _SIGMAS)
    warmth = stream.uniforms(1, step=number, index=1)[0]
    warmer = conditions.coldest + warmth * (conditions.hottest - conditions.coldest) - _ROOM
    drawn: dict[int, dict[str, Any]] = {id(chip): {} for chip in chips}
    for (chip, field), normal in zip(fields, normals[1:].tolist(), strict=True):
        warm = 1 + getattr(chip, "delay_drift", 0.0) * warmer
        value = _drawn(getattr(chip, field), normal) * warm
        drawn[id(chip)][field] = Limits(min=value, typ=value, max=value)
    span = 1 + _R_AB_SIGMA * float(normals[0])
    for chip in chips:
        if isinstance(chip, Digipot):
            warm = 1 + chip.temperature_coefficient * warmer
            drawn[id(chip)]["end_to_end"] = chip.end_to_end * span * warm
    made = {id(chip): chip.model_copy(update=drawn[id(chip)]) for chip in chips}
    parts = board.parts.model_copy(update={name: made[id(chip)] for name, chip in slots.items()})
    soldered = [replace(part, chip=made.get(id(part.chip), part.chip)) for part in netlist.parts]
    return (
        board.model_copy(update={"parts": parts}),
        replace(netlist, parts=tuple(soldered)),
    )


_R_AB_SIGMA: Final = 0.1  # of a batch's mean: 70 to 130 kohm are three sigma (AD5220 Rev. 0)


def _drawn(limits: Limits, normal: float) -> float:
    far = limits.max - limits.typ if normal > 0 else limits.typ - limits.min
    return limits.typ + normal / _SIGMAS * far


def _largest_rate(board: Board, netlist: Netlist, jitter: float) -> float:
    rate = analyse(board, netlist).max_rate
    return 1 / (1 / rate + _JITTER * jitter) if rate else 0.0
