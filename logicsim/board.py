"""A board: the user's TOML file, checked, and the netlist made from it."""

import math
import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path, PurePath
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from logicsim.analog.leaking import LeakingTwin
from logicsim.analog.settling import SettlingTwin
from logicsim.analog.twin import Twin
from logicsim.circuit.build import clock_cell, edge_cell
from logicsim.circuit.cell import Cell, rows
from logicsim.circuit.clockwork import Clockwork
from logicsim.circuit.netlist import Netlist
from logicsim.circuit.tables import (
    AnalogTable,
    ClockTable,
    EdgeTable,
    EngineTable,
    NetworkTable,
    SupervisorTable,
)
from logicsim.circuit.timetable import Timetable, timetable
from logicsim.core import toml
from logicsim.core.errors import BoardError, NetlistError, nearest
from logicsim.core.files import shipped_boards
from logicsim.core.names import CLOCK, HIGH, LOW, SIDES, TRIGGER, Node, scope
from logicsim.core.table import Table
from logicsim.core.units import written
from logicsim.generate import generated
from logicsim.parts.catalogue import Parts
from logicsim.parts.chips import check_chips
from logicsim.parts.chips import read as read_chip
from logicsim.parts.comparator import Comparator
from logicsim.parts.debouncer import Debouncer
from logicsim.parts.digipot import Digipot
from logicsim.parts.kind import Pieces
from logicsim.parts.part import Part
from logicsim.tasks import AnyTask

_SWING: Final = 5.0  # V
_ACCURACY: Final = 1e-3  # V


