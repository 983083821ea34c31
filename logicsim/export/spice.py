"""SPICE: a board and its task as one netlist that ngspice runs as it is, with XSPICE parts.

The analog half is the twin network, a behavioural resistance an edge and side; the digital half is
every gate, flop and counter bit. Voltages settle at once in both programs, so time is compressed:
a gate takes a nanosecond, and a period of the debouncer's oscillator a microsecond. With the
paper's clock a step takes 18:

    us  -1 .. 1         1.5        5.5        9.5        13.5         17
        measure, hold   trigger    CS falls:  CLK falls: both rise    the next step
        and clamp                  latch      count

The codes are those of a run as long as the board's own timing is met; where that is in doubt, or
where the edges of the clock might come in another order, the board is refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Final

import numpy as np

from logicsim.analog.twin import Twin
from logicsim.board import Board
from logicsim.circuit.clockwork import Clockwork
from logicsim.circuit.netlist import Netlist
from logicsim.core.converter import converted
from logicsim.core.errors import OutputError
from logicsim.core.names import LEVELS, SIDES, TRIGGER, Side
from logicsim.export.compressed import check_order, refuse_tight, step_of
from logicsim.export.forms import carries, model
from logicsim.export.place import DeckPlace, called, counters, diodes, live, node
from logicsim.parts.digipot import Digipot
from logicsim.parts.kind import ChipKind
from logicsim.parts.part import Part
from logicsim.parts.spice import Unshown
from logicsim.tasks.allostery import Allostery
from logicsim.tasks.bench import Bench
from logicsim.tasks.task_run import Task

# gmin would load every node, and abstol is the rounding of 5 V across 40 ohm. Only the held samples
# are dynamic, far faster than any time step: gear cannot ring, and chgtol lets steps be long.
_OPTIONS: Final = ".options method=gear reltol=1e-10 abstol=1e-14 vntol=1e-13 gmin=1e-18 chgtol=1"
_SUPPLY: Final = {0: ("low", ".model low d_pulldown"), 1: ("high", ".model high d_pullup")}


def export_spice(
    board: Board, task: Task, steps: int, seed: int = 0, netlist: Netlist | None = None
) -> str:
    """A board that trains one task for some steps, from its initial codes.

    When ngspice has run it, it prints a line 'code_free 3 64' or 'code_clamped 3 64' for each
    edge, then 'v(node3_free)[last] = 1.25e+00' for each node of both networks, in volts.

    Args:
        seed: draws offsets and R_AB, as in a run.
        netlist: what is soldered, if not what the board asks for.

    Raises:
        OutputError: it would not be the same circuit: there is noise, inl or dnl, a part or a
            kind of task without a model, too little time, edges of the clock whose order is lost,
            or a node that a cut sets adrift.
    """
    netlist = board.netlist(seed) if netlist is None else netlist
    netlist.check()
    if board.analog.settling != "instant":
        raise OutputError(
            "analog.settling: the nodes of a SPICE netlist settle at once; set it to 'instant'"
        )
    clockwork = Clockwork.of(netlist, board.parts.corner)
    deck = _Deck(board, netlist, task, _cuts(task, steps), step_of(clockwork))
    sections = {
        scope: list(chain.from_iterable(map(deck.solder, parts)))
        for scope, parts in netlist.scopes().items()
    }
    refuse_tight(board, netlist, clockwork)
    check_order(clockwork, netlist)
    deck.refuse_adrift()
    sections = {"supervisor": [*deck.supervisor(), *deck.supply(), *deck.switches()], **sections}
    lines = [
        f"* {netlist.name}, task {task.name!a}, {steps} steps, seed {seed}",
        f"* us -1 to 1: measure, hold, clamp; 1.5: trigger; {deck.step - 1}: the next step",
        _OPTIONS,
        *dict.fromkeys(line for each in sections.values() for line in each if _is_model(line)),
    ]
    for title, section in sections.items():
        lines += [f"* {title}", *(line for line in section if not _is_model(line))]
    return "\n".join([*lines, *_run(netlist, steps, deck.step), ".end", ""])


def _is_model(line: str) -> bool:
    return line.startswith(".model")


def export_operating_point(
    netlist: Netlist,
    codes: Sequence[Sequence[int]],
    held: Sequence[Mapping[int, float]],
    seed: int = 0,
) -> str:
    """The two resistor networks alone; prints the nodes as `export_spice` does, without '[last]'.

    Args:
        codes: of the free and of the clamped network, in edge order.
        held: node (from 1) to volts, in the free and in the clamped network.
        seed: of the pieces' inl and dnl, if they have any.
    """
    lines = [f"* {netlist.name}, operating point", _OPTIONS]
    series = diodes(netlist)
    for part, pin, _ in counters(netlist):
        place, chip, values = DeckPlace(part, netlist, series), part.chip, part.values
        if not isinstance(chip, Digipot):
            raise OutputError(f"part '{part.name}': no resistance of {model(chip)} is known")
        (a, b), branch = place.resistance(pin), netlist.branch(part.pins[pin][0])
        ohms = chip.resistances(values["end_to_end"], seed, int(values["piece"]))
        code = codes[SIDES.index(branch.side)][branch.edge - 1]
        lines.append(f"R{place.name} {a} {b} {float(ohms[code])!r}")
    for part in series.values():
        assert isinstance(part.chip, ChipKind)
        lines += part.chip.spice(part, DeckPlace(part, netlist, series))
    for side, volts in zip(SIDES, held, strict=True):
        lines += [_source(number, side, value) for number, value in volts.items()]
    prints = [f"print v({name})" for name in _nodes(netlist)]
    control = [".control", "set numdgt=15", "op", *prints, "quit", ".endc"]
    return "\n".join([*lines, *control, ".end", ""])


@dataclass(frozen=True)
class _Deck:
    """A netlist being written down; `cuts` has the step at which an edge goes, `step` is in us."""

    board: Board
    netlist: Netlist
    task: Task
    cuts: Mapping[int, int]
    step: int

    def refuse_adrift(self) -> None:
        """The emulator knows a node that nothing determines (X); SPICE would make one up."""
        netlist = self.netlist
        twin = Twin(netlist.nodes, [(a - 1, b - 1) for a, b in netlist.edges])
        for part, pin, _ in counters(netlist):
            network, edge = twin.branch(netlist.branch(part.pins[pin][0]))
            network.set(edge, 0.0 if edge + 1 in self.cuts else 1.0)
        for network, held in zip((twin.free, twin.clamped), _held(self.task), strict=True):
            network.hold({number - 1: volts for number, volts in held.items()})
        twin.solve()
        for place in np.flatnonzero(np.isnan(twin.voltages)):
            raise OutputError(
                f"task '{self.task.name}': cut: node {place % netlist.nodes + 1} is left without "
                "a path to an input"
            )

    def supply(self) -> Iterator[str]:
        """What is tied to the supply, and the resistor to it of each open collector's net."""
        nets = {net: LEVELS[net] for net in self.netlist.inputs if net in LEVELS}
        nets |= {
            net: 1
            for part in self.netlist.parts
            for pin, role in part.chip.pins.items()
            if role == "open"
            for net in part.pins[pin]
        }
        for net, level in nets.items():
            name, declaration = _SUPPLY[level]
            yield f"a{called(net)}_{name} {called(net)} {name}"
            yield declaration

    def switches(self) -> Iterator[str]:
        """For each edge that is cut, what its conductance is multiplied by."""
        for edge, step in self.cuts.items():
            goes = (step - 1) * self.step - 2
            wave = f"PWL(0 1 {goes}u 1 {goes + 1}u 0)" if step > 1 else "0"
            yield f"V{live(edge)} {live(edge)} 0 {wave}"

    @cached_property
    def _series(self) -> Mapping[str, Part]:
        return diodes(self.netlist)

    @cached_property
    def _ceiling(self) -> float:
        """No voltage is above the highest that is held or desired."""
        outputs = self.task.outputs.values() if isinstance(self.task, Allostery) else ()
        return max(*chain.from_iterable(held.values() for held in _held(self.task)), *outputs)

    def solder(self, part: Part) -> Iterator[str]:
        """The lines of one part."""
        chip = part.chip
        if not isinstance(chip, ChipKind) or not carries(chip, "spice"):
            raise OutputError(f"part '{part.name}': no SPICE model of {model(chip)}")
        place = DeckPlace(part, self.netlist, self._series, self.cuts, self._ceiling)
        try:
            yield from chip.spice(part, place)
        except Unshown as error:
            slots = self.board.parts.slots()
            slot = next((f"parts.{name}" for name, each in slots.items() if each is chip), None)
            raise OutputError(
                f"{slot or part.name}.{error.key}: {error.value:g} cannot go into a SPICE "
                "netlist; set it to 0"
            ) from None

    def supervisor(self) -> Iterator[str]:
        """Held nodes, when to measure, a trigger edge a step, and clamped outputs."""
        impose = self.board.supervisor.converters().impose
        for side, held in zip(SIDES, _held(self.task), strict=True):
            for number, volts in converted(impose, held, 1).items():
                yield _source(number, side, volts)
        yield f"Vmeasure measure 0 PULSE(1 0 1u 1u 1u {self.step - 4}u {self.step}u)"
        yield "ameasure [measure] [measuring] logic"
        yield ".model logic adc_bridge(in_low=0.5 in_high=0.5)"
        yield "aevery every_step high"
        yield f"atrigger every_step ~measuring null null {called(TRIGGER)} null trigger"
        yield ".model trigger d_tff(ic=0)"
        if isinstance(self.task, Allostery):
            for number in self.task.outputs:
                yield from _clamp(self.board, self.task, number)


