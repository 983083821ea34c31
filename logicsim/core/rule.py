"""The paper's equations as pure functions, to check the hardware against."""

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Rule = Literal["hardware", "printed"]

# A tie is 'not greater'. A nanovolt is far below what a comparator resolves (25 uV) and far above
# rounding, so drops that are equal by construction never depend on the solver's last bit.
RESOLUTION: Final = 1e-9  # V


def clamp(desired: float, free: float, nudge: float) -> float:
    """Eq. 1: the clamped output voltage, V_C = eta V_D + (1 - eta) V_F, in volts."""
    return nudge * desired + (1 - nudge) * free


def direction(drop_clamped: float, drop_free: float) -> int:
    """Eq. C1: +1 where the clamped drop is larger in magnitude, otherwise -1."""
    return 1 if abs(drop_clamped) > abs(drop_free) else -1


def hardware_direction(drop_clamped: float, drop_free: float, rule: Rule = "hardware") -> int:
    """The decision of the edge's two comparators and XOR: +1 or -1.

    The hardware computes XOR[dVC > dVF, dVC < 0], as the sentence before Eq. C2 says; it agrees
    with Eq. C1 if both drops have one sign and differ. Eq. C2 as printed, XOR[dVC > dVF, 0 < dVC],
    gives the opposite. Drops of opposite sign always step up in hardware.
    """
    sign = drop_clamped < 0 if rule == "hardware" else drop_clamped > 0
    return 1 if (drop_clamped > drop_free) != sign else -1


def opposed(free: NDArray[np.float64], clamped: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each edge's free and clamped drops (V) differ in sign.

    The hardware always steps up there, unlike Eq. C1.
    """
    apart: NDArray[np.bool_] = np.minimum(free, clamped) < -RESOLUTION
    apart &= np.maximum(free, clamped) > RESOLUTION
    return apart
