"""Compiles a board's cell and clock into a program."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from itertools import groupby

import numpy as np

from logicsim.board import Board
from logicsim.circuit.cell import Across, Cell, CellPart, Own, Shared
from logicsim.circuit.clockwork import Clockwork, Event
from logicsim.circuit.netlist import Netlist
from logicsim.circuit.waves import Transition
from logicsim.core.errors import EngineError, NetlistError
from logicsim.core.names import HIGH, LOW, SIDES, scope
from logicsim.core.units import ticks
from logicsim.parts.comparator import Comparator
from logicsim.parts.operations import Clocked, Compare, Count, Draw, Hold, Lookup, Operation
from logicsim.vector.program import FIELDS, GATING, NONE, OPERANDS, Code, Form, Opcode, Program


@dataclass(frozen=True, slots=True)
class _Step:
    """A form with the nets on its pins."""

    number: int
    form: Form
    output: str
    inputs: tuple[str, ...]
    clock: str = ""

    @property
    def operation(self) -> Operation:
        """The operation of the form."""
        return self.form.operation


@dataclass(frozen=True, slots=True)
class Compiled:
    """A board's cell, its clock, and the program of both."""

    cell: Cell
    clockwork: Clockwork
    program: Program


def compiled(board: Board) -> Compiled:
    """The program of a board's cell.

    Raises:
        EngineError: the vector engine has no form for it.
    """
    cell, _ = board.cells
    netlist = board.netlist(included=(1,))
    check_latched(board, netlist)
    try:
        clockwork = Clockwork.of(netlist, board.parts.corner)
    except NetlistError as error:
        raise EngineError(f"{error}; use the event engine (--engine event)") from None
    spacing = max(ticks(board.parts.comparator.noise_correlation), 1)
    return Compiled(
        cell, clockwork, _Compiler(cell, clockwork, netlist, spacing, board.name).compiled()
    )


def check_latched(board: Board, netlist: Netlist) -> None:
    """Refuse an unlatched decision, since it depends on delays.

    Raises:
        EngineError: an unlatched decision reaches a potentiometer.
    """
    if netlist.exposed:
        raise EngineError(
            f"board '{board.name}': a decision reaches a potentiometer without a latch, so noise "
            "and delays decide until the last; use the event engine (--engine event)"
        )


def _short(net: str) -> str:
    """A net as its breadboard calls it; one of the clock keeps its name."""
    return net.removeprefix(f"{scope(1)}.")


