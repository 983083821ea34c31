"""What the supervisor of every machine applies, reads and wants."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from logicsim.core.converter import Converter, Converters, Quantiser
from logicsim.core.jit import inlined, inner
from logicsim.core.rule import RESOLUTION
from logicsim.faults.converter import BITS, FULL_SCALE, StuckBit, WrongReference
from logicsim.tasks.script import Script
from logicsim.vector.alterations import is_permanent
from logicsim.vector.kernels.groups import grouped
from logicsim.vector.kernels.networks import Networks

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Codes = NDArray[np.int32]


class Supervisor(NamedTuple):
    """What the supervisor applies, reads and wants, in every machine.

    `inputs`, `clamps`, `outputs`: the nodes held in both networks, those held in the clamped one,
    and those that are read; `places`: the outputs among the unknowns of the free network. `volts`:
    the inputs of examples as imposed (V), (groups, examples, inputs, lanes); `labels`: the row of
    `State.wanted` of each example, (groups, examples, lanes). `tests`: the examples of the test
    set, (groups, tests, lanes). `means`: the inputs whose answers become the rows of `wanted` when
    an epoch begins, (groups, labels, inputs, lanes). `nudges`: (groups, lanes). `aims`: whether
    there is an error; `classifies`: whether tests are classified. `impose`, `measure`: the
    converters, (groups, fields, lanes): the resolution (V) or 0, a factor, a stuck bit or -1, and
    its level.
    """

    inputs: Ints
    clamps: Ints
    outputs: Ints
    places: Ints
    volts: Floats
    labels: Codes
    tests: Codes
    means: Floats
    nudges: Floats
    aims: bool
    classifies: bool
    impose: Floats
    measure: Floats


class Shown(NamedTuple):
    """The steps to do.

    `rows`: the example of each, (steps, or 1 if all are the same, groups, lanes). `begins`: whether
    each begins an epoch, (steps,).
    """

    rows: Codes
    begins: NDArray[np.bool_]


def supervisor(
    networks: Networks, scripts: Sequence[Script], converters: Sequence[Converters], width: int
) -> Supervisor:
    """The supervisor of lanes whose scripts have one shape."""
    first = scripts[0]
    unknown = {node: place for place, node in enumerate(networks.free.nodes.tolist())}
    outputs = [node - 1 for node in first.outputs]
    volts = [script.imposed(each.impose) for script, each in zip(scripts, converters, strict=True)]

    def lanes(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
        return grouped(np.array(arrays), width)

    return Supervisor(
        np.array([node - 1 for node in first.inputs]),
        np.array([node - 1 for node in first.clamps]),
        np.array(outputs, dtype=np.int64),
        np.array([unknown[node] for node in outputs], dtype=np.int64),
        lanes([examples for examples, _ in volts]),
        lanes([script.labels for script in scripts]).astype(np.int32),
        lanes([script.tests for script in scripts]).astype(np.int32),
        lanes([means for _, means in volts]),
        lanes([np.array(script.nudge) for script in scripts]),
        first.score != "none",
        first.score == "classes",
        lanes([_fields(each.impose) for each in converters]),
        lanes([_fields(each.measure) for each in converters]),
    )


def is_known(converter: Converter) -> bool:
    """Whether the kernels know a converter: a sound one, or one with a single permanent fault."""
    if isinstance(converter, StuckBit | WrongReference):
        return is_permanent(converter.active) and isinstance(converter.sound, Quantiser)
    return isinstance(converter, Quantiser)


def _fields(converter: Converter) -> Floats:
    match converter:
        case Quantiser(resolution):
            fields = [resolution, 1.0, -1.0, 0.0]
        case StuckBit(Quantiser(resolution), bit=bit, level=level):
            fields = [resolution, 1.0, float(bit), float(level)]
        case WrongReference(Quantiser(resolution), factor=factor):
            fields = [resolution, factor, -1.0, 0.0]
        case _:
            raise AssertionError(converter)
    return np.array(fields)


@inner
def present(
    inputs: Ints, volts: Floats, rows: Codes, free: Floats, clamped: Floats, lanes: tuple[int, ...]
) -> None:
    """Hold the inputs of each lane's example in both networks."""
    for place in range(len(inputs)):
        node = inputs[place]
        for lane in range(len(lanes)):
            held = volts[rows[lane], place, lane]
            free[node, lane] = held
            clamped[node, lane] = held


