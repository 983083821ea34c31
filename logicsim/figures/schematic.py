"""The schematic of one breadboard edge, drawn from what is soldered."""

from collections.abc import Mapping, Sequence
from typing import Final

from matplotlib.axes import Axes
from schemdraw import Drawing, elements
from schemdraw.elements import Element

from logicsim.circuit.netlist import Netlist
from logicsim.core.names import HIGH, LOW, scope
from logicsim.core.units import engineering
from logicsim.figures.placement import Item, Placed, Track, columns_of, place
from logicsim.figures.style import COLOURS
from logicsim.figures.symbols import LEAD, LETTERS, pin_name, symbol
from logicsim.parts.part import Part

Place = tuple[float, float]

# Lengths are in schemdraw's units.
INCHES: Final = 0.31  # of a unit, at which letters fit
_COLOURS: Final = {"free": COLOURS[0], "clamped": "black"}  # as in the paper
_LETTER: Final = 0.21  # width of a letter, on the average
_LINE: Final = 0.42  # height of a line of letters
_STUB: Final = 0.4  # from a pin to the name of what it is on
_TRACK: Final = 0.5  # between two tracks
_PULL_UP: Final = 2.4  # height of the resistor of an open collector
_BRANCH: Final = 5.4  # from the middle of a potentiometer's branch to the next
_TEXT: Final = 5.6  # width of what is written beside a branch


