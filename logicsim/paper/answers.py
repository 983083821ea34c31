"""What the free network answers to the whole test set, at every step of a training."""

from collections.abc import Iterator

from logicsim.board import Board
from logicsim.event.simulation import Simulation
from logicsim.paper.training import Floats
from logicsim.tasks.classification import Classification, ClassificationLesson
from logicsim.tasks.lesson import Step
from logicsim.tasks.regression import Regression, RegressionLesson
from logicsim.training.run import plan

Examined = tuple[Step, Floats]


def answered(
    board: Board,
    task: Regression | Classification,
    lesson: RegressionLesson | ClassificationLesson,
    seed: int,
) -> Iterator[Examined]:
    """Train a task; with each step, the free outputs (V) for the test set, a row an example.

    A run reports only how wrong they are, so the twin is asked again before it updates.

    Args:
        lesson: `task.lesson(seed)`; it is examined and marked as the run's own is.
    """
    simulation = Simulation(board, seed)
    outputs = [node - 1 for node in task.output_nodes]
    for step in simulation.train(plan(board, [task.name])):
        exam = lesson.exam(step.step)
        nodes = [node - 1 for node in exam.nodes]
        answers = simulation.twin.free.answers(nodes, exam.volts)[:, outputs]
        lesson.mark(step.step, step.outputs, answers)
        yield step, answers[-len(lesson.examples.test) :]