@inner
def read(
    outputs: Ints, free: Floats, converter: Floats, measured: Floats, lanes: tuple[int, ...]
) -> None:
    """Measure the outputs (V), (outputs, lanes)."""
    for place in range(len(outputs)):
        for lane in range(len(lanes)):
            measured[place, lane] = _convert(free[outputs[place], lane], converter, lane)


@inner
def renew(
    means: Floats, responses: Floats, converter: Floats, wanted: Floats, lanes: tuple[int, ...]
) -> None:
    """Measure what is wanted: the answers to the mean inputs of each label."""
    answers = np.empty(len(responses))
    for label in range(len(means)):
        for lane in range(len(lanes)):
            _answer(responses, means[label], converter, answers, lane)
            for place in range(len(answers)):
                wanted[label, place, lane] = answers[place]


@inner
def score(
    aims: bool, measured: Floats, wanted: Floats, labels: Codes, rows: Codes, errors: Floats,
    lanes: tuple[int, ...],
) -> None:  # fmt: skip
    """The error (V^2) of each lane's own example; NaN if there is none."""
    for lane in range(len(lanes)):
        error = 0.0 if aims else np.nan
        for place in range(len(measured)):
            wrong = measured[place, lane] - wanted[labels[rows[lane], lane], place, lane]
            error += wrong * wrong
        errors[lane] = error


@inner
def score_tests(
    classifies: bool, tests: Codes, volts: Floats, labels: Codes, wanted: Floats,
    responses: Floats, converter: Floats, errors: Floats, accuracies: Floats,
    lanes: tuple[int, ...],
) -> None:  # fmt: skip
    """The mean error (V^2) of each lane's test set, and the share classified correctly, if any."""
    answers = np.empty(len(responses))
    for lane in range(len(lanes)):
        error, correct = 0.0, 0
        for test in range(len(tests)):
            example = tests[test, lane]
            label = labels[example, lane]
            _answer(responses, volts[example], converter, answers, lane)
            own = _distance(wanted, label, answers, lane)
            error += own
            if classifies and np.isfinite(own):
                correct += _nearest(wanted, answers, lane) == label
        errors[lane] = error / len(tests)
        if classifies:
            accuracies[lane] = correct / len(tests)


@inlined
def _nearest(wanted: Floats, answers: Floats, lane: int) -> int:
    """The row of `wanted` with the least distance, the first of equal ones."""
    nearest, least = 0, np.inf
    for label in range(len(wanted)):
        distance = _distance(wanted, label, answers, lane)
        if distance < least:
            nearest, least = label, distance
    return nearest


@inlined
def _distance(wanted: Floats, label: int, answers: Floats, lane: int) -> float:
    """The squared distance (V^2) of answers to a row of `wanted`."""
    distance = 0.0
    for output in range(len(answers)):
        wrong = answers[output] - wanted[label, output, lane]
        distance += wrong * wrong
    return distance


@inlined
def _answer(
    responses: Floats, volts: Floats, converter: Floats, answers: Floats, lane: int
) -> None:
    """The free outputs (V) as read, for voltages at the inputs, (inputs, lanes)."""
    for output in range(len(answers)):
        answer = 0.0
        for column in range(len(volts)):
            answer += responses[output, column, lane] * volts[column, lane]
        answers[output] = _convert(answer, converter, lane)


@inner
def clamp(
    clamps: Ints, measured: Floats, wanted: Floats, labels: Codes, nudges: Floats,
    converter: Floats, rows: Codes, clamped: Floats, lanes: tuple[int, ...],
) -> None:  # fmt: skip
    """Hold the nodes that only the clamped network holds: by Eq. 1, or as a bench does."""
    for place in range(len(clamps)):
        for lane in range(len(lanes)):
            volts = wanted[labels[rows[lane], lane], place, lane]
            if place < len(measured):
                volts = nudges[lane] * volts + (1 - nudges[lane]) * measured[place, lane]
            clamped[clamps[place], lane] = _convert(volts, converter, lane)


@inlined
def _convert(volts: float, converter: Floats, lane: int) -> float:
    """Convert a voltage (V), as `logicsim.core.converter` and the faults of converters do."""
    resolution, bit = converter[0, lane], int(converter[2, lane])
    if resolution:
        volts = np.rint((volts + RESOLUTION) / resolution) * resolution
    if bit >= 0:
        least = FULL_SCALE / 2**BITS
        code = int(min(max(np.floor((volts + RESOLUTION) / least), 0.0), 2.0**BITS - 1))
        stuck = code | (1 << bit) if converter[3, lane] else code & ~(1 << bit)
        volts += (stuck - code) * least
    return volts * float(converter[1, lane])