class Schematic:
    """An edge's parts, their wires, and by name what comes from elsewhere.

    Names are those of the waveform, without the edge's own.

    Args:
        edge: its number.

    Attributes:
        size: width and height in inches at which nothing covers anything.
    """

    def __init__(self, netlist: Netlist, edge: int) -> None:
        self._netlist, self._edge, self._scope = netlist, edge, scope(edge)
        parts = netlist.scopes()[self._scope]
        self._symbols = {part.label: _Drawn(part) for part in parts if _stands_alone(part)}
        self._diodes = {part.pins[pin][0]: part for part in parts if not _stands_alone(part)
                        for pin in part.pins}  # fmt: skip
        self._drivers = {
            part.pins[pin][0]: label
            for label, (part, pins) in reversed(self._outputs().items()) for pin in pins
        }  # fmt: skip
        self._columns = self._found_columns()
        self._placed = place(self._items())
        self._xs = self._found_xs()
        tops = [item.y + item.up for column in self._placed.columns for item in column]
        bottoms = [item.y - item.down for column in self._placed.columns for item in column]
        self._low, self._high = min(bottoms) - 0.3, max(tops) + 0.3
        self._right = self._found_right()
        self.size = (INCHES * (self._right + 0.3), INCHES * (self._high - self._low))

    def _outputs(self) -> dict[str, tuple[Part, list[str]]]:
        return {
            label: (drawn.part, [pin for pin in drawn.pins if drawn.drives(pin)])
            for label, drawn in self._symbols.items()
        }

    def _found_columns(self) -> dict[str, int]:
        reads = {
            label: [self._drivers[net] for net in drawn.read() if net in self._drivers]
            for label, drawn in self._symbols.items()
        }
        counters = [label for label, drawn in self._symbols.items() if drawn.branches]
        columns = columns_of(reads, counters)
        for label, drawn in self._symbols.items():  # what reads the clock alone stands late
            readers = [columns[each] for each, before in reads.items() if label in before]
            if not reads[label] and not drawn.sees_nodes and readers:
                columns[label] = max(min(readers) - 1, 0)
        return columns

    def _is_wired(self, label: str, net: str) -> bool:
        """Whether a part is joined by a wire to what drives a net; not where a loop closes."""
        driver = self._drivers.get(net)
        return driver is not None and self._columns[driver] < self._columns[label]

    def _items(self) -> list[list[Item]]:
        """The symbols in columns, and the wires that go past them."""
        columns: list[list[Item]] = [[] for _ in range(max(self._columns.values()) + 1)]
        last_reader: dict[str, int] = {}
        for label, drawn in self._symbols.items():
            for net in drawn.read():
                if self._is_wired(label, net):
                    last_reader[net] = max(last_reader.get(net, 0), self._columns[label])
        for label, drawn in self._symbols.items():
            reads = {net: heights for net, heights in drawn.read().items()
                     if self._is_wired(label, net)}  # fmt: skip
            drives = {net: height for net, height in drawn.driven().items()
                      if self._drivers[net] == label and net in last_reader}  # fmt: skip
            columns[self._columns[label]].append(Item(label, drawn.up, drawn.down, reads, drives))
            for net in drives:
                for number in range(self._columns[label] + 1, last_reader[net]):
                    columns[number].append(Item("", 0.15, 0.15, {net: (0.0,)}, {net: 0.0}))
        return columns

    def _found_xs(self) -> list[float]:
        """Where each column begins: behind the tracks, and the names at its pins."""
        xs: list[float] = []
        end = 0.0
        for number, column in enumerate(self._placed.columns):
            drawn = [self._symbols[item.name] for item in column if item.name]
            names = max((self._name_width(each) for each in drawn), default=0.0)
            tracks = len(self._placed.tracks[number - 1]) if number else 0
            middle = max((max(each.label_width - each.width, 0) / 2 for each in drawn), default=0)
            xs.append(end + _TRACK * (tracks + 1) + max(names, middle))
            end = xs[-1] + max((each.room for each in drawn), default=0.0)
        return [*xs, end]

    def _name_width(self, drawn: "_Drawn") -> float:
        """Of the longest name that stands before a part."""
        texts = [_told(nets) for pin, nets in drawn.inputs()
                 if not self._is_wired(drawn.part.label, nets[0])]  # fmt: skip
        return max((_width(self._short(text)) + _STUB + 0.3 for text in texts), default=0.0)

    def _found_right(self) -> float:
        branches = max((len(drawn.branches) for drawn in self._symbols.values()), default=0)
        return self._xs[-1] + (1.6 + _BRANCH * (branches - 1) + _TEXT if branches else 0.0)

    def _short(self, name: str) -> str:
        return name.removeprefix(f"{self._scope}.")

    def draw(self, axes: Axes) -> None:
        """Put it onto axes, which lose their frame."""
        sheet = _Sheet(axes)
        for number, column in enumerate(self._placed.columns):
            for item in column:
                if item.name:
                    self._draw_part(sheet, item, number)
                else:
                    sheet.line((self._xs[number], item.y), (self._end(number), item.y))
        for number in range(len(self._placed.tracks)):
            self._draw_wires(sheet, self._placed, number)
        sheet.finish((0.0, self._right), (self._low, self._high))

    def _end(self, number: int) -> float:
        """Where the tracks behind a column begin."""
        column = self._placed.columns[number]
        rooms = [self._symbols[item.name].room for item in column if item.name]
        return self._xs[number] + max(rooms, default=0.0)

    def _draw_part(self, sheet: "_Sheet", item: Item, number: int) -> None:
        drawn, x = self._symbols[item.name], self._xs[number]
        sheet.symbol(drawn, (x, item.y))
        for pin, nets in drawn.inputs():
            if not self._is_wired(item.name, nets[0]):
                px, py = drawn.pins[pin]
                at = (x + px, item.y + py)
                sheet.line((at[0] - _STUB, at[1]), at)
                sheet.write((at[0] - _STUB - 0.1, at[1]), self._short(_told(nets)), "right")
        for net, height in drawn.driven().items():
            px = drawn.right_of(net)
            sheet.write((x + px + 0.1, item.y + height + 0.12), self._short(net), up="bottom")
            if drawn.is_open(net) and self._drivers[net] == item.name:
                sheet.pull_up((x + drawn.end_of(net) + 0.45, item.y + height))
            end = self._end(number) if net in item.drives else x + drawn.end_of(net)
            sheet.line((x + px, item.y + height), (end, item.y + height))
        for place_, branch in enumerate(drawn.branches):
            self._draw_branch(
                sheet, drawn, branch, (x + drawn.width + 1.6 + _BRANCH * place_, item.y)
            )

    def _draw_wires(self, sheet: "_Sheet", placed: Placed, number: int) -> None:
        """From the outputs of a column to the pins of the next, up and down on their tracks."""
        begin = self._end(number)
        ends: dict[str, list[Place]] = {}
        for item in placed.columns[number + 1]:
            x = self._xs[number + 1]
            for net, heights in item.reads.items():
                pins = self._symbols[item.name].places(net) if item.name else [(0.0, 0.0)]
                ends.setdefault(net, []).extend((x + px, item.y + py) for px, py in pins)
                assert len(pins) == len(heights)
        for track in placed.tracks[number]:
            sheet.wire(track, begin, begin + _TRACK * (track.place + 0.5), ends[track.net])

    def _draw_branch(self, sheet: "_Sheet", drawn: "_Drawn", branch: str, place_: Place) -> None:
        """What a potentiometer is in its network: a resistance between nodes, maybe a diode."""
        part, (x, y) = drawn.part, place_
        side = self._netlist.branch(branch).side
        colour, diode = _COLOURS[side], self._diodes.get(branch)
        top, bottom = (x, y + drawn.up - 0.4), (x, y - drawn.low - 0.6)
        begin = top if diode is None else (x, top[1] - 1.3)
        if diode is not None:
            sheet.add(elements.Diode().endpoints(top, begin).color(colour))
            model = getattr(diode.chip, "model", "")
            sheet.write((x + 0.5, top[1] - 0.75), f"{diode.label}\n{model}", colour=colour)
        sheet.add(elements.ResistorVar().endpoints(begin, bottom).color(colour))
        middle = (begin[1] + bottom[1]) / 2
        sheet.add(elements.Line().endpoints((x - 1.6, middle), (x - 0.6, middle)).linestyle(":"))
        ohms = engineering(part.values["end_to_end"], "Ω")
        text = f"{ohms} end to end,\ncode {part.values['initial']:g} at power-up"
        sheet.write((x + 0.7, middle), text, colour=colour)
        for node, at in zip(self._netlist.edges[self._edge - 1], (top, bottom), strict=True):
            sheet.add(elements.Dot(open=True).at(at).color(colour))
            sheet.write((x + 0.3, at[1]), f"node{node}.{side}", colour=colour)


