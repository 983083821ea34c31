"""Fig. 5: damage. Every 100 steps the edge whose loss hurts most is cut, five times."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from logicsim.analog.islands import grounded
from logicsim.analog.network import Network
from logicsim.board import Board, load
from logicsim.figures.diagram import Ink, draw_diagram
from logicsim.figures.style import COLOURS
from logicsim.paper.axes import PAGE, letter
from logicsim.paper.claim import Claim, over_seeds
from logicsim.paper.study import SEEDS, Study
from logicsim.paper.training import PLATEAU, Floats, Training, resistances, train
from logicsim.tasks.allostery import Allostery

EVERY: Final = 100  # steps
CUTS: Final = 5
_INKS: Final = (COLOURS[0], COLOURS[1], COLOURS[2], COLOURS[6], COLOURS[4])


@dataclass(frozen=True, slots=True)
class Damage:
    """A training with the edges cut (from 1, in order), and one of the same seed without cuts.

    `losses` are the errors (V^2) that the loss of each single edge would cause after 100 steps.
    """

    cut: Sequence[int]
    damaged: Training
    whole: Training
    losses: Floats


def board_with(cut: Sequence[int], stages: int) -> Board:
    """The paper's two-output allostery, iii, for `stages` times 100 steps with cuts in between."""
    _, task = load("twin16").task("iii")
    table: dict[str, Any] = task.model_dump() | {
        "steps": EVERY * stages,
        "cut": {EVERY * place + 1: [edge] for place, edge in enumerate(cut, start=1)},
    }
    return load("twin16", {"tasks": [table]})


def experiment(seed: int) -> Damage:
    """Five times: train, find the most important remaining edge, and train again with it cut."""
    cut: list[int] = []
    losses = np.array([])
    for stage in range(1, CUTS + 1):
        board = board_with(cut, stage)
        codes = train(board, seed).codes[-1]
        if not cut:
            losses = np.array([error_without(board, codes, [edge]) for edge in _edges(board)])
        cut.append(most_important(board, codes, cut))
    damaged = train(board_with(cut, CUTS + 1), seed)
    return Damage(cut, damaged, train(board_with([], CUTS + 1), seed), losses)


def most_important(board: Board, codes: Sequence[int], cut: Sequence[int]) -> int:
    """The edge (from 1) whose removal raises the error most and leaves the task feasible.

    Args:
        codes: the codes of the trained free network, in edge order.
        cut: the edges cut before.
    """
    candidates = [e for e in _edges(board) if e not in cut and feasible(board, [*cut, e])]
    return max(candidates, key=lambda edge: error_without(board, codes, [*cut, edge]))


def _edges(board: Board) -> range:
    return range(1, len(board.network.edges) + 1)


def error_without(board: Board, codes: Sequence[int], cut: Collection[int]) -> float:
    """The error (V^2) of the board's first task at these codes with edges cut; NaN is infinite."""
    task = board.tasks[0]
    assert isinstance(task, Allostery)
    voltages = np.zeros(board.network.nodes)
    network = Network(len(voltages), [(a - 1, b - 1) for a, b in board.network.edges], voltages)
    for edge, ohms in enumerate(resistances(board, np.asarray(codes))):
        network.set(edge, 1 / float(ohms))
    for edge in cut:
        network.cut(edge - 1)
    network.hold({node - 1: volts for node, volts in task.inputs.items()})
    network.solve()
    error = sum((float(voltages[n - 1]) - want) ** 2 for n, want in task.outputs.items())
    return np.inf if np.isnan(error) else error


def feasible(board: Board, cut: Collection[int]) -> bool:
    """Whether every output still lies between two inputs, so that it can divide their voltages.

    That holds if no single other node, input or not, separates it from all inputs (Menger).
    """
    roles = board.tasks[0].nodes()
    edges = [ends for edge, ends in zip(_edges(board), board.network.edges, strict=True)
             if edge not in cut]  # fmt: skip
    return all(
        _reaches(board.network.nodes, [e for e in edges if gone not in e], output,
                 [node for node in roles["inputs"] if node != gone])
        for output in roles["outputs"]
        for gone in range(1, board.network.nodes + 1)
        if gone != output
    )  # fmt: skip


def _reaches(
    nodes: int, edges: Sequence[tuple[int, int]], start: int, ends: Collection[int]
) -> bool:
    pairs = np.array(edges, dtype=np.intp).reshape(-1, 2).T - 1
    return bool(grounded(nodes, pairs, [end - 1 for end in ends])[start - 1])


