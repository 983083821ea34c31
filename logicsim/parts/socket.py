"""The connection of a part to a run: nets and drivers by pin, process, and voltages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from zlib import crc32

from logicsim.analog.network import Network
from logicsim.analog.twin import Twin
from logicsim.core.logic import X
from logicsim.core.names import Branch, Node
from logicsim.core.noise import Purpose, Stream
from logicsim.kernel.kernel import Driver, Kernel, Net, Process, React
from logicsim.parts.arcs import Timing
from logicsim.parts.kind import Corner
from logicsim.parts.part import Part


class Names(Protocol):
    """Tables from names to nodes and branches, as a netlist has them."""

    def node(self, name: str) -> Node:
        """The node of a name such as 'node3.free'."""

    def branch(self, name: str) -> Branch:
        """The branch of a name such as 'edge3.free'."""


class Comparators(Protocol):
    """All comparators of a board, compared together after voltages or noise changed."""

    def join(
        self, part: Part, gain: float, limit: float, noise: float, process: Process, react: React
    ) -> int:
        """Add a comparator and return its index; a changed decision runs `react` in `process`."""

    def decision(self, index: int) -> int:
        """0, 1, or X on an island without a fixed node."""

    def overdrive(self, index: int) -> float:
        """The differential input (V), with offset and noise."""


@dataclass(slots=True)
class Bench:
    """The objects that all parts of a run share.

    `loads` counts the input pins on each net, as in `Netlist`. `chance` is the first sampled input
    that was unknown: time (ticks), part and pin.
    """

    kernel: Kernel
    twin: Twin
    comparators: Comparators
    corner: Corner
    seed: int
    names: Names
    loads: Mapping[str, int] = field(default_factory=dict)
    undecided: Stream = field(init=False)
    chance: tuple[int, str, str] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.undecided = Stream(self.seed, Purpose.UNDECIDED)


@dataclass(slots=True)
class Socket:
    """One part's place on a breadboard, through which alone it reaches the rest of the run."""

    part: Part
    process: Process
    bench: Bench

    @property
    def kernel(self) -> Kernel:
        """The event kernel."""
        return self.bench.kernel

    @property
    def corner(self) -> Corner:
        """The corner of the declared limits that this run uses."""
        return self.bench.corner

    @property
    def timing(self) -> Timing:
        """The part's arcs and checks in this run's corner, on its nets."""
        timing: Timing = self.part.chip.timing(self.part, self.corner, self.bench.loads)
        return timing

    @property
    def values(self) -> Mapping[str, float]:
        """The values of this piece."""
        return self.part.values

    def net(self, pin: str) -> Net:
        """The net on a pin."""
        return self.kernel.nets[self.part.pins[pin][0]]

    def driver(self, pin: str, initial: int = X) -> Driver:
        """A driver of the net on a pin."""
        return Driver(self.net(pin), self.part.name, initial)

    def branch(self, pin: str) -> tuple[Network, int]:
        """The network of a pin's branch, and the index of its edge there."""
        bench = self.bench
        return bench.twin.branch(bench.names.branch(self.part.pins[pin][0]))

    def violate(self, kind: str, pin: str, margin: int) -> None:
        """Record a missed constraint of this part; `margin` < 0 in ticks."""
        self.kernel.violate(kind, self.part.name, pin, margin)

    def uniform(self, matter: str) -> float:
        """A number in (0, 1) for this part, a purpose and this time, the same in every run."""
        # Keyed by name, so that a fault elsewhere on the board does not change it.
        place = crc32(f"{self.part.name}.{matter}".encode())
        return float(self.bench.undecided.uniforms(1, step=self.kernel.now, index=place)[0])

    def undecided(self, pin: str) -> int:
        """Draw 0 or 1 with equal probability for an input in its forbidden window."""
        if self.bench.chance is None:
            self.bench.chance = self.kernel.now, self.part.name, pin
        return int(self.uniform(pin) < 0.5)
