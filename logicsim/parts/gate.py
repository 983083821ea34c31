"""A two-input gate of any truth table with inertial delay: what the logic chips are made of."""

from collections.abc import Sequence

from logicsim.kernel.kernel import Driver, Net, Process


class Gate:
    """y = table[a][b] after a rise or fall delay in ticks; pulses shorter than it vanish.

    A change to unknown takes the shorter of the two, as in IEEE 1364.
    """

    __slots__ = ("_a", "_b", "_delay", "_table", "_y")

    def __init__(
        self,
        process: Process,
        table: Sequence[Sequence[int]],
        inputs: tuple[Net, Net],
        y: Driver,
        rise: int,
        fall: int,
    ) -> None:
        self._table = table
        self._a, self._b = inputs
        self._y = y
        self._delay = (fall, rise, min(rise, fall))  # indexed by the value gone to
        for net in inputs:
            net.listen(process, self.react)
        process.notify(self.react)

    def react(self) -> None:
        """Look at both inputs and send the output where they say."""
        value = self._table[self._a.value][self._b.value]
        self._y.inertial(value, self._delay[value])
