"""A finished run in the hand: result, history as arrays, pictures, page."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

from rich.console import Group, RenderableType

from logicsim.api import text
from logicsim.api.history import History
from logicsim.api.trace import Trace
from logicsim.board import Board
from logicsim.core.errors import BoardError, EngineError, TraceError, nearest
from logicsim.faults import inject, parse_all
from logicsim.figures.page.recorder import PageRecorder
from logicsim.tasks.result import Result
from logicsim.tasks.task_run import Step, Steps
from logicsim.training.engines import EngineName
from logicsim.training.progress import training
from logicsim.training.run import Plan, Waveform, plan, run
from logicsim.waveforms.memory import MemoryWriter

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

OnStep = Callable[[Step], None]

MOST_CHANGES: Final = 2_000_000  # of a waveform in memory, some 200 MB

_MOST_SEED: Final = 2**64 - 1


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run.

    Attributes:
        board: what was trained.
        plan: its tasks: (number, task, steps) each.
        result: errors by task, final codes and outputs, violations, speed.
        history: what was measured in every step, as arrays.
    """

    board: Board
    plan: Plan
    result: Result
    history: History
    _call: str
    _memory: MemoryWriter | None

    @cached_property
    def waveform(self) -> Trace:
        """The waveform, if `waveform=True` asked for one, up to two million changes.

        Raises:
            TraceError: none was kept.
        """
        if self._memory is None:
            raise TraceError("this run kept no waveform; ask for one: board.run(waveform=True)")
        kept = self._memory.trace()
        return Trace(kept.histories, kept.end)

    def as_json(self) -> dict[str, Any]:
        """What the command line writes to `result.json`."""
        return self.result.as_json()

    def table(self) -> "pd.DataFrame":
        """A row a step, with the columns of `history.csv`: errors in V^2, outputs in V, codes.

        Raises:
            LogicsimError: pandas is not installed.
        """
        return self.history.table()

    def plot(self) -> "Figure":
        """Error (V^2), outputs (V) and resistances (kohm) against the training step."""
        from logicsim.figures.picture import history_figure  # noqa: PLC0415  matplotlib is slow to import

        rows, steps = self.history.thinned()
        return history_figure(self.board, [task for _, task, _ in self.plan], rows, steps)

    def html(self, path: str | Path) -> None:
        """Write a page that needs nothing else: learning, network, timing, and the waveform kept.

        Raises:
            OutputError: plotly is missing, or the file cannot be written.
        """
        from logicsim.figures.page.page import write_page  # noqa: PLC0415  jinja2 is slow to import

        steps = self.history.steps()
        write_page(Path(path), self.board, self.result, steps, self._memory, self._call)

    def __repr__(self) -> str:
        steps = f"{len(self.history):,} steps, {self.result.engine} engine, seed {self.result.seed}"
        return f"<Run of '{self.board.name}': {steps}>"

    def __str__(self) -> str:
        return text.plain(self)

    def __rich__(self) -> RenderableType:
        return Group(text.summary(self.result), text.speed(self.result))

    def _repr_html_(self) -> str:
        title = f"{self.board.name}: {self.result.engine} engine, seed {self.result.seed}"
        return text.html(title, text.summary(self.result), text.speed(self.result))


@dataclass(frozen=True, slots=True)
class Recording:
    """Which waveform to keep: in memory, for a page, in files; which signals and steps of it."""

    waveform: bool
    page: Path | None
    vcd: Path | None
    fst: Path | None
    probes: Sequence[str]
    window: tuple[int, int] | None

    def order(self, kept: PageRecorder) -> Waveform | None:
        """What to record; what is to be in memory goes to `kept`.

        Raises:
            TraceError: the window is none, or there is nothing to choose from.
            OutputError: the page could not be written in the end.
        """
        window = self.window
        if window is not None and not 1 <= window[0] <= window[1]:
            raise TraceError(f"window {window}: give two steps counted from 1, e.g. (3, 5)")
        files = self.vcd is not None or self.fst is not None
        if not (files or self.waveform or self.page):
            if self.probes or window:
                raise TraceError(
                    "probes and window choose what goes into a waveform; "
                    "add waveform=True or vcd=FILE"
                )
            return None
        if self.page is not None:
            from logicsim.figures.page.page import check_page  # noqa: PLC0415  jinja2 is slow to import

            check_page(self.page)
            if not files and not self.waveform:
                window = window or (1, 1)  # the page shows one step; more are for the asking
        also = kept.open if self.waveform or self.page else None
        return Waveform(self.vcd, self.probes, window, self.fst, also)


def train(
    board: Board,
    tasks: Sequence[str],
    steps: int | None,
    seed: int,
    engine: EngineName,
    faults: str,
    recording: Recording,
    out: Path | None,
    resume: bool,
    progress: bool | None,
    on_step: OnStep | None,
) -> Run:
    """Train a board; see `logicsim.Board.run`."""
    _check(engine, steps, seed)
    chosen = plan(board, tasks, steps)
    if not chosen:
        raise BoardError(f"board '{board.name}' has no tasks; give it some: tasks=[...]")
    netlist = None
    if faults:
        sound = board.netlist(seed)
        netlist = inject(sound, parse_all(faults, board, sound), board, seed)
    kept = PageRecorder(changes=MOST_CHANGES) if recording.waveform else PageRecorder()
    waveform = recording.order(kept)
    history = History(board, chosen)
    with training(chosen, show=progress) as on_progress:

        def tell(steps: Steps) -> None:
            history.add(steps)
            if on_progress is not None:
                on_progress(steps)
            if on_step is not None:
                for step in steps:
                    on_step(step)

        result = run(
            board, chosen, seed=seed, netlist=netlist, engine=engine, waveform=waveform, out=out,
            resume=resume, on_steps=tell,
        )  # fmt: skip
    if recording.waveform and kept.waveform is not None and kept.waveform.full:
        text_ = f"the waveform was cut after {MOST_CHANGES:,} changes; choose probes or a window"
        warnings.warn(text_, stacklevel=3)
    call = _call(tasks=list(tasks), steps=steps, seed=seed, engine=engine, faults=faults)
    done = Run(board, chosen, result, history, call, kept.waveform)
    if recording.page is not None:
        done.html(recording.page)
    return done


def _check(engine: str, steps: int | None, seed: int) -> None:
    if engine not in get_args(EngineName):
        names = get_args(EngineName)
        raise EngineError(f"there is no engine '{engine}'; {nearest(engine, names)}")
    if steps is not None and steps < 1:
        raise ValueError(f"steps {steps}: there is at least 1")
    if not 0 <= seed <= _MOST_SEED:
        raise ValueError(f"seed {seed}: it is from 0 to 2**64 - 1")


def _call(**arguments: Any) -> str:
    """What repeats a run, as one would type it."""
    given = ", ".join(f"{name}={value!r}" for name, value in arguments.items() if value)
    return f"board.run({given})"
