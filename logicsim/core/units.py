"""Quantities with SI prefixes, and the tick: time is an integer number of picoseconds."""

import math
import re
from decimal import Decimal, InvalidOperation
from typing import Final

from logicsim.core.errors import shown

TICKS_PER_SECOND: Final = 10**12

_PREFIXES: Final = {
    "f": -15, "p": -12, "n": -9, "u": -6, "µ": -6, "μ": -6, "m": -3, "": 0,
    "k": 3, "M": 6, "G": 9,
}  # fmt: skip
_SPELLINGS: Final = {
    "ohm": ("ohm", "\u03a9", "\u2126"),
    "V": ("V",),
    "s": ("s",),
    "Hz": ("Hz",),
    "F": ("F",),
    "A": ("A",),
}
_QUANTITY: Final = re.compile(r"\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]{1,4})?)\s*(\S*)\s*")


def quantity(value: object, unit: str) -> float:
    """Read a quantity: '10 mV', '4 Hz', or a plain SI number.

    Args:
        value: a string with prefix and unit, or an int or float in SI units.
        unit: the unit it must have: V, s, Hz, ohm, F or A.

    Raises:
        ValueError: it is not a finite quantity of that unit; the message shows a right one.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return _finite(float(value), value)
        except OverflowError:
            return _finite(math.inf, value)
    example = f"write it like '{_EXAMPLES[unit]}'"
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{shown(value)} is not a quantity in {unit}; {example}")
    number, suffix = match.groups()
    for spelling in _SPELLINGS[unit]:
        prefix = suffix.removesuffix(spelling)
        if suffix.endswith(spelling) and prefix in _PREFIXES:
            try:
                # Decimal, so that '10 nF' is the float nearest to 1e-8 and not a rounded product.
                exact = Decimal(number).scaleb(_PREFIXES[prefix])
            except InvalidOperation:
                break
            return _finite(float(exact), value)
    raise ValueError(f"{shown(value)} is not a quantity in {unit}; {example}")


_EXAMPLES: Final = {"V": "10 mV", "s": "16 ns", "Hz": "4 Hz", "ohm": "100 kohm", "F": "10 nF",
                    "A": "2 uA"}  # fmt: skip


def _finite(number: float, value: object) -> float:
    if not math.isfinite(number):
        raise ValueError(f"{shown(value)} is not a finite number")
    return number


def ticks(seconds: float) -> int:
    """The integer number of ticks (1 ps) nearest to a time in seconds."""
    return round(seconds * TICKS_PER_SECOND)


def seconds(ticks: int) -> float:
    """The time in seconds of a number of ticks."""
    return ticks / TICKS_PER_SECOND


def engineering(value: float, unit: str) -> str:
    """Format a value with its usual SI prefix: 3.3e-9 in s is '3.3 ns'."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g} {unit}"
    prefix, power = _prefix(float(f"{value:.3e}"))  # as shown, so that 999.96 V becomes 1 kV
    shown = value / 10.0**power if power > -12 else value * 1e12
    return f"{shown:.4g} {prefix}{unit}"


def written(value: float, unit: str) -> str:
    """Format a quantity so that a board file reads back the same float: 1e-8 F is '10 nF'."""
    if value == 0:
        return f"0 {unit}"
    prefix, power = _prefix(value)
    return f"{Decimal(repr(float(value))).scaleb(-power).normalize():f} {prefix}{unit}"


def _prefix(value: float) -> tuple[str, int]:
    """The largest SI prefix that leaves at least 1 before it, and its power of ten."""
    for prefix, power in (("G", 9), ("M", 6), ("k", 3), ("", 0), ("m", -3), ("u", -6), ("n", -9)):
        if abs(value) >= float(f"1e{power}"):
            return prefix, power
    return "p", -12
