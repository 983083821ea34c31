"""The arrays of a machine: every number of its edges that the vector engine needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logicsim.analog.diodes import Junction
from logicsim.board import Board
from logicsim.circuit.cell import Across, Cell, CellPart, End
from logicsim.core.errors import EngineError
from logicsim.core.names import SIDES, Side, scope
from logicsim.parts.comparator import Comparator
from logicsim.parts.digipot import Digipot
from logicsim.parts.diode import Diode
from logicsim.parts.kind import Pieces

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Codes = NDArray[np.int32]
Levels = NDArray[np.int8]

# A comparator's pin, as rows of the edge's voltages; the pin sees their mean. Rows are the free
# voltages at the first and the second node, then the clamped ones.
Taps = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Comparators:
    """The comparators of every edge: one row for each comparator of the cell, one column an edge.

    `taps` are the rows at plus and minus of each comparator; `gains`, and `averaged` (whether an
    input is the mean of two nodes), have one entry for each. `offsets`, `noise` (rms) and the
    common-mode `limits` are in volts, (comparators, edges) or (comparators, 1).
    """

    taps: tuple[tuple[Taps, Taps], ...]
    gains: Floats
    offsets: Floats
    noise: Floats
    limits: Floats
    lowest_limit: float = field(init=False, default=0.0)
    hear: bool = field(init=False, default=False)  # whether there is noise
    plain_gain: bool = field(init=False, default=True)  # whether all gains are 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "lowest_limit", float(self.limits.min(initial=np.inf)))
        object.__setattr__(self, "hear", bool(self.noise.any()))
        object.__setattr__(self, "plain_gain", bool((self.gains == 1.0).all()))

    def __len__(self) -> int:
        return len(self.taps)

    def piece(self, edges: slice) -> "Comparators":
        """The comparators of some edges."""
        offsets, noise, limits = (
            each if each.shape[1] == 1 else each[:, edges]
            for each in (self.offsets, self.noise, self.limits)
        )
        return replace(self, offsets=offsets, noise=noise, limits=limits)


@dataclass(frozen=True, slots=True)
class Potentiometers:
    """The potentiometers: rows free and clamped, or one row if both are equal.

    `travel` is the fraction of R_AB at every code, (positions,) or (2, edges, positions);
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
    def equal(self) -> bool:
        """Whether the two potentiometers of each edge have equal resistances at equal codes."""
        return len(self.end_to_end) == len(self.wiper) == 1

    @property
    def positions(self) -> int:
        """The number of codes."""
        return int(self.travel.shape[-1])

    def table(self, where: tuple[int, ...], shape: tuple[int, ...]) -> Floats:
        """The conductance (S) at each code of the potentiometer at index `where` of that shape."""
        travel = self.travel if self.travel.ndim == 1 else self.travel[where[:2]]
        end_to_end, wiper = (
            np.broadcast_to(each, shape)[where] for each in (self.end_to_end, self.wiper)
        )
        siemens: Floats = 1 / (travel * end_to_end + wiper)
        return siemens

    def conductance(self, codes: Codes) -> Floats:
        """The conductance (S) of every potentiometer at its code."""
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
    """A board's arrays.

    `ends` are both nodes of every edge, from 0, and `diodes` are edges from 0. `initial` are the
    codes at power-up: one row for both networks if their codes stay equal, otherwise two.
    """

    nodes: int
    ends: Ints
    comparators: Comparators
    potentiometers: Potentiometers
    initial: Codes
    diodes: tuple[int, ...]
    junction: Junction

    @property
    def edges(self) -> int:
        """The number of edges."""
        return int(self.initial.shape[1])

    @property
    def key(self) -> tuple[object, ...]:
        """A key that is equal for machines that can be trained together."""
        pots, chips = self.potentiometers, self.comparators
        return (
            chips.taps, chips.gains.tobytes(), pots.travel.tobytes(), pots.end_to_end.shape,
            pots.wiper.shape, len(self.initial), self.diodes,
        )  # fmt: skip


def wire(board: Board, seed: int) -> Wiring:
    """The arrays of a sound board, with the pieces that `seed` draws.

    Raises:
        EngineError: the vector engine has no form for the cell's potentiometers or diodes.
    """
    cell, _ = board.cells
    edges = len(board.network.edges)
    pieces = dict(zip((p.label for p in cell.parts), cell.pieces(seed, edges), strict=True))
    pots = _pots(cell)
    return Wiring(
        nodes=board.network.nodes,
        ends=np.array(board.network.edges, dtype=np.intp).T - 1,
        comparators=_comparators(cell.of_kind(Comparator), pieces),
        potentiometers=_potentiometers(board, pots, pieces, seed),
        initial=_initial(pots, pieces, edges),
        diodes=_diodes(board, cell),
        junction=board.parts.diode.junction,
    )


