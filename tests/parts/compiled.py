"""A chip on a breadboard of the vector engine: its program, run on planes with a move a bit."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from logicsim.board import load
from logicsim.circuit.file import Circuit
from logicsim.core.logic import X
from logicsim.parts.kind import ChipKind
from logicsim.parts.operations import Clocked, Count, Draw
from logicsim.vector.comparators import Decisions
from logicsim.vector.compiler import compiled
from logicsim.vector.counters import count
from logicsim.vector.interpreter import Interpreter
from logicsim.vector.planes import Level, Plane, level, unpack
from logicsim.vector.program import Form, Program
from tests.parts.walk import Taken

# A flop whose clock never comes: it drives a net with the state that it is given.
SOURCE = {"chip": "SN74HC74", "d": "low", "cp": "low"}


def table(made: ChipKind) -> dict[str, Any]:
    """A chip as a table of a circuit file."""
    told = made.model_dump(mode="json", context=Path())
    fact = {"source": "a test", "mark": "D"}
    numbers = {key: value if key in made.structure else {"value": value, **fact}
               for key, value in told.items() if key != "model"}  # fmt: skip
    return {"kind": made.kind, **numbers}


def program(made: ChipKind, *, clocked: bool) -> Program:
    """The program of a breadboard with the chip on it.

    Args:
        clocked: its clock is the board's; else it stays as it is.

    Its inputs are the nets 'from_PIN', its output 'out', which a flop 'seen' takes at the end.
    """
    parts: dict[str, Mapping[str, Any]] = {}
    pins: dict[str, str] = {}
    clocks = {form.clock for form in made.operations() if isinstance(form, Clocked | Count | Draw)}
    for pin, role in made.pins.items():
        if pin in clocks:
            pins[pin] = "clk" if clocked else "low"
        elif role == "in":
            pins[pin] = f"from_{pin}"
            parts[f"source_{pin}"] = {**SOURCE, "q": pins[pin]}
        else:
            pins[pin] = "free" if role == "branch" else "out"
    parts["chip"] = {"chip": "CHIP", **pins}
    still = {"chip": "digipot", "clk": "low", "cs": "high", "ud": "low"}
    for side in ("clamped",) if "branch" in made.pins.values() else ("free", "clamped"):
        parts[f"digipot_{side}"] = {**still, "code": f"code_{side}", "ab": side}
    if "out" in made.pins.values():
        parts["seen"] = {**SOURCE, "d": "out", "cp": "clk", "q": "seen"}
    circuit = Circuit("bench", "", parts, {"CHIP": table(made)})
    return compiled(load("divider", {"edge.circuit": circuit})).program


class Moves:
    """Moves of a chip, a bit each: what its program acts on besides its nets."""

    def __init__(self, made: ChipKind, steps: Sequence[Taken]) -> None:
        self._steps, self._bits = steps, len(steps)
        self._positions = dict(made).get("positions", 0)
        self.codes = np.array([step.outputs[0] for step in steps])

    def levels(self, net: str) -> Level:
        """What a net is before the program runs: inputs as they are behind the move."""
        if net == "seen":
            return level(np.zeros(self._bits, dtype=bool))
        if net == "out":
            return _level([step.outputs[0] for step in self._steps])
        pin = net.removeprefix("from_")
        return _level([{**step.before, step.move[0]: step.move[1]}[pin] for step in self._steps])

    def compare(self, draw: int) -> Decisions:
        """There is no comparator."""
        raise AssertionError(draw)

    def draw(self, event: int, form: Form) -> Plane:
        """What was drawn."""
        return _level([step.after[0] for step in self._steps]).high

    def count(
        self, row: int, event: int, form: Form, up: Plane, unknown: Plane | None,
        frozen: Plane | None,
    ) -> None:  # fmt: skip
        """As a machine does."""
        assert (row, unknown) == (0, None)
        shape = (self._bits,)
        still = None if frozen is None else unpack(frozen, shape)
        count(self.codes, unpack(up, shape), self._positions - 1, still)


def _level(values: Sequence[int]) -> Level:
    bits = np.array(values)
    return level(bits == 1, bits >= X)


def interpreted(made: ChipKind, code: Program, steps: Sequence[Taken], way: int) -> list[int]:
    """The chip's outputs behind moves, by the interpreter, whose trigger goes to `way`."""
    moves, machine = Moves(made, steps), Interpreter(code, len(steps))
    held = [code.nets[net] for net in code.states]
    machine.restore([moves.levels(net) for net in held])
    machine.run(way, moves, None)
    if "code" in made.pins.values():
        return [int(each) for each in moves.codes]
    after = dict(zip(held, machine.state(), strict=True))
    high, low = (
        unpack(plane, (len(steps),)) for plane in after["out" if "out" in after else "seen"]
    )
    return [X if a and b else int(a) for a, b in zip(high, low, strict=True)]
