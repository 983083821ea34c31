"""SPICE: a board and its task as one netlist that ngspice runs as it is, with XSPICE parts.

The analog half is the twin network, a behavioural resistance an edge and side; the digital half is
every gate, flop and counter bit. Voltages settle at once in both programs, so time is compressed:
a gate takes a nanosecond, the debouncer's oscillator a microsecond and a step 18.

    us  -1 .. 1         1.5        5.5        9.5        13.5         17
        measure, hold   trigger    CS falls:  CLK falls: both rise    the next step
        and clamp                  latch      count

The codes are those of a run as long as the board's own timing is met; where that is in doubt, the
board is refused.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np

from logicsim.analog.twin import Twin
from logicsim.board import Board
from logicsim.circuit.clock import TRIGGER
from logicsim.circuit.edge import HIGH
from logicsim.circuit.netlist import Netlist
from logicsim.core.converter import converted
from logicsim.core.errors import OutputError
from logicsim.core.rule import RESOLUTION
from logicsim.core.units import seconds
from logicsim.parts.ad5220 import Ad5220
from logicsim.parts.bat85 import Bat85
from logicsim.parts.catalogue import Parts
from logicsim.parts.cd74hc73 import Cd74hc73
from logicsim.parts.declaration import Limits
from logicsim.parts.lm339a import Lm339a
from logicsim.parts.mc14490 import Mc14490
from logicsim.parts.part import Part
from logicsim.parts.sn74als86 import Sn74als86
from logicsim.parts.wire import Wire
from logicsim.tasks.allostery import Allostery
from logicsim.tasks.bench import Bench
from logicsim.tasks.lesson import Task

SIDES: Final = ("free", "clamped")

_STEP: Final = 18  # us

# gmin would load every node, and abstol is the rounding of 5 V across 40 ohm. Only the held samples
# are dynamic, far faster than any time step: gear cannot ring, and chgtol lets steps be long.
_OPTIONS: Final = ".options method=gear reltol=1e-10 abstol=1e-14 vntol=1e-13 gmin=1e-18 chgtol=1"
_MODELS: Final = (
    f".model compare adc_bridge(in_low={RESOLUTION!r} in_high={RESOLUTION!r})",
    ".model logic adc_bridge(in_low=0.5 in_high=0.5)",
    ".model collector d_open_c",
    ".model high d_pullup",
    ".model xor d_xor",
    ".model xnor d_xnor",
    ".model and d_and",
    ".model nor d_nor",
    ".model wire d_buffer",
    ".model section d_buffer(rise_delay=4u fall_delay=4u)",
    ".model jk d_jkff",
    ".model toggle0 d_tff(ic=0)",
    ".model toggle1 d_tff(ic=1)",
    ".model wiper real_to_v(transition_time=1p)",
)
_NO_CURRENT: Final = 1e3  # A, that no potentiometer sees
_WIDEST: Final = 16  # bits of a counter


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
            kind of task without a model, too little time, or a node that a cut sets adrift.
    """
    netlist = board.netlist(seed) if netlist is None else netlist
    netlist.check()
    _refuse_random(board)
    _refuse_tight(board, seed)
    deck = _Deck(netlist, task, _cuts(task, steps))
    deck.refuse_adrift()
    lines = [
        f"* {netlist.name}, task {task.name!a}, {steps} steps, seed {seed}",
        "* us -1 to 1: measure, hold, clamp; 1.5: trigger; 5.5: CS falls; 9.5: CLK falls; 17: next",
        _OPTIONS,
        *_MODELS,
        *(f".model bit{bit} d_to_real(zero=0 one={1 << bit})" for bit in range(_WIDEST)),
        "* supervisor",
        *_supervisor(board, task),
        *deck.supply(),
        *deck.switches(),
    ]
    for scope, parts in netlist.scopes().items():
        lines += [f"* {scope}", *chain.from_iterable(map(deck.solder, parts))]
    return "\n".join([*lines, *_run(netlist, steps), ".end", ""])


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
    for part in _digipots(netlist):
        edge, side, (a, b) = _branch(part, netlist)
        code = codes[SIDES.index(side)][edge - 1]
        lines.append(f"R{_name(part.name)} {a} {b} {_resistances(part, seed)[code]!r}")
    for part in netlist.parts:
        if isinstance(part.chip, Bat85):
            lines += _diode(part, part.chip, netlist)
    for side, volts in zip(SIDES, held, strict=True):
        lines += [_source(node, side, value) for node, value in volts.items()]
    prints = [f"print v({node})" for node in _nodes(netlist)]
    control = [".control", "set numdgt=15", "op", *prints, "quit", ".endc"]
    return "\n".join([*lines, *control, ".end", ""])


