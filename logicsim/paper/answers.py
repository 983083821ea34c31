"""The free network's answers to the whole test set, at every step of a training."""

from collections.abc import Iterator

from logicsim.board import Board
from logicsim.event.simulation import Simulation
from logicsim.paper.training import Floats
from logicsim.tasks.classification import Classification, ClassificationRun
from logicsim.tasks.regression import Regression, RegressionRun
from logicsim.tasks.task_run import Step
from logicsim.training.run import plan

Examined = tuple[Step, Floats]


def answered(
    board: Board,
    task: Regression | Classification,
    task_run: RegressionRun | ClassificationRun,
    seed: int,
) -> Iterator[Examined]:
    """Train a task and yield, with each step, the free outputs (V) for the test set, a row each.

    A run reports only their error, so this asks the twin again before its update.

    Args:
        task_run: `task.task_run(seed)`; it is evaluated and scored like the run's own.
    """
    simulation = Simulation(board, seed)
    outputs = [node - 1 for node in task.output_nodes]
    for (step,) in simulation.train(plan(board, [task.name])):
        evaluation = task_run.evaluation(step.step)
        nodes = [node - 1 for node in evaluation.nodes]
        answers = simulation.twin.free.answers(nodes, evaluation.volts)[:, outputs]
        task_run.score(step.step, step.outputs, answers)
        yield step, answers[-len(task_run.examples.test) :]