@dataclass
class _Compiler:
    cell: Cell
    clockwork: Clockwork
    netlist: Netlist
    spacing: int
    board: str
    numbers: dict[str, int] = field(default_factory=dict)
    tables: dict[str, int] = field(default_factory=dict)
    forms: list[Form] = field(default_factory=list)
    now: dict[str, int] = field(default_factory=dict)  # clock's levels while compiling

    def __post_init__(self) -> None:
        rows = self.clockwork.waves[1].rows
        self.clock_nets = {_short(net) for net in rows}
        self.steps = [step for place, part in enumerate(self.cell.parts)
                      for step in self._steps(place, part)]  # fmt: skip
        self.lookups = self._levelised()
        self.compares = [s for s in self.steps if isinstance(s.operation, Compare)]
        self.clocked = [s for s in self.steps if isinstance(s.operation, Clocked | Draw | Count)]
        self.latches = self.clockwork.latches(self.netlist, self.spacing)

    def refusal(self, part: str, reason: str) -> EngineError:
        return EngineError(
            f"board '{self.board}': part '{scope(1)}.{part}': {reason}; "
            "use the event engine (--engine event)"
        )

    def _check_clock(self) -> None:
        """Refuse a net of the clock's circuit that has a state, as it would need a program too."""
        known = {*self.clockwork.waves[1].rows, LOW, HIGH}
        for part in self.cell.parts:
            for pin in (pin for pin, role in part.chip.pins.items() if role == "in"):
                for ref in part.pins[pin]:
                    if isinstance(ref, Shared) and ref.net not in known:
                        driver = self.netlist.drivers[ref.net]
                        raise EngineError(
                            f"board '{self.board}': part '{driver.name}': its net '{ref.net}' does "
                            "not follow the trigger alone, and edges read it; "
                            "use the event engine (--engine event)"
                        )

    def compiled(self) -> Program:
        self._check_clock()
        for net in (LOW, HIGH):
            self.number(net)
        events: tuple[list[Event], list[Event]] = ([], [])
        code = tuple(self._code(way, events[way]) for way in (0, 1))
        holding = (s for s in self.steps if isinstance(s.operation, Clocked | Hold | Draw))
        states = tuple(dict.fromkeys(self.number(step.output) for step in holding))
        comparators = tuple(self.number(step.output) for step in self.compares)
        return Program(
            tuple(self.numbers), (code[0], code[1]), tuple(self.tables), comparators, states,
            tuple(self.forms), frozenset(self.clock_nets), frozenset(self._clock_pins()),
            (tuple(events[0]), tuple(events[1])),
        )  # fmt: skip

    def number(self, net: str) -> int:
        return self.numbers.setdefault(net, len(self.numbers))

    def _steps(self, place: int, part: CellPart) -> Iterable[_Step]:
        operations = part.chip.operations()
        if not operations and part.chip.pins.keys() - {"ab"}:
            raise self.refusal(part.label, f"a {part.chip.kind} has no form in the vector engine")

        def net(pin: str) -> str:
            (ref,) = part.pins[pin]
            assert isinstance(ref, Own | Shared)
            return ref.net

        for each in operations:
            form = Form(place, part.label, each)
            match each:
                case Lookup(output, inputs, _):
                    if net(output) not in self.clock_nets:
                        yield self._step(form, net(output), tuple(map(net, inputs)))
                case Hold(output, inputs, _):
                    yield self._step(form, net(output), tuple(map(net, inputs)))
                case Clocked(output, inputs, _, clock, _):
                    yield self._step(form, net(output), tuple(map(net, inputs)), net(clock))
                case Draw(output, clock, _, _):
                    yield self._step(form, net(output), (), net(clock))
                case Count(clock, _, select, direction, _):
                    yield self._step(form, "", (net(direction), net(select)), net(clock))
                case Compare(output, _, _):
                    yield self._step(form, net(output), ())

    def _step(self, form: Form, output: str, inputs: tuple[str, ...], clock: str = "") -> _Step:
        self.forms.append(form)
        return _Step(len(self.forms) - 1, form, output, inputs, clock)

    def _levelised(self) -> list[_Step]:
        """The unclocked operations in topological order."""
        following = {s.output: s for s in self.steps if isinstance(s.operation, Lookup | Hold)}
        behind = {net: {n for n in s.inputs if n in following} for net, s in following.items()}
        try:
            order = list(TopologicalSorter(behind).static_order())
        except CycleError as error:
            label = following[error.args[1][0]].form.label
            raise self.refusal(label, "gates form a loop") from None
        return [following[net] for net in order]

    def _cone(self, nets: Iterable[str]) -> list[_Step]:
        """The operations that follow some nets, in order."""
        moved, found = set(nets), []
        for step in self.lookups:
            holds = isinstance(step.operation, Hold) and step.output in moved
            if holds or moved.intersection(step.inputs):
                found.append(step)
                moved.add(step.output)
        return found

    def _levels(self) -> set[str]:
        """The clock's nets whose level some operation reads."""
        every = (*self.lookups, *self.clocked)
        return {net for step in every for net in step.inputs if not self._is_static(step, net)}

    def _is_static(self, step: _Step, net: str) -> bool:
        """Whether the level of a net is known at compile time: not a clock, or a chip select."""
        return net not in self.clock_nets or isinstance(step.operation, Count)

    def _clock_pins(self) -> Iterable[tuple[int, str]]:
        """Pins on nets that the clock moves."""
        moved = self.clock_nets | {step.output for step in self._cone(self.clock_nets)}
        for place, part in enumerate(self.cell.parts):
            for pin, role in part.chip.pins.items():
                if role == "in" and part.nets(pin)[0] in moved:
                    yield place, pin

    def _code(self, way: int, events: list[Event]) -> Code:
        """The instructions of a step whose trigger goes to `way`."""
        rows: list[list[int]] = []
        read = self._levels()
        resting = self.clockwork.waves[way].resting
        self.now = {_short(net): level for net, level in resting.items()}
        for net, level in resting.items():
            if _short(net) in read:
                rows.append(self._row(Opcode.SET, self.number(_short(net)), table=level))
        latches = list(self.latches[way])
        latest = latches[-1].place if latches else (False, -1)
        draws = 0
        if latches:
            self._check_noise(latches[0])
            rows += self._compare(draws)
            latches, draws = latches[1:], 1
        rows += [self._follow(step) for step in self.lookups]
        moved = False
        for place, instant in groupby(self.clockwork.events(way), lambda e: e.transition.place):
            if latches and place >= latches[0].place:
                rows += self._compare(draws)
                rows += [self._follow(s) for s in self._cone(c.output for c in self.compares)]
                latches, draws = latches[1:], draws + 1
            made, counts = self._instant(list(instant), events, way, read)
            rows += made
            moved |= counts
            if moved and place < latest:
                raise self.refusal(
                    self.compares[0].form.label,
                    "its decision is latched after a potentiometer has moved",
                )
        return np.array(rows, dtype=np.int32).reshape(-1, len(FIELDS))

    def _check_noise(self, latch: Transition) -> None:
        """Refuse a decision that is latched as the trigger flips: new noise comes behind it."""
        noisy = any(part.chip.noise for part in self.cell.parts
                    if isinstance(part.chip, Comparator))  # fmt: skip
        if noisy and latch.place <= (False, 1):
            raise self.refusal(
                self.compares[0].form.label,
                "its decision is latched as the trigger flips, before there is new noise",
            )

    def _compare(self, draw: int) -> list[list[int]]:
        return [self._row(Opcode.COMPARE, NONE, event=draw)] if self.compares else []

    def _instant(
        self, instant: Sequence[Event], events: list[Event], way: int, read: set[str]
    ) -> tuple[list[list[int]], bool]:
        """Add the instructions of simultaneous changes of the clock; return whether one counts.

        All that they clock samples before any output changes.
        """
        nets = [_short(event.net) for event in instant]
        self.now |= {net: event.transition.value for net, event in zip(nets, instant, strict=True)}
        rows: list[list[int]] = []
        outputs: list[list[str]] = []
        moves = False
        for event, net in zip(instant, nets, strict=True):
            made, changed, counts = self._fires(event, events, way, net)
            rows += made
            outputs.append(changed)
            moves |= counts
        if any(outputs):
            rows.append(self._row(Opcode.COMMIT, NONE))
        for event, net, changed in zip(instant, nets, outputs, strict=True):
            follows = self._cone([*changed, net])
            self._check_selects(event, {*changed, *(each.output for each in follows)}, way)
            if net in read and not self._gated(net):
                rows.append(self._level(event, net))
            rows += [self._follow(step) for step in follows]
        return rows, moves

    def _fires(
        self, event: Event, events: list[Event], way: int, net: str
    ) -> tuple[list[list[int]], list[str], bool]:
        """Make what a change of the clock clocks; return the outputs, and whether one counts."""
        edge = "rise" if event.transition.value else "fall"
        gated = self._gated(net)
        fired = [(s, NONE) for s in self.clocked
                 if s.clock == net and getattr(s.operation, "edge", "") == edge]  # fmt: skip
        rows = self._gate(net, self._level(event, net), gated, fired) if gated else []
        first, moves = len(events), False  # what other changes of the clock do is apart
        for step, mask in fired:
            here, place = self._arrival(event, step, way) if mask != NONE else event, NONE
            if isinstance(step.operation, Count | Draw):
                if here not in events[first:]:
                    events.append(here)
                place = events.index(here, first)
            if isinstance(step.operation, Count):
                active = here.transition.value == (step.operation.edge == "rise")
                moves |= active or (mask != NONE and here is event)
            rows.append(self._fire(step, mask, place))
        return rows, [step.output for step, _ in fired if step.output], moves

    def _level(self, event: Event, net: str) -> list[int]:
        return self._row(Opcode.SET, self.number(net), table=event.transition.value)

    def _arrival(self, event: Event, step: _Step, way: int) -> Event:
        """When a change of the clock comes through gates to the clock pin of an operation."""
        before = event.transition
        for name in (step.clock, f"{scope(1)}.{step.clock}"):
            for each in self.clockwork.waves[way].gated.get(name, ()):
                same = each.late[: len(before.late)] == before.late
                if same and each.crossing == before.crossing:
                    self._check_order(event, Event(name, each), step, way)
                    return Event(name, each)
        return event

    def _check_order(self, event: Event, comes: Event, step: _Step, way: int) -> None:
        """Refuse a gated clock that comes behind the next change of what it clocks looks at."""
        edge = "rise" if comes.transition.value else "fall"
        if getattr(step.operation, "edge", edge) != edge:
            return
        for other in self.clockwork.events(way):
            if event.transition.place < other.transition.place <= comes.transition.place:
                net = _short(other.net)
                if {net, *(each.output for each in self._cone([net]))}.intersection(step.inputs):
                    raise self.refusal(
                        step.form.label, f"'{other.net}' changes before its gated clock comes"
                    )

    def _check_selects(self, event: Event, changed: set[str], way: int) -> None:
        """Refuse a chip select that changes, through gates, about when its potentiometer counts.

        Timing demands a setup time of its fall alone: a rise may come before or after the count.
        """
        for step in self.clocked:
            if not isinstance(step.operation, Count) or step.inputs[1] not in changed:
                continue
            for other in self._soon(event, way):
                first = other == event and step.clock == _short(event.net)
                if not first and self._counts(step, other):
                    raise self.refusal(
                        step.form.label, f"its chip select follows '{event.net}' as its clock does"
                    )

    def _soon(self, event: Event, way: int) -> Iterable[Event]:
        """The changes of the clock at an event, and those that only gates separate from it."""
        crossed, since = event.transition.place
        for other in self.clockwork.events(way):
            also_crossed, then = other.transition.place
            gates_only = not crossed or then - since < self.clockwork.period
            if crossed == also_crossed and since <= then and gates_only:
                yield other

    def _counts(self, step: _Step, event: Event) -> bool:
        """Whether a change of the clock may be, or lead to, the active edge of an operation."""
        net = _short(event.net)
        if step.clock != net:
            return step.clock in {each.output for each in self._cone([net])}
        return getattr(step.operation, "edge", "") == ("rise" if event.transition.value else "fall")

    def _gated(self, net: str) -> list[_Step]:
        """The forms whose clock follows a net of the clock through gates."""
        moved = {step.output for step in self._cone([net])}
        return [step for step in self.clocked if step.clock in moved]

    def _gate(
        self, net: str, level: list[int], gated: list[_Step], fired: list[tuple[_Step, int]]
    ) -> list[list[int]]:
        """Update gated clocks first, and mark the edges at which they have their active edge."""
        clocks = list(dict.fromkeys(step.clock for step in gated))
        rows = [
            self._row(Opcode.KEEP, self.number(f"{c} before"), [self.number(c)]) for c in clocks
        ]
        rows.append(level)
        ahead = self._behind(net, clocks)
        rows += [self._follow(step) for step in ahead]
        for step in gated:
            table = "0100" if step.operation.edge == "rise" else "0010"  # type: ignore[union-attr]
            mask = self.number(f"{step.clock} {step.operation.edge}")  # type: ignore[union-attr]
            operands = [self.number(f"{step.clock} before"), self.number(step.clock)]
            rows.append(self._row(Opcode.LOOKUP, mask, operands, self._table(table)))
            fired.append((step, mask))
        return rows

    def _behind(self, net: str, clocks: Sequence[str]) -> list[_Step]:
        """The operations between a net of the clock and gated clocks."""
        wanted, found = set(clocks), []
        for step in reversed(self._cone([net])):
            if step.output in wanted:
                found.append(step)
                wanted.update(step.inputs)
        return found[::-1]

    def _follow(self, step: _Step) -> list[int]:
        assert isinstance(step.operation, Lookup | Hold)
        opcode = Opcode.LOOKUP if isinstance(step.operation, Lookup) else Opcode.HOLD
        operands = [self.number(net) for net in step.inputs]
        table = self._table(step.operation.table)
        return self._row(opcode, self.number(step.output), operands, table, step.number)

    def _fire(self, step: _Step, mask: int, event: int) -> list[int]:
        operands = [
            self.number(net) if not self._is_static(step, net) or net not in self.now
            else self.number(HIGH if self.now[net] else LOW)
            for net in step.inputs
        ]  # fmt: skip
        operands += [NONE] * (OPERANDS - len(operands))
        operands[GATING] = mask
        match step.operation:
            case Clocked(_, _, table, _, _):
                dst, opcode, number = self.number(step.output), Opcode.CLOCKED, self._table(table)
            case Draw():
                dst, opcode, number = self.number(step.output), Opcode.DRAW, NONE
            case Count(_, _, _, _, branch):
                (ref,) = self.cell.parts[step.form.part].pins[branch]
                assert isinstance(ref, Across)
                dst, opcode, number = SIDES.index(ref.side), Opcode.COUNT, NONE
            case _:
                raise AssertionError(step)
        return self._row(opcode, dst, operands, number, step.number, event)

    def _table(self, table: str) -> int:
        return self.tables.setdefault(table, len(self.tables))

    def _row(
        self, opcode: Opcode, dst: int, operands: Sequence[int] = (), table: int = NONE,
        form: int = NONE, event: int = NONE,
    ) -> list[int]:  # fmt: skip
        padded = [*operands, *[NONE] * (OPERANDS - len(operands))]
        return [opcode, dst, *padded, table, form, event]
