"""A batch of rows to their outcomes: what a worker does, wherever it is."""

from collections.abc import Iterator, Sequence

import numpy as np

from logicsim.board import Board
from logicsim.campaign.row import Outcome, Row, failed
from logicsim.errors import OutputError
from logicsim.faults import inject, parse_all
from logicsim.netlist import Netlist
from logicsim.run import Waveform, plan, run
from logicsim.supervisor import Step


def execute(board: Board, rows: Sequence[Row]) -> Iterator[Outcome]:
    """Run rows, in their order; whatever goes wrong in a run is its outcome."""
    for row in rows:
        yield outcome(board, row)


def outcome(board: Board, row: Row, waveform: Waveform | None = None) -> Outcome:
    """Run one row, and write its waveform if one is asked for.

    Raises:
        OutputError: the waveform cannot be written.
    """
    steps: list[Step] = []
    try:
        result = run(
            board, plan(board, [row.task], row.steps), seed=row.seed,
            netlist=_machine(board, row), waveform=waveform, on_step=steps.append,
        )  # fmt: skip
    except OutputError:
        raise
    except Exception as error:  # noqa: BLE001  a campaign outlives its runs
        reason = " ".join(str(error).split())
        return failed(row, f"{type(error).__name__}: {reason}", [step.error for step in steps])
    return Outcome(
        row.number,
        np.array([step.error for step in steps]),
        np.array([step.accuracy for step in steps if step.accuracy is not None]),
        result.codes_free,
        result.codes_clamped,
        {kind: count for kind, count in sorted(result.violations.items()) if count},
        result.opposed,
        result.events,
    )


def _machine(board: Board, row: Row) -> Netlist:
    netlist = board.netlist(row.seed)
    if not row.fault:
        return netlist
    return inject(netlist, parse_all(row.fault, board), board, row.seed)
