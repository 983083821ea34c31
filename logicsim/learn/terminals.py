"""Which nodes of a board an estimator uses; and the board it makes where none is given."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from logicsim.board import Board
from logicsim.core.errors import BoardError
from logicsim.tasks.classification import Classification
from logicsim.tasks.regression import Regression

Floats = NDArray[np.float64]


class Terminals:
    """Which nodes of a board take features and rails, and which are read.

    Args:
        inputs: node to the place of its column, or to a fixed voltage (V).
        outputs: the nodes to measure.
    """

    def __init__(self, inputs: Mapping[int, int | float], outputs: Sequence[int]) -> None:
        self.nodes = tuple(inputs)
        self.outputs = tuple(outputs)
        self._sources = tuple(inputs.values())

    def volts(self, columns: Floats) -> Floats:
        """What to hold, (cases, nodes) in volts, for the columns of so many cases."""
        held = [
            columns[:, source] if isinstance(source, int) else np.full(len(columns), source)
            for source in self._sources
        ]
        return np.column_stack(held)


def made_for(
    features: int, outputs: int, low: float = 0.0, high: float = 5.0
) -> tuple[Board, Terminals]:
    """A board with an edge from every feature, complement and rail to every output.

    Inputs are held, so a layer of nodes between would add edges but no function to learn.
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
        BoardError: it has no such task, or not a variable for each feature, or two for each.
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
            "features; give one for each, or then as many again for the complements"
        )
    places = {node: names.index(v) if isinstance(v, str) else v for node, v in task.inputs.items()}
    return Terminals(places, task.output_nodes)
