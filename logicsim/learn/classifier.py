"""The classifier."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from logicsim.learn.terminals import Floats
from logicsim.learn.trainer import Trainer


class BoardClassifier(ClassifierMixin, Trainer):
    """Linear classification learned by an emulated board.

    On the board made for the data each class raises its own output (two classes raise or lower one
    output). A given board learns by the paper's scheme, with any number of outputs: an example is
    nudged towards the network's own answer to the mean example of its class, measured again every
    epoch. In both ways a case belongs to the class whose mean example has the nearest answer (L2).

    Arguments and attributes are those of `BoardRegressor`, where `swing` is the voltage between a
    lowered and a raised output, and further:

    Attributes:
        classes_: the labels.
        targets_: the free network's answers to every class's mean example, (classes, outputs) in
            volts; infinite for a class without examples so far.
    """

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Power the board up and train it on X (examples, features) and labels y (examples).

        Raises:
            ValueError: X or y is not such an array, or y has only one class.
            BoardError: the board does not fit the data.
        """
        examples, labels = self._examples(X, y, begin=True)
        self._begin(examples, np.unique(labels))
        return self._learn(examples, labels, self.epochs)

    def partial_fit(self, X: ArrayLike, y: ArrayLike, classes: ArrayLike | None = None) -> Self:
        """Train one more epoch; the first call powers up and scales as `fit` does.

        Args:
            classes: all labels; needed at the first call if y does not contain all of them.

        Raises:
            ValueError: X or y is not such an array, or a label is new.
            BoardError: the board does not fit the data.
        """
        begin = not hasattr(self, "board_")
        examples, labels = self._examples(X, y, begin=begin)
        if begin:
            self._begin(examples, np.unique(labels if classes is None else np.asarray(classes)))
        new = np.setdiff1d(labels, self.classes_).tolist()
        if new:
            raise ValueError(f"label {new[0]!r} is new; give all classes at the first call")
        return self._learn(examples, labels, 1)

    def _examples(self, X: ArrayLike, y: ArrayLike, *, begin: bool) -> tuple[Floats, NDArray[Any]]:
        examples, labels = validate_data(self, X, y, dtype=np.float64, reset=begin)
        check_classification_targets(labels)
        return examples, labels

    def _begin(self, X: Floats, classes: NDArray[Any]) -> None:
        if len(classes) < 2:
            raise ValueError("y has only one class; two are needed")
        self.classes_ = classes
        self._power_up(X, 1 if len(classes) == 2 else len(classes))
        self._sums = np.zeros((len(classes), len(self._terminals.nodes)))
        self._counts = np.zeros(len(classes))

    def _learn(self, X: Floats, y: NDArray[Any], epochs: int) -> Self:
        volts, places = self._volts(X), np.searchsorted(self.classes_, y)
        np.add.at(self._sums, places, volts)
        self._counts += np.bincount(places, minlength=len(self.classes_))
        seen = self._counts > 0
        means = self._sums[seen] / self._counts[seen, None]

        if self.board is None:
            self._train(volts, self._raised(), places, epochs)
        else:
            labels, unknown = np.cumsum(seen) - 1, np.zeros((len(means), self._outputs))
            self._train(volts, unknown, labels[places], epochs, means)
        self.targets_ = np.full((len(seen), self._outputs), np.inf)
        self.targets_[seen] = self._answers(means)
        return self

    def _raised(self) -> Floats:
        """The desired outputs of each class, (classes, outputs) in volts."""
        classes = len(self.classes_)
        raised = np.eye(classes) if classes > 2 else np.array([[0.0], [1.0]])
        volts: Floats = self._middle + self.swing * (raised - 0.5)
        return volts

    def decision_function(self, X: ArrayLike) -> Floats:
        """The negative squared distance to every class's target, in V^2: (cases, classes).

        For two classes it is the second column minus the first: (cases,).
        """
        outputs = self._answers(self._volts(self._cases(X)))
        near: Floats = -((outputs[:, None] - self.targets_) ** 2).sum(axis=2)
        return near[:, 1] - near[:, 0] if len(self.classes_) == 2 else near

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The label of the nearest target, for X (cases, features)."""
        near = self.decision_function(X)
        places = (near > 0).astype(int) if near.ndim == 1 else near.argmax(axis=1)
        found: NDArray[Any] = self.classes_[places]
        return found
