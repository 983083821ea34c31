"""Static timing analysis of a board: its paths, what limits its rate, and what to bear in mind."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from logicsim.board import Board
from logicsim.circuit.clock import SPACING_PERIODS, TRIGGER
from logicsim.circuit.netlist import Netlist
from logicsim.core.errors import NetlistError
from logicsim.core.units import ticks
from logicsim.timing.checks import every_path
from logicsim.timing.clocks import Change, waves
from logicsim.timing.fold import fold
from logicsim.timing.graph import Graph
from logicsim.timing.limits import Limit, limits
from logicsim.timing.notes import notes
from logicsim.timing.paths import Path
from logicsim.timing.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Analysis:
    """What static timing found: paths (least slack first), limits (the nearest first), notes.

    `rate` in steps a second is the one that was asked about. `cascade` is what the nets of the
    clock do in a step whose trigger rises; `settle`, `period` and `spacing` are in ticks: a wait of
    the supervisor, a step, and the least distance of two triggers.
    """

    board: str
    corner: str
    rate: float
    paths: Sequence[Path]
    limits: Sequence[Limit]
    notes: Sequence[str]
    cascade: Mapping[str, Sequence[Change]]
    settle: int
    period: int
    spacing: int

    @property
    def met(self) -> bool:
        """Whether every constraint is met at the rate asked about."""
        return all(path.met for path in self.paths)

    @property
    def max_rate(self) -> float:
        """The largest rate (Hz) at which every constraint is met; 0 if there is none."""
        return self.limits[0].rate

    def least_step(self, constraint: str) -> int | None:
        """The shortest step in ticks that meets all paths of a constraint; None if any step does.

        What no step meets, because it has nothing to do with the rate, is left out.
        """
        steps = [p.least_step for p in self.paths if p.constraint == constraint]
        return max((step for step in steps if step is not None), default=None)

    def worst(self) -> Sequence[Path]:
        """The path of least slack under each constraint, the tightest first."""
        found: dict[str, Path] = {}
        for path in self.paths:
            found.setdefault(path.constraint, path)
        return tuple(found.values())


def analyse(board: Board, netlist: Netlist | None = None) -> Analysis:
    """Analyse a board in its corner and at its rate.

    Args:
        netlist: what is soldered, if not what the board asks for.

    Raises:
        NetlistError: there is no clock, a part declares no delays, gates form a loop, or a clock
            is mixed with data.
    """
    if netlist is not None:
        netlist.check()
    corner = board.parts.corner
    graph = Graph(fold(netlist if netlist is not None else board.netlist()), corner)
    clocks = [waves(graph, way) for way in (0, 1)]
    schedule = Schedule(board, graph, clocks, settling=ticks(board.settling_time()))
    if not schedule.entries:
        raise NetlistError(
            f"board '{board.name}' has no clock: no debouncer follows '{TRIGGER}', "
            "so there is nothing to time against"
        )
    every = list(every_path(graph, schedule))
    oscillator = schedule.entries[0].arc.grid
    external = board.parts.debouncer.external_period.ticks(corner)
    found = limits(every, external / oscillator)
    paths = sorted(_worst(every), key=lambda path: path.slack)
    told = notes(board, graph, schedule, paths)
    return Analysis(
        board.name, corner, board.clock.rate, paths, found, told, schedule.changes(),
        schedule.settle, schedule.period, SPACING_PERIODS * oscillator,
    )  # fmt: skip


def _worst(paths: Iterable[Path]) -> Iterable[Path]:
    """The path of least slack from each startpoint to each endpoint under each constraint."""
    worst: dict[tuple[str, str, str], Path] = {}
    for path in paths:
        key = path.constraint, path.startpoint, path.endpoint
        if key not in worst or path.slack < worst[key].slack:
            worst[key] = path
    return worst.values()
