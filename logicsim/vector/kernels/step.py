"""Whole steps of machines in one kernel: solve, measure, clamp, decide, latch and count.

A group of lanes takes no notice of others, so results do not depend on what runs beside it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logicsim.core.jit import inner, kernel
from logicsim.core.rule import RESOLUTION
from logicsim.vector.kernels.comparators import Comparators, compare
from logicsim.vector.kernels.logic import COMPARE, EVENT, OPCODE, STAYS, Logic, execute
from logicsim.vector.kernels.networks import Ends, Networks, respond, share, solve
from logicsim.vector.kernels.potentiometers import Potentiometers, conduct
from logicsim.vector.kernels.supervisor import (
    Shown,
    Supervisor,
    clamp,
    present,
    read,
    renew,
    score,
    score_tests,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Words = NDArray[np.uint64]


class Machines(NamedTuple):
    """All that machines are made of, and what they are taught.

    `clock`: the first trigger and the period of steps (ticks). `seeds`: (groups, lanes).
    """

    networks: Networks
    potentiometers: Potentiometers
    comparators: Comparators
    logic: Logic
    supervisor: Supervisor
    clock: Ints
    seeds: Words


class State(NamedTuple):
    """The state between steps.

    `codes`: (groups, 2, edges, lanes). `levels`: the planes where nets may be high, and low,
    (groups, 2, nets, words).
    `wanted`: the desired voltages (V), (groups, labels, clamps, lanes).
    """

    codes: Codes
    levels: Words
    wanted: Floats


class Record(NamedTuple):
    """The measurements of steps, each before its update.

    `errors` (V^2), `accuracies`: (groups, steps, lanes). `opposed`: the number of edges with drops
    of opposite sign, over all steps, (groups, lanes). `outputs` (V): (groups, steps, outputs,
    lanes), and `codes`: (groups, steps, 2, edges, lanes); without outputs and without edges if they
    are not wanted.
    """

    errors: Floats
    accuracies: Floats
    opposed: Ints
    outputs: Floats
    codes: Codes


@kernel
def run(  # noqa: PLR0912, PLR0915  it takes the tuples apart once, before its loops
    machines: Machines, shown: Shown, state: State, record: Record, done: int, first: int,
    end: int, address: int, lanes: tuple[int, ...],
) -> tuple[int, int]:  # fmt: skip
    """Run steps in the groups from `first` to `end`.

    Args:
        done: the number of steps before, over all tasks.
        address: of SciPy's `ndtri`.

    Returns:
        (-1, -1); or, where a matrix is singular, the network (0 free, 1 clamped) and a node (from
        0) that has no conductance to a held node, to machine precision. There the run has ended.
    """
    graph, pots, chips, program, task, clock, all_seeds = machines
    width, edges = len(lanes), graph.ends.shape[1]
    _, _, nets, words = state.levels.shape
    rows = max(len(graph.free.nodes), len(graph.clamped.nodes)) + 1
    entries = max(len(graph.free.rows), len(graph.clamped.rows)) + 1
    factors = np.empty((rows, width)), np.empty((entries, width)), np.empty((entries, width))
    x, between = np.empty((rows, width)), np.empty((rows, width))
    siemens = np.empty((edges, width))
    voltages = np.empty((2 * graph.nodes, width))
    free, clamped = voltages[: graph.nodes], voltages[graph.nodes :]
    measured = np.empty((len(task.outputs), width))
    responses = np.empty((len(task.outputs), len(task.inputs), width))
    halves = np.empty((-(-len(chips.taps) * edges // 8) * 8, width), np.uint32)
    levels = np.empty((4, nets, words), np.uint64)
    operands = np.empty((STAYS + 1, words), np.uint64)
    pending = np.empty(nets, np.int64)
    comparing = chips.taps, chips.gains, chips.nets, chips.bounds
    testing = task.tests.shape[1] > 0
    for group in range(first, end):
        _forget(free, lanes)
        _forget(clamped, lanes)
        _copy(state.levels[group], levels)
        codes, wanted, seeds = state.codes[group], state.wanted[group], all_seeds[group]
        phases, masks, twice = program.phases[group], program.masks[group], program.twice[group]
        ohms, tables, aging = pots.ohms[group], pots.tables[group], pots.aging[group]
        volts, labels, means = task.volts[group], task.labels[group], task.means[group]
        impose, measure = task.impose[group], task.measure[group]
        errors, accuracies = record.errors[group], record.accuracies[group]
        for step in range(len(errors)):
            number = done + step + 1
            examples = shown.rows[min(step, len(shown.rows) - 1), group]
            _keep_codes(codes, record.codes[group], step, lanes)
            present(task.inputs, volts, examples, free, clamped, lanes)
            conduct(pots.travel, ohms[0], tables[0], pots.siemens, aging[0], codes[0], number,
                    siemens, lanes)  # fmt: skip
            failed = solve(graph.free, siemens, factors, x, between, free, lanes)
            if failed >= 0:
                return 0, failed
            read(task.outputs, free, measure, measured, lanes)
            begins = len(means) > 0 and shown.begins[step]
            if begins or testing:
                respond(graph.free, task.inputs, task.places, siemens, factors, x, responses,
                        lanes)  # fmt: skip
            if begins:
                renew(means, responses, measure, wanted, lanes)
            if testing:
                score_tests(task.classifies, task.tests[group], volts, labels, wanted, responses,
                            measure, errors[step], accuracies[step], lanes)  # fmt: skip
            else:
                score(task.aims, measured, wanted, labels, examples, errors[step], lanes)
            _keep_outputs(measured, record.outputs[group], step, lanes)
            clamp(task.clamps, measured, wanted, labels, task.nudges[group], impose, examples,
                  clamped, lanes)  # fmt: skip
            if graph.shares and pots.equal[group] and _alike(codes):
                share(graph.free, task.clamps, factors[1], x, between, clamped, lanes)
            else:
                conduct(pots.travel, ohms[1], tables[1], pots.siemens, aging[1], codes[1], number,
                        siemens, lanes)  # fmt: skip
                failed = solve(graph.clamped, siemens, factors, x, between, clamped, lanes)
                if failed >= 0:
                    return 1, failed
            _oppose(graph.ends, free, clamped, record.opposed[group], lanes)
            way = number % 2  # the trigger rises in the first step
            code, length = program.code[way], program.lengths[way]
            running = (code, program.tables, program.places, program.odds, program.events[way],
                       program.pins)  # fmt: skip
            time = number, clock[0] + (number - 1) * clock[1]
            place = 0
            while place < length:
                if code[place, OPCODE] == COMPARE:
                    compare(comparing, chips.volts[group], graph.ends, voltages, halves, levels,
                            seeds, chips.noisy[group], number, code[place, EVENT],
                            address, lanes)  # fmt: skip
                    place += 1
                begun = place
                while place < length and code[place, OPCODE] != COMPARE:
                    place += 1
                execute(running, (group, program.missing, program.chances), masks, twice, begun,
                        place, time, phases, seeds, levels, pending, operands, codes,
                        len(pots.travel) - 1, lanes)  # fmt: skip
        _copy(levels, state.levels[group])
    return -1, -1


@inner
def _forget(volts: Floats, lanes: tuple[int, ...]) -> None:
    """Set voltages to NaN, which those of islands remain."""
    for node in range(len(volts)):
        for lane in range(len(lanes)):
            volts[node, lane] = np.nan


@inner
def _copy(levels: Words, to: Words) -> None:
    """Copy the present levels of all nets."""
    for kind in range(2):
        for net in range(levels.shape[1]):
            for w in range(levels.shape[2]):
                to[kind, net, w] = levels[kind, net, w]


@inner
def _keep_codes(codes: Codes, record: Codes, step: int, lanes: tuple[int, ...]) -> None:
    """Record the codes of a step, if they are wanted."""
    for network in range(record.shape[1]):
        for e in range(record.shape[2]):
            for lane in range(len(lanes)):
                record[step, network, e, lane] = codes[network, e, lane]


@inner
def _keep_outputs(measured: Floats, record: Floats, step: int, lanes: tuple[int, ...]) -> None:
    """Record the outputs of a step, if they are wanted."""
    for place in range(record.shape[1]):
        for lane in range(len(lanes)):
            record[step, place, lane] = measured[place, lane]


@inner
def _alike(codes: Codes) -> bool:
    """Whether the codes of both networks are equal."""
    differ = np.int32(0)
    for e in range(codes.shape[1]):
        for lane in range(codes.shape[2]):
            differ |= codes[0, e, lane] ^ codes[1, e, lane]
    return bool(differ == 0)


@inner
def _oppose(
    ends: Ends, free: Floats, clamped: Floats, opposed: Ints, lanes: tuple[int, ...]
) -> None:
    """Count the edges whose drops have opposite signs."""
    for e in range(ends.shape[1]):
        a, b = ends[0, e], ends[1, e]
        for lane in range(len(lanes)):
            drop, other = free[a, lane] - free[b, lane], clamped[a, lane] - clamped[b, lane]
            against = (drop < -RESOLUTION) & (other > RESOLUTION)
            against |= (drop > RESOLUTION) & (other < -RESOLUTION)
            opposed[lane] += against
