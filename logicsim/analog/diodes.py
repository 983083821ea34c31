"""Edges with a diode in series with their resistance, and Newton's method for their network.

A junction's current is I_S (exp(v / nV_T) - 1) + v / R_shunt (Shockley). In series with a
resistance it has a closed form in Wright's omega function (Banwell and Jayakumar, Electronics
Letters 36, 291, 2000), so node voltages remain the only unknowns.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import wrightomega

from logicsim.core.errors import SolveError

Floats = NDArray[np.float64]

# Newton's error squares with each step: after a step of this size it is below 1e-12 V.
_SETTLED: Final = 1e-7  # V
_ITERATIONS: Final = 100
_HALVINGS: Final = 60
_CAUTION: Final = 0.02  # V; shorter steps than about nV_T need no line search


@dataclass(frozen=True, slots=True)
class Junction:
    """A diode: saturation current (A), nV_T (V), and shunt resistance (ohm)."""

    saturation: float
    slope: float
    shunt: float


class Branches:
    """The diode branches of a network with their resistances, to be evaluated at many voltages.

    Args:
        junctions: one row for each branch, with columns saturation, slope, shunt.
        resistance: the series resistance of each branch, ohm.
    """

    def __init__(self, junctions: Floats, resistance: Floats) -> None:
        saturation, self._slope, shunt = junctions.T
        self._resistance = resistance
        self._leak = 1 / shunt
        # The Thevenin equivalent of source, resistance and shunt at the junction.
        self._share = 1 / (1 + resistance * self._leak)
        self._inner = resistance * self._share
        self._offset = resistance * saturation * self._share
        self._saturation = saturation
        self._log = np.log(self._inner * saturation / self._slope)

    def currents(self, drops: Floats) -> tuple[Floats, Floats]:
        """Currents (A) at voltages across the branches (V), and their slopes (S)."""
        seen = drops * self._share + self._offset
        omega = wrightomega(self._log + seen / self._slope)
        junction = omega / self._inner + self._leak  # S
        across = seen - self._slope * omega
        current = self._slope * omega / self._inner - self._saturation + self._leak * across
        return current, junction / (1 + self._resistance * junction)


# Maps node voltages to the currents leaving each unknown node (A) and the edges' slopes (S).
Law = Callable[[Floats], tuple[Floats, Floats]]


def newton(law: Law, solve: Callable[[Floats, Floats], Floats], start: Floats) -> Floats:
    """Find the voltages of the unknown nodes that satisfy Kirchhoff's current law.

    The currents are the gradient of a convex function, the network's co-content. A step is
    shortened until the co-content no longer rises along it, so the method converges from any start.

    Args:
        solve: solves G x = i for slopes G (one for each edge) and currents i.
        start: the initial voltages.

    Raises:
        SolveError: it does not converge; voltages or currents are not numbers.
    """
    volts = start
    excess, slopes = law(volts)
    for _ in range(_ITERATIONS):
        step = solve(slopes, -excess)
        size = float(np.abs(step).max())
        if size < _SETTLED:
            return volts + step
        length, descent = 1.0, float(excess @ step)
        for _ in range(_HALVINGS):
            there, slopes = law(volts + length * step)
            rise = float(there @ step)
            if size * length < _CAUTION or rise <= -descent / 2:
                break
            # The minimum of the co-content along the step, in a quadratic approximation.
            length *= min(max(descent / (descent - rise), 0.1), 0.7)
        volts, excess = volts + length * step, there
        if not np.isfinite(size):
            break
    raise SolveError(
        "the voltages of the network with diodes do not settle; are its resistances plausible?"
    )