@dataclass(frozen=True, slots=True)
class _Deck:
    """A netlist being written down; `cuts` maps edges to the step at which they go."""

    netlist: Netlist
    task: Task
    cuts: Mapping[int, int]

    def refuse_adrift(self) -> None:
        """The emulator knows a node that nothing determines (X); SPICE would make one up."""
        netlist = self.netlist
        twin = Twin(netlist.nodes, [(a - 1, b - 1) for a, b in netlist.edges])
        for part in _digipots(netlist):
            network, edge = twin.branch(part.pins["ab"][0])
            network.set(edge, 0.0 if edge + 1 in self.cuts else 1.0)
        for network, held in zip((twin.free, twin.clamped), _held(self.task), strict=True):
            network.hold({node - 1: volts for node, volts in held.items()})
        twin.solve()
        for place in np.flatnonzero(np.isnan(twin.voltages)):
            raise OutputError(
                f"task '{self.task.name}': cut: node {place % netlist.nodes + 1} is left without "
                "a path to an input"
            )

    def supply(self) -> Iterator[str]:
        """What is tied high, and the resistor to the supply of each open collector's net."""
        nets = {
            net: None
            for part in self.netlist.parts
            for pin, role in part.chip.pins.items()
            if role == "open"
            for net in part.pins[pin]
        }
        for net in (HIGH, *nets):
            yield f"a{_name(net)}_high {_name(net)} high"

    def switches(self) -> Iterator[str]:
        """For each edge that is cut, what its conductance is multiplied by."""
        for edge, step in self.cuts.items():
            goes = (step - 1) * _STEP - 2
            wave = f"PWL(0 1 {goes}u 1 {goes + 1}u 0)" if step > 1 else "0"
            yield f"Vedge{edge}_live edge{edge}_live 0 {wave}"

    def solder(self, part: Part) -> Iterator[str]:
        """The lines of one part."""
        name = _name(part.name)
        nets = {pin: _name(nets[0]) for pin, nets in part.pins.items()}
        match part.chip:
            case Lm339a() as chip:
                yield f"B{name} {name} 0 V={self._difference(part, chip)}"
                yield f"a{name} [{name}] [{name}_y] compare"
                yield f"a{name}_y {name}_y {nets['y']} collector"
            case Sn74als86():
                yield f"a{name} [{nets['a']} {nets['b']}] {nets['y']} xor"
            case Cd74hc73():
                yield f"a{name} {nets['j']} {nets['k']} ~{nets['cp']} null null {nets['q']} null jk"
            case Wire():
                yield f"a{name} {nets['d']} {nets['q']} wire"
            case Mc14490():
                yield f"a{name} {nets['d']} {nets['q']} section"
            case Ad5220() as chip:
                yield from _counter(name, nets, chip.positions - 1, int(part.values["initial"]))
                edge, _, (a, b) = _branch(part, self.netlist)
                live = f"*V(edge{edge}_live)" if edge in self.cuts else ""
                yield f"B{name} {a} {b} I=V({a},{b})/({_ohms(part, chip, nets['code'])}){live}"
            case Bat85() as chip:
                yield from _diode(part, chip, self.netlist)
            case chip:
                raise OutputError(f"part '{part.name}': no SPICE model of {type(chip).__name__}")

    def _difference(self, part: Part, chip: Lm339a) -> str:
        """A comparator's differential input, volts."""
        plus, minus = (
            "(" + "+".join(f"V({_name(node)})" for node in part.pins[pin]) + ")"
            for pin in ("plus", "minus")
        )
        taps = len(part.pins["plus"])
        gain = chip.input_gain if taps > 1 else 1.0
        difference = f"{gain!r}*({plus}-{minus})-({part.values.get('offset', 0.0)!r})"
        limit = chip.supply - chip.headroom
        if self._ceiling() <= limit:
            return difference
        return f"min({plus},{minus})/{taps} > {limit!r} ? -1 : {difference}"

    def _ceiling(self) -> float:
        """No voltage is above the highest that is held or desired."""
        outputs = self.task.outputs.values() if isinstance(self.task, Allostery) else ()
        return max(*chain.from_iterable(held.values() for held in _held(self.task)), *outputs)