def _stands_alone(part: Part) -> bool:
    """Whether a part has a symbol of its own: not if it is nothing but a piece of a branch."""
    return any(role != "branch" for role in part.chip.pins.values())


class _Drawn:
    """A part and its symbol; places are from where its inputs begin, at its middle output.

    Attributes:
        pins: the place of each pin that is drawn.
        up: how far it reaches up, with what belongs to it; `down` and `low` below, with and
            without its name.
        room: how wide it is, with the names of its outputs.
    """

    def __init__(self, part: Part) -> None:
        self.part = part
        made = symbol(part)
        self._made = made
        element = Drawing(show=False).add(made.draw().at((0, 0)))
        box = element.get_bbox(transform=True)
        raw = {pin: tuple(element.absanchors[anchor]) for pin, anchor in made.anchors.items()}
        outputs = [y for pin, (_, y) in raw.items() if self.drives(pin)]
        middle = sum(outputs) / len(outputs) if outputs else (box.ymin + box.ymax) / 2
        self.shift: Place = (-float(box.xmin), -float(middle))
        self.pins: dict[str, Place] = {
            pin: (float(x) + self.shift[0], float(y) + self.shift[1]) for pin, (x, y) in raw.items()
        }
        self.clock = made.clock
        self.width = float(box.xmax - box.xmin)
        self.branches = [part.pins[pin][0] for pin, role in part.chip.pins.items()
                         if role == "branch"]  # fmt: skip
        self.sees_nodes = "node" in part.chip.pins.values()
        self.text = f"{part.label}\n{getattr(part.chip, 'model', '')}"
        self.label_width = max(_width(line) for line in self.text.splitlines())
        self.low = float(middle - box.ymin)
        self.up = max(float(box.ymax - middle), _LINE + 0.15)
        if self.branches:
            self.up += 0.6 + _LINE / 2 + 0.2
        if any(self.is_open(net) for net in self.driven()):
            self.up = max(self.up, _PULL_UP)
        self.down = self.low + 0.2 + 2 * _LINE + 0.1
        ends = [self.end_of(net) + 0.9 * self.is_open(net) for net in self.driven()]
        self.room = max([self.width, (self.width + self.label_width) / 2, *ends]) + 0.1

    def element(self, at: Place) -> Element:
        """The symbol, to be added to a drawing."""
        return self._made.draw().at((at[0] + self.shift[0], at[1] + self.shift[1]))

    def drives(self, pin: str) -> bool:
        """Whether a pin is an output."""
        return self.part.chip.pins[pin] in ("out", "open")

    def inputs(self) -> list[tuple[str, tuple[str, ...]]]:
        """The inputs that are drawn, and what each is on."""
        return [(pin, self.part.pins[pin]) for pin in self.pins if not self.drives(pin)]

    def read(self) -> dict[str, tuple[float, ...]]:
        """Each net to the heights of the pins that read it."""
        return {net: tuple(y for _, y in self.places(net)) for _, (net, *_) in self.inputs()}

    def places(self, net: str) -> list[Place]:
        """The pins that read a net."""
        return [self.pins[pin] for pin, nets in self.inputs() if nets[0] == net]

    def driven(self) -> dict[str, float]:
        """Each net that it drives to the height of the pin."""
        return {self.part.pins[pin][0]: y for pin, (_, y) in self.pins.items() if self.drives(pin)}

    def right_of(self, net: str) -> float:
        """Where the pin is that drives a net."""
        return next(x for pin, (x, _) in self.pins.items()
                    if self.drives(pin) and self.part.pins[pin][0] == net)  # fmt: skip

    def end_of(self, net: str) -> float:
        """Where the name of a net that it drives ends."""
        return self.right_of(net) + 0.1 + _width(net.removeprefix(f"{self.part.scope}."))

    def is_open(self, net: str) -> bool:
        """Whether it drives a net through an open collector."""
        return any(self.part.chip.pins[pin] == "open" for pin in self.pins
                   if self.part.pins[pin][0] == net)  # fmt: skip


