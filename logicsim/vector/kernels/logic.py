"""The program of a cell in a kernel, on planes of words with 64 bits.

Bits are in the order of edges, and of lanes within an edge. Every net has a plane where it may be
high and one where it may be low; both are set where it is unknown.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from logicsim.circuit.waves import total
from logicsim.core.jit import inlined, inner
from logicsim.core.logic import X
from logicsim.core.noise import Purpose
from logicsim.faults.counter import Missed
from logicsim.parts.debouncer import respond
from logicsim.vector.alterations import Active
from logicsim.vector.kernels.groups import grouped, planes
from logicsim.vector.kernels.random import uniform
from logicsim.vector.program import FIELDS, GATING, NONE, OPERANDS, Opcode, Program

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
Bits = NDArray[np.bool_]

Faults = tuple[int, Ints, Floats]

FREE: Final = -1  # the row of a pin that nothing forces
UP: Final = 2 * (OPERANDS + 1)  # the row behind the operands and the state
STAYS: Final = UP + 1

OPCODE, DST, OPERAND, TABLE, FORM, EVENT = (
    FIELDS.index(name) for name in ("opcode", "dst", "a", "table", "form", "event")
)
COMPARE, _LOOKUP, _HOLD, _SET, _KEEP, _CLOCKED, _DRAW, _COUNT, _COMMIT = map(int, Opcode)
_UNDECIDED, _FAULT = int(Purpose.UNDECIDED), int(Purpose.FAULT)
_ALL: Final = np.uint64(2**64 - 1)
_NOWHERE: Final = np.uint64(0)
_ONE: Final = np.uint64(1)


class Logic(NamedTuple):
    """A program with its tables, its clock, and what faults do to it.

    `code`: the instructions for a falling and a rising trigger, (2, instructions, fields), of which
    `lengths` are used. `tables`: for each truth table a bit for each combination of inputs, the
    first input the highest bit, and the number of inputs. `places`: where the forms draw,
    (forms, edges); `odds`: the probability of a random bit. `events`: for each direction and event
    the oscillator's period, or 0, and the delays (ticks) before and after it. `phases`: the
    oscillator's, (groups, lanes), 0 to 1.

    Faults. `pins`: the row of `masks` that forces each operand and the clock of a form, (forms,
    operands + 1). `masks`: where a pin keeps its net's level, where it may be high and where low,
    (groups, rows, 3, words). `twice`: where counters count twice, (groups, 2, words). `missing`:
    counters that miss clocks, rows of group, network, edge, lane and place of the draw; `chances`:
    their probabilities.
    """

    code: Codes
    lengths: Ints
    tables: Words
    places: Words
    odds: Floats
    events: Ints
    phases: Floats
    pins: Ints
    masks: Words
    twice: Words
    missing: Ints
    chances: Floats


def logic(
    program: Program, edges: int, altered: Sequence[Active], phases: Floats, width: int
) -> Logic:
    """The logic of lanes.

    Args:
        altered: the faults of each lane.
        phases: the oscillator's phase in each lane.
    """
    forced: dict[tuple[int, str], int] = {}
    for each in altered:
        for force in each.forces:
            forced.setdefault((force.part, force.pin), len(forced))
    pins = np.full((len(program.forms), OPERANDS + 1), FREE)
    places = np.zeros((len(program.forms), edges), dtype=np.uint64)
    for number, form in enumerate(program.forms):
        for operand, pin in enumerate(form.pins):
            pins[number, operand] = forced.get((form.part, pin), FREE)
        pins[number, OPERANDS] = forced.get((form.part, form.clock), FREE)
        drawn = form.places(edges)
        places[number, : len(drawn)] = drawn
    twice, missing, chances = _counts(altered, edges, width)
    code = [_code(program, way, idle=bool(forced)) for way in (0, 1)]
    lengths = [len(each) for each in code]
    tables = [(sum(1 << row for row, digit in enumerate(table) if digit == "1"),
               len(table).bit_length() - 1) for table in program.tables]  # fmt: skip
    return Logic(
        np.array([np.pad(each, ((0, max(lengths) - len(each)), (0, 0))) for each in code]),
        np.array(lengths),
        np.array(tables, dtype=np.uint64).reshape(-1, 2),
        places,
        np.array([getattr(form.operation, "probability", 0.0) for form in program.forms]),
        _events(program),
        grouped(phases, width),
        pins.astype(np.int64),
        planes(_masks(altered, forced, edges), width),
        planes(twice, width),
        missing,
        chances,
    )


def _code(program: Program, way: int, *, idle: bool) -> Codes:
    """The instructions for a direction of the trigger; idle ones only if pins are forced."""
    rows = program.code[way]
    return rows if idle else rows[[not program.is_idle(row) for row in rows.tolist()]]


def _masks(altered: Sequence[Active], forced: Mapping[tuple[int, str], int], edges: int) -> Bits:
    """Where pins keep their nets' levels, may be high and low, (lanes, pins, 3, edges)."""
    levels = np.full((len(altered), len(forced), edges), FREE, dtype=np.int8)
    for lane, each in enumerate(altered):
        for force in each.forces:
            levels[lane, forced[force.part, force.pin], force.edge] = force.level
    unknown = levels == X
    return np.stack([levels == FREE, (levels == 1) | unknown, (levels == 0) | unknown], axis=2)


