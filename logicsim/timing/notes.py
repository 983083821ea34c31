"""The notes of a report: assumptions, logic levels, heavily loaded nets, unclocked pins."""

import math
from collections.abc import Iterator, Sequence

from logicsim.board import Board
from logicsim.circuit.netlist import Netlist
from logicsim.core.units import engineering, seconds
from logicsim.parts.debouncer import Debouncer
from logicsim.parts.flop import FlopKind, mean_time_between_failures
from logicsim.parts.gate import Gate
from logicsim.timing.graph import VOLTAGES, Graph
from logicsim.timing.paths import Path, model
from logicsim.timing.schedule import Schedule


def notes(
    board: Board, netlist: Netlist, graph: Graph, schedule: Schedule, paths: Sequence[Path]
) -> tuple[str, ...]:
    """The notes, one sentence each; `paths` are in order of slack."""
    return (
        *_comparators(graph),
        *(_exposed() if schedule.noisy and schedule.exposed else ()),
        *_levels(graph),
        *_many_pins(graph),
        *_oscillator(board, graph),
        *_unclocked(graph, schedule),
        *(_failures(board, netlist, graph, paths) if schedule.noisy else ()),
    )


def _comparators(graph: Graph) -> Iterator[str]:
    hops = [hop for hops in graph.into.values() for hop in hops if hop.start == VOLTAGES]
    sentences = {
        f"{model(hop.part)}: {_time(hop.arc.fall.early)} at {hop.arc.early}, "
        f"{_time(hop.arc.fall.late)} at {hop.arc.late}, and "
        f"{_time(hop.arc.rise.early - hop.arc.fall.early)} more for a rising output."
        for hop in hops
    }
    yield from sorted(sentences)


def _exposed() -> Iterator[str]:
    yield (
        "Without a latch the comparators' noise may change U/D at any time: setup and hold "
        "at the potentiometers are missed now and then at every rate."
    )


def _levels(graph: Graph) -> Iterator[str]:
    """Notes on outputs whose minimum high level is below that required by an input on the net."""
    highs = {
        hop.end: (model(hop.part), high)
        for hops in graph.into.values()
        for hop in hops
        if (high := getattr(hop.part.chip, "output_high", None)) is not None
    }
    sentences = {
        f"{highs[net][0]} guarantees a high of {highs[net][1]:g} V, {model(part)} asks for "
        f"{low:g} V: fine in practice, out of specification on paper."
        for part in graph.clockwork.unique.parts
        for pin, role in part.chip.pins.items()
        if role == "in" and (net := part.pins[pin][0]) in highs
        and (low := getattr(part.chip, "input_high", None) or 0.0) > highs[net][1]
    }  # fmt: skip
    yield from sorted(sentences)


def _many_pins(graph: Graph) -> Iterator[str]:
    for net, hops in graph.into.items():
        chip, pins = hops[0].part.chip, graph.clockwork.unique.loads.get(net, 0)
        if isinstance(chip, Gate) and pins > chip.fan_out:
            yield (
                f"{net} has {pins} pins: no output is taken to drive more than {chip.fan_out}, "
                "equal gates share them."
            )


def _oscillator(board: Board, graph: Graph) -> Iterator[str]:
    period = graph.clockwork.period
    for part in graph.clockwork.entries.values():
        if isinstance(part.chip, Debouncer):
            least = part.chip.external_period.ticks(board.parts.corner)
            if period < least:
                yield (
                    f"The oscillator's period of {_time(period)} is shorter than the "
                    f"{_time(least)} that {model(part)} takes."
                )
            return


def _unclocked(graph: Graph, schedule: Schedule) -> Iterator[str]:
    for endpoint in graph.endpoints:
        edge = endpoint.check.active
        if not any(schedule.edges(endpoint.clock, edge)):
            yield f"{endpoint.name} is not checked: {endpoint.clock} never {edge}s."


def _failures(board: Board, netlist: Netlist, graph: Graph, paths: Sequence[Path]) -> Iterator[str]:
    """Notes on the failure rate of flops with random data, from the slack left to resolve."""
    decided, correlation = netlist.decided, board.parts.comparator.noise_correlation
    flops: dict[str, FlopKind] = {}
    for hop in graph.launches:
        chip, capture = hop.part.chip, hop.part.chip.capture
        if (isinstance(chip, FlopKind) and capture is not None
                and any(hop.part.pins[pin][0] in decided for pin in capture.pins)):  # fmt: skip
            flops[hop.name] = chip
    path = next((path for path in paths if path.startpoint in flops), None)
    if path is None or path.slack < 0:
        return
    flop = flops[path.startpoint]
    between = mean_time_between_failures(
        flop, seconds(path.slack), board.clock.rate, 1 / correlation
    )
    shown = "more than 1e300 s" if math.isinf(between) else f"{between:.3g} s"
    yield (
        f"If {flop.model} had no setup and hold margin (random data every "
        f"{engineering(correlation, 's')}), its output would be too late for "
        f"the next clock once in {shown}."
    )


def _time(ticks: int) -> str:
    return engineering(seconds(ticks), "s")
