"""Where a part meets the run: its nets and drivers by pin, its process, and the voltages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from zlib import crc32

from logicsim.analog.twin import Twin
from logicsim.core.logic import X
from logicsim.core.noise import Purpose, Stream
from logicsim.kernel.kernel import Driver, Kernel, Net, Process, React
from logicsim.parts.arcs import Timing
from logicsim.parts.declaration import Corner
from logicsim.parts.part import Part


class Comparators(Protocol):
    """All comparators of a board, looked at together whenever voltages or noise changed."""

    def join(self, part: Part, gain: float, limit: float, process: Process, react: React) -> int:
        """Add a comparator; `react` runs in `process` when its decision flips. Its index."""

    def decision(self, index: int) -> int:
        """0, 1, or X on an island without a fixed node."""

    def overdrive(self, index: int) -> float:
        """By how much the inputs are apart, offset and noise included, in volts."""


@dataclass(slots=True)
class Bench:
    """What all parts of a run share; `loads` are the input pins on each net, as in `Netlist`."""

    kernel: Kernel
    twin: Twin
    comparators: Comparators
    corner: Corner
    seed: int
    loads: Mapping[str, int] = field(default_factory=dict)
    undecided: Stream = field(init=False)

    def __post_init__(self) -> None:
        self.undecided = Stream(self.seed, Purpose.UNDECIDED)


@dataclass(slots=True)
class Socket:
    """One part's place on a breadboard: the only way a chip reaches anything outside itself."""

    part: Part
    process: Process
    bench: Bench

    @property
    def kernel(self) -> Kernel:
        """The event kernel."""
        return self.bench.kernel

    @property
    def corner(self) -> Corner:
        """Which of the declared limits this run uses."""
        return self.bench.corner

    @property
    def timing(self) -> Timing:
        """The part's arcs and checks in this run's corner, on its nets."""
        timing: Timing = self.part.chip.timing(self.part, self.corner, self.bench.loads)
        return timing

    @property
    def values(self) -> Mapping[str, float]:
        """What is this piece's own."""
        return self.part.values

    def net(self, pin: str) -> Net:
        """The net on a pin."""
        return self.kernel.nets[self.part.pins[pin][0]]

    def driver(self, pin: str, initial: int = X) -> Driver:
        """A driver of the net on a pin."""
        return Driver(self.net(pin), self.part.name, initial)

    def violate(self, kind: str, pin: str, margin: int) -> None:
        """Record a missed constraint of this part; `margin` < 0 in ticks."""
        self.kernel.violate(kind, self.part.name, pin, margin)

    def uniform(self, matter: str) -> float:
        """A number in (0, 1) for one matter of this part at this time, the same in every run."""
        # By name, so that a fault elsewhere on the board does not renumber it.
        place = crc32(f"{self.part.name}.{matter}".encode())
        return float(self.bench.undecided.uniforms(1, step=self.kernel.now, index=place)[0])

    def undecided(self, pin: str) -> int:
        """What `pin` makes of an input in its forbidden window: 0 or 1, both as likely."""
        return int(self.uniform(pin) < 0.5)