def _clamp(board: Board, task: Allostery, number: int) -> Iterator[str]:
    """An output held at Eq. 1 of its sample."""
    free, clamped, sample = node(number, "free"), node(number, "clamped"), f"sample{number}"
    # A transconductance, open while measuring, into a capacitor: loads nothing, leaks nothing.
    yield f"B{sample} 0 {sample} I=1m*V(measure)*V({free},{sample})"
    yield f"C{sample} {sample} 0 1e-18"
    eta, desired, table = task.nudge, task.outputs[number], board.supervisor
    measured = _quantised(f"V({sample})", table.measure_resolution)
    volts = _quantised(f"{eta!r}*({desired!r})+(1-{eta!r})*{measured}", table.impose_resolution)
    yield f"B{clamped} {clamped} 0 V={volts}"


def _quantised(volts: str, resolution: float) -> str:
    return f"{resolution!r}*nint(({volts})/{resolution!r})" if resolution else volts


def _source(number: int, side: Side, volts: float) -> str:
    name = node(number, side)
    return f"V{name} {name} 0 {volts!r}"


def _held(task: Task) -> tuple[Mapping[int, float], Mapping[int, float]]:
    """What is held all the time in the free and in the clamped network."""
    match task:
        case Allostery():
            return task.inputs, task.inputs
        case Bench():
            return task.free, {**task.free, **task.clamped}
    raise OutputError(f"task '{task.name}': no SPICE model of {type(task).__name__.lower()} tasks")


