"""The regressor."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import RegressorMixin
from sklearn.utils.validation import validate_data

from logicsim.learn.terminals import Floats
from logicsim.learn.trainer import Trainer


class BoardRegressor(RegressorMixin, Trainer):
    """Linear regression learned by an emulated board.

    Args:
        board: a shipped name, a path or a Board, whose regression or classification task defines
            the nodes of the features, in order, and of the outputs; None makes one for the data,
            with an edge from every feature, its complement and both rails to every output.
        task: the name of a task of the board; by default the first of these kinds.
        engine: 'event', with every chip and delay, or 'vector', which gives the same codes if
            timing is met; None is the vector engine where it can compute the board.
        nudge: eta of Eq. 1.
        epochs: the number of times `fit` shows every example; each is one training step.
        noise: rms noise of the comparators ('5 mV', or volts); None keeps the board's.
        low: voltage of a feature's smallest value in the training set.
        high: voltage of its largest value.
        swing: voltage between the smallest and the largest target, centred between the rails.
        random_state: as in scikit-learn; it draws the pieces, the noise and the order of examples.
            The noise depends on the step, so every training has the same noise.

    Attributes:
        board_: the board trained.
        codes_free_: wiper codes of the free network, in edge order.
        codes_clamped_: wiper codes of the clamped network.
        loss_curve_: (V_F - V_D)^2 of every step's example before its update, in V^2.
        n_steps_: training steps so far.
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = self.board is None
        return tags

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Power the board up and train it on X (examples, features) and y (examples[, outputs]).

        Raises:
            ValueError: X or y is not such an array.
            BoardError: the board does not fit the data.
        """
        return self._learn(*self._examples(X, y, begin=True), self.epochs, begin=True)

    def partial_fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Train one more epoch; the first call powers up and scales as `fit` does.

        Raises:
            ValueError: X or y is not such an array.
            BoardError: the board does not fit the data.
        """
        begin = not hasattr(self, "board_")
        return self._learn(*self._examples(X, y, begin=begin), 1, begin=begin)

    def _examples(self, X: ArrayLike, y: ArrayLike, *, begin: bool) -> tuple[Floats, Floats]:
        found: tuple[Floats, Floats] = validate_data(
            self, X, y, dtype=np.float64, multi_output=True, y_numeric=True, reset=begin
        )
        return found

    def _learn(self, X: Floats, y: Floats, epochs: int, *, begin: bool) -> Self:
        columns = np.asarray(y, dtype=np.float64).reshape(len(X), -1)
        if begin:
            self._power_up(X, columns.shape[1])
            self._flat = y.ndim == 1
            self.target_middle_ = (columns.max(axis=0) + columns.min(axis=0)) / 2
            spread = np.ptp(columns, axis=0)
            self.target_per_volt_ = np.where(spread > 0, spread, 1.0) / self.swing
        if columns.shape[1] != len(self._terminals.outputs):
            raise ValueError(
                f"y has {columns.shape[1]} columns; the board has "
                f"{len(self._terminals.outputs)} outputs"
            )
        desired = (columns - self.target_middle_) / self.target_per_volt_ + self._middle
        self._train(self._volts(X), desired, np.arange(len(X)), epochs)
        return self

    def predict(self, X: ArrayLike) -> Floats:
        """The free network's answers in units of y, for X (cases, features)."""
        volts = self._answers(self._volts(self._cases(X)))
        found: Floats = (volts - self._middle) * self.target_per_volt_ + self.target_middle_
        return found[:, 0] if self._flat else found
