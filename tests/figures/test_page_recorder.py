from logicsim.figures.page.recorder import PageRecorder
from logicsim.tasks.task_run import Step
from tests.blocks import block


def test_steps_are_thinned_evenly_from_the_first_and_the_last_is_kept() -> None:
    kept = PageRecorder(most=8)
    for number in range(1, 41):
        kept.add(block(Step("t", number, number * 0.25, 1.0, None, {}, (), ())))
    numbers = [number for number, _ in kept.steps]
    assert numbers == [1, 9, 17, 25, 33, 40]
    assert all(step.step == number for number, step in kept.steps)


def test_a_short_run_is_kept_whole() -> None:
    kept = PageRecorder(most=8)
    for number in range(1, 9):
        kept.add(block(Step("t", number, 0.0, 1.0, None, {}, (), ())))
    assert [number for number, _ in kept.steps] == list(range(1, 9))
