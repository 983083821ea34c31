"""What the paths of a report cannot say: assumptions, levels, nets of many pins, unclocked pins."""

import math
from collections.abc import Iterator, Sequence

from logicsim.board import Board
from logicsim.core.units import engineering, seconds
from logicsim.parts.cd74hc73 import Cd74hc73, mean_time_between_failures
from logicsim.parts.sn74als86 import Sn74als86
from logicsim.timing.graph import VOLTAGES, Graph, model
from logicsim.timing.paths import Path
from logicsim.timing.schedule import Schedule


def notes(board: Board, graph: Graph, schedule: Schedule, paths: Sequence[Path]) -> tuple[str, ...]:
    """A sentence each; `paths` are in order of slack."""
    return (
        *_comparators(graph),
        *_noise(board),
        *_levels(graph),
        *_many_pins(graph),
        *_oscillator(board, schedule),
        *_unclocked(graph, schedule),
        *_failures(board, graph, paths),
    )


def _comparators(graph: Graph) -> Iterator[str]:
    hops = [hop for hops in graph.into.values() for hop in hops if hop.start == VOLTAGES]
    told = {
        f"{model(hop.part)}: {_time(hop.arc.fall.early)} at {hop.arc.early}, "
        f"{_time(hop.arc.fall.late)} at {hop.arc.late}, and "
        f"{_time(hop.arc.rise.early - hop.arc.fall.early)} more for a rising output."
        for hop in hops
    }
    yield from sorted(told)


def _noise(board: Board) -> Iterator[str]:
    chip = board.parts.comparator
    if chip.noise > 0 and not board.edge.latch:
        yield (
            "Without the D-flop the comparators' noise may change U/D at any time: setup and hold "
            "at the potentiometers are missed now and then at every rate."
        )


def _levels(graph: Graph) -> Iterator[str]:
    """Outputs whose least high is below what an input on their net asks for."""
    highs = {
        hop.end: (model(hop.part), high)
        for hops in graph.into.values()
        for hop in hops
        if (high := getattr(hop.part.chip, "output_high", None)) is not None
    }
    told = {
        f"{highs[net][0]} guarantees a high of {highs[net][1]:g} V, {model(part)} asks for "
        f"{low:g} V: fine in practice, out of specification on paper."
        for part in graph.folded.parts
        for pin, role in part.chip.pins.items()
        if role == "in" and (net := part.pins[pin][0]) in highs
        and (low := getattr(part.chip, "input_high", 0.0)) > highs[net][1]
    }  # fmt: skip
    yield from sorted(told)


def _many_pins(graph: Graph) -> Iterator[str]:
    for net, hops in graph.into.items():
        chip, pins = hops[0].part.chip, graph.folded.loads.get(net, 0)
        if isinstance(chip, Sn74als86) and pins > chip.fan_out:
            yield (
                f"{net} has {pins} pins: no output is taken to drive more than {chip.fan_out}, "
                "equal gates share them."
            )


def _oscillator(board: Board, schedule: Schedule) -> Iterator[str]:
    period = schedule.entries[0].arc.grid
    least = board.parts.debouncer.external_period.ticks(board.parts.corner)
    if period < least:
        yield (
            f"The oscillator's period of {_time(period)} is shorter than the {_time(least)} that "
            f"{board.parts.debouncer.model} takes."
        )


def _unclocked(graph: Graph, schedule: Schedule) -> Iterator[str]:
    for endpoint in graph.endpoints:
        if not any(schedule.falls(endpoint.clock)):
            yield f"{endpoint.name} is not checked: {endpoint.clock} never falls."


def _failures(board: Board, graph: Graph, paths: Sequence[Path]) -> Iterator[str]:
    """Of a flop whose data came at random, with the slack of its output to resolve in."""
    flops = {hop.name for hop in graph.launches if isinstance(hop.part.chip, Cd74hc73)}
    slack = next((path.slack for path in paths if path.startpoint in flops), -1)
    chip, comparator = board.parts.flop, board.parts.comparator
    if slack < 0 or not comparator.noise:
        return
    changes = 1 / comparator.noise_correlation
    between = mean_time_between_failures(chip, seconds(slack), board.clock.rate, changes)
    shown = "more than 1e300 s" if math.isinf(between) else f"{between:.3g} s"
    yield (
        f"Had {chip.model} no setup and hold to rely on (data new at random every "
        f"{engineering(comparator.noise_correlation, 's')}), its output would come too late for "
        f"the next clock once in {shown}."
    )


def _time(ticks: int) -> str:
    return engineering(seconds(ticks), "s")
