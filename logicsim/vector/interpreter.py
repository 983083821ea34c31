"""The interpreter of a cell's program on bit planes of all edges of a machine."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from logicsim.core.logic import X
from logicsim.vector.comparators import Decisions
from logicsim.vector.planes import Known, Level, Plane, Unsure, filled, known, pack, unsure
from logicsim.vector.program import GATING, NONE, OPERANDS, Form, Opcode, Program
from logicsim.vector.wiring import Levels

FREE = -1  # no level is forced


class Mask(NamedTuple):
    """Forced levels of a pin: the edges that keep their level, and that may be high or low."""

    kept: Plane
    high: Plane
    low: Plane

    def on(self, net: Level) -> Level:
        """The pin's level, given the net's."""
        return Level((net.high & self.kept) | self.high, (net.low & self.kept) | self.low)


def mask(levels: Levels) -> Mask:
    """The mask of forced levels: 0, 1, X, or FREE."""
    return Mask(
        pack(levels == FREE),
        pack((levels == 1) | (levels == X)),
        pack((levels == 0) | (levels == X)),
    )


class Forced(NamedTuple):
    """The forced levels of a step: pins by form and operand, and the edges with a stuck clock."""

    pins: Mapping[tuple[int, int], Mask]
    still: Mapping[int, Plane]


class Machinery(Protocol):
    """The comparators, counters and random bits that a program acts on."""

    def compare(self, draw: int) -> Decisions:
        """Decide all comparators, with draw number `draw` of the step's noise."""

    def count(
        self, row: int, event: int, form: Form, up: Plane, unknown: Plane | None,
        frozen: Plane | None,
    ) -> None:  # fmt: skip
        """Count with the potentiometers of a network (0 free, 1 clamped) that are not frozen.

        None is a plane of zeros.
        """

    def draw(self, event: int, form: Form) -> Plane:
        """Draw random bits."""


# Plain numbers: an enumeration's members are slow to compare.
_COMPARE, _LOOKUP, _HOLD, _SET, _KEEP, _CLOCKED, _DRAW, _COUNT, _COMMIT = map(int, Opcode)


class _Instruction(NamedTuple):
    opcode: int
    dst: int
    operands: tuple[int, ...]
    known: Known | None
    unsure: Unsure | None
    value: int  # of SET, and of a constant table
    form: int
    event: int
    gating: int
    place: int  # its index in the code