def claims(outcomes: Mapping[int, Damage]) -> list[Claim]:
    """The machine recovers each time, and many edges are hardly needed."""
    runs = outcomes.values()
    floors = [float(np.median(run.whole.errors[EVERY:])) for run in runs]
    ratios = np.array([_stages(run)[1:] / floor for run, floor in zip(runs, floors, strict=True)])
    first = [run.whole.errors[0] for run in runs]
    rows = [
        over_seeds("error before the next cut over the plateau of the uncut machine, worst of "
                   "five cuts", "recovers; < 10", ratios.max(axis=1).tolist(), at_most=10)
    ]  # fmt: skip
    rows += [
        over_seeds(f"the same after cut {cut}", "recovers; < 10", column.tolist(), at_most=10)
        for cut, column in enumerate(ratios.T, start=1)
    ]
    spikes = [max(run.damaged.errors[EVERY::EVERY]) / floor
              for run, floor in zip(runs, floors, strict=True)]  # fmt: skip
    mild = [100 * float((run.losses < 0.01 * start).mean())
            for run, start in zip(runs, first, strict=True)]  # fmt: skip
    return [
        *rows,
        over_seeds("largest spike over the plateau of the uncut machine", "spikes; > 10", spikes,
                   at_least=10),
        over_seeds("edges whose loss leaves the error 2 orders below the first (%)",
                   "a substantial fraction", mild),
    ]  # fmt: skip


def _stages(run: Damage) -> Floats:
    """The median error of the last 30 steps before each cut and before the end."""
    stages = run.damaged.errors.reshape(CUTS + 1, EVERY)
    medians: Floats = np.median(stages[:, -PLATEAU:], axis=1)
    return medians


def draw(outcomes: Mapping[int, Damage]) -> Figure:
    """Draw the resistances of the five edges until they are cut, and the error."""
    run = outcomes[min(outcomes)]
    board = board_with(run.cut, CUTS + 1)
    figure = Figure(figsize=(PAGE, 3.6), dpi=300, layout="constrained")
    grid = figure.add_gridspec(2, 2, width_ratios=(2.2, 1))
    ohms = figure.add_subplot(grid[0, 0])
    errors = figure.add_subplot(grid[1, 0], sharex=ohms)
    _draw_resistances(ohms, board, run)
    _draw_errors(errors, run, [o.damaged.errors for o in outcomes.values() if o is not run])
    for axes in (ohms, errors):
        for cut in range(1, CUTS + 1):
            axes.axvline(EVERY * cut + 1, color="0.8", linewidth=0.8, zorder=0)
    _draw_network(figure.add_subplot(grid[:, 1]), board, run.cut)
    letter(ohms, "A")
    letter(errors, "B")
    return figure


def _draw_resistances(axes: Axes, board: Board, run: Damage) -> None:
    ohms = resistances(board, run.damaged.codes) / 1e3
    for order, (edge, colour) in enumerate(zip(run.cut, _INKS, strict=True), start=1):
        end = EVERY * order
        axes.plot(np.arange(1, end + 1), ohms[:end, edge - 1], color=colour, linewidth=1.1)
        axes.plot([end], [ohms[end - 1, edge - 1]], "x", color=colour, markersize=6,
                  markeredgewidth=2, clip_on=False)  # fmt: skip
        axes.annotate(str(order), (end, ohms[end - 1, edge - 1]), (5, 2), color=colour,
                      textcoords="offset points", fontsize=8, fontweight="bold")  # fmt: skip
    axes.set_ylabel("resistance (kΩ)")
    axes.set_ylim(0, 105)
    axes.tick_params(labelbottom=False)


def _draw_errors(axes: Axes, run: Damage, others: Sequence[Floats]) -> None:
    steps = np.arange(1, len(run.damaged.errors) + 1)
    for place, other in enumerate(others):
        axes.semilogy(steps, other, color="0.85", linewidth=0.4,
                      label=None if place else "other seeds")  # fmt: skip
    axes.semilogy(steps, run.whole.errors, color=COLOURS[5], linewidth=0.6, label="uncut")
    axes.semilogy(steps, run.damaged.errors, color="black", linewidth=0.9, label="cut")
    axes.set_ylabel("squared error (V²)")
    axes.set_xlabel("training step")
    axes.set_xlim(0, len(steps))
    axes.set_ylim(1e-7, 200)
    axes.legend(loc="upper right", ncols=3)


def _draw_network(axes: Axes, board: Board, cut: Sequence[int]) -> None:
    task = board.tasks[0]
    assert isinstance(task, Allostery)
    ink = Ink(
        labels={n: f"{volts:g} V" for n, volts in {**task.inputs, **task.outputs}.items()},
        names={edge: str(order) for order, edge in enumerate(cut, start=1)},
        colours=dict(zip(cut, _INKS, strict=True)), size=0.75, points=9,
    )  # fmt: skip
    draw_diagram(axes, board.network, task.inputs, task.outputs, ink)
    axes.set_title("edges by order of removal")


STUDY: Final = Study("fig5", "Robust to damage: five edges cut", SEEDS, experiment, draw, claims)