class Board(Table):
    """A board file: network, parts, edge, clock, supervisor and the tasks to train.

    Build one with `load`, or from the same keys as keyword arguments.
    """

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$")
    title: str = ""
    network: NetworkTable
    chips: dict[str, dict[str, Any]] = {}
    parts: Parts = Field(default_factory=Parts)
    edge: EdgeTable = Field(default_factory=EdgeTable)
    clock: ClockTable = Field(default_factory=ClockTable)
    analog: AnalogTable = AnalogTable()
    engine: EngineTable = EngineTable()
    supervisor: SupervisorTable = SupervisorTable()
    tasks: list[AnyTask] = []

    @model_validator(mode="before")
    @classmethod
    def _own_chips(cls, data: Any) -> Any:
        """Let slots of `[parts]` name chips of the board's own `[chips]`."""
        chips = data.get("chips") if isinstance(data, Mapping) else None
        parts = data.get("parts") if isinstance(chips, Mapping) and chips else None
        if not isinstance(parts, Mapping) or not isinstance(chips, Mapping):
            return data
        own = {}
        for slot, table in parts.items():
            model = table.get("model") if isinstance(table, Mapping) else None
            if isinstance(model, str) and model in chips:
                try:
                    own[slot] = {**table, "model": read_chip(model, chips[model], f"chips.{model}")}
                except BoardError as error:
                    raise ValueError(str(error)) from None
        return {**data, "parts": {**parts, **own}}

    @model_validator(mode="after")
    def _sound(self) -> "Board":
        self._check_codes(self.parts.digipot, "parts.digipot")
        names = [task.name for task in self.tasks]
        for place, task in enumerate(self.tasks):
            if task.name in names[:place]:
                raise ValueError(f"two tasks are called '{task.name}'; give each its own name")
            self._check_task(task)
        try:
            check_chips(self.chips)
            self._check_numbers(self.cells[0])  # report errors of the circuits now
        except BoardError as error:
            raise ValueError(str(error)) from None
        _ = self.timetable
        if self.analog.settling == "rc" and self.network.diodes:
            raise ValueError(
                "analog.settling: 'rc' is for linear networks; use 'instant', or no network.diodes"
            )
        if self.analog.settling == "rc" and self.engine.solver is not None:
            raise ValueError(
                f"engine.solver: '{self.engine.solver}': it is for voltages that settle at once; "
                "leave it out, or set analog.settling = 'instant'"
            )
        return self

    def _check_codes(self, pot: Digipot, place: str) -> None:
        codes = pot.initial if isinstance(pot.initial, list) else [pot.initial]
        if isinstance(pot.initial, list) and len(codes) != len(self.network.edges):
            raise ValueError(
                f"{place}.initial: {len(codes)} codes for {len(self.network.edges)} edges"
            )
        for code in codes:
            if not 0 <= code < pot.positions:
                raise ValueError(
                    f"{place}.initial: there is no code {code}; 0 to {pot.positions - 1}"
                )

    def _check_numbers(self, cell: Cell) -> None:
        """Refuse numbers of a circuit's parts that do not go with the board or with each other."""
        spacing = self.parts.comparator.noise_correlation
        for part in cell.parts:
            if isinstance(part.chip, Digipot):
                self._check_codes(part.chip, f"{cell.place}: parts.{part.label}")
        for part in cell.of_kind(Comparator):
            chip = part.chip
            assert isinstance(chip, Comparator)
            if chip.noise and chip.noise_correlation != spacing:
                raise ValueError(
                    f"{cell.place}: parts.{part.label}.noise_correlation: "
                    f"{written(chip.noise_correlation, 's')}: all comparators' noise is new at one "
                    "time; set parts.comparator.noise_correlation"
                )
        free, clamped = self._pots(cell)
        for key in ("terminal_capacitance", "wiper_capacitance"):
            values = [getattr(pot, key) for pot in (free, clamped)]
            if self.analog.settling == "rc" and values[0] != values[1]:
                raise ValueError(
                    f"{cell.place}: parts.{cell.potentiometer('clamped').label}.{key}: "
                    f"{written(values[1], 'F')}: with analog.settling = 'rc' it is "
                    f"{written(values[0], 'F')}, as in the free network"
                )

    def _check_task(self, task: AnyTask) -> None:
        place = f"task '{task.name}'"
        for key, nodes in task.nodes().items():
            for node in nodes:
                if node > self.network.nodes:
                    raise ValueError(
                        f"{place}: {key}: there is no node {node}; "
                        f"nodes are 1 to {self.network.nodes}"
                    )
        roles = task.nodes()
        for node in set(roles.get("inputs", ())) & set(roles.get("outputs", ())):
            raise ValueError(f"{place}: outputs: node {node} is already an input; pick another")
        for step, edges in task.cut.items():
            for edge in edges:
                if edge > len(self.network.edges):
                    raise ValueError(
                        f"{place}: cut: step {step}: there is no edge {edge}; "
                        f"edges are 1 to {len(self.network.edges)}"
                    )

    def task(self, name: str) -> tuple[int, AnyTask]:
        """A task and its number (from 1).

        Raises:
            BoardError: there is no task of that name.
        """
        for number, task in enumerate(self.tasks, start=1):
            if task.name == name:
                return number, task
        raise BoardError(
            f"board '{self.name}' has no task '{name}'; "
            f"{nearest(name, (task.name for task in self.tasks))}"
        )

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with other values; its cells and its timetable are made again."""
        copied = super().model_copy(update=update, deep=deep)
        for made in ("cells", "timetable"):
            copied.__dict__.pop(made, None)
        return copied

    @cached_property
    def cells(self) -> tuple[Cell, Cell]:
        """The cell of an edge, and the clock.

        Raises:
            BoardError: a circuit file is wrong: file, key path, value.
        """
        slots = self.parts.slots()
        clock = clock_cell(self.clock.circuit, slots, self.chips)
        return edge_cell(self.edge.chosen(), slots, self.chips, clock), clock

    def contents(self) -> str:
        """All that is on it: its keys, and the numbers of every chip, wherever they are from."""
        chips = (part.chip.model_dump_json() for cell in self.cells for part in cell.parts)
        return "".join([self.model_dump_json(), *chips])

    def clockwork(self, seed: int = 0) -> Clockwork:
        """The response of this board's clock to a trigger, for the oscillator phase of `seed`.

        Raises:
            NetlistError: the response cannot be derived.
        """
        return Clockwork.of(self.netlist(seed, (1,)), self.parts.corner)

    def phase(self, seed: int) -> float:
        """The clock oscillator's phase at power-up, 0 to 1 of its period."""
        _, clock = self.cells
        pieces = (part.chip.pieces(seed, 1, 0, 1) for part in clock.parts)
        drawn = (each["phase"] for each in pieces if "phase" in each)  # all sections share it
        return float(next(drawn, 0.0))

    @cached_property
    def timetable(self) -> Timetable:
        """The supervisor's times; before the first step it waits for the debouncers to power up."""
        power_up = self.clock_return() + 1
        return timetable(self.supervisor.settle, self.clock.rate, power_up)

    def clock_return(self) -> int:
        """The time (ticks) that the clock's debouncers need to return after a trigger."""
        _, clock = self.cells
        return clock.debounced(self.parts.corner, self.clock.capacitance)

    def twin(self, leaks: Sequence[tuple[Node, Node]] = ()) -> Twin:
        """Make the two networks, with the settling of `[analog]`.

        Args:
            leaks: pairs of nodes that may have an additional resistance in between.

        Raises:
            NetlistError: there are leaks, but settling is not instant.
        """
        nodes, edges = self.network.nodes, [(a - 1, b - 1) for a, b in self.network.edges]
        if leaks:
            if self.analog.settling != "instant":
                a, b = leaks[0]
                raise NetlistError(
                    f"a resistance between '{a.name}' and '{b.name}' needs voltages that settle at "
                    "once; set analog.settling = 'instant'"
                )
            return LeakingTwin(nodes, edges, leaks, self.engine.solver)
        if self.analog.settling == "instant":
            return Twin(nodes, edges, self.engine.solver)
        return SettlingTwin(nodes, edges, self.capacitance(), self.analog.source_impedance)

    def settling_time(self) -> float:
        """The time (s) the slowest node needs from 5 V to 1 mV, at worst over codes and tasks.

        Larger conductances only speed a network up (Rayleigh), so every wiper is at its largest
        resistance; 0 if settling is instant.
        """
        twin = self.twin()
        if not isinstance(twin, SettlingTwin):
            return 0.0
        largest = max(pot.end_to_end + pot.wiper for pot in self._pots(self.cells[0]))
        for edge in range(len(self.network.edges)):
            twin.free.set(edge, 1 / largest)
        longest = 0.0
        for task in self.tasks:
            twin.free.hold(dict.fromkeys([n - 1 for n in task.nodes().get("inputs", ())], 0.0))
            longest = max(longest, twin.time_constant())
        return longest * math.log(_SWING / _ACCURACY)

    @property
    def positions(self) -> int:
        """How many codes a potentiometer has; the most, if they differ."""
        return max(pot.positions for pot in self._pots(self.cells[0]))

    def _pots(self, cell: Cell) -> tuple[Digipot, Digipot]:
        """The potentiometers of an edge, free and clamped; the slot's for one of another kind."""
        free, clamped = (cell.potentiometer(side).chip for side in SIDES)
        usual = self.parts.digipot
        return (
            free if isinstance(free, Digipot) else usual,
            clamped if isinstance(clamped, Digipot) else usual,
        )

    def capacitance(self) -> NDArray[np.float64]:
        """The capacitance (F) of every node of one network, with its potentiometers' terminals."""
        pot, (first, second) = self._pots(self.cells[0])[0], np.array(self.network.edges).T - 1
        nodes = self.network.nodes
        farads: NDArray[np.float64] = (
            self.analog.node_capacitance
            + pot.terminal_capacitance * np.bincount(first, minlength=nodes)
            + pot.wiper_capacitance * np.bincount(second, minlength=nodes)
        )
        return farads

    def netlist(self, seed: int = 0, included: Sequence[int] | None = None) -> Netlist:
        """Make the netlist, with the pieces that `seed` draws.

        Args:
            included: the edges (from 1) whose parts to include; all if None.
        """
        cell, clock = self.cells
        edges = self.network.edges
        numbers = range(1, len(edges) + 1) if included is None else included
        parts = clock.solder(CLOCK, next(rows(self._pieces(clock, seed, 1), [1])))
        diodes = set(self.network.diodes)
        for number, values in zip(
            numbers, rows(self._pieces(cell, seed, len(edges)), numbers), strict=True
        ):
            made = cell.solder(scope(number), values, number, edges[number - 1])
            parts += self._with_diodes(made) if number in diodes else made
        loads = {net: count * (len(edges) - len(numbers)) for net, count in cell.loads().items()}
        used = {net for part in parts for nets in part.pins.values() for net in nets}
        return Netlist(
            self.name,
            self.network.nodes,
            tuple(edges),
            tuple(parts),
            inputs=(TRIGGER, HIGH, *((LOW,) if LOW in used else ())),
            converters=self.supervisor.converters(),
            included=None if included is None else tuple(included),
            external_loads={net: count for net, count in loads.items() if count},
        )

    def _pieces(self, cell: Cell, seed: int, edges: int) -> list[Pieces]:
        """The values of the pieces; all debouncers have the board's capacitor."""
        common = {"capacitance": self.clock.capacitance}
        return [
            {**(common if isinstance(part.chip, Debouncer) else {}), **own}
            for part, own in zip(cell.parts, cell.pieces(seed, edges), strict=True)
        ]

    def _with_diodes(self, parts: Sequence[Part]) -> list[Part]:
        """The parts of a breadboard with a diode in series with each potentiometer."""
        made: list[Part] = []
        for part in parts:
            made.append(part)
            roles = part.chip.pins
            if "code" not in roles.values():
                continue
            for pin in (pin for pin, role in roles.items() if role == "branch"):
                label = part.label.replace("digipot", "diode")
                label = label if label != part.label else f"diode_{part.label}"
                made.append(Part(f"{part.scope}.{label}", self.parts.diode, {"ab": part.pins[pin]}))
        return made


