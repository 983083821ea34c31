"""The board as people use it: made in code or read from a file, run, timed, broken, saved."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from pydantic import ModelWrapValidatorHandler, ValidationError, model_validator
from rich.console import Group, RenderableType

from logicsim import board as boards_
from logicsim.api import text
from logicsim.api.export import Target, check_edge, export
from logicsim.api.run import OnStep, Recording, Run, train
from logicsim.api.timing import Timing
from logicsim.core import toml
from logicsim.core.errors import BoardError
from logicsim.core.files import check_folder, write_text
from logicsim.core.units import quantity
from logicsim.faults import Listed, universe
from logicsim.parts.kind import Corner
from logicsim.timing.spread import Conditions, manufacture
from logicsim.timing.static import analyse
from logicsim.training.engines import EngineName
from logicsim.training.progress import progress as progress_line

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Board(boards_.Board):
    """A board: network, parts, edge, clock, supervisor and the tasks to train.

    `logicsim.load` reads one; one made in code takes a board file's keys as arguments, tables
    as dictionaries and quantities as in the file ('5 V') or as SI numbers. Boards do not change.

        Board(
            name="divider",
            network={"nodes": 3, "edges": [(1, 2), (2, 3)]},
            tasks=[{"name": "3.75 V", "kind": "allostery",
                    "inputs": {1: "5 V", 3: 0}, "outputs": {2: "3.75 V"}}],
        )

    Raises:
        BoardError: one line with key path, value and what would be valid.
    """

    @model_validator(mode="wrap")
    @classmethod
    def _in_one_line(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        data = _without_numpy(data)
        try:
            return handler(data)
        except ValidationError as mistakes:
            raise BoardError(f"Board: {toml.first(mistakes, data)}") from None

    def with_settings(self, settings: Mapping[str, Any]) -> "Board":
        """The same board with other values: {'parts.comparator.noise': 0, 'clock.rate': '8 Hz'}.

        Raises:
            BoardError: no board has such a key or value.
        """
        keys = {key: getattr(self, key) for key in self.model_fields_set}
        boards_.set_keys(keys, settings)
        return Board.model_validate(keys)

    def save(self, path: str | Path) -> None:
        """Write the board as a TOML file with all that is not a default; `load` reads it back.

        Files that it names, of circuits, chips and data, are named by their way from there.

        Raises:
            OutputError: it cannot be written.
        """
        path = Path(path)
        check_folder(path)
        keys = self.model_dump(
            mode="json", exclude_defaults=True, by_alias=True, context=path.parent
        )
        write_text(path, toml.text(keys))

    def run(
        self,
        tasks: str | Sequence[str] = (),
        *,
        steps: int | None = None,
        seed: int = 0,
        engine: EngineName = "event",
        faults: str = "",
        waveform: bool = False,
        vcd: str | Path | None = None,
        fst: str | Path | None = None,
        probes: str | Sequence[str] = (),
        window: tuple[int, int] | None = None,
        out: str | Path | None = None,
        resume: bool = False,
        html: str | Path | None = None,
        progress: bool | None = None,
        on_step: OnStep | None = None,
    ) -> Run:
        """Train the board, as `logicsim run` does.

        Args:
            tasks: names, to be trained one after the other; all if none are given.
            steps: of each task; its own number if not given.
            seed: of all randomness, 0 to 2**64 - 1: the same seed gives the same run.
            engine: 'event', every chip at its true time, or 'vector', a step at once.
            faults: what is broken: 'stuck-at-0:edge3.a@101-200', several joined by ' + '.
            waveform: whether to keep the waveform in memory, as `Run.waveform`.
            vcd: a file for the waveform; a GTKWave view is written beside it.
            fst: the same as FST, a fifth of the size.
            probes: only these signals in the waveform, e.g. 'edge1.*'.
            window: only these steps in the waveform, first and last, counted over all tasks.
            out: a folder for `result.json`, `history.csv` and `history.png`.
            resume: go on from the checkpoint in `out`; the history is of the steps since.
            html: a file for a page: learning, network, a step's waveform.
            progress: a line with the time left; None is on a terminal and in a notebook only.
            on_step: called with every step's measurement; a fast engine makes many steps at once.

        Raises:
            ValueError: `steps` or `seed` is out of range.
            BoardError: there is no such task, or none at all.
            EngineError: the vector engine cannot compute the board; the message says why.
            FaultError: no such fault can be had.
            CheckpointError: there is no checkpoint of this run.
            TraceError: a probe matches no signal, or the window no step.
            OutputError: a file cannot be written; none is left half-written.
        """
        recording = Recording(
            waveform, _path(html), _path(vcd), _path(fst), _several(probes), window
        )
        return train(
            self, _several(tasks), steps, seed, engine, faults, recording, _path(out),
            resume=resume, progress=progress, on_step=on_step,
        )  # fmt: skip

    def timing(
        self,
        *,
        corner: Corner | None = None,
        rate: float | str | None = None,
        machines: int | None = None,
        temperature: tuple[float, float] = (0.0, 70.0),
        jitter: float | str = 0.0,
        seed: int = 0,
        progress: bool | None = None,
    ) -> Timing:
        """Analyse the board's timing, as `logicsim timing` does.

        Args:
            corner: which of the declared delays, 'min', 'typ' or 'max'; the board's own if None.
            rate: training steps a second to ask about, in Hz or as '20 kHz'; the board's if None.
            machines: how many to make of parts that spread, to see how many work how fast.
            temperature: where they run, lowest and highest, in degrees Celsius.
            jitter: their trigger's, rms, in seconds or as '100 us'.
            seed: of their parts.
            progress: a line with the time left; None is on a terminal and in a notebook only.

        Raises:
            BoardError: there is no such corner or rate.
            NetlistError: there is nothing to time.
            ValueError: there are no such conditions.
        """
        asked = {"parts.corner": corner, "clock.rate": rate}
        asked = {key: value for key, value in asked.items() if value is not None}
        board = self.with_settings(asked) if asked else self
        analysis = analyse(board)
        if machines is None:
            return Timing(analysis, None)
        conditions = Conditions(*temperature, quantity(jitter, "s"))
        with progress_line("machines", show=progress) as on_progress:
            return Timing(analysis, manufacture(board, machines, seed, conditions, on_progress))

    def faults(self, task: str | None = None) -> list[Listed]:
        """All single faults of the board, as `logicsim faults list` counts them.

        `fault.name` of each is what `run` takes.

        Args:
            task: what it is to learn, which makes some faults undetectable.

        Raises:
            BoardError: there is no such task.
        """
        return universe(self, None if task is None else self.task(task)[1])

    def export(
        self,
        to: Target,
        path: str | Path,
        *,
        task: str | None = None,
        steps: int | None = None,
        seed: int = 0,
        edge: int = 1,
    ) -> None:
        """Write the board, training a task, for another program, as `logicsim export` does.

        Args:
            to: 'spice', 'verilog', 'gtkw' or 'wavedrom'.
            path: the file.
            task: the board's first if not given.
            steps: how many of its steps.
            seed: as in `run`.
            edge: which one WaveDrom shows.

        Raises:
            BoardError: there is no such task or edge.
            LogicsimError: what the other program has not, like noise in SPICE.
            OutputError: the file cannot be written.
        """
        export(self, to, Path(path), task, steps, seed, edge)

    def show(self) -> None:
        """Print what is soldered, as `logicsim show` does: counts, parts, nets, clock, tasks.

        Raises:
            NetlistError: what is soldered cannot work.
        """
        print(*text.describe(self), sep="\n")  # noqa: T201  it is what it is for

    def draw(self, edge: int = 1) -> "Figure":
        """The network and the schematic of one edge (from 1), as `logicsim show --png` draws them.

        Raises:
            BoardError: there is no such edge.
        """
        from logicsim.figures.picture import board_figure  # noqa: PLC0415  matplotlib is slow to import

        check_edge(self, edge)
        return board_figure(self, edge)

    def __repr__(self) -> str:
        return f"<Board '{self.name}': {text.in_short(self)}>"

    def __str__(self) -> str:
        return text.plain(self)

    def __rich__(self) -> RenderableType:
        title = f"{self.name}: {text.in_short(self)}"
        return Group(text.line(title), text.line(self.title), text.tasks(self))

    def _repr_html_(self) -> str:
        return text.html(f"{self.name}: {text.in_short(self)}", self.title, text.tasks(self))


def load(board: str | Path, settings: Mapping[str, Any] | None = None) -> Board:
    """Read a board by shipped name or by path.

    Args:
        board: 'divider', 'my/board.toml', or what a generator makes: 'grid:30x30'.
        settings: key paths to values that replace the file's, as `--set` gives them:
            {'parts.comparator.noise': 0}; a file that one names is found from the current folder.

    Raises:
        BoardError: one line with file, key path, value and what would be valid.
    """
    found = boards_.load(board, settings)
    return Board.model_construct(
        found.model_fields_set, **{name: getattr(found, name) for name in Board.model_fields}
    )


def _without_numpy(data: Any) -> Any:
    """A board file's kinds of values, of what may hold numpy's."""
    if isinstance(data, np.ndarray | np.generic):
        return data.tolist()
    if isinstance(data, Mapping):
        return {_without_numpy(key): _without_numpy(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_without_numpy(each) for each in data]
    return data


def _path(path: str | Path | None) -> Path | None:
    return None if path is None else Path(path)


def _several(names: str | Sequence[str]) -> Sequence[str]:
    return [names] if isinstance(names, str) else names