class _Sheet:
    """A drawing that grows."""

    def __init__(self, axes: Axes) -> None:
        self.axes = axes
        self._drawing = Drawing(canvas=axes, show=False)
        self._drawing.config(fontsize=LETTERS, lw=1.2)

    def add(self, element: Element) -> Element:
        return self._drawing.add(element)

    def symbol(self, drawn: _Drawn, at: Place) -> None:
        """A part, with its name and model beneath."""
        self.add(drawn.element(at))
        if drawn.clock is not None:
            pin = drawn.pins[drawn.clock]
            x, y = at[0] + pin[0] + LEAD, at[1] + pin[1]
            self.write((x + 0.34, y), pin_name(drawn.clock), colour="black")
            self.line((x, y + 0.16), (x + 0.26, y))
            self.line((x + 0.26, y), (x, y - 0.16))
        middle = (at[0] + drawn.width / 2, at[1] - drawn.low - 0.2)
        self.write(middle, drawn.text, "center", "top")

    def wire(self, track: Track, begin: float, x: float, ends: Sequence[Place]) -> None:
        """A net from where its driver's lead ends, on its track, to pins."""
        low, high = track.span
        turns = high - low > 1e-9
        self.line((begin, track.begin), (x if turns else ends[0][0], track.begin))
        if not turns:
            return
        self.line((x, low), (x, high))
        for end in ends:
            self.line((x, end[1]), end)
        meeting = [track.begin, *(y for _, y in ends)]
        for height in {round(y, 6) for y in meeting}:
            here = sum(abs(y - height) < 1e-5 for y in meeting)
            if here + (height - low > 1e-5) + (high - height > 1e-5) > 2:
                self.add(elements.Dot(radius=0.06).at((x, height)))

    def pull_up(self, at: Place) -> None:
        """The resistor to the supply of an open collector."""
        self.add(elements.Dot(radius=0.06).at(at))
        resistor = self.add(elements.Resistor().at(at).up().length(1.6))
        self.add(elements.Vdd().at(resistor.end))

    def line(self, begin: Place, end: Place) -> None:
        if begin != end:
            self.add(elements.Line().endpoints(begin, end))

    def write(
        self, place_: Place, text: str, across: str = "left", up: str = "center",
        colour: str = "0.25",
    ) -> None:  # fmt: skip
        self.axes.text(*place_, text, ha=across, va=up, fontsize=LETTERS, color=colour)

    def finish(self, across: Place, up: Place) -> None:
        """Put all of it onto the axes."""
        self._drawing.draw(show=False)
        self.axes.set_axis_off()
        self.axes.set_aspect("equal")
        self.axes.set(xlim=across, ylim=up)


def _width(text: str) -> float:
    return _LETTER * max(map(len, text.splitlines()), default=0)


def _told(nets: Sequence[str]) -> str:
    """What a pin is on; of several nodes a comparator sees the mean."""
    names = [_SUPPLY.get(net, net) for net in nets]
    return names[0] if len(names) == 1 else f"mean of {names[0]}\nand {names[1]}"


_SUPPLY: Final[Mapping[str, str]] = {HIGH: "high", LOW: "low"}