def shipped() -> dict[str, Path]:
    """The boards shipped with logicsim: name to file."""
    return {path.stem: path for path in sorted(shipped_boards().glob("*.toml"))}


def load(board: str | Path, settings: Mapping[str, Any] | None = None) -> Board:
    """Read a board by shipped name or by path.

    Args:
        board: a name ('divider'), a path ('my/board.toml') or a generator's name ('grid:30x30').
        settings: key paths to values that replace the file's, as `--set` gives them:
            {'parts.comparator.noise': 0}; paths in values start at the current folder.

    Raises:
        BoardError: one line with file, key path, value and valid choices.
    """
    path = find(str(board))
    if _is_generated(path):
        data = generated(str(board))
    else:
        data = toml.parse(path, BoardError, "a board needs name and [network]")
    set_keys(data, {key: _from_here(key, value) for key, value in (settings or {}).items()})
    return toml.check(data, Board, path, BoardError, str(board))


def find(board: str) -> Path:
    """The path of a board's file; for a generated board, its name.

    Raises:
        BoardError: it looks like a name, but no board has it.
    """
    path, names = Path(board), shipped()
    if board in names:
        return names[board]
    looks_like_a_path = path.suffix == ".toml" or len(path.parts) > 1
    exists = os.path.exists(path)  # noqa: PTH110  unlike Path.exists, it never raises
    if not looks_like_a_path and not exists and not _is_generated(path):
        raise BoardError(f"there is no board '{board}'; {nearest(board, names)}")
    return path


