"""Pictures: the history of a run, and the network of a board."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, to_hex
from matplotlib.figure import Figure
from matplotlib.ticker import FormatStrFormatter, LogLocator, NullLocator
from numpy.typing import NDArray

from logicsim.board import Board
from logicsim.circuit.netlist import Netlist
from logicsim.core.rule import clamp
from logicsim.figures.diagram import Ink, draw_diagram
from logicsim.figures.style import COLOURS, Picture, plain, save, styled
from logicsim.parts.digipot import Digipot
from logicsim.tasks import AnyTask
from logicsim.tasks.allostery import Allostery
from logicsim.tasks.result import HistoryTable, read_history

Floats = NDArray[np.float64]

_MOST_LEGEND: Final = 7
_MOST_NUMBERED: Final = 100  # edges
_NETWORK: Final = 4.2  # inches


def draw_history(board: Board, tasks: Sequence[AnyTask], history: Path, path: Path) -> None:
    """Draw a `history.csv`, as `history_figure` has it.

    Raises:
        OutputError: `path` cannot be written.
    """
    with history.open(encoding="utf-8") as file:
        rows = sum(1 for _ in file) - 1
        file.seek(0)
        table = read_history(file, rows)
    kept = len(table.tasks)
    steps: Floats = np.linspace(1, max(rows, 1), max(kept, 1))[:kept]
    save(history_figure(board, tasks, table, steps), path)


def history_figure(
    board: Board, tasks: Sequence[AnyTask], table: HistoryTable, steps: Floats
) -> Figure:
    """Error, outputs and resistances against the training step.

    For two edges in a row with the output between them, a voltage divider, it is the paper's
    Fig. 2B and C: their ratio and the one that gives the desired voltage are drawn too.

    Args:
        steps: of each row of the table, counted over all tasks.
    """
    with styled():
        figure = Picture(figsize=(7.2, 7.0), dpi=150, layout="constrained")
        errors, outputs, resistances = figure.subplots(3, 1, sharex=True)
        figure.suptitle(plain(board.title or board.name, 90), fontsize=10)
        _draw_error(errors, steps, table)
        _draw_outputs(outputs, steps, table, tasks)
        _draw_resistances(resistances, steps, table, board, tasks)
        _name_tasks(errors, (outputs, resistances), steps, table)
        resistances.set_xlabel("training step")
    return figure


def _column(table: HistoryTable, name: str) -> Floats:
    return np.array(table.columns[name], dtype=np.float64)


def _draw_error(axes: Axes, steps: Floats, table: HistoryTable) -> None:
    error = _column(table, "error")
    axes.set_ylabel("error (V²)")
    if np.nanmax(error, initial=0.0) > 0:
        axes.semilogy(steps, error, color="black", linewidth=0.9)
    else:
        _leave_empty(axes, "no error is defined")


def _leave_empty(axes: Axes, reason: str) -> None:
    axes.set_yticks([])
    axes.text(0.5, 0.5, reason, transform=axes.transAxes, ha="center")


def _draw_outputs(axes: Axes, steps: Floats, table: HistoryTable, tasks: Sequence[AnyTask]) -> None:
    """Fig. 2B: the free outputs follow the clamped ones to the desired voltages."""
    axes.set_ylabel("output (V)")
    nodes = [name for name in table.columns if name.startswith("output_")]
    names = np.array(table.tasks)
    for place, column in enumerate(nodes):
        node = int(column.removeprefix("output_"))
        colour = COLOURS[place % len(COLOURS)]
        free = _column(table, column)
        label = f"free, node {node}" if place < _MOST_LEGEND else None
        for task in tasks:
            if not isinstance(task, Allostery) or node not in task.outputs:
                continue
            here = np.flatnonzero(names == task.name)
            desired = task.outputs[node]
            clamped = [clamp(desired, volts, task.nudge) for volts in free[here]]
            axes.plot(steps[here], clamped, color="black", linewidth=0.9)
            axes.plot(steps[here], np.full(len(here), desired), "--", color="0.6", linewidth=0.9)
        axes.plot(steps, free, color=colour, linewidth=1.2, label=label)
    if nodes:
        axes.plot([], [], color="black", linewidth=0.9, label="clamped")
        axes.plot([], [], "--", color="0.6", linewidth=0.9, label="desired")
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    else:
        _leave_empty(axes, "no outputs")


def _draw_resistances(
    axes: Axes, steps: Floats, table: HistoryTable, board: Board, tasks: Sequence[AnyTask]
) -> None:
    """Fig. 2C: the resistances of the free network's edges, nominal."""
    axes.set_ylabel("resistance (kΩ)")
    taper = nominal(board)
    edges = [name for name in table.columns if name.startswith("free_")]
    curves = [taper[_column(table, name).astype(int)] / 1e3 for name in edges]
    greys = np.linspace(0.15, 0.7, len(edges))
    for number, (curve, grey) in enumerate(zip(curves, greys, strict=True), start=1):
        label = f"edge {number}" if len(edges) <= _MOST_LEGEND else None
        axes.plot(steps, curve, color=str(grey), linewidth=1.0, label=label)
    wanted = _divider_ratio(board, tasks)
    if wanted is not None:
        ratio = axes.twinx()
        ratio.spines["right"].set_visible(True)
        ratio.set_ylabel("ratio $R_1/R_2$", color=COLOURS[0])
        ratio.set_yscale("log")
        ratio.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        ratio.yaxis.set_major_formatter(FormatStrFormatter("%g"))
        ratio.yaxis.set_minor_locator(NullLocator())
        ratio.plot(steps, curves[0] / curves[1], color=COLOURS[0], linewidth=1.2)
        names = np.array(table.tasks)
        for name, target in wanted.items():
            here = steps[names == name]
            ratio.plot(here, np.full(len(here), target), "--", color=COLOURS[5], linewidth=1.0)
        axes.plot([], [], color=COLOURS[0], label="ratio")
        axes.plot([], [], "--", color=COLOURS[5], label="ratio wanted")
    if len(edges) <= _MOST_LEGEND:
        axes.legend(loc="upper left", bbox_to_anchor=(1.14 if wanted else 1.0, 1.0))


