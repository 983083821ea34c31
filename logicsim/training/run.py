"""One run from a board to files: training, waveform, history, and summary."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, Final

import numpy as np

from logicsim.board import Board
from logicsim.circuit.netlist import Netlist
from logicsim.core.errors import EngineError, TraceError
from logicsim.core.files import make_folder, streamed, write_text
from logicsim.core.units import seconds
from logicsim.event.recorder import OpenWriter, Recorder, Tee
from logicsim.event.simulation import Simulation
from logicsim.tasks import AnyTask
from logicsim.tasks.result import HistoryWriter, Result, TaskSummary, keep_rows
from logicsim.tasks.task_run import Steps
from logicsim.training.engines import Engine, EngineName, power_up
from logicsim.training.replay import Replay
from logicsim.vector.checkpoint import Keeper, identity
from logicsim.vector.machine import Machine
from logicsim.waveforms.fst import FstWriter, fst_file
from logicsim.waveforms.gtkw import gtkw
from logicsim.waveforms.trace import Given, Signal, Writer
from logicsim.waveforms.vcd import VcdWriter


@dataclass(frozen=True, slots=True)
class Waveform:
    """A waveform to write: files, probes (none means all signals) and window (None: all steps).

    `also` opens one more writer, such as one in memory.
    """

    vcd: Path | None = None
    probes: Sequence[str] = ()
    window: tuple[int, int] | None = None
    fst: Path | None = None
    also: OpenWriter | None = None


Plan = list[tuple[int, AnyTask, int]]
OnSteps = Callable[[Steps], None]

_HISTORY: Final = "history.csv"


def plan(board: Board, names: Sequence[str] = (), steps: int | None = None) -> Plan:
    """The tasks to train with their steps; by default all of the board's, in order.

    Raises:
        BoardError: a name is not a task of the board.
    """
    chosen = [board.task(name) for name in names] or list(enumerate(board.tasks, start=1))
    return [(number, task, steps or task.steps) for number, task in chosen]


def run(
    board: Board,
    tasks: Plan | None = None,
    *,
    seed: int = 0,
    netlist: Netlist | None = None,
    engine: EngineName = "event",
    waveform: Waveform | None = None,
    out: Path | None = None,
    resume: bool = False,
    on_steps: OnSteps | None = None,
) -> Result:
    """Train a board.

    Args:
        tasks: the result of `plan`; all tasks of the board if not given.
        netlist: another netlist than the board's own.
        engine: 'event', or 'vector' where timing is met.
        waveform: files to write, with a GTKWave view beside each. For a run on the vector engine,
            the event engine replays the window with the probed edges.
        out: a folder for `history.csv`, `history.png` and `result.json`, and for the checkpoint of
            the vector engine.
        resume: continue from the checkpoint in `out`.
        on_steps: called with the measurements of every step, in blocks.

    Raises:
        EngineError: the vector engine cannot compute the board or record another netlist, or the
            event engine cannot resume.
        CheckpointError: there is no checkpoint of this run.
        TraceError: a probe matches no signal, or the window contains no step.
        OutputError: a file cannot be written; none is left half-written.
    """
    tasks = plan(board) if tasks is None else tasks
    _check(engine, out, resume=resume, rewired=waveform is not None and netlist is not None)
    machine = power_up(board, seed, engine, netlist)
    summaries = [TaskSummary(task) for _, task, _ in tasks]
    with ExitStack() as files:
        recording = keeper = None
        if waveform is not None:
            _check_window(waveform, sum(steps for _, _, steps in tasks))
            recording = _record(machine, tasks, waveform, out, files)
        if out is not None and isinstance(machine, Machine):
            keeper = _keep(machine, tasks, out, summaries, resume=resume)
        if isinstance(recording, Replay):
            recording.begin()
        history = _history(board, tasks, out, files, goes_on=resume) if out is not None else None
        behind = sum(summary.steps for summary in summaries)
        begun = time.perf_counter()
        try:
            for steps in machine.train(tasks):
                _current(summaries, tasks).add(steps.error, steps.accuracy)
                if history is not None:
                    history.add(steps)
                if on_steps is not None:
                    on_steps(steps)
        finally:
            if recording is not None:
                recording.close()
        wall = time.perf_counter() - begun
    if keeper is not None:
        keeper.save()
    result = _result(machine, (board.name, engine, seed), summaries, wall, behind)
    _write(result, board, tasks, out)
    if waveform is not None and recording is not None and recording.recorder is not None:
        _write_views(board, waveform, recording.recorder)
    return result


def _check(engine: EngineName, out: Path | None, *, resume: bool, rewired: bool) -> None:
    """Refuse options that the engine lacks; `rewired` means recording another netlist."""
    if rewired and engine == "vector":
        raise EngineError(
            "the vector engine has no waveform of a board with faults; use the event engine "
            "(--engine event)"
        )
    if resume and (engine != "vector" or out is None):
        raise EngineError("only the vector engine has checkpoints, in its --out folder")


def _current(summaries: Sequence[TaskSummary], tasks: Plan) -> TaskSummary:
    """The summary of the task in training, the first that lacks steps."""
    return next(s for s, (_, _, steps) in zip(summaries, tasks, strict=True) if s.steps < steps)


def _keep(
    machine: Machine, tasks: Plan, out: Path, summaries: Sequence[TaskSummary], *, resume: bool
) -> Keeper:
    """Start writing checkpoints; when resuming, count the steps that the history has already."""
    make_folder(out)
    keeper = Keeper(machine, out, identity(machine, tasks), resume=resume)
    if resume:
        errors, accuracies = keep_rows(out / _HISTORY, machine.steps)
        ends = np.cumsum([steps for _, _, steps in tasks])[:-1]
        for summary, error, accuracy in zip(
            summaries, np.split(errors, ends), np.split(accuracies, ends), strict=True
        ):
            if len(error):
                summary.add(error, None if np.isnan(accuracy).all() else accuracy)
    return keeper


def _write(result: Result, board: Board, tasks: Plan, out: Path | None) -> None:
    if out is not None:
        write_text(out / "result.json", json.dumps(result.as_json(), indent=2) + "\n")
        _draw(board, tasks, out)


def _check_window(waveform: Waveform, steps: int) -> None:
    if waveform.window is not None and waveform.window[0] > steps:
        first, last = waveform.window
        raise TraceError(f"window {first}:{last} begins after the last step, {steps}")


def _record(
    machine: Engine, tasks: Plan, waveform: Waveform, out: Path | None, files: ExitStack
) -> Simulation | Replay:
    # Files are opened before the run, so that a wrong path fails at once, but after the probes
    # are checked, so that a wrong probe overwrites no file.
    assert isinstance(machine, Simulation | Machine)
    board = machine.board.name
    texts: list[IO[str]] = []

    def open_writer(signals: Sequence[Signal], values: Sequence[Given], now: int) -> Writer:
        writers: list[Writer] = [VcdWriter(text, board, signals, values, now) for text in texts]
        if waveform.fst is not None:
            writers.append(FstWriter(waveform.fst, board, signals, values, now))
        if waveform.also is not None:
            writers.append(waveform.also(signals, values, now))
        return writers[0] if len(writers) == 1 else Tee(writers)

    recording: Simulation | Replay
    if isinstance(machine, Machine):
        recording = Replay(machine, tasks, open_writer, waveform.probes, waveform.window)
    else:
        machine.record(open_writer, waveform.probes, waveform.window)
        recording = machine
    if out is not None:
        make_folder(out)  # the waveform may be in it, too
    if waveform.vcd is not None:
        texts.append(files.enter_context(streamed(waveform.vcd)))
    if waveform.fst is not None:
        files.enter_context(fst_file(waveform.fst))
    return recording


def _history(
    board: Board, tasks: Plan, out: Path, files: ExitStack, *, goes_on: bool
) -> HistoryWriter:
    make_folder(out)
    # Every write is flushed, so that a killed run keeps every finished block.
    file = files.enter_context(streamed(out / _HISTORY, line_buffering=True, goes_on=goes_on))
    trained, edges = [task for _, task, _ in tasks], len(board.network.edges)
    return HistoryWriter(file, trained, edges, board.positions, headed=goes_on)


def _result(
    machine: Engine, what: tuple[str, EngineName, int], summaries: list[TaskSummary], wall: float,
    behind: int,
) -> Result:  # fmt: skip
    board, engine, seed = what
    free, clamped = machine.codes()
    tally = machine.tally()
    nodes = summaries[-1].task.output_nodes if summaries else ()
    return Result(
        version=version("logicsim"),
        board=board,
        engine=engine,
        seed=seed,
        solver=machine.solver,
        tasks=summaries,
        outputs_free=machine.measure(nodes),
        codes_free=free,
        codes_clamped=clamped,
        violations=tally.violations,
        violation_list=tally.violation_list,
        missed_on=tally.missed_on,
        opposed=tally.opposed,
        events=tally.events,
        simulated_s=seconds(tally.now),
        wall_s=wall,
        behind=behind,
    )


def _write_views(board: Board, waveform: Waveform, recorder: Recorder) -> None:
    """Write a GTKWave view beside each waveform; if two names are equal, that of the VCD."""
    views = {path.with_suffix(".gtkw"): path for path in (waveform.fst, waveform.vcd) if path}
    for view, path in views.items():
        if view != path and path.is_file():  # a pipe gets no view
            names = [signal.name for signal in recorder.signals]
            text = gtkw(path.name, board.name, names, recorder.layout, recorder.marks)
            write_text(view, text)


def _draw(board: Board, tasks: Plan, out: Path) -> None:
    from logicsim.figures.picture import draw_history  # noqa: PLC0415  matplotlib takes half a second

    draw_history(board, [task for _, task, _ in tasks], out / _HISTORY, out / "history.png")
