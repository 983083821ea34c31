"""The number of steps to do in one call of a kernel."""

from typing import Final

_CALL: Final = 0.1  # s, so that an interrupt is soon answered
_GROWTH: Final = 8  # the first call may include the compilation


class Pace:
    """Chooses the number of steps so that a call takes about a tenth of a second."""

    def __init__(self) -> None:
        self._steps = 1

    def steps(self, most: int) -> int:
        """The steps of the next call, at least one."""
        return max(1, min(self._steps, most))

    def took(self, steps: int, seconds: float) -> None:
        """Note how long a call took."""
        fitting = int(steps * _CALL / max(seconds, 1e-9))
        self._steps = max(1, min(fitting, _GROWTH * steps))
