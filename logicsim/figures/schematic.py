"""The schematic of one breadboard edge, drawn from what is soldered."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from matplotlib.axes import Axes
from schemdraw import Drawing, elements, logic
from schemdraw.elements import Element, Ic, IcPin

from logicsim.circuit.netlist import Netlist
from logicsim.core.units import engineering
from logicsim.figures.style import COLOURS
from logicsim.parts.part import Part

Place = tuple[float, float]

_COLOURS: Final = {"free": COLOURS[0], "clamped": "black"}  # as in the paper
_LETTERS: Final = 7.5  # points
_LEAD: Final = 1.4  # from an output to where its net goes up and down


class _Symbol(NamedTuple):
    """How a part is drawn: where, as what, and which of its anchors are which pins."""

    place: Place
    draw: Callable[[], Element]
    anchors: Mapping[str, str]


def _box(left: Sequence[str], right: Sequence[str] = ()) -> Callable[[], Element]:
    """A chip as a box; pins are listed from the bottom."""

    def pin(name: str, side: Literal["left", "right"]) -> IcPin:
        return IcPin(name.upper().replace("UD", "U/D"), side=side, anchorname=f"pin_{name}",
                     invert=name in {"cp", "cs", "clk"}, lblsize=_LETTERS)  # fmt: skip

    pins = [*(pin(name, "left") for name in left), *(pin(name, "right") for name in right)]
    return lambda: Ic(pins=pins, size=(2.4, 2.6))


_GATE: Final = {"a": "in1", "b": "in2", "y": "out"}
_COMPARATOR: Final = {"plus": "in2", "minus": "in1", "y": "out"}
_POT: Final = {"clk": "pin_clk", "cs": "pin_cs", "ud": "pin_ud"}
_POT_BOX: Final = _box(("clk", "cs", "ud"))

_SYMBOLS: Final[Mapping[str, _Symbol]] = {
    "comparator_a": _Symbol((0, 2.8), elements.Opamp, _COMPARATOR),
    "comparator_b": _Symbol((0, -1.8), elements.Opamp, _COMPARATOR),
    "xor": _Symbol((5.0, 1.2), logic.Xor, _GATE),
    "inverter": _Symbol((8.8, -0.6), logic.Xor, _GATE),
    "flop": _Symbol((14.8, -0.9), _box(("cp", "k", "j"), ("q",)),
                    {"j": "pin_j", "k": "pin_k", "cp": "pin_cp", "q": "pin_q"}),
    "jumper": _Symbol((11.0, 1.2), lambda: elements.Line().right(),
                      {"d": "start", "q": "end"}),
    "digipot_free": _Symbol((22.0, 1.6), _POT_BOX, _POT),
    "digipot_clamped": _Symbol((22.0, -4.6), _POT_BOX, _POT),
}  # fmt: skip


def draw_schematic(axes: Axes, netlist: Netlist, edge: int) -> None:
    """Draw the parts of an edge (from 1), their wires, and by name what comes from elsewhere.

    Names are those of the waveform, without the edge's own.
    """
    scope = f"edge{edge}"
    sheet = _Sheet(axes, scope)
    parts = {part.name.removeprefix(f"{scope}."): part for part in netlist.scopes()[scope]}
    for name, part in parts.items():
        if name in _SYMBOLS:
            sheet.place(name, part)
    sheet.wire()
    for side in _COLOURS:
        sheet.branch(side, netlist.edges[edge - 1], parts)
    sheet.finish()


class _Sheet:
    """A drawing that grows: `pins` are the part, pin and place of every pin drawn so far."""

    def __init__(self, axes: Axes, scope: str) -> None:
        self._axes = axes
        self._scope = scope
        self._drawing = Drawing(canvas=axes, show=False)
        self._drawing.config(fontsize=_LETTERS, lw=1.2)
        self._pins: list[tuple[Part, str, Place]] = []

    def place(self, name: str, part: Part) -> None:
        """Draw a part, with its name and model beneath."""
        symbol = _SYMBOLS[name]
        element = self._drawing.add(symbol.draw().at(symbol.place))
        for pin, anchor in symbol.anchors.items():
            x, y = element.absanchors[anchor]
            self._pins.append((part, pin, (x, y)))
        box = element.get_bbox(transform=True)
        model = getattr(part.chip, "model", "")
        middle = symbol.place[0] + 1.1 if name != "jumper" else (box.xmin + box.xmax) / 2
        self._write((middle, box.ymin - 0.2), f"{name}\n{model}", "center", "top")

    def wire(self) -> None:
        """Join each pin that reads a net with the one that drives it, or name what it is on."""
        drivers: dict[str, Place] = {}
        for part, pin, place in self._pins:
            if part.chip.pins[pin] in {"out", "open"}:
                drivers[part.pins[pin][0]] = place
                self._drive(place, part.pins[pin][0], pulled=part.chip.pins[pin] == "open")
        for part, pin, place in self._pins:
            nets = part.pins[pin]
            if part.chip.pins[pin] in {"out", "open"}:
                continue
            if nets[0] in drivers:
                self._join(drivers[nets[0]], place)
            else:
                self._line(place, (place[0] - 0.4, place[1]))
                self._write((place[0] - 0.5, place[1]), _told(nets), "right", "center")

    def branch(self, side: str, ends: tuple[int, int], parts: Mapping[str, Part]) -> None:
        """What a potentiometer is in its network: a resistance between nodes, maybe a diode."""
        pot, diode, colour = parts[f"digipot_{side}"], parts.get(f"diode_{side}"), _COLOURS[side]
        x, y = _SYMBOLS[f"digipot_{side}"].place
        x += 4.0
        top, bottom = (x, y + 3.2), (x, y - 0.6)
        begin = top if diode is None else (x, y + 2.0)
        if diode is not None:
            self._drawing.add(elements.Diode().endpoints(top, begin).color(colour))
            text = f"diode_{side}\n{getattr(diode.chip, 'model', '')}"
            self._write((x + 0.5, y + 2.55), text, colour=colour)
        resistor = elements.ResistorVar().endpoints(begin, bottom).color(colour)
        self._drawing.add(resistor)
        middle = (begin[1] + bottom[1]) / 2
        link = elements.Line().endpoints((x - 1.6, middle), (x - 0.6, middle))
        self._drawing.add(link.linestyle(":"))
        ohms = engineering(pot.values["end_to_end"], "Ω")
        text = f"{ohms} end to end,\ncode {pot.values['initial']:g} at power-up"
        self._write((x + 0.7, middle), text, colour=colour)
        for node, place in zip(ends, (top, bottom), strict=True):
            self._drawing.add(elements.Dot(open=True).at(place).color(colour))
            self._write((x + 0.3, place[1]), f"node{node}.{side}", colour=colour)

    def finish(self) -> None:
        """Put all of it onto the axes."""
        self._drawing.draw(show=False)
        self._axes.set_axis_off()
        self._axes.set_aspect("equal")
        self._axes.set(xlim=(-4.8, 31), ylim=(-7.2, 6.2))

    def _drive(self, place: Place, net: str, *, pulled: bool) -> None:
        knee = (place[0] + _LEAD, place[1])
        self._line(place, knee)
        name = net.removeprefix(f"{self._scope}.")
        self._write((place[0] + 0.1, place[1] + 0.15), name, up="bottom")
        if pulled:
            pulled_at = (place[0] + _LEAD / 2, place[1])  # the knee has a wire going up
            self._drawing.add(elements.Dot().at(pulled_at))
            resistor = self._drawing.add(elements.Resistor().at(pulled_at).up().length(1.6))
            self._drawing.add(elements.Vdd().at(resistor.end))

    def _join(self, driver: Place, reader: Place) -> None:
        """From a driver's lead up or down, and across to a pin."""
        knee = driver[0] + _LEAD
        self._line((knee, driver[1]), (knee, reader[1]))
        self._line((knee, reader[1]), reader)

    def _line(self, begin: Place, end: Place) -> None:
        if begin != end:
            self._drawing.add(elements.Line().endpoints(begin, end))

    def _write(
        self, place: Place, text: str, across: str = "left", up: str = "center",
        colour: str = "0.25",
    ) -> None:  # fmt: skip
        self._axes.text(*place, text, ha=across, va=up, fontsize=_LETTERS, color=colour)


def _told(nets: Sequence[str]) -> str:
    """What a pin hangs on; of several nodes a comparator sees the mean."""
    names = [net.replace("supply.high", "high") for net in nets]
    return names[0] if len(names) == 1 else f"mean of {names[0]}\nand {names[1]}"