class Interpreter:
    """The nets of every edge, and the program that changes them.

    Args:
        bits: the number of edges.
        rows: the number of counters of an edge: one while its two are equal.
    """

    def __init__(self, program: Program, bits: int) -> None:
        self._program = program
        self._code = tuple(
            [self._decoded(place, row) for place, row in enumerate(code.tolist())]
            for code in program.code
        )
        self._quick = tuple(
            [
                each
                for each, row in zip(made, code.tolist(), strict=True)
                if not program.is_idle(row)
            ]
            for made, code in zip(self._code, program.code, strict=True)
        )
        self._constants = filled(bits, 0), filled(bits, 1)
        zero, one = self._constants
        self._levels = Level(zero, one), Level(one, zero)
        anything = Level(one, one)
        self._nets: list[Level] = [anything for _ in program.nets]  # unknown at power-up
        self._nets[0], self._nets[1] = self._levels
        self._planes: list[Plane] | None = None  # of the nets, while none is unknown

    def _decoded(self, place: int, row: Sequence[int]) -> _Instruction:
        opcode, dst, *operands, table, form, event = row
        gating = NONE
        if opcode in (Opcode.CLOCKED, Opcode.DRAW, Opcode.COUNT):
            gating = operands[GATING]
            operands = operands[:GATING]
        nets = tuple(net for net in operands[:OPERANDS] if net != NONE)
        value = table
        yes: Known | None = None
        perhaps: Unsure | None = None
        if opcode in (Opcode.LOOKUP, Opcode.HOLD, Opcode.CLOCKED):
            text = self._program.tables[table]
            yes, perhaps, value = known(text), unsure(text), int(text[0])
        return _Instruction(opcode, dst, nets, yes, perhaps, value, form, event, gating, place)

    def state(self) -> Sequence[Level]:
        """The levels of the nets with a state."""
        self._doubt()
        return [self._nets[net] for net in self._program.states]

    def restore(self, state: Sequence[Level]) -> None:
        """Restore the levels of those nets."""
        self._planes = None
        for net, each in zip(self._program.states, state, strict=True):
            self._nets[net] = each

    def run(self, way: int, machinery: Machinery, forced: Forced | None) -> None:
        """Run one step, whose trigger goes to `way`."""
        if forced is None and self._is_known():
            self._run_known(self._quick[way], self._code[way], machinery)
        else:
            self._doubt()
            self._run_unsure(self._code[way], machinery, forced or Forced({}, {}))

    def _is_known(self) -> bool:
        """Whether no state is unknown, so that one plane for each net is enough."""
        if self._planes is None:
            if any(self._nets[net].unknown.any() for net in self._program.states):
                return False
            self._planes = [net.high for net in self._nets]
        return True

    def _doubt(self) -> None:
        if self._planes is not None:
            self._nets = [Level(plane, ~plane) for plane in self._planes]
            self._planes = None

    def _run_known(  # noqa: C901, PLR0912  a branch for each opcode
        self, quick: Sequence[_Instruction], code: Sequence[_Instruction], machinery: Machinery
    ) -> None:
        nets = self._planes
        assert nets is not None
        zero = self._constants[0]
        pending: list[tuple[int, Plane]] = []
        for opcode, dst, operands, table, _, value, form, event, gating, place in quick:
            if opcode == _LOOKUP:
                nets[dst] = table([nets[n] for n in operands]) if table else self._constants[value]
            elif opcode == _SET:
                nets[dst] = self._constants[value]
            elif opcode == _CLOCKED:
                operands_ = [*[nets[n] for n in operands], nets[dst]]
                made = table(operands_) if table else self._constants[value]
                pending.append(
                    (dst, made if gating == NONE else _where(nets[gating], made, nets[dst]))
                )
            elif opcode == _COMMIT:
                for net, plane in pending:
                    nets[net] = plane
                pending.clear()
            elif opcode == _COUNT:
                up, select = operands
                frozen = nets[select]
                if gating != NONE:
                    frozen = frozen | ~nets[gating]
                there = None if frozen is zero else _set(frozen)
                machinery.count(dst, event, self._program.forms[form], nets[up], None, there)
            elif opcode == _COMPARE:
                found = machinery.compare(event)
                if found.unknown is not None and any(plane.any() for plane in found.unknown):
                    self._doubt()
                    self._take(found)
                    self._run_unsure(code[place + 1 :], machinery, Forced({}, {}))
                    return
                for net, plane in zip(self._program.comparators, found.high, strict=True):
                    nets[net] = plane
            elif opcode == _HOLD:
                operands_ = [*[nets[n] for n in operands], nets[dst]]
                nets[dst] = table(operands_) if table else self._constants[value]
            elif opcode == _KEEP:
                nets[dst] = nets[operands[0]]
            else:
                made = machinery.draw(event, self._program.forms[form])
                pending.append(
                    (dst, made if gating == NONE else _where(nets[gating], made, nets[dst]))
                )

    def _take(self, found: Decisions) -> None:
        for net, level in zip(self._program.comparators, found.levels(), strict=True):
            self._nets[net] = level

    def _run_unsure(  # noqa: C901, PLR0912  likewise
        self, code: Sequence[_Instruction], machinery: Machinery, forced: Forced
    ) -> None:
        nets, pins = self._nets, forced.pins
        pending: list[tuple[int, Level]] = []
        for opcode, dst, operands, _, table, value, form, event, gating, _ in code:
            levels = [
                nets[net] if (form, place) not in pins else pins[form, place].on(nets[net])
                for place, net in enumerate(operands)
            ]  # fmt: skip
            if opcode == _LOOKUP:
                assert table is not None
                nets[dst] = table(levels)
            elif opcode == _SET:
                nets[dst] = self._levels[value]
            elif opcode in (_CLOCKED, _DRAW):
                if opcode == _DRAW:
                    plane = machinery.draw(event, self._program.forms[form])
                    made = Level(plane, ~plane)
                else:
                    assert table is not None
                    made = table([*levels, nets[dst]])
                made = self._clocked(made, nets[dst], gating, forced.still.get(form))
                pending.append((dst, made))
            elif opcode == _COMMIT:
                for net, level in pending:
                    nets[net] = level
                pending.clear()
            elif opcode == _COUNT:
                up, select = levels
                frozen = select.high  # a select that may be high does not select
                if gating != NONE:
                    frozen = frozen | nets[gating].low
                if form in forced.still:
                    frozen = frozen | forced.still[form]
                unknown = _set(up.unknown)
                form_ = self._program.forms[form]
                machinery.count(dst, event, form_, up.high, unknown, _set(frozen))
            elif opcode == _COMPARE:
                self._take(machinery.compare(event))
            elif opcode == _HOLD:
                assert table is not None
                nets[dst] = table([*levels, nets[dst]])
            else:
                nets[dst] = nets[operands[0]]

    def _clocked(self, made: Level, before: Level, gating: int, still: Plane | None) -> Level:
        """Take the new level where the clock edge arrives, and keep the old one elsewhere."""
        if gating != NONE:
            comes = self._nets[gating]
            made = Level(
                (made.high & comes.high) | (before.high & comes.low),
                (made.low & comes.high) | (before.low & comes.low),
            )
        if still is not None:
            made = Level(_where(still, before.high, made.high), _where(still, before.low, made.low))
        return made


def _set(plane: Plane) -> Plane | None:
    """The plane, or None if all its bits are 0."""
    return plane if plane.any() else None


def _where(there: Plane, first: Plane, second: Plane) -> Plane:
    """The first plane where `there` is set, the second elsewhere."""
    return (first & there) | (second & ~there)
