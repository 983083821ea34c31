"""The common base of the classifier and the regressor: volts in, a trained board, volts out."""

from pathlib import Path
from typing import Any, Final, get_args

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from logicsim.board import Board, load
from logicsim.circuit.netlist import Netlist, powered_up, with_codes
from logicsim.core.errors import nearest
from logicsim.learn.batch import BatchTask
from logicsim.learn.terminals import Floats, made_for, terminals_of
from logicsim.parts.kind import corrected
from logicsim.tasks.data import Rows
from logicsim.training.engines import EngineName, free_network, power_up

_LARGEST_SEED: Final = 2**31 - 1


class Trainer(BaseEstimator):
    """The common base of the classifier and the regressor: volts in, a trained board, volts out."""

    def __init__(
        self,
        board: str | Path | Board | None = None,
        *,
        task: str | None = None,
        engine: EngineName | None = None,
        nudge: float = 0.5,
        epochs: int = 10,
        noise: float | str | None = None,
        low: float = 0.0,
        high: float = 5.0,
        swing: float = 1.0,
        random_state: Any = 0,
    ) -> None:
        self.board = board
        self.task = task
        self.engine = engine
        self.nudge = nudge
        self.epochs = epochs
        self.noise = noise
        self.low = low
        self.high = high
        self.swing = swing
        self.random_state = random_state

    @property
    def _middle(self) -> float:
        return (self.low + self.high) / 2

    def _power_up(self, X: Floats, outputs: int) -> None:
        """Choose the board, fit the scaling of features to these examples, and draw the pieces."""
        self._check()
        if self.board is None:
            board, terminals = made_for(X.shape[1], outputs, self.low, self.high)
        else:
            board = self.board if isinstance(self.board, Board) else load(self.board)
            terminals = terminals_of(board, self.task, X.shape[1])
        if self.noise is not None:
            settings = {"comparator": corrected(board.parts.comparator, {"noise": self.noise})}
            board = board.model_copy(update={"parts": board.parts.model_copy(update=settings)})
        self.board_ = board
        self.seed_ = int(check_random_state(self.random_state).randint(_LARGEST_SEED))
        self.n_steps_ = 0
        self.loss_curve_: list[float] = []
        self._terminals = terminals
        self.codes_free_, self.codes_clamped_ = powered_up(board.netlist(self.seed_))
        self.feature_min_ = X.min(axis=0)
        self.feature_range_ = np.ptp(X, axis=0)

    def _check(self) -> None:
        if self.engine is not None and self.engine not in get_args(EngineName):
            names = get_args(EngineName)
            raise ValueError(f"engine {self.engine!r} is not known; {nearest(self.engine, names)}")
        if not 0 < self.nudge <= 1:
            raise ValueError(f"nudge {self.nudge!r} is not above 0 and at most 1")
        if self.epochs < 1:
            raise ValueError(f"epochs {self.epochs!r} is less than 1")
        if not self.low < self.high:
            raise ValueError(f"low {self.low!r} V is not below high {self.high!r} V")
        if not 0 < self.swing <= self.high - self.low:
            raise ValueError(f"swing {self.swing!r} V is not above 0 V and at most high - low")

    def _volts(self, X: Floats) -> Floats:
        """The voltages to hold; features outside the training range are clipped to the rails."""
        span = np.where(self.feature_range_ > 0, self.feature_range_, 1.0)
        share = np.where(self.feature_range_ > 0, (X - self.feature_min_) / span, 0.5)
        volts = self.low + (self.high - self.low) * np.clip(share, 0.0, 1.0)
        return self._terminals.volts(np.hstack([volts, self.low + self.high - volts]))

    def _machine(self) -> tuple[Board, Netlist | None]:
        """The board with the learned codes, and a netlist if the two networks' codes differ."""
        pot = self.board_.parts.digipot.model_copy(update={"initial": list(self.codes_free_)})
        parts = self.board_.parts.model_copy(update={"digipot": pot})
        board = self.board_.model_copy(update={"parts": parts})
        if self.codes_free_ == self.codes_clamped_:
            return board, None
        netlist = board.netlist(self.seed_)
        return board, with_codes(netlist, self.codes_free_, self.codes_clamped_)

    def _train(
        self, volts: Floats, wanted: Floats, labels: Rows, epochs: int, means: Floats | None = None
    ) -> None:
        """Power up in the state in which the last training ended, and train."""
        board, netlist = self._machine()
        machine = power_up(board, self.seed_, self.engine, netlist)
        order = self.seed_ + self.n_steps_  # another order each time
        batch_task = BatchTask(self._terminals, volts, wanted, labels, means, self.nudge, order)
        steps = epochs * len(volts)
        for block in machine.train([(1, batch_task, steps)]):
            self.loss_curve_ += block.error.tolist()
        self.n_steps_ += steps
        self.codes_free_, self.codes_clamped_ = machine.codes()

    @property
    def _outputs(self) -> int:
        """The number of output nodes."""
        return len(self._terminals.outputs)

    def _cases(self, X: ArrayLike) -> Floats:
        """X, checked against the features given to `fit`."""
        check_is_fitted(self)
        cases: Floats = validate_data(self, X, dtype=np.float64, reset=False)
        return cases

    def _answers(self, volts: Floats) -> Floats:
        """The free network's outputs, (cases, outputs) in volts."""
        board, netlist = self._machine()
        free = free_network(board, self.seed_, (self.codes_free_, self.codes_clamped_), netlist)
        nodes = [node - 1 for node in self._terminals.nodes]
        free.hold(dict(zip(nodes, volts[0].tolist(), strict=True)))
        free.solve()
        return free.answers(nodes, volts)[:, [node - 1 for node in self._terminals.outputs]]
