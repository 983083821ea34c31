"""The program of a cell: the operations of its parts in a step, as opcodes over nets.

The parts of one breadboard are levelised, and run at the clock circuit's falls and rises in order.
A program is plain data: for a falling and for a rising trigger, an array of instructions, one row
each (`FIELDS`), over numbered nets and truth tables. Every edge runs the same program.

    COMPARE  draw noise `event`, and decide every comparator
    LOOKUP   dst = truth table of the operands
    HOLD     dst = truth table of the operands and dst
    SET      dst, a net of the clock, goes to level `table`
    KEEP     dst = operand 0
    CLOCKED  as HOLD, but dst changes at the next COMMIT
    DRAW     dst = a random bit, at the next COMMIT
    COUNT    potentiometer `dst` counts by operand 0 while operand 1 is low
    COMMIT   apply CLOCKED and DRAW since the last COMMIT

If operand 3 is a net (a gated clock), CLOCKED, DRAW and COUNT act only on edges where it is high.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from logicsim.circuit.clockwork import Event
from logicsim.core.logic import Function
from logicsim.core.names import scope
from logicsim.parts.operations import Clocked, Count, Draw, Hold, Lookup, Operation

NONE: Final = -1  # no net, no table
OPERANDS: Final = 4
GATING: Final = 3  # the operand that marks the edges at which a gated clock arrives
FIELDS: Final = ("opcode", "dst", "a", "b", "c", "d", "table", "form", "event")


class Opcode(IntEnum):
    """The operation of an instruction."""

    COMPARE = 0
    LOOKUP = 1
    HOLD = 2
    SET = 3
    KEEP = 4
    CLOCKED = 5
    DRAW = 6
    COUNT = 7
    COMMIT = 8


Code = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Program:
    """The program of a cell's step.

    Attributes:
        nets: the names of the nets; those of the breadboard are short names.
        code: for a falling and for a rising trigger, (instructions, fields).
        tables: truth tables.
        comparators: the net of each comparator's output, in the cell's order.
        states: the nets that keep a state between steps.
        forms: the operations of parts that instructions refer to.
        moving: the nets that follow only the trigger.
        clocked: the pins (part, pin) that follow the clock, also through gates.
        events: the clock's changes that count or draw, for both directions of the trigger.
    """

    nets: tuple[str, ...]
    code: tuple[Code, Code]
    tables: tuple[str, ...]
    comparators: tuple[int, ...]
    states: tuple[int, ...]
    forms: tuple["Form", ...]
    moving: frozenset[str]
    clocked: frozenset[tuple[int, str]]
    events: tuple[tuple[Event, ...], tuple[Event, ...]]

    def is_idle(self, row: Sequence[int]) -> bool:
        """Whether an instruction does nothing unless a level is forced, as for a tied reset."""
        opcode, _, *operands, table, _, _ = row
        nets = [net for net in operands if net != NONE]
        if opcode != Opcode.HOLD or any(net > 1 for net in nets):
            return False
        inputs = tuple(f"operand {place}" for place in range(len(nets)))
        tied = dict(zip(inputs, nets, strict=True))
        return Function((*inputs, "state"), self.tables[table]).tied(tied).table == "01"


class Form(NamedTuple):
    """An operation of a part, with the part's index in its cell and its label."""

    part: int
    label: str
    operation: Operation

    @property
    def clock(self) -> str:
        """Its clock pin; '' if it has none."""
        match self.operation:
            case Clocked() | Draw() | Count():
                return self.operation.clock
            case _:
                return ""

    @property
    def pins(self) -> tuple[str, ...]:
        """The pin that each operand is on."""
        match self.operation:
            case Count(_, _, select, direction, _):
                return direction, select
            case Lookup() | Hold() | Clocked():
                return self.operation.inputs
            case _:
                return ()

    def places(self, edges: int) -> NDArray[np.uint64]:
        """Where it draws, one place for each edge, as `Socket` does; empty if it never draws."""
        match self.operation:
            case Draw():
                matter = "bit"
            case Count(_, _, _, direction, _):
                matter = direction
            case _:
                return np.empty(0, dtype=np.uint64)
        names = (f"{scope(edge)}.{self.label}.{matter}" for edge in range(1, edges + 1))
        return np.array([crc32(name.encode()) for name in names], dtype=np.uint64)
