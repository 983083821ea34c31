"""Logistic regression, the linear classifier with which the paper compares its network."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]

# Linearly separable classes have no finite optimum, so a weak penalty is added.
_PENALTY: Final = 0.001


def fit_logistic(features: Floats, labels: Labels) -> Floats:
    """The weights, (classes, features + 1) with a constant last, that make `labels` most likely."""
    design = np.column_stack([features, np.ones(len(features))])
    classes = int(labels.max()) + 1
    hits = np.eye(classes)[labels]

    def cost(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(classes, -1)
        penalised = weights * ([1.0] * features.shape[1] + [0.0])
        logs = log_softmax(design @ weights.T, axis=1)
        slope = (np.exp(logs) - hits).T @ design + _PENALTY * penalised
        loss = -float((hits * logs).sum()) + _PENALTY / 2 * float((penalised**2).sum())
        return loss, slope.ravel()

    start = np.zeros(classes * design.shape[1])
    weights: Floats = minimize(cost, start, jac=True, method="L-BFGS-B").x
    return weights.reshape(classes, -1)


def classify(weights: Floats, features: Floats) -> Labels:
    """The most likely class of each row."""
    likely: Labels = (features @ weights[:, :-1].T + weights[:, -1]).argmax(axis=1)
    return likely
