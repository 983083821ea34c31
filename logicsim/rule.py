"""The paper's equations as pure functions, to check the hardware against."""

from typing import Literal

Rule = Literal["hardware", "printed"]


def clamp(desired: float, free: float, nudge: float) -> float:
    """Eq. 1: the clamped output voltage, V_C = eta V_D + (1 - eta) V_F, in volts."""
    return nudge * desired + (1 - nudge) * free


def direction(drop_clamped: float, drop_free: float) -> int:
    """Eq. C1: +1 where the clamped drop is larger in magnitude, otherwise -1."""
    return 1 if abs(drop_clamped) > abs(drop_free) else -1


def hardware_direction(drop_clamped: float, drop_free: float, rule: Rule = "hardware") -> int:
    """What the edge's two comparators and XOR decide.

    Eq. C2 as the sentence before it has it, XOR[dVC > dVF, dVC < 0], agrees with Eq. C1
    whenever both drops have one sign and differ; as printed, XOR[dVC > dVF, 0 < dVC], it gives
    the opposite. Drops of opposite sign always step up in hardware.
    """
    sign = drop_clamped < 0 if rule == "hardware" else drop_clamped > 0
    return 1 if (drop_clamped > drop_free) != sign else -1
