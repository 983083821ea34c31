import math

import numpy as np
import pytest
from scipy.optimize import minimize

from logicsim.board import load
from logicsim.paper.claim import over_seeds, proportion
from logicsim.paper.coupled import Rule, learn, slope
from logicsim.paper.logistic import classify, fit_logistic
from logicsim.paper.training import best_fall, plateau_fall, smoothed


def test_a_claim_is_judged_by_its_median() -> None:
    claim = over_seeds("c", "> 2", [1.0, 3.0, 2.5], at_least=2)
    assert (claim.measured, claim.low, claim.high, claim.verdict) == (2.5, 1.0, 3.0, "reached")
    assert over_seeds("c", "> 2", [1.0, 1.5, 9.0], at_least=2).verdict == "not reached"
    assert over_seeds("c", "-", [1.0]).verdict == "measured"
    assert over_seeds("c", "< 5", [1.0, 2.0], at_most=5).verdict == "reached"


def test_what_is_not_a_number_is_the_worst() -> None:
    assert over_seeds("c", "> 2", [math.nan, math.nan, 9.0], at_least=2).verdict == "not reached"
    assert over_seeds("c", "< 2", [math.nan, 1.0, math.nan], at_most=2).measured == math.inf


def test_a_share_is_judged_as_it_is() -> None:
    claim = proportion("c", "most", 5, 9, at_least=0.5)
    assert (claim.measured, claim.verdict) == (5 / 9, "reached")
    assert proportion("c", "most", 4, 9, at_least=0.5).verdict == "not reached"


def test_falls_are_orders_of_magnitude() -> None:
    errors = np.array([10.0, 1.0, 1e-3, *[0.1] * 30])
    assert best_fall(errors) == pytest.approx(4)
    assert plateau_fall(errors) == pytest.approx(2)


def test_smoothing_is_a_running_mean_without_the_missing() -> None:
    values = np.array([1.0, np.nan, 3.0, 5.0])
    assert smoothed(values, window=3) == pytest.approx([1.0, 2.0, 4.0, 4.0])


def test_logistic_regression_is_the_likelihoods_maximum() -> None:
    draw = np.random.default_rng(9)
    labels = draw.integers(0, 3, 60).astype(np.intp)
    volts = draw.normal(size=(60, 2)) + 1.2 * np.eye(3)[labels][:, :2]
    weights = fit_logistic(volts, labels)
    ours = (classify(weights, volts) == labels).mean()
    design = np.column_stack([volts, np.ones(60)])

    def loss(flat: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
        scores = design @ flat.reshape(3, 3)
        chosen = scores[np.arange(60), labels]
        return float((np.log(np.exp(scores).sum(axis=1)) - chosen).sum())

    other = minimize(loss, np.zeros(9)).x.reshape(3, 3)
    theirs = ((design @ other).argmax(axis=1) == labels).mean()
    assert ours == pytest.approx(theirs, abs=2 / 60)


def test_eq_2_by_hand() -> None:
    # dR ~ (dVC^2 - dVF^2) / R^2: nothing where the drops agree, more where R is small.
    found = slope(np.array([1e3, 2e3, 1e3]), np.array([2.0, 2.0, 1.0]), np.array([1.0, 1.0, -1.0]))
    assert found == pytest.approx([3e-6, 0.75e-6, 0.0])


def test_eq_2_brings_a_divider_to_its_target() -> None:
    board = load("divider")
    errors = learn(board, board.tasks[0], Rule(rate=3.0), seed=1, steps=300)
    assert errors[0] == pytest.approx((2.5 - 3.75) ** 2, rel=1e-3)
    assert errors[-1] < 1e-6 * errors[0]
    assert (np.diff(errors[errors > 1e-12]) < 0).all()
