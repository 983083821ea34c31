"""The four values of a digital net and the truth tables over them (IEEE 1364: 0, 1, X, Z)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Final, Literal

X: Final = 2  # unknown
Z: Final = 3  # no driver

SYMBOLS: Final = "01xz"

MOST_INPUTS: Final = 4  # of a truth table

# The direction of an output when an input rises: up, down, or either, by the other inputs.
Unateness = Literal["positive", "negative", "either"]


def resolve(values: Iterable[int]) -> int:
    """Resolve the values of a net's drivers: Z yields to any other, a contradiction is X."""
    result = Z
    for value in values:
        if result == Z:
            result = value
        elif value not in (Z, result):
            return X
    return result


@dataclass(frozen=True, slots=True)
class Function:
    """A truth table: `table` has the output for every level of `inputs`, the first the slowest.

    Over inputs a and b, '0110' is XOR: the outputs for ab = 00, 01, 10 and 11.
    """

    inputs: tuple[str, ...]
    table: str

    def value(self, levels: Sequence[int]) -> int:
        """The output for levels 0, 1, X or Z; X only where an unknown input decides it."""
        return four_valued(self.table)[index(levels)]

    def tied(self, levels: Mapping[str, int]) -> "Function":
        """The function of the remaining inputs with some held at 0 or 1."""
        free = tuple(name for name in self.inputs if name not in levels)
        outputs = []
        for bits in product((0, 1), repeat=len(free)):
            known = {**levels, **dict(zip(free, bits, strict=True))}
            outputs.append(self.table[int("".join(str(known[n]) for n in self.inputs) or "0", 2)])
        return Function(free, "".join(outputs))

    def unateness(self, pin: str) -> Unateness | None:
        """Which way the output goes when `pin` rises; None if it never moves the output."""
        low, high = (self.tied({pin: level}).table for level in (0, 1))
        if low == high:
            return None
        if all(a <= b for a, b in zip(low, high, strict=True)):
            return "positive"
        return "negative" if all(a >= b for a, b in zip(low, high, strict=True)) else "either"


@lru_cache(256)
def primes(table: str) -> tuple[str, ...]:
    """The prime implicants of a truth table, each a level or '-' (any) for every input.

    Their sum of products, with AND, OR and NOT of three values, is unknown only where an unknown
    input decides (Eichelberger 1965): '0110' gives '01' and '10', '0111' gives '1-' and '-1'.
    """
    implicants = [
        cube for cube in product("-10", repeat=(len(table) - 1).bit_length())
        if all(table[int("".join(row) or "0", 2)] == "1" for row in _rows(cube))
    ]  # fmt: skip
    return tuple("".join(cube) for cube in implicants
                 if not any(_wider(other, cube) for other in implicants))  # fmt: skip


def _rows(cube: Sequence[str]) -> Iterable[tuple[str, ...]]:
    """The levels of inputs that a cube stands for."""
    return product(*(level if level != "-" else "01" for level in cube))


def _wider(cube: Sequence[str], other: Sequence[str]) -> bool:
    """Whether a cube contains another that is not itself."""
    return cube != other and all(a in ("-", b) for a, b in zip(cube, other, strict=True))


def index(levels: Sequence[int]) -> int:
    """The index of a four-valued table's output for some levels."""
    place = 0
    for level in levels:
        place = place << 2 | level
    return place


@lru_cache(256)
def four_valued(table: str) -> tuple[int, ...]:
    """A truth table over all four values; Z at an input is read as X."""
    inputs = (len(table) - 1).bit_length()
    outputs = []
    for levels in product(range(4), repeat=inputs):
        meanings = product(*((level,) if level < X else (0, 1) for level in levels))
        found = {table[int("".join(map(str, each)) or "0", 2)] for each in meanings}
        outputs.append(int(found.pop()) if len(found) == 1 else X)
    return tuple(outputs)
