"""A machine as arrays: what the vector engine has to know of every edge."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from logicsim.analog.diodes import Junction
from logicsim.board import Board
from logicsim.parts.ad5220 import Ad5220

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Codes = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Comparators:
    """Both comparators of every edge: rows A (dVC > dVF) and B (dVC < 0), a column an edge.

    `gain` is A's; with `printed`, B is dVC > 0. `offsets`, `noise` (rms) and `limits` of the
    common mode are in volts, (2, edges) or (2, 1).
    """

    gain: float
    printed: bool
    offsets: Floats
    noise: Floats
    limits: Floats
    lowest_limit: float = field(init=False, default=0.0)
    hear: bool = field(init=False, default=False)  # there is noise

    def __post_init__(self) -> None:
        object.__setattr__(self, "lowest_limit", float(self.limits.min()))
        object.__setattr__(self, "hear", bool(self.noise.any()))


@dataclass(frozen=True, slots=True)
class Potentiometers:
    """The potentiometers: rows free and clamped, or one row while both are alike.

    `travel` is the share of R_AB at every code, (positions,) or (2, edges, positions);
    `end_to_end` (R_AB) and `wiper` are in ohms and broadcast to (rows, edges).
    """

    travel: Floats
    end_to_end: Floats
    wiper: Floats
    _shared: Floats | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        if self.end_to_end.size == self.wiper.size == 1 and self.travel.ndim == 1:
            shared = 1 / (self.travel * self.end_to_end.item() + self.wiper.item())
            object.__setattr__(self, "_shared", shared)

    @property
    def alike(self) -> bool:
        """Whether an edge's two have the same resistance at the same code."""
        return len(self.end_to_end) == len(self.wiper) == 1

    @property
    def positions(self) -> int:
        """How many codes there are."""
        return int(self.travel.shape[-1])

    def table(self, where: tuple[int, ...], shape: tuple[int, ...]) -> Floats:
        """Of one potentiometer, at `where` in codes of that shape: its conductance at each code."""
        travel = self.travel if self.travel.ndim == 1 else self.travel[where[:2]]
        end_to_end, wiper = (
            np.broadcast_to(each, shape)[where] for each in (self.end_to_end, self.wiper)
        )
        siemens: Floats = 1 / (travel * end_to_end + wiper)
        return siemens

    def conductance(self, codes: Codes) -> Floats:
        """Of every potentiometer (S) at its code."""
        if self._shared is not None:
            return self._shared.take(codes)
        if self.travel.ndim == 1:
            share = self.travel.take(codes)
        else:
            share = np.take_along_axis(self.travel, codes[..., None], 2)[..., 0]
        siemens: Floats = 1 / (share * self.end_to_end + self.wiper)
        return siemens


@dataclass(frozen=True, slots=True)
class Wiring:
    """A board's arrays; `ends` are both nodes of every edge, from 0, and `diodes` edges from 0."""

    nodes: int
    ends: Ints
    comparators: Comparators
    potentiometers: Potentiometers
    initial: Codes
    diodes: tuple[int, ...]
    junction: Junction

    @property
    def edges(self) -> int:
        """How many there are."""
        return len(self.initial)


def wire(board: Board, seed: int) -> Wiring:
    """The arrays of a sound board, with the pieces that `seed` draws."""
    comparator, pot, diode = board.parts.comparator, board.parts.digipot, board.parts.diode
    drawn = board.pieces(seed)
    limit = comparator.supply - comparator.headroom
    return Wiring(
        nodes=board.network.nodes,
        ends=np.array(board.network.edges, dtype=np.intp).T - 1,
        comparators=Comparators(
            comparator.input_gain,
            board.edge.rule == "printed",
            np.ascontiguousarray(drawn.offsets.T),
            np.full((2, 1), comparator.noise),
            np.full((2, 1), limit),
        ),
        potentiometers=_potentiometers(pot, drawn.end_to_end.T, seed),
        initial=drawn.initial.astype(np.int32),
        diodes=tuple(edge - 1 for edge in board.network.diodes),
        junction=Junction(diode.saturation, diode.emission * diode.thermal, diode.shunt),
    )


def _potentiometers(pot: Ad5220, end_to_end: Floats, seed: int) -> Potentiometers:
    """One row of one column where all pieces are the same, and two where they differ."""
    wiper = np.full((1, 1), pot.wiper)
    if not pot.tolerance and not pot.inl and not pot.dnl:
        return Potentiometers(pot.travel(seed, 0), np.full((1, 1), pot.end_to_end), wiper)
    if not pot.inl and not pot.dnl:
        return Potentiometers(pot.travel(seed, 0), np.ascontiguousarray(end_to_end), wiper)
    travel = [
        [pot.travel(seed, 2 * number + row) for number in range(1, end_to_end.shape[1] + 1)]
        for row in (0, 1)
    ]
    return Potentiometers(np.array(travel), np.ascontiguousarray(end_to_end), wiper)