def _counter(name: str, nets: Mapping[str, str], last: int, initial: int) -> Iterator[str]:
    """An up/down counter that saturates at 0 and `last`; its code is a voltage.

    A bit toggles if all lower bits are 1 counting up, or 0 counting down, while CS is low and
    the end is not reached.
    """
    ud = nets["ud"]
    bits = [f"{name}_q{bit}" for bit in range(last.bit_length())]
    ones = [q for bit, q in enumerate(bits) if last >> bit & 1]
    yield f"a{name}_full [{ud} {' '.join(ones)}] {name}_full and"
    yield f"a{name}_empty [{ud} {' '.join(bits)}] {name}_empty nor"
    yield f"a{name}_go [{nets['cs']} {name}_full {name}_empty] {name}_t0 nor"
    for bit, q in enumerate(bits):
        if bit:
            yield f"a{name}_x{bit} [{ud} {bits[bit - 1]}] {name}_x{bit} xnor"
            yield f"a{name}_t{bit} [{name}_t{bit - 1} {name}_x{bit}] {name}_t{bit} and"
        toggle = f"toggle{initial >> bit & 1}"
        yield f"a{q} {name}_t{bit} ~{nets['clk']} null null {q} null {toggle}"
        yield f"a{name}_bit{bit} {q} null {name}_sum bit{bit}"
    yield f"a{name} {name}_sum {nets['code']} wiper"


def _ohms(part: Part, chip: Ad5220, code: str) -> str:
    """R_WB as an expression of the code, the voltage of node `code`."""
    if chip.taper == "linear":
        return f"{part.values['end_to_end'] / chip.positions!r}*V({code})+{chip.wiper!r}"
    points = (f"{x},{ohms!r}" for x, ohms in enumerate(_resistances(part, seed=0)))
    return f"pwl(V({code}),{','.join(points)})"


def _digipots(netlist: Netlist) -> list[Part]:
    return [part for part in netlist.parts if isinstance(part.chip, Ad5220)]


def _resistances(part: Part, seed: int) -> list[float]:
    assert isinstance(part.chip, Ad5220)
    values = part.values
    ohms = part.chip.resistances(values["end_to_end"], seed, int(values["piece"]))
    return [float(value) for value in ohms]


def _branch(part: Part, netlist: Netlist) -> tuple[int, str, tuple[str, str]]:
    """Edge, side and ends of the resistance that a potentiometer is, up to a diode behind it."""
    edge, side, (a, b) = _ends(part.pins["ab"][0], netlist)
    if any(p.pins.get("ak") == part.pins["ab"] for p in netlist.scopes()[part.scope]):
        b = f"edge{edge}_{side}_anode"
    return edge, side, (a, b)


def _ends(branch: str, netlist: Netlist) -> tuple[int, str, tuple[str, str]]:
    """Edge, side and end nodes of a branch, 'edge3.free'."""
    edge, _, side = branch.removeprefix("edge").partition(".")
    a, b = netlist.edges[int(edge) - 1]
    return int(edge), side, (f"node{a}_{side}", f"node{b}_{side}")


def _diode(part: Part, chip: Bat85, netlist: Netlist) -> Iterator[str]:
    """From behind the potentiometer to the edge's second node.

    SPICE's own diode has another law where it blocks. Shockley's is continued as a straight line
    beyond any current of ours, for the simulator's first guesses not to overflow.
    """
    name = _name(part.name)
    edge, side, (_, cathode) = _ends(part.pins["ak"][0], netlist)
    anode = f"edge{edge}_{side}_anode"
    knee = math.log(_NO_CURRENT / chip.saturation)
    x = f"(V({anode},{cathode})/{chip.emission * chip.thermal!r})"
    beyond = f"{math.exp(knee)!r}*(1+{x}-{knee!r})"
    law = f"({x}<{knee!r} ? exp({x}) : {beyond})-1"
    yield f"B{name} {anode} {cathode} I={chip.saturation!r}*({law})"
    yield f"R{name} {anode} {cathode} {chip.shunt!r}"


def _supervisor(board: Board, task: Task) -> Iterator[str]:
    """Held nodes, when to measure, a trigger edge a step, and clamped outputs."""
    impose = board.supervisor.converters().impose
    for side, held in zip(SIDES, _held(task), strict=True):
        for node, volts in converted(impose, held, 1).items():
            yield _source(node, side, volts)
    yield f"Vmeasure measure 0 PULSE(1 0 1u 1u 1u {_STEP - 4}u {_STEP}u)"
    yield "ameasure [measure] [measuring] logic"
    yield f"atrigger {_name(HIGH)} ~measuring null null {_name(TRIGGER)} null toggle0"
    if isinstance(task, Allostery):
        for node in task.outputs:
            yield from _clamp(board, task, node)


