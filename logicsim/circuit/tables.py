"""The tables of a board file: network, edge, clock, analog, engine and supervisor."""

from typing import Annotated, Final, Literal

import numpy as np
from pydantic import Field, StrictBool, StrictInt, field_validator, model_validator
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from logicsim.analog.solvers import SOLVERS
from logicsim.circuit.file import Circuit, ClockCircuit, EdgeCircuit, load
from logicsim.core.converter import Converters, Quantiser
from logicsim.core.errors import nearest, shown
from logicsim.core.rule import Rule
from logicsim.core.table import Farads, Hertz, Ohms, Ratio, Seconds, Table, Volts

Coordinate = Annotated[Ratio, Field(ge=-1e6, le=1e6)]


class NetworkTable(Table):
    """The `[network]` table: nodes and edges, numbered from 1.

    Edges in `diodes` conduct only from their first node to their second.
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


_PAPERS: Final = "coupled"  # the edge of the paper


class EdgeTable(Table):
    """The `[edge]` table: the circuit of every breadboard.

    `rule` and `latch` are short for two variants of the paper's edge: with Eq. C2 as printed, and
    without its D-flop.
    """

    circuit: EdgeCircuit = Field(default_factory=lambda: load(_PAPERS, "edges"))
    rule: Rule = "hardware"
    latch: StrictBool = True

    @model_validator(mode="after")
    def _one_circuit(self) -> "EdgeTable":
        if self.short and self.circuit.name != _PAPERS:
            key = "rule" if self.rule == "printed" else "latch"
            raise ValueError(
                f"{key}: it is short for a variant of circuit '{_PAPERS}', yet circuit is "
                f"'{self.circuit.name}'; leave out one of them"
            )
        return self

    @property
    def short(self) -> str:
        """The shipped variant that `rule` and `latch` select; '' if they select none."""
        words = ["printed"] * (self.rule == "printed") + ["unlatched"] * (not self.latch)
        return "-".join(words)

    def chosen(self) -> Circuit:
        """The circuit to build."""
        return load(self.short, "edges") if self.short else self.circuit


class ClockTable(Table):
    """The `[clock]` table: its circuit, training steps a second, and the debouncer's capacitor."""

    circuit: ClockCircuit = Field(default_factory=lambda: load("cascade", "clocks"))
    rate: Hertz = Field(default=4.0, gt=0, le=1e9)
    capacitance: Farads = Field(default=10e-9, gt=0, le=1.0)


class AnalogTable(Table):
    """The `[analog]` table: the settling of voltages.

    With 'rc' every node has `node_capacitance` and its potentiometers' capacitances, and every
    source an impedance; 'instant' leaves them out.
    """

    settling: Literal["instant", "rc"] = "instant"
    node_capacitance: Farads = Field(default=150e-12, gt=0)
    source_impedance: Ohms = Field(default=1.0, gt=0)


class EngineTable(Table):
    """The `[engine]` table: the networks' solver, chosen by size and structure if left out."""

    solver: str | None = None

    @field_validator("solver")
    @classmethod
    def _known_and_installed(cls, name: str | None) -> str | None:
        if name is None:
            return None
        if name not in SOLVERS:
            raise ValueError(f"there is no solver {shown(name)}; {nearest(name, SOLVERS)}")
        offer = SOLVERS[name]
        if not offer.installed:
            raise ValueError(
                f"solver '{name}' needs {offer.package}, which is not installed; "
                f"pip install 'logicsim[{offer.extra}]'"
            )
        return name


class SupervisorTable(Table):
    """The `[supervisor]` table: the settling time, and the converters' resolution (0: ideal)."""

    settle: Seconds = Field(default=20e-6, ge=1e-12)
    impose_resolution: Volts = Field(default=0.0, ge=0)
    measure_resolution: Volts = Field(default=0.0, ge=0)

    def converters(self) -> Converters:
        """The sound converters with this resolution."""
        return Converters(Quantiser(self.impose_resolution), Quantiser(self.measure_resolution))