def _cuts(task: Task, steps: int) -> dict[int, int]:
    """Edge to the step at whose start it is cut."""
    cuts: dict[int, int] = {}
    for step in sorted(task.cut):
        if step <= steps:
            cuts |= {edge: step for edge in task.cut[step] if edge not in cuts}
    return cuts


def _nodes(netlist: Netlist) -> list[str]:
    return [node(number, side) for side in SIDES for number in range(1, netlist.nodes + 1)]


def _run(netlist: Netlist, steps: int, step: int) -> Iterator[str]:
    """The analysis, and what to print of its end."""
    codes = {}
    for part, pin, code in counters(netlist):
        edge, side = netlist.branch(part.pins[pin][0])
        codes[f"code_{side} {edge}"] = called(part.pins[code][0])
    yield ".nodeset v(measure)=1"  # else a sample has no path to ground at first sight
    yield f".tran {step}u {steps * step - 2}u 0 {step}u"
    for name in (*codes.values(), *_nodes(netlist)):
        yield f".save v({name})"
    yield from (".control", "set numdgt=15", "run", "let last = length(time)-1")
    for label, name in codes.items():
        yield f"let code = v({name})[last]"
        yield f"echo {label} $&code"
    for name in _nodes(netlist):
        yield f"print v({name})[last]"
    yield from ("quit", ".endc")
