"""A board: the TOML file a user writes, checked, and the netlist it asks for."""

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, StrictInt, model_validator
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from logicsim.analog.leaking import LeakingTwin
from logicsim.analog.settling import SettlingTwin
from logicsim.analog.twin import Twin
from logicsim.circuit.clock import SPACING_PERIODS, TRIGGER, Cascade, ClockTable, global_clock
from logicsim.circuit.edge import HIGH, EdgeTable, Pieces, breadboard_edge
from logicsim.circuit.netlist import Netlist, input_pins
from logicsim.circuit.timetable import Timetable, timetable
from logicsim.core import toml
from logicsim.core.converter import Converters, Quantiser
from logicsim.core.errors import BoardError, NetlistError, nearest
from logicsim.core.files import shipped_boards
from logicsim.core.noise import Purpose, Stream
from logicsim.core.table import Farads, Ohms, Ratio, Seconds, Table, Volts
from logicsim.generate import generated
from logicsim.parts.catalogue import Parts
from logicsim.tasks import AnyTask

Coordinate = Annotated[Ratio, Field(ge=-1e6, le=1e6)]


class NetworkTable(Table):
    """The `[network]` table: nodes and edges, numbered from 1.

    Edges in `diodes` conduct from their first node to their second only.
    """

    nodes: StrictInt = Field(ge=2)
    edges: list[tuple[StrictInt, StrictInt]] = Field(min_length=1)
    positions: list[tuple[Coordinate, Coordinate]] | None = None
    diodes: list[StrictInt] = Field(default=[])

    @model_validator(mode="after")
    def _diodes_on_edges(self) -> "NetworkTable":
        for edge in self.diodes:
            if not 1 <= edge <= len(self.edges):
                raise ValueError(
                    f"diodes: there is no edge {edge}; edges are 1 to {len(self.edges)}"
                )
            if self.diodes.count(edge) > 1:
                raise ValueError(f"diodes: edge {edge} is named twice")
        return self

    @model_validator(mode="after")
    def _a_connected_graph(self) -> "NetworkTable":
        if self.nodes > len(self.edges) + 1:
            raise ValueError(
                f"{self.nodes} nodes cannot be connected by {len(self.edges)} edges; "
                "every node needs a path to every other"
            )
        for number, (a, b) in enumerate(self.edges, start=1):
            if not (1 <= a <= self.nodes and 1 <= b <= self.nodes):
                node = b if 1 <= a <= self.nodes else a
                raise ValueError(
                    f"edge {number} [{a}, {b}]: there is no node {node}; "
                    f"nodes are 1 to {self.nodes}"
                )
            if a == b:
                raise ValueError(f"edge {number} [{a}, {b}] joins node {a} to itself")
        ends = np.array(self.edges).T - 1
        graph = coo_array((np.ones(len(self.edges)), (ends[0], ends[1])), [self.nodes] * 2)
        islands, island = connected_components(graph, directed=False)
        if islands > 1:
            lost = int(np.flatnonzero(island != island[0])[0]) + 1
            raise ValueError(f"the graph is not connected: no path from node 1 to node {lost}")
        if self.positions is not None and len(self.positions) != self.nodes:
            raise ValueError(f"{len(self.positions)} positions for {self.nodes} nodes")
        return self


_SWING = 5.0  # V
_ACCURACY = 1e-3  # V


class AnalogTable(Table):
    """The `[analog]` table: how voltages settle.

    With 'rc' every node has `node_capacitance` and its potentiometers' own, every source an
    impedance; 'instant' leaves them out.
    """

    settling: Literal["instant", "rc"] = "instant"
    node_capacitance: Farads = Field(default=150e-12, gt=0)
    source_impedance: Ohms = Field(default=1.0, gt=0)


class SupervisorTable(Table):
    """The `[supervisor]` table: settling time it allows, and its converters' step (0: ideal)."""

    settle: Seconds = Field(default=20e-6, ge=1e-12)
    impose_resolution: Volts = Field(default=0.0, ge=0)
    measure_resolution: Volts = Field(default=0.0, ge=0)

    def converters(self) -> Converters:
        """Sound converters of these steps."""
        return Converters(Quantiser(self.impose_resolution), Quantiser(self.measure_resolution))


