"""One run from board to files: train, stream waveform and history, summarise."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from itertools import chain, repeat
from pathlib import Path
from typing import IO, Final

from logicsim.board import Board
from logicsim.circuit.netlist import Netlist
from logicsim.core.errors import EngineError, TraceError
from logicsim.core.files import make_folder, streamed, write_text
from logicsim.core.units import seconds
from logicsim.event.recorder import OpenWriter, Recorder, Tee
from logicsim.event.simulation import Simulation
from logicsim.tasks import AnyTask
from logicsim.tasks.lesson import Step
from logicsim.tasks.result import HistoryWriter, Result, TaskSummary, keep_rows
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
    """A waveform to write: to which files, which signals (all if none) and steps (all if None).

    `also` opens one more writer, which need not be a file.
    """

    vcd: Path | None = None
    probes: Sequence[str] = ()
    window: tuple[int, int] | None = None
    fst: Path | None = None
    also: OpenWriter | None = None


Plan = list[tuple[int, AnyTask, int]]
OnStep = Callable[[Step], None]

_HISTORY: Final = "history.csv"


def plan(board: Board, names: Sequence[str] = (), steps: int | None = None) -> Plan:
    """Which tasks to train, for how many steps each: all of the board's, in order, by default.

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
    on_step: OnStep | None = None,
) -> Result:
    """Train a board.

    Args:
        tasks: from `plan`; all tasks of the board if not given.
        netlist: what is soldered, if not what the board asks for.
        engine: 'event', or 'vector' where timing is met.
        waveform: files to write, with a GTKWave view beside each. Of a run on the vector engine
            the event engine plays the window again, with the edges that the probes look at.
        out: a folder for `history.csv`, `history.png` and `result.json`; the vector engine keeps
            a checkpoint there too.
        resume: go on from the checkpoint in `out`.
        on_step: called with every step's measurement.

    Raises:
        EngineError: the vector engine cannot compute the board, or not record a netlist of it, or
            the event engine is to resume.
        CheckpointError: there is no checkpoint of this run.
        TraceError: a probe matches no signal, or the window no step.
        OutputError: a file cannot be written; none is left half-written.
    """
    tasks = plan(board) if tasks is None else tasks
    _check(engine, out, resume=resume, rewired=waveform is not None and netlist is not None)
    machine = power_up(board, seed, engine, netlist)
    summaries = [TaskSummary(task) for _, task, _ in tasks]
    owners = chain.from_iterable(
        repeat(summary, steps) for summary, (_, _, steps) in zip(summaries, tasks, strict=True)
    )
    with ExitStack() as files:
        recording = keeper = None
        if waveform is not None:
            _check_window(waveform, sum(steps for _, _, steps in tasks))
            recording = _record(machine, tasks, waveform, out, files)
        if out is not None and isinstance(machine, Machine):
            keeper = _keep(machine, tasks, out, owners, resume=resume)
        if isinstance(recording, Replay):
            recording.begin()
        history = _history(board, tasks, out, files, goes_on=resume) if out is not None else None
        behind = sum(summary.steps for summary in summaries)
        begun = time.perf_counter()
        try:
            for step, owner in zip(machine.train(tasks), owners, strict=True):
                owner.add(step.error, step.accuracy)
                if history is not None:
                    history.add(step)
                if on_step is not None:
                    on_step(step)
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
    """Refuse what the engine has not; `rewired`: to record a netlist that is not the board's."""
    if rewired and engine == "vector":
        raise EngineError(
            "the vector engine has no waveform of a board with faults; use the event engine "
            "(--engine event)"
        )
    if resume and (engine != "vector" or out is None):
        raise EngineError("only the vector engine has checkpoints, in its --out folder")


def _keep(
    machine: Machine, tasks: Plan, out: Path, owners: Iterator[TaskSummary], *, resume: bool
) -> Keeper:
    """Begin to keep checkpoints; if it resumes, count what the history has of the steps behind."""
    make_folder(out)
    keeper = Keeper(machine, out, identity(machine, tasks), resume=resume)
    if resume:
        for error, accuracy in keep_rows(out / _HISTORY, machine.steps):
            next(owners).add(error, accuracy)
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
    # Files are opened before the run, so that a wrong path is known at once, but only after the
    # probes are known to be right, so that a wrong probe empties no file.
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
        make_folder(out)  # where the waveform may be going too
    if waveform.vcd is not None:
        texts.append(files.enter_context(streamed(waveform.vcd)))
    if waveform.fst is not None:
        files.enter_context(fst_file(waveform.fst))
    return recording


def _history(
    board: Board, tasks: Plan, out: Path, files: ExitStack, *, goes_on: bool
) -> HistoryWriter:
    make_folder(out)
    # A line at a time: a killed run keeps every step that was finished.
    file = files.enter_context(streamed(out / _HISTORY, line_buffering=True, goes_on=goes_on))
    edges = len(board.network.edges)
    return HistoryWriter(file, [task for _, task, _ in tasks], edges, headed=goes_on)


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
        tasks=summaries,
        outputs_free=machine.measure(nodes),
        codes_free=free,
        codes_clamped=clamped,
        violations=tally.violations,
        violation_list=tally.violation_list,
        opposed=tally.opposed,
        events=tally.events,
        simulated_s=seconds(tally.now),
        wall_s=wall,
        behind=behind,
    )


def _write_views(board: Board, waveform: Waveform, recorder: Recorder) -> None:
    """A GTKWave view beside each waveform; if both would have one name, of the VCD."""
    views = {path.with_suffix(".gtkw"): path for path in (waveform.fst, waveform.vcd) if path}
    for view, path in views.items():
        if view != path and path.is_file():  # a waveform into a pipe has nothing beside it
            text = gtkw(path.name, board.name, recorder.signals, recorder.first_falls)
            write_text(view, text)


def _draw(board: Board, tasks: Plan, out: Path) -> None:
    from logicsim.figures.picture import draw_history  # noqa: PLC0415  matplotlib takes half a second

    draw_history(board, [task for _, task, _ in tasks], out / _HISTORY, out / "history.png")