def _column(value: Any) -> Floats:
    """A row of one value, or of one value for each edge."""
    return np.atleast_1d(np.asarray(value, dtype=np.float64))


def _rows(values: Sequence[Any]) -> Floats:
    """Stack rows, broadcast to equal length."""
    columns = [_column(value) for value in values]
    width = max((len(column) for column in columns), default=1)
    rows: Floats = np.array([np.broadcast_to(column, width) for column in columns])
    return rows.reshape(len(columns), width)


def _comparators(parts: Sequence[CellPart], pieces: Mapping[str, Pieces]) -> Comparators:
    chips = [part.chip for part in parts if isinstance(part.chip, Comparator)]
    taps = tuple((_taps(part, "plus"), _taps(part, "minus")) for part in parts)
    gains = [chip.input_gain if len(plus) > 1 else 1.0
             for chip, (plus, _) in zip(chips, taps, strict=True)]  # fmt: skip
    return Comparators(
        taps,
        np.array(gains),
        np.ascontiguousarray(_rows([pieces[part.label]["offset"] for part in parts])),
        _rows([chip.noise for chip in chips]),
        _rows([chip.supply - chip.headroom for chip in chips]),
    )


def _taps(part: CellPart, pin: str) -> Taps:
    refs = [ref for ref in part.pins[pin] if isinstance(ref, End)]
    return tuple(2 * SIDES.index(ref.side) + ref.end for ref in refs)


def _pots(cell: Cell) -> list[CellPart]:
    """The potentiometer of the free and that of the clamped network."""
    found: dict[Side, CellPart] = {}
    for part in cell.of_kind(Digipot):
        (ref,) = part.pins["ab"]
        assert isinstance(ref, Across)
        found[ref.side] = part
    return [found[side] for side in SIDES]


def _potentiometers(
    board: Board, parts: Sequence[CellPart], pieces: Mapping[str, Pieces], seed: int
) -> Potentiometers:
    """The potentiometers: one row and column if all pieces are equal, two rows if they differ."""
    chips = [part.chip for part in parts if isinstance(part.chip, Digipot)]
    first, second = chips
    if first.positions != second.positions:
        raise EngineError(
            f"board '{board.name}': part '{scope(1)}.{parts[1].label}': it has {second.positions} "
            f"positions, '{parts[0].label}' has {first.positions}; use the event engine "
            "(--engine event)"
        )
    uneven = any(chip.inl or chip.dnl for chip in chips)
    spread = any(chip.tolerance for chip in chips)
    plain = [chip.travel(seed, 0) if not uneven else None for chip in chips]
    same = not uneven and (plain[0] == plain[1]).all()  # type: ignore[union-attr]
    if same and not spread and (first.end_to_end, first.wiper) == (second.end_to_end, second.wiper):
        return Potentiometers(
            first.travel(seed, 0), np.full((1, 1), first.end_to_end), np.full((1, 1), first.wiper)
        )
    end_to_end = np.ascontiguousarray(_rows([pieces[part.label]["end_to_end"] for part in parts]))
    wiper = (
        np.full((1, 1), first.wiper)
        if first.wiper == second.wiper
        else _rows([chip.wiper for chip in chips])
    )
    if same:
        return Potentiometers(first.travel(seed, 0), end_to_end, wiper)
    numbers = [np.asarray(pieces[part.label]["piece"]).tolist() for part in parts]
    travel = [[chip.travel(seed, piece) for piece in row]
              for chip, row in zip(chips, numbers, strict=True)]  # fmt: skip
    return Potentiometers(np.array(travel), end_to_end, wiper)


def _initial(parts: Sequence[CellPart], pieces: Mapping[str, Pieces], edges: int) -> Codes:
    rows = [np.broadcast_to(np.asarray(pieces[part.label]["initial"]), edges) for part in parts]
    counted = [(part.pins["clk"], part.pins["cs"], part.pins["ud"], part.chip.capture)
               for part in parts]  # fmt: skip
    if counted[0] == counted[1] and (rows[0] == rows[1]).all():
        rows = rows[:1]
    return np.array(rows, dtype=np.int32)


def _diodes(board: Board, cell: Cell) -> tuple[int, ...]:
    """The edges (from 0) with a diode in series with both potentiometers."""
    sides = {ref for part in cell.of_kind(Diode) for ref in part.pins["ab"]}
    if not sides:
        return tuple(edge - 1 for edge in board.network.diodes)
    if len(sides) < len(SIDES) or board.network.diodes:
        label = cell.of_kind(Diode)[0].label
        raise EngineError(
            f"board '{board.name}': part '{scope(1)}.{label}': it is in one network only or one of "
            "two diodes of its edge; use the event engine (--engine event)"
        )
    return tuple(range(len(board.network.edges)))