def _counts(altered: Sequence[Active], edges: int, width: int) -> tuple[Bits, Ints, Floats]:
    """The counters that count twice, (lanes, 2, edges), and those that miss clocks."""
    twice = np.zeros((len(altered), 2, edges), dtype=np.bool_)
    missing, chances = [], []
    for lane, each in enumerate(altered):
        for change in each.counts:
            if isinstance(change.what, Missed):
                group, place = divmod(lane, width)
                missing.append([group, change.row, change.edge, place, change.what.place])
                chances.append(change.what.chance)
            else:
                twice[lane, change.row, change.edge] = True
    if not twice.any():
        twice = twice[:, :, :0]
    return twice, np.array(missing, dtype=np.int64).reshape(-1, 5), np.array(chances)


def _events(program: Program) -> Ints:
    """For each direction and event the oscillator's period, or 0, and delays before and after."""
    most = max(map(len, program.events))
    events = np.zeros((2, most, 3), dtype=np.int64)
    for way, row in enumerate(program.events):
        for number, event in enumerate(row):
            crossing, after = event.transition.crossing, total(event.transition.late)
            if crossing is None:
                events[way, number] = 0, after, 0
            else:
                held = respond(0, crossing.period, 0.0) - crossing.period
                events[way, number] = crossing.period, total(crossing.before), held + after
    return events


@inlined
def _look_up(
    table: np.uint64, inputs: int, operands: Words, levels: Words, kind: int, dst: int
) -> None:
    """Apply a truth table to the operands; an output is unknown where unknown inputs decide it."""
    for w in range(levels.shape[2]):
        high = low = _NOWHERE
        for row in range(1 << inputs):
            there, rest = _ALL, row
            for place in range(inputs - 1, -1, -1):
                there &= operands[2 * place + 1 - (rest & 1), w]
                rest >>= 1
            # All bits are set if the table's is.
            chosen = _NOWHERE - ((table >> np.uint64(row)) & np.uint64(1))
            high |= there & chosen
            low |= there & ~chosen
        levels[kind, dst, w], levels[kind + 1, dst, w] = high, low


