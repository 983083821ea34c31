"""The execution of a batch of rows, on any worker."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

import numpy as np

from logicsim.board import Board
from logicsim.campaign.file import Engine
from logicsim.campaign.row import Outcome, Row, failed
from logicsim.circuit.netlist import Netlist
from logicsim.core.errors import EngineError, LogicsimError, OutputError
from logicsim.faults import Fault, inject, parse_all
from logicsim.tasks.task_run import Floats, Steps
from logicsim.training.engines import check_vector
from logicsim.training.run import Waveform, plan, run
from logicsim.vector.alterations import read
from logicsim.vector.compiler import compiled
from logicsim.vector.lane import Lane
from logicsim.vector.lanes import train


def execute(board: Board, rows: Sequence[Row]) -> Iterator[Outcome]:
    """Run rows in order; an error in a run becomes its outcome."""
    found = _together(board, [row for row in rows if row.engine == "vector"])
    for row in rows:
        yield found[row.number] if row.number in found else outcome(board, row)


def batch_size(engine: Engine) -> int:
    """The number of rows to run at a time: many on the vector engine, as lanes, otherwise few."""
    return 1024 if engine == "vector" else 16


def _together(board: Board, rows: Sequence[Row]) -> Mapping[int, Outcome]:
    """Run, as lanes, the rows that the vector engine can run."""
    try:
        check_vector(board)
        machine = compiled(board)
    except EngineError:
        return {}
    groups: dict[tuple[str, int], list[tuple[Row, Lane]]] = {}
    sound = {seed: board.netlist(seed) for seed in {row.seed for row in rows}}
    faults: dict[str, Sequence[Fault]] = {}  # the same for every seed
    for row in rows:
        own = sound[row.seed]
        with suppress(LogicsimError):  # the event engine runs it, or reports the reason
            if row.fault not in faults:
                faults[row.fault] = _faults(board, row, own)
            netlist = inject(own, faults[row.fault], board, row.seed)
            lane = Lane(board, row.seed, read(netlist, machine, board, row.seed, own))
            groups.setdefault((row.task, row.steps), []).append((row, lane))
    found = {}
    for (task, steps), members in groups.items():
        number, _ = board.task(task)
        batch = train([lane for _, lane in members], [(number, steps)])
        for place, (row, _) in enumerate(members):
            codes, accuracies = batch.codes[place].tolist(), batch.accuracies[place]
            found[row.number] = Outcome(
                row.number, batch.errors[place], accuracies[~np.isnan(accuracies)],
                codes[0], codes[1], {},
                int(batch.opposed[place]), 0,
            )  # fmt: skip
    return found


def outcome(board: Board, row: Row, waveform: Waveform | None = None) -> Outcome:
    """Run one row, and write its waveform if `waveform` is given.

    Raises:
        OutputError: the waveform cannot be written.
    """
    blocks: list[Steps] = []
    try:
        sound = board.netlist(row.seed)
        netlist = inject(sound, _faults(board, row, sound), board, row.seed)
        result = run(
            board, plan(board, [row.task], row.steps), seed=row.seed,
            netlist=netlist, waveform=waveform, on_steps=blocks.append,
        )  # fmt: skip
    except OutputError:
        raise
    except Exception as error:  # noqa: BLE001  a campaign survives failing runs
        reason = " ".join(str(error).split())
        return failed(row, f"{type(error).__name__}: {reason}", _errors(blocks).tolist())
    return Outcome(
        row.number,
        _errors(blocks),
        np.hstack([[], *(each.accuracy for each in blocks if each.accuracy is not None)]),
        result.codes_free,
        result.codes_clamped,
        {kind: count for kind, count in sorted(result.violations.items()) if count},
        result.opposed,
        result.events,
    )


def _errors(blocks: Sequence[Steps]) -> Floats:
    return np.hstack([[], *(each.error for each in blocks)])


def _faults(board: Board, row: Row, sound: Netlist) -> Sequence[Fault]:
    return parse_all(row.fault, board, sound) if row.fault else ()