def nominal(board: Board) -> Floats:
    """The free network's resistance (ohm) at every code, of an edge without spread."""
    pot = board.cells[0].potentiometer("free").chip
    assert isinstance(pot, Digipot)
    ideal = pot.model_copy(update={"inl": 0.0, "dnl": 0.0})
    return ideal.resistances(pot.end_to_end, 0, 0)


def _divider_ratio(board: Board, tasks: Sequence[AnyTask]) -> dict[str, float] | None:
    """For a voltage divider, the ratio R1/R2 that each task wants; otherwise None."""
    if len(board.network.edges) != 2:
        return None
    wanted = {}
    for task in tasks:
        if not isinstance(task, Allostery) or len(task.outputs) != 1:
            return None
        ((node, desired),) = task.outputs.items()
        far = [[end for end in edge if end != node] for edge in board.network.edges]
        if [len(ends) for ends in far] != [1, 1]:
            return None
        volts = [task.inputs.get(ends[0], math.nan) for ends in far]
        if not desired - volts[1]:
            return None
        wanted[task.name] = (volts[0] - desired) / (desired - volts[1])
    return wanted or None


def _name_tasks(top: Axes, others: Sequence[Axes], steps: Floats, table: HistoryTable) -> None:
    if not table.tasks:
        return
    starts = [i for i, name in enumerate(table.tasks) if i == 0 or name != table.tasks[i - 1]]
    for start, end in zip(starts, [*starts[1:], len(table.tasks)], strict=True):
        middle = (steps[start] + steps[end - 1]) / 2
        top.text(middle, 1.03, plain(table.tasks[start], 24), ha="center", fontsize=8,
                 transform=top.get_xaxis_transform())  # fmt: skip
        for axes in (top, *others) if start else ():
            axes.axvline(steps[start] - 0.5, color="0.85", linewidth=0.8, zorder=0)


def draw_board(board: Board, path: Path, edge: int = 1) -> None:
    """Draw the network, and the schematic of the breadboard of one edge, as `board_figure` has it.

    Raises:
        OutputError: `path` cannot be written.
    """
    save(board_figure(board, edge), path)


def board_figure(board: Board, edge: int = 1) -> Figure:
    """The network, and the schematic of the breadboard of one edge (from 1).

    The first task's inputs and outputs are coloured, and the edges by their resistance at
    power-up where it differs.
    """
    from logicsim.figures.schematic import Schematic  # noqa: PLC0415  schemdraw takes its time

    netlist = board.netlist()
    drawn = Schematic(netlist, edge)
    width, height = drawn.size
    with styled():
        size = (_NETWORK + width + 0.3, max(height + 0.6, _NETWORK))
        figure = Picture(figsize=size, dpi=150, layout="constrained")
        network, schematic = figure.subplots(1, 2, width_ratios=(_NETWORK, width))
        figure.suptitle(plain(board.title or board.name, 120), fontsize=11)
        _draw_network(network, board, netlist, edge)
        drawn.draw(schematic)
        schematic.set_title(f"the breadboard of edge {edge}")
    return figure


def _draw_network(axes: Axes, board: Board, netlist: Netlist, edge: int) -> None:
    task = board.tasks[0] if board.tasks else None
    roles = task.nodes() if task is not None else {}
    inputs, outputs = (tuple(roles.get(role, ())) for role in ("inputs", "outputs"))
    volts = {**task.inputs, **task.outputs} if isinstance(task, Allostery) else {}
    edges = len(board.network.edges)
    legible = edges <= _MOST_NUMBERED
    names = {number: str(number) for number in range(1, edges + 1)} | {edge: f"edge {edge}"}
    ink = Ink(
        labels={node: f"{voltage:.4g} V" for node, voltage in volts.items()},
        names=names if legible else {},
        colours=_by_resistance(axes, netlist),
        letters="0.25",
        numbers=legible,
        size=1.0 if legible else max((_MOST_NUMBERED / edges) ** 0.5, 0.1),
    )
    draw_diagram(axes, board.network, inputs, outputs, ink)
    told = "the network, twice"
    if task is not None and (inputs or outputs):
        told = f"task {plain(task.name, 24)}: inputs filled, outputs outlined"
    axes.set_title(told, pad=14)  # a voltage may stand above the topmost node


def _by_resistance(axes: Axes, netlist: Netlist) -> dict[int, str] | None:
    """A colour for each edge, with a scale, where the free network's resistances differ."""
    ohms = np.array(
        [
            part.chip.resistances(part.values["end_to_end"], 0, int(part.values["piece"]))[
                int(part.values["initial"])
            ]
            for part in netlist.parts
            if isinstance(part.chip, Digipot)
            for pin, role in part.chip.pins.items()
            if role == "branch" and netlist.branch(part.pins[pin][0]).side == "free"
        ]
    )
    if np.ptp(ohms) < 1:
        return None
    scale = ScalarMappable(Normalize(ohms.min() / 1e3, ohms.max() / 1e3), "cividis_r")
    axes.figure.colorbar(scale, ax=axes, shrink=0.5, label="resistance (kΩ)", location="left")
    return {edge: to_hex(tuple(scale.to_rgba(ohm / 1e3))) for edge, ohm in enumerate(ohms, start=1)}