def _from_here(key: str, value: Any) -> Any:
    """A setting's value; the path of a circuit or chip starts at the current folder."""
    if isinstance(value, Mapping):
        return {name: _from_here(f"{key}.{name}", each) for name, each in value.items()}
    names_a_file = key in ("edge.circuit", "clock.circuit") or (
        key.startswith("parts.") and key.endswith(".model")
    )
    if names_a_file and isinstance(value, str) and value.endswith(".toml"):
        return str(Path(value).absolute())
    return value


def _is_generated(path: PurePath) -> bool:
    """Whether this is the name of a generated board, such as 'grid:30x30'."""
    return ":" in path.name and path.suffix != ".toml" and len(path.parts) == 1


def set_keys(data: dict[str, Any], settings: Mapping[str, Any]) -> None:
    """Replace values in a board's keys, which may already be validated tables.

    Raises:
        BoardError: a key path goes through a value that is not a table.
    """
    for key, value in settings.items():
        _set(data, key, value)


def _set(data: dict[str, Any], key: str, value: Any) -> None:
    *tables, last = key.split(".")
    for name in tables:
        table = data.get(name, {})
        if not isinstance(table, Table | dict):
            raise BoardError(f"--set {key}: '{name}' is not a table")
        data[name] = table.given() if isinstance(table, Table) else dict(table)
        data = data[name]
    data[last] = value