class Board(Table):
    """A board file: network, parts, edge, clock, supervisor and the tasks to train.

    Build one with `load`, or from the same keys as keyword arguments.
    """

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$")
    title: str = ""
    network: NetworkTable
    parts: Parts = Parts()
    edge: EdgeTable = EdgeTable()
    clock: ClockTable = ClockTable()
    analog: AnalogTable = AnalogTable()
    supervisor: SupervisorTable = SupervisorTable()
    tasks: list[AnyTask] = []

    @model_validator(mode="after")
    def _sound(self) -> "Board":
        self._check_codes()
        names = [task.name for task in self.tasks]
        for place, task in enumerate(self.tasks):
            if task.name in names[:place]:
                raise ValueError(f"two tasks are called '{task.name}'; give each its own name")
            self._check_task(task)
        self.timetable()
        if self.analog.settling == "rc" and self.network.diodes:
            raise ValueError(
                "analog.settling: 'rc' is for linear networks; use 'instant', or no network.diodes"
            )
        return self

    def _check_codes(self) -> None:
        pot = self.parts.digipot
        codes = pot.initial if isinstance(pot.initial, list) else [pot.initial]
        if isinstance(pot.initial, list) and len(codes) != len(self.network.edges):
            raise ValueError(
                f"parts.digipot.initial: {len(codes)} codes for {len(self.network.edges)} edges"
            )
        for code in codes:
            if not 0 <= code < pot.positions:
                raise ValueError(
                    f"parts.digipot.initial: there is no code {code}; 0 to {pot.positions - 1}"
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
            BoardError: there is none of that name.
        """
        for number, task in enumerate(self.tasks, start=1):
            if task.name == name:
                return number, task
        raise BoardError(
            f"board '{self.name}' has no task '{name}'; "
            f"{nearest(name, (task.name for task in self.tasks))}"
        )

    def cascade(self, seed: int) -> Cascade:
        """What this board's clock will do, for the oscillator phase of `seed`."""
        return Cascade.of(self.excerpt().netlist(seed), self.parts.corner)

    def excerpt(self) -> "Board":
        """The first edges of a large board, as many as its clock drives no slower than all."""
        network = self.network
        few = network.model_copy(update={"edges": network.edges[: self.parts.xor.fan_out]})
        return self.model_copy(update={"network": few})

    def timetable(self) -> Timetable:
        """When the supervisor acts: it first waits until the debouncer has been clocked through."""
        period = self.parts.debouncer.period(self.clock.capacitance, self.parts.corner)
        power_up = SPACING_PERIODS * period + 1
        return timetable(self.supervisor.settle, self.clock.rate, power_up)

    def twin(self, leaks: Sequence[tuple[str, str]] = ()) -> Twin:
        """The two networks, which settle as `[analog]` says.

        Args:
            leaks: pairs of nodes ('node3.free') between which there may be a resistance besides.

        Raises:
            NetlistError: there are leaks, and voltages take time to settle.
        """
        nodes, edges = self.network.nodes, [(a - 1, b - 1) for a, b in self.network.edges]
        if leaks:
            if self.analog.settling != "instant":
                a, b = leaks[0]
                raise NetlistError(
                    f"a resistance between '{a}' and '{b}' needs voltages that settle at once; "
                    "set analog.settling = 'instant'"
                )
            return LeakingTwin(nodes, edges, leaks)
        if self.analog.settling == "instant":
            return Twin(nodes, edges)
        return SettlingTwin(nodes, edges, self.capacitance(), self.analog.source_impedance)

    def settling_time(self) -> float:
        """How long the slowest node takes from 5 V to 1 mV (s), whatever the codes and the task.

        Conductances only speed a network up (Rayleigh), so every wiper is at its largest
        resistance; 0 where voltages settle at once.
        """
        twin = self.twin()
        if not isinstance(twin, SettlingTwin):
            return 0.0
        pot = self.parts.digipot
        for edge in range(len(self.network.edges)):
            twin.free.set(edge, 1 / (pot.end_to_end + pot.wiper))
        longest = 0.0
        for task in self.tasks:
            twin.free.hold(dict.fromkeys([n - 1 for n in task.nodes().get("inputs", ())], 0.0))
            longest = max(longest, twin.time_constant())
        return longest * math.log(_SWING / _ACCURACY)

    def capacitance(self) -> NDArray[np.float64]:
        """Of every node of one network (F): the board's, and its potentiometers' terminals."""
        pot, (first, second) = self.parts.digipot, np.array(self.network.edges).T - 1
        nodes = self.network.nodes
        farads: NDArray[np.float64] = (
            self.analog.node_capacitance
            + pot.terminal_capacitance * np.bincount(first, minlength=nodes)
            + pot.wiper_capacitance * np.bincount(second, minlength=nodes)
        )
        return farads

    def phase(self, seed: int) -> float:
        """Where the clock's oscillator stands at power-up, 0 to 1 of its period."""
        return float(Stream(seed, Purpose.OSCILLATOR_PHASE).uniforms(1)[0])

    def pieces(self, seed: int) -> "Drawn":
        """What is each piece's own, drawn from `seed`."""
        count, comparator, pot = len(self.network.edges), self.parts.comparator, self.parts.digipot
        offsets = spread = np.zeros(2 * count)
        if comparator.offset_sigma:
            offsets = Stream(seed, Purpose.COMPARATOR_OFFSET).normals(2 * count)
        if pot.tolerance:
            spread = Stream(seed, Purpose.RESISTANCE).normals(2 * count)
        initial = pot.initial[:count] if isinstance(pot.initial, list) else pot.initial
        return Drawn(
            (comparator.offset + comparator.offset_sigma * offsets).reshape(count, 2),
            # Clipped where a resistance would no longer be one; 4 sigma at the largest tolerance.
            (pot.end_to_end * np.maximum(1 + pot.tolerance * spread, 0.2)).reshape(count, 2),
            np.broadcast_to(initial, count),
        )

    def netlist(self, seed: int = 0, looked_at: Sequence[int] | None = None) -> Netlist:
        """What is soldered, with the pieces that `seed` draws.

        Args:
            looked_at: the edges (from 1) whose parts are wanted, if not all.
        """
        edges = self.network.edges
        drawn = self.pieces(seed)
        diodes = set(self.network.diodes)
        numbers = range(1, len(edges) + 1) if looked_at is None else looked_at
        places = np.array(numbers, dtype=np.intp) - 1
        each = zip(
            numbers, drawn.offsets[places].tolist(), drawn.end_to_end[places].tolist(),
            drawn.initial[places].tolist(), strict=True,
        )  # fmt: skip
        parts = global_clock(self.parts, self.clock, self.phase(seed))
        for number, offsets, end_to_end, initial in each:
            pieces = Pieces(tuple(offsets), tuple(end_to_end), initial, diode=number in diodes)
            parts += breadboard_edge(number, edges[number - 1], self.parts, self.edge, pieces)
        return Netlist(
            self.name,
            self.network.nodes,
            tuple(edges),
            tuple(parts),
            inputs=(TRIGGER, HIGH),
            converters=self.supervisor.converters(),
            exposed=not self.edge.latch,
            looked_at=None if looked_at is None else tuple(looked_at),
            beyond=self._loads(len(edges) - len(numbers)),
        )

    def _loads(self, edges: int) -> Mapping[str, int]:
        """The input pins that so many edges have on nets beyond their breadboards."""
        parts = breadboard_edge(0, (1, 2), self.parts, self.edge, Pieces((0.0, 0.0), (1.0, 1.0), 0))
        return {
            net: edges * count
            for net, count in input_pins(parts).items()
            if not net.startswith("edge0.")
        }


class Drawn(NamedTuple):
    """A row an edge: offsets (V) of comparators A and B; R_AB (ohm) free, clamped; first codes."""

    offsets: NDArray[np.float64]
    end_to_end: NDArray[np.float64]
    initial: NDArray[np.intp]


def shipped() -> dict[str, Path]:
    """The boards that come with logicsim: name to file."""
    return {path.stem: path for path in sorted(shipped_boards().glob("*.toml"))}


def load(board: str | Path, settings: Mapping[str, Any] | None = None) -> Board:
    """Read a board by shipped name or by path.

    Args:
        board: 'divider', 'my/board.toml', or what a generator makes: 'grid:30x30'.
        settings: key paths to values that replace the file's, as `--set` gives them:
            {'parts.comparator.noise': 0}.

    Raises:
        BoardError: one line with file, key path, value and what would be valid.
    """
    path = find(str(board))
    if _is_generated(path):
        data = generated(str(board))
    else:
        data = toml.parse(path, BoardError, "a board needs name and [network]")
    set_keys(data, settings or {})
    return toml.check(data, Board, path, BoardError, str(board))


def find(board: str) -> Path:
    """A board's file, by shipped name or by path; of a generated board, its name.

    Raises:
        BoardError: it looks like a name, and is none.
    """
    path, names = Path(board), shipped()
    if board in names:
        return names[board]
    looks_like_a_path = path.suffix == ".toml" or len(path.parts) > 1
    exists = os.path.exists(path)  # noqa: PTH110  unlike Path.exists, it never raises
    if not looks_like_a_path and not exists and not _is_generated(path):
        raise BoardError(f"there is no board '{board}'; {nearest(board, names)}")
    return path


def _is_generated(path: PurePath) -> bool:
    """Whether this is no file but the name of a board made on the spot: 'grid:30x30'."""
    return ":" in path.name and path.suffix != ".toml" and len(path.parts) == 1


def set_keys(data: dict[str, Any], settings: Mapping[str, Any]) -> None:
    """Replace values in a board's keys, which may be tables already.

    Raises:
        BoardError: a key path goes through what is no table.
    """
    for key, value in settings.items():
        _set(data, key, value)


def _set(data: dict[str, Any], key: str, value: Any) -> None:
    *tables, last = key.split(".")
    for name in tables:
        table = data.get(name, {})
        if not isinstance(table, Table | dict):
            raise BoardError(f"--set {key}: '{name}' is not a table")
        data[name] = dict(table)
        data = data[name]
    data[last] = value
