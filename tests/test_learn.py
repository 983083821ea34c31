"""The estimators: scikit-learn's own checks, and the accuracy of trained boards."""

import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris, make_regression
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import logicsim
from logicsim.core.errors import BoardError
from logicsim.event.simulation import Simulation
from logicsim.learn import BoardClassifier, BoardRegressor
from logicsim.learn.terminals import made_for

FLOWERS, SPECIES = load_iris(return_X_y=True)
SIGNED = np.random.default_rng(1).uniform(-1, 1, (80, 2))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks([BoardClassifier(epochs=2), BoardRegressor(epochs=2)])
def test_scikit_learn_is_content(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks([BoardClassifier(), BoardRegressor()])
def test_scikit_learn_is_content_with_all_epochs(estimator: Any, check: Any) -> None:
    check(estimator)


def test_a_weight_of_either_sign_is_learned() -> None:
    """No resistor subtracts; the complement of a feature does."""
    wanted = 2 * SIGNED[:, 0] - 3 * SIGNED[:, 1] + 7
    model = BoardRegressor(epochs=20).fit(SIGNED, wanted)
    assert model.score(SIGNED, wanted) > 0.95
    corners = model.predict([[-0.9, 0], [0.9, 0], [0, -0.9], [0, 0.9]])
    assert corners[1] - corners[0] > 2
    assert corners[3] - corners[2] < -3


def test_the_answer_is_linear_in_the_features() -> None:
    model = BoardRegressor(epochs=5).fit(SIGNED, SIGNED @ [1, 1])
    a, b = SIGNED[:10] / 2, SIGNED[10:20] / 2
    middle = model.predict((a + b) / 2)
    assert middle == pytest.approx((model.predict(a) + model.predict(b)) / 2, abs=1e-9)


def test_regression_comes_near_least_squares() -> None:
    patients, progress = load_diabetes(return_X_y=True)
    best = LinearRegression().fit(patients, progress).score(patients, progress)
    assert BoardRegressor().fit(patients, progress).score(patients, progress) > best - 0.15


def test_several_outputs_are_learned_at_once() -> None:
    model = BoardRegressor(epochs=20).fit(SIGNED, SIGNED[:, ::-1])
    assert model.predict(SIGNED).shape == (80, 2)
    assert model.score(SIGNED, SIGNED[:, ::-1]) > 0.9


def test_the_iris_are_told_apart_by_a_board_made_for_them_and_by_the_papers() -> None:
    x, x_test, y, y_test = train_test_split(FLOWERS, SPECIES, random_state=0)
    assert BoardClassifier(epochs=5).fit(x, y).score(x_test, y_test) > 0.9
    petals_first = [2, 3, 0, 1]  # as the board's task has them
    paper = BoardClassifier("twin16", nudge=0.1, epochs=5).fit(x[:, petals_first], y)
    assert paper.score(x_test[:, petals_first], y_test) > 0.9


def test_the_prediction_is_what_the_powered_board_measures() -> None:
    """The free network's answers are those of a simulation whose inputs are held there."""
    board, terminals = made_for(2, 1)
    model = BoardRegressor(epochs=2).fit(SIGNED, SIGNED[:, 0])
    volts = np.clip((SIGNED - SIGNED.min(axis=0)) / np.ptp(SIGNED, axis=0), 0, 1) * 5
    held = terminals.volts(np.hstack([volts, 5 - volts]))[3]
    resistance = 100e3 * np.array(model.codes_free_) / 128 + board.parts.digipot.wiper
    by_hand = (held / resistance).sum() / (1 / resistance).sum()
    low, high = SIGNED[:, 0].min(), SIGNED[:, 0].max()
    by_hand = (by_hand - 2.5) * (high - low) + (low + high) / 2
    assert model.predict(SIGNED[3:4]) == pytest.approx([by_hand], rel=1e-9)


def test_a_fit_is_a_training_of_the_emulated_board() -> None:
    """One example, shown as an allostery task to the same pieces, moves the codes the same way."""
    model = BoardRegressor(epochs=7, noise=0).fit([[0.0], [1.0]], [0.0, 1.0])
    assert model.n_steps_ == len(model.loss_curve_) == 14
    start = Simulation(model.board_, model.seed_).codes()[0]
    moved = np.abs(np.subtract(model.codes_free_, start))
    assert moved.max() <= 14
    assert (moved % 2 == 0).all()  # one code each step, up or down, fourteen times


def test_the_loss_begins_with_a_board_that_has_no_opinion() -> None:
    """Equal codes answer 2.5 V to everything; a swing of 1 V asks for 2 V and 3 V."""
    model = BoardRegressor(noise=0).fit([[0.0], [1.0]], [0.0, 1.0])
    assert model.loss_curve_[0] == pytest.approx(0.5**2)
    assert model.loss_curve_[-1] < 0.2**2


def test_the_same_random_state_trains_the_same_board() -> None:
    fits = [BoardClassifier(random_state=s, epochs=2).fit(FLOWERS, SPECIES) for s in (3, 3, 4)]
    assert fits[0].codes_free_ == fits[1].codes_free_
    assert fits[0].codes_free_ != fits[2].codes_free_


def test_both_engines_learn_the_same_codes() -> None:
    fits = [BoardClassifier(engine=e, epochs=2).fit(FLOWERS, SPECIES) for e in ("event", "vector")]
    assert fits[0].codes_free_ == fits[1].codes_free_
    assert fits[0].codes_clamped_ == fits[1].codes_clamped_


def test_twins_that_came_to_differ_go_on_so() -> None:
    model = BoardRegressor(noise=0).fit([[0.0], [1.0]], [0.0, 1.0])
    model.codes_clamped_ = tuple(code + 3 for code in model.codes_free_)
    model.partial_fit([[0.0], [1.0]], [0.0, 1.0])  # both step together, by one code each time
    apart = np.subtract(model.codes_clamped_, model.codes_free_)
    assert apart.tolist() == [3, 3, 3, 3]


def test_training_goes_on_where_it_stopped_also_after_pickling() -> None:
    model = BoardClassifier()
    for _ in range(3):
        model.partial_fit(FLOWERS, SPECIES)
    revived = pickle.loads(pickle.dumps(model))  # noqa: S301  ours
    assert model.partial_fit(FLOWERS, SPECIES).codes_free_ == (
        revived.partial_fit(FLOWERS, SPECIES).codes_free_
    )
    assert model.n_steps_ == 4 * len(FLOWERS)
    assert model.score(FLOWERS, SPECIES) > 0.9


def test_a_class_may_come_later_if_it_was_announced() -> None:
    model = BoardClassifier("twin16").partial_fit(FLOWERS[:100], SPECIES[:100], classes=[0, 1, 2])
    assert 2 not in model.predict(FLOWERS)
    assert 2 in model.partial_fit(FLOWERS, SPECIES).predict(FLOWERS)
    with pytest.raises(ValueError, match="label 3 is new"):
        model.partial_fit(FLOWERS, SPECIES + 1)


def test_it_works_in_a_pipeline_and_a_grid_search() -> None:
    pipeline = make_pipeline(StandardScaler(), BoardClassifier(epochs=2))
    search = GridSearchCV(pipeline, {"boardclassifier__nudge": [0.1, 0.5]}, cv=2)
    assert search.fit(FLOWERS, SPECIES).best_score_ > 0.85


def test_noise_that_drowns_the_lesson_shows_in_the_score() -> None:
    x, y = make_regression(60, 2, random_state=0)
    quiet, loud = (BoardRegressor(noise=n).fit(x, y).score(x, y) for n in ("10 mV", "2 V"))
    assert quiet > 0.9 > loud


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"engine": "steam"}, "engine 'steam'"),
        ({"nudge": 0.0}, "nudge 0.0"),
        ({"epochs": 0}, "epochs 0"),
        ({"low": 5.0}, "low 5.0 V is not below high 5.0 V"),
        ({"swing": 0.0}, "swing 0.0 V"),
        ({"noise": "loud"}, "loud"),
        ({"noise": -1.0}, "greater than or equal to 0"),
    ],
)
def test_a_parameter_out_of_range_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        BoardRegressor(**settings).fit(SIGNED, SIGNED[:, 0])


def test_a_board_that_does_not_fit_the_data_is_refused() -> None:
    with pytest.raises(BoardError, match="no regression or classification task"):
        BoardClassifier("divider").fit(FLOWERS, SPECIES)
    with pytest.raises(BoardError, match="4 variables for 3 features"):
        BoardClassifier(logicsim.load("twin16")).fit(FLOWERS[:, :3], SPECIES)
    with pytest.raises(ValueError, match="y has 1 columns; the board has 2 outputs"):
        BoardRegressor("twin16", task="vi").fit(SIGNED, SIGNED[:, 0])
