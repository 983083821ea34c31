"""The operations of a chip in a step of the vector engine: opcodes with pins as operands.

The vector engine compiles a cell's operations into a program over nets (`vector/compiler.py`). A
truth table of an output with state has that state as its last input.
"""

from dataclasses import dataclass

from logicsim.kernel.kernel import Edge


@dataclass(frozen=True, slots=True)
class Lookup:
    """An output that follows inputs by a truth table."""

    output: str
    inputs: tuple[str, ...]
    table: str


@dataclass(frozen=True, slots=True)
class Hold:
    """An output with a state that follows inputs and itself by a truth table, at any time."""

    output: str
    inputs: tuple[str, ...]
    table: str


@dataclass(frozen=True, slots=True)
class Clocked:
    """An output set at a clock's edge by a truth table over inputs and itself."""

    output: str
    inputs: tuple[str, ...]
    table: str
    clock: str
    edge: Edge


@dataclass(frozen=True, slots=True)
class Draw:
    """An output that is a new random bit at a clock's edge, high with a probability."""

    output: str
    clock: str
    edge: Edge
    probability: float


@dataclass(frozen=True, slots=True)
class Compare:
    """An output that is high while the mean of some nodes is above the mean of others."""

    output: str
    plus: str
    minus: str


@dataclass(frozen=True, slots=True)
class Count:
    """A counter of a branch, which counts at a clock's edge while `select` is low."""

    clock: str
    edge: Edge
    select: str
    direction: str
    branch: str


Operation = Lookup | Hold | Clocked | Draw | Compare | Count
