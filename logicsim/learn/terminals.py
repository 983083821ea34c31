"""The nodes of a board that an estimator uses, and the board that it makes by default."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from logicsim.board import Board
from logicsim.core.errors import BoardError
from logicsim.tasks.classification import Classification
from logicsim.tasks.regression import Regression

Floats = NDArray[np.float64]


class Terminals:
    """The nodes of a board that take features and rails, and those that are measured.

    Args:
        inputs: node to the index of its column, or to a fixed voltage (V).
        outputs: the nodes to measure.
    """

    def __init__(self, inputs: Mapping[int, int | float], outputs: Sequence[int]) -> None:
        self.nodes = tuple(inputs)
        self.outputs = tuple(outputs)
        self._sources = tuple(inputs.values())

    def volts(self, columns: Floats) -> Floats:
        """The voltages to hold, (cases, nodes) in volts, for columns of shape (cases, columns)."""
        held = [
            columns[:, source] if isinstance(source, int) else np.full(len(columns), source)
            for source in self._sources
        ]
        return np.column_stack(held)


def made_for(
    features: int, outputs: int, low: float = 0.0, high: float = 5.0
) -> tuple[Board, Terminals]:
    """Make a board with an edge from every feature, complement and rail to every output.

    Inputs are held and the network is linear, so hidden nodes would add edges but no functions.
    """
    held = 2 * features + 2
    reads = range(held + 1, held + outputs + 1)
    board = Board(
        name="estimator",
        title=f"{features} features and their complements, {outputs} outputs",
        network={
            "nodes": held + outputs,
            "edges": [(node, read) for read in reads for node in range(1, held + 1)],
        },
    )
    inputs: dict[int, int | float] = {node: node - 1 for node in range(1, held - 1)}
    return board, Terminals(inputs | {held - 1: float(low), held: float(high)}, reads)


def terminals_of(board: Board, name: str | None, features: int) -> Terminals:
    """The terminals of a board's own task; its variables, in order, are the features.

    Raises:
        BoardError: it has no such task, or the task does not have one variable, or two, for each
            feature.
    """
    kinds = (Regression, Classification)
    tasks = [board.task(name)[1]] if name is not None else board.tasks
    task = next((task for task in tasks if isinstance(task, kinds)), None)
    if task is None:
        raise BoardError(
            f"board '{board.name}' has no regression or classification task whose inputs and "
            "outputs to use; add one, or leave the board out"
        )
    names = list(dict.fromkeys(v for v in task.inputs.values() if isinstance(v, str)))
    if len(names) not in (features, 2 * features):
        raise BoardError(
            f"board '{board.name}', task '{task.name}': {len(names)} variables for {features} "
            "features; give one for each, or one for each and one for each complement"
        )
    places = {node: names.index(v) if isinstance(v, str) else v for node, v in task.inputs.items()}
    return Terminals(places, task.output_nodes)