@inner
def execute(  # noqa: C901, PLR0912  a branch for each opcode
    program: tuple[Codes, Words, Words, Floats, Ints, Ints], faults: Faults, masks: Words,
    twice: Words, first: int, end: int, time: tuple[int, int], phases: Floats, seeds: Words,
    levels: Words, pending: Ints, operands: Words, codes: Codes, last: int, lanes: tuple[int, ...],
) -> None:  # fmt: skip
    """Execute the instructions from `first` to `end`, none of which is COMPARE.

    Args:
        program: code, tables, places, odds, events of a direction, and pins of `Logic`.
        faults: the group, `missing` and `chances`; masks and twice are the group's.
        time: the number of the step, from 1, over all tasks; and the tick of its trigger.
        levels: the planes of nets: may be high, may be low, and both after the next COMMIT; (4,
            nets, words).
        pending: space for the nets that change at the next COMMIT.
        operands: space for where the operands and the state may be high and low, and where counters
            count up and stay; (STAYS + 1, words).
        codes: the counters, (2, edges, lanes), which count up to `last`.
    """
    code, tables, places, odds, events, pins = program
    waiting = 0
    for each in range(first, end):
        opcode, dst, table = code[each, OPCODE], code[each, DST], code[each, TABLE]
        form, event, gating = code[each, FORM], code[each, EVENT], code[each, OPERAND + GATING]
        if opcode == _SET:
            for w in range(levels.shape[2]):
                levels[0, dst, w] = _ALL if table else _NOWHERE
                levels[1, dst, w] = _NOWHERE if table else _ALL
            continue
        if opcode == _COMMIT:
            for place in range(waiting):
                net = pending[place]
                for w in range(levels.shape[2]):
                    levels[0, net, w], levels[1, net, w] = levels[2, net, w], levels[3, net, w]
            waiting = 0
            continue
        loaded = _load(code, each, pins, masks, levels, operands)
        if opcode == _KEEP:
            for w in range(levels.shape[2]):
                levels[0, dst, w], levels[1, dst, w] = operands[0, w], operands[1, w]
        elif opcode == _LOOKUP:
            _look_up(tables[table, 0], int(tables[table, 1]), operands, levels, 0, dst)
        elif opcode == _COUNT:
            still = pins[form, OPERANDS]
            if _direct(operands, levels, masks, gating, still):
                _toss(places[form], events[event], time[1], phases, seeds, operands, lanes)
            _miss(faults, dst, events[event], time[1], phases, seeds, operands, lanes)
            _count(operands, twice, dst, codes[dst], last, lanes)
        else:
            for w in range(levels.shape[2]):
                operands[2 * loaded, w] = levels[0, dst, w]
                operands[2 * loaded + 1, w] = levels[1, dst, w]
            if opcode == _HOLD:
                _look_up(tables[table, 0], int(tables[table, 1]), operands, levels, 0, dst)
                continue
            if opcode == _DRAW:
                _draw(places[form], odds[form], events[event], time[1], phases, seeds, levels,
                      dst, lanes)  # fmt: skip
            else:
                _look_up(tables[table, 0], int(tables[table, 1]), operands, levels, 2, dst)
            _arrive(levels, masks, dst, gating, pins[form, OPERANDS])
            pending[waiting] = dst
            waiting += 1


@inlined
def _load(code: Codes, each: int, pins: Ints, masks: Words, levels: Words, operands: Words) -> int:
    """Load the operands of an instruction, with the levels that faults force on its pins."""
    loaded = 0
    opcode, form = code[each, OPCODE], code[each, FORM]
    gated = opcode in (_CLOCKED, _DRAW, _COUNT)
    for place in range(GATING if gated else OPERANDS):
        net = code[each, OPERAND + place]
        if net != NONE:
            mask = pins[form, place] if form != NONE else FREE
            for w in range(levels.shape[2]):
                high, low = levels[0, net, w], levels[1, net, w]
                if mask != FREE:
                    high = (high & masks[mask, 0, w]) | masks[mask, 1, w]
                    low = (low & masks[mask, 0, w]) | masks[mask, 2, w]
                operands[2 * place, w], operands[2 * place + 1, w] = high, low
            loaded += 1
    return loaded


@inlined
def _arrive(levels: Words, masks: Words, dst: int, gating: int, still: int) -> None:
    """Keep the present level of a clocked output where its clock does not arrive."""
    for w in range(levels.shape[2]):
        high, low = levels[0, dst, w], levels[1, dst, w]
        new_high, new_low = levels[2, dst, w], levels[3, dst, w]
        if gating != NONE:
            comes, stays = levels[0, gating, w], levels[1, gating, w]
            new_high = (new_high & comes) | (high & stays)
            new_low = (new_low & comes) | (low & stays)
        if still != FREE:
            free = masks[still, 0, w]
            new_high = (new_high & free) | (high & ~free)
            new_low = (new_low & free) | (low & ~free)
        levels[2, dst, w], levels[3, dst, w] = new_high, new_low


@inlined
def _time(event: Ints, trigger: int, phase: float) -> int:
    """The time (ticks) of an event after a trigger, as `Transition.at`."""
    period, before, after = event
    time = trigger + before
    if period:
        time += period - (time - int(np.rint(phase * period))) % period
    return int(time + after)


