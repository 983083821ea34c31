"""The four values of a digital net and the tables over them (IEEE 1364: 0, 1, X, Z)."""

from collections.abc import Iterable
from typing import Final

X: Final = 2  # unknown
Z: Final = 3  # nobody drives

SYMBOLS: Final = "01xz"

# An input that floats is read as unknown.
_KNOWN: Final = (0, 1, X, X)

XOR: Final = tuple(
    tuple(X if X in (_KNOWN[a], _KNOWN[b]) else a ^ b for b in range(4)) for a in range(4)
)


def resolve(values: Iterable[int]) -> int:
    """The value of a net from what its drivers offer: Z yields, a contradiction is X."""
    result = Z
    for value in values:
        if result == Z:
            result = value
        elif value not in (Z, result):
            return X
    return result