def _clamp(board: Board, task: Allostery, node: int) -> Iterator[str]:
    """An output held at Eq. 1 of its sample."""
    # A transconductance, open while measuring, into a capacitor: loads nothing, leaks nothing.
    yield f"Bsample{node} 0 sample{node} I=1m*V(measure)*V(node{node}_free,sample{node})"
    yield f"Csample{node} sample{node} 0 1e-18"
    eta, desired, table = task.nudge, task.outputs[node], board.supervisor
    sample = _quantised(f"V(sample{node})", table.measure_resolution)
    volts = _quantised(f"{eta!r}*({desired!r})+(1-{eta!r})*{sample}", table.impose_resolution)
    yield f"Bnode{node}_clamped node{node}_clamped 0 V={volts}"


def _quantised(volts: str, resolution: float) -> str:
    return f"{resolution!r}*nint(({volts})/{resolution!r})" if resolution else volts


def _source(node: int, side: str, volts: float) -> str:
    return f"Vnode{node}_{side} node{node}_{side} 0 {volts!r}"


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


def _refuse_random(board: Board) -> None:
    if board.analog.settling != "instant":
        raise OutputError(
            "analog.settling: the nodes of a SPICE netlist settle at once; set it to 'instant'"
        )
    comparator, digipot = board.parts.comparator, board.parts.digipot
    for key, value in (
        ("parts.comparator.noise", comparator.noise),
        ("parts.digipot.inl", digipot.inl),
        ("parts.digipot.dnl", digipot.dnl),
    ):
        if value:
            raise OutputError(f"{key}: {value:g} cannot go into a SPICE netlist; set it to 0")


def _refuse_tight(board: Board, seed: int) -> None:
    """In compressed time no delay matters, so on the board none may come near to mattering."""
    cascade, timetable, parts = board.cascade(seed), board.timetable(), board.parts
    slowest = _slowest(parts)
    for key, has, needs in (
        ("clock.rate", timetable.period, 2 * timetable.settle + cascade.spacing),
        ("clock.capacitance", 3 * cascade.period, slowest),
        ("supervisor.settle", timetable.settle, slowest),
        # Without its flop an edge decides anew as soon as it has stepped.
        ("parts.comparator.fastest", parts.comparator.fastest.ticks(parts.corner),
         parts.digipot.ud_hold.ticks(parts.corner)),
    ):  # fmt: skip
        if has <= needs:
            raise OutputError(
                f"{key}: this gives {seconds(has):g} s where {seconds(needs):g} s may be needed; "
                "a SPICE netlist has no delays, so they must not matter"
            )


def _slowest(parts: Parts) -> int:
    """Ticks for every delay and constraint of an edge, one after another."""
    comparator, corner = parts.comparator, parts.corner
    chips = (comparator, parts.xor, parts.flop, parts.digipot)
    limits = [limit for chip in chips for _, limit in chip if isinstance(limit, Limits)]
    overdrive = max(math.log(0.1 / comparator.least_overdrive), 0.0)
    slewing = round(comparator.slope.ticks(corner) * overdrive)
    return sum(limit.ticks(corner) for limit in limits) + slewing


def _nodes(netlist: Netlist) -> list[str]:
    return [f"node{node}_{side}" for side in SIDES for node in range(1, netlist.nodes + 1)]


def _run(netlist: Netlist, steps: int) -> Iterator[str]:
    """The analysis, and what to print of its end."""
    codes = {}
    for part in _digipots(netlist):
        edge, side, _ = _branch(part, netlist)
        codes[f"code_{side} {edge}"] = _name(part.pins["code"][0])
    yield ".nodeset v(measure)=1"  # else a sample has no path to ground at first sight
    yield f".tran {_STEP}u {steps * _STEP - 2}u 0 {_STEP}u"
    for node in (*codes.values(), *_nodes(netlist)):
        yield f".save v({node})"
    yield from (".control", "set numdgt=15", "run", "let last = length(time)-1")
    for label, node in codes.items():
        yield f"let code = v({node})[last]"
        yield f"echo {label} $&code"
    for node in _nodes(netlist):
        yield f"print v({node})[last]"
    yield from ("quit", ".endc")


def _name(name: str) -> str:
    """A dot would divide a plot from its vector."""
    return name.replace(".", "_")
