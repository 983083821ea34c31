"""Static timing analysis of a board: its paths, the limits of its rate, and notes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from logicsim.board import Board
from logicsim.circuit.clockwork import Clockwork
from logicsim.circuit.netlist import Netlist
from logicsim.core.units import ticks
from logicsim.parts.debouncer import Debouncer
from logicsim.parts.kind import Corner
from logicsim.timing.checks import every_path
from logicsim.timing.graph import Graph
from logicsim.timing.latches import refuse_noise
from logicsim.timing.limits import Limit, limits
from logicsim.timing.notes import notes
from logicsim.timing.paths import Path
from logicsim.timing.schedule import Change, Schedule


@dataclass(frozen=True, slots=True)
class Analysis:
    """The result of static timing: paths (least slack first), limits (lowest rate first), notes.

    `rate` (steps a second) is the analysed rate. `cascade` has the changes of the clock's nets in a
    step whose trigger rises. `settle`, `period`, `spacing` and `oscillator` are in ticks: a wait of
    the supervisor, a step, the minimum distance of two triggers, and the period of the
    debouncers' oscillator (0 if there is none).
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
    oscillator: int

    @property
    def met(self) -> bool:
        """Whether every constraint is met at the analysed rate."""
        return all(path.met for path in self.paths)

    @property
    def max_rate(self) -> float:
        """The largest rate (Hz) at which every constraint is met; 0 if there is none."""
        return self.limits[0].rate

    def least_step(self, constraint: str) -> int | None:
        """The shortest step in ticks that meets all paths of a constraint; None if any step does.

        Paths that no step meets, because they do not depend on the rate, are left out.
        """
        steps = [p.least_step for p in self.paths if p.constraint == constraint]
        return max((step for step in steps if step is not None), default=None)

    def worst(self) -> Sequence[Path]:
        """The path of least slack for each constraint, in order of slack."""
        found: dict[str, Path] = {}
        for path in self.paths:
            found.setdefault(path.constraint, path)
        return tuple(found.values())


def analyse(board: Board, netlist: Netlist | None = None) -> Analysis:
    """Analyse a board in its corner and at its rate.

    Args:
        netlist: another netlist than the board's own.

    Raises:
        NetlistError: there is no clock, a part declares no delays, gates form a loop, or a part
            is clocked by a net whose times cannot be derived.
    """
    netlist = netlist if netlist is not None else board.netlist()
    graph, schedule, every = _timed(board, netlist)
    clockwork, corner = graph.clockwork, board.parts.corner
    found = limits(every, schedule.period, _external(clockwork, corner))
    paths = sorted(_worst(every), key=lambda path: path.slack)
    remarks = notes(board, netlist, graph, schedule, paths)
    return Analysis(
        board.name, corner, board.clock.rate, paths, found, remarks, schedule.changes(),
        schedule.settle, schedule.period, clockwork.spacing, clockwork.period,
    )  # fmt: skip


def worst_path(board: Board, netlist: Netlist) -> Path:
    """The path of least slack, without the rest of the analysis.

    Raises:
        NetlistError: as `analyse`.
    """
    _, _, every = _timed(board, netlist)
    return min(every, key=lambda path: path.slack)


def _timed(board: Board, netlist: Netlist) -> tuple[Graph, Schedule, Sequence[Path]]:
    """The timing graph, the schedule of a step, and every path."""
    netlist.check()
    graph = Graph(Clockwork.of(netlist, board.parts.corner))
    schedule = Schedule(board, netlist, graph, settling=ticks(board.settling_time()))
    if schedule.noisy:
        always = schedule.exposed or board.parts.comparator.chatter == "full"
        refuse_noise(graph, schedule, netlist.decided, always=always)
    return graph, schedule, list(every_path(graph, schedule))


def _external(clockwork: Clockwork, corner: Corner) -> float | None:
    """The debouncers' shortest period as a ratio to the present one; None without debouncers."""
    least = [part.chip.external_period.ticks(corner) for part in clockwork.entries.values()
             if isinstance(part.chip, Debouncer)]  # fmt: skip
    return max(least) / clockwork.period if least else None


def _worst(paths: Iterable[Path]) -> Iterable[Path]:
    """The path of least slack for each startpoint, endpoint and constraint."""
    worst: dict[tuple[str, str, str], Path] = {}
    for path in paths:
        key = path.constraint, path.startpoint, path.endpoint
        if key not in worst or path.slack < worst[key].slack:
            worst[key] = path
    return worst.values()
