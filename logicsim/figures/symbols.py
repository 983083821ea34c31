"""The symbol of every kind of chip: how it is drawn, and which of its anchors are which pins."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, Literal, NamedTuple

from schemdraw import elements, logic
from schemdraw.elements import Element, Ic, IcPin

from logicsim.core.names import LEVELS
from logicsim.parts.comparator import Comparator
from logicsim.parts.d_flop import DFlop
from logicsim.parts.digipot import Digipot
from logicsim.parts.gate import Gate
from logicsim.parts.latch import Latch
from logicsim.parts.part import Chip, Part
from logicsim.parts.wire import Wire

LETTERS: Final = 7.5  # points
LEAD: Final = 0.5  # of a pin of a box

_INPUTS: Final = ("in", "through", "node")
_OUTPUTS: Final = ("out", "open")
_SPACING: Final = 0.8  # between the pins of a box
_SHAPES: Final[Mapping[str, Callable[..., Element]]] = {
    "and": logic.And, "nand": logic.Nand, "or": logic.Or, "nor": logic.Nor, "xor": logic.Xor,
    "xnor": logic.Xnor,
}  # fmt: skip
_TWO_ENDED: Final[Mapping[str, Callable[[], Any]]] = {"10": logic.Not, "01": logic.Buf}


class Symbol(NamedTuple):
    """How a part is drawn: as what, and its pins that are drawn, each with its anchor.

    At the pin `clock` of a box belongs a wedge, and its name.
    """

    draw: Callable[[], Element]
    anchors: Mapping[str, str]
    clock: str | None = None


def symbol(part: Part) -> Symbol:
    """The symbol of a part; a box with its pins, where its kind has none of its own."""
    chip = part.chip
    if isinstance(chip, Comparator):
        return Symbol(elements.Opamp, {"plus": "in2", "minus": "in1", "y": "out"})
    if isinstance(chip, Wire):
        return Symbol(lambda: elements.Line().right(), {"d": "start", "q": "end"})
    if isinstance(chip, Gate):
        return _gate(chip)
    return _box(part)


def _gate(gate: Gate) -> Symbol:
    """The shape of its truth table; other tables are boxes with the table in it."""
    count, table = len(gate.inputs), gate.table
    if table in _TWO_ENDED:
        return Symbol(partial(_in_line, table), {gate.inputs[0]: "start", gate.output: "end"})
    shape = _SHAPES.get(_name(table, count))
    if shape is not None:
        pins = {pin: f"in{place}" for place, pin in enumerate(gate.inputs, start=1)}
        return Symbol(partial(shape, inputs=count), {**pins, gate.output: "out"})
    pins = {pin: f"pin_{pin}" for pin in (*gate.inputs, gate.output)}
    return Symbol(partial(_table, gate), pins)


def _in_line(table: str) -> Element:
    element: Element = _TWO_ENDED[table]().right().length(1.9)
    return element


def _table(gate: Gate) -> Element:
    """A box with a truth table in it, in two rows."""
    half = len(gate.table) // 2
    left = [_pin(pin, "left") for pin in reversed(gate.inputs)]
    text = f"{gate.table[:half]}\n{gate.table[half:]}"
    box: Element = _ic(left, [_pin(gate.output, "right")]).label(text, "center", fontsize=LETTERS)
    return box


def _name(table: str, inputs: int) -> str:
    """What a truth table is called; '' of one without a shape."""
    rows = range(2**inputs)
    tables = {
        "and": "".join(str(int(row == 2**inputs - 1)) for row in rows),
        "or": "".join(str(int(row > 0)) for row in rows),
        "xor": "".join(str(row.bit_count() % 2) for row in rows),
    }
    inverted = {"and": "nand", "or": "nor", "xor": "xnor"}
    for name, each in tables.items():
        if table == each:
            return name
        if table == each.translate(str.maketrans("01", "10")):
            return inverted[name]
    return ""


def _box(part: Part) -> Symbol:
    """A chip as a box: inputs left in their order from the top, outputs right."""
    chip, shown = part.chip, _shown(part)
    capture, low = chip.capture, _active_low(chip)
    clock = capture.clock if capture is not None and not isinstance(chip, Latch) else None
    falls = capture is not None and capture.edge == "fall"

    def made(pin: str, side: Literal["left", "right"]) -> IcPin:
        return _pin(pin, side, inverted=pin in low or (pin == clock and falls), wedge=pin == clock)

    left = [pin for pin in shown if chip.pins[pin] in _INPUTS]
    right = [pin for pin in shown if chip.pins[pin] in _OUTPUTS]
    return Symbol(
        lambda: _ic([made(pin, "left") for pin in reversed(left)],
                    [made(pin, "right") for pin in right]),
        {pin: f"pin_{pin}" for pin in (*left, *right)},
        clock,
    )  # fmt: skip


def _shown(part: Part) -> list[str]:
    """The pins that are drawn, what is sampled first and the clock last.

    A pin that is tied as it would be when left out is not drawn.
    """
    chip = part.chip
    ties: Mapping[str, int] = getattr(chip, "ties", {})
    free = [pin for pin in chip.pins
            if pin not in ties or LEVELS.get(part.pins[pin][0]) != ties[pin]]  # fmt: skip
    if chip.capture is None:
        return free
    sampled, clock = chip.capture.pins, chip.capture.clock
    others = [pin for pin in free if pin not in (*sampled, clock)]
    return [*(pin for pin in sampled if pin in free), *others, clock]


def _active_low(chip: Chip) -> set[str]:
    """The inputs that act when they are low."""
    if isinstance(chip, Digipot):
        return {"cs"}
    if isinstance(chip, DFlop):
        return set() if chip.acts_at else {"s", "r"}
    return {"en"} if isinstance(chip, Latch) and chip.open == "low" else set()


def _pin(
    name: str, side: Literal["left", "right"], *, inverted: bool = False, wedge: bool = False
) -> IcPin:
    """A pin of a box, with a circle where it acts low or falling; where a wedge comes, no name."""
    return IcPin(None if wedge else pin_name(name), side=side, anchorname=f"pin_{name}",
                 invert=inverted, lblsize=LETTERS)  # fmt: skip


def pin_name(pin: str) -> str:
    """What a box calls a pin."""
    return pin.upper().replace("UD", "U/D")


def _ic(left: Sequence[IcPin], right: Sequence[IcPin]) -> Element:
    height = _SPACING * max(len(left), len(right)) + 0.2
    return Ic(pins=[*left, *right], size=(2.4, height), leadlen=LEAD)