@inlined
def _set(plane: Words, bit: int) -> None:
    plane[bit >> 6] |= np.uint64(1) << np.uint64(bit & 63)


@inlined
def _is_set(plane: Words, bit: int) -> bool:
    return bool((plane[bit >> 6] >> np.uint64(bit & 63)) & np.uint64(1))


@inner
def _draw(
    places: Words, odds: float, event: Ints, trigger: int, phases: Floats, seeds: Words,
    levels: Words, dst: int, lanes: tuple[int, ...],
) -> None:  # fmt: skip
    """Draw a random bit in every edge and lane."""
    high, low = levels[2, dst], levels[3, dst]
    for w in range(len(high)):
        high[w] = _NOWHERE
    for lane in range(len(lanes)):
        now = _time(event, trigger, phases[lane])
        for edge in range(len(places)):
            if uniform(places[edge], now, seeds[lane], _UNDECIDED) < odds:
                _set(high, edge * len(lanes) + lane)
    for w in range(len(high)):
        low[w] = ~high[w]


@inlined
def _direct(operands: Words, levels: Words, masks: Words, gating: int, still: int) -> bool:
    """Find where counters count up, and where they stay; whether a direction is unknown."""
    unknown = False
    for w in range(operands.shape[1]):
        stays = operands[2, w]  # a select that may be high does not select
        if gating != NONE:
            stays |= levels[1, gating, w]
        if still != FREE:
            stays |= ~masks[still, 0, w]
        operands[UP, w], operands[STAYS, w] = operands[0, w], stays
        if operands[0, w] & operands[1, w] & ~stays:
            unknown = True
    return unknown


@inner
def _toss(
    places: Words, event: Ints, trigger: int, phases: Floats, seeds: Words, operands: Words,
    lanes: tuple[int, ...],
) -> None:  # fmt: skip
    """Replace unknown directions of counters that count by random ones."""
    up, stays = operands[UP], operands[STAYS]
    for lane in range(len(lanes)):
        now = _time(event, trigger, phases[lane])
        for edge in range(len(places)):
            bit = edge * len(lanes) + lane
            unknown = _is_set(operands[0], bit) and _is_set(operands[1], bit)
            if unknown and not _is_set(stays, bit):
                up[bit >> 6] &= ~(np.uint64(1) << np.uint64(bit & 63))
                if uniform(places[edge], now, seeds[lane], _UNDECIDED) < 0.5:
                    _set(up, bit)


@inlined
def _miss(
    faults: Faults, network: int, event: Ints, trigger: int, phases: Floats, seeds: Words,
    operands: Words, lanes: tuple[int, ...],
) -> None:  # fmt: skip
    """Have counters stay that miss this clock."""
    group, missing, chances = faults
    for each in range(len(missing)):
        lane = missing[each, 3]
        if missing[each, 0] == group and missing[each, 1] == network:
            now = _time(event, trigger, phases[lane])
            drawn = uniform(np.uint64(missing[each, 4]), now, seeds[lane], _FAULT)
            if drawn < chances[each]:
                _set(operands[STAYS], missing[each, 2] * len(lanes) + lane)


@inner
def _count(
    operands: Words, twice: Words, network: int, codes: Codes, last: int, lanes: tuple[int, ...]
) -> None:
    """Count up or down with one network's counters, which end at 0 and at `last`."""
    width = len(lanes)
    for w in range(operands.shape[1]):
        up, stays = operands[UP, w], operands[STAYS, w]
        again = twice[network, w] & ~stays if twice.shape[1] else _NOWHERE
        for edge in range(w * 64 // width, min((w + 1) * 64 // width, len(codes))):
            for lane in range(width):
                rises, moves = np.int32(up & _ONE), np.int32(_ONE - (stays & _ONE))
                moved = codes[edge, lane] + (2 * rises - 1) * moves
                codes[edge, lane] = min(max(moved, 0), last)
                if again & _ONE:
                    codes[edge, lane] = min(max(codes[edge, lane] + 2 * rises - 1, 0), last)
                up, stays, again = up >> _ONE, stays >> _ONE, again >> _ONE
