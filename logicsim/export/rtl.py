"""A board's digital part as plain Verilog that clocks itself: no run, no constraints, no voltages.

Every chip is the assignment or the clocked block that a designer would write for it, made of its
operations and of its arcs' longest delays. What voltages or chance decide (comparators, random
bits) is a bit of a shift register with feedback, which changes in every second step. A debouncer
is a delay. So this is the least that a digital simulator must do for a step of the board.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Final

from logicsim.board import Board
from logicsim.circuit.netlist import Netlist
from logicsim.core.errors import NetlistError
from logicsim.core.logic import Function
from logicsim.core.names import LEVELS, TRIGGER
from logicsim.export.forms import model
from logicsim.kernel.kernel import Edge
from logicsim.parts.arcs import Arc
from logicsim.parts.digipot import Digipot
from logicsim.parts.kind import ChipKind, Corner
from logicsim.parts.operations import Clocked, Compare, Count, Draw, Hold, Lookup
from logicsim.parts.part import Part
from logicsim.parts.verilog import delay, identifier, sum_of_products

_EDGES: Final[Mapping[Edge, str]] = {"rise": "posedge", "fall": "negedge"}


def export_rtl(board: Board, *, edge_delays: bool = True) -> str:
    """A Verilog file that trains nothing: it clocks a board's digital part `+cycles=N` times.

    At the end it prints a line 'edge3.code_free 64' for each counter. Before the first step the
    register `said` is 0; at the beginning of a step it is shifted up by one, and gets the XNOR of
    its two highest bits as its lowest.

    Args:
        edge_delays: whether the chips of edges have delays; those of the clock always have, since
            they put its edges in their order.

    Raises:
        NetlistError: a chip has no operations.
    """
    netlist, times = board.netlist(), board.timetable
    machine = _Machine(netlist, board.parts.corner, edge_delays=edge_delays)
    top = max(len(machine.said), 2) - 1
    played = [f"  wire {identifier(net)}= said[{bit}];" for bit, net in enumerate(machine.said)]
    tied = [f"  wire {identifier(net)}= 1'b{LEVELS[net]};" for net in netlist.inputs
            if net in LEVELS]  # fmt: skip
    printed = [f'    $display("{net} %0d", {identifier(net)});' for net in machine.codes]
    triggered = times.triggered(0) - times.begin(0)
    return "\n".join([
        f"// The digital part of board {board.name}, corner {board.parts.corner}.",
        "`timescale 1ps/1ps",
        "module bench;",
        "  integer cycles;",
        f"  reg {identifier(TRIGGER)};",
        f"  reg [{top}:0] said = 0;",
        *tied, *played, *machine.declared, *machine.chips,
        "  initial begin",
        '    if (!$value$plusargs("cycles=%d", cycles)) cycles = 1;',
        f"    #1 {identifier(TRIGGER)}= 1'b0;",
        f"    #{delay(times.first)};",
        "    repeat (cycles) begin",
        f"      said = {{said[{top - 1}:0], said[{top}] ~^ said[{top - 1}]}};",
        f"      #{delay(triggered)} {identifier(TRIGGER)}= ~{identifier(TRIGGER)};",
        f"      #{delay(times.period - triggered)};",
        "    end",
        *printed,
        "    $finish;",
        "  end",
        "endmodule",
        "",
    ])  # fmt: skip


class _Machine:
    """The chips of a netlist.

    Attributes:
        said: nets that voltages or chance decide, in order of their bits.
        codes: the nets of counters.
        declared: a declaration for each net that a chip drives.
        chips: what drives them.
    """

    def __init__(self, netlist: Netlist, corner: Corner, *, edge_delays: bool) -> None:
        self._netlist, self._corner, self._edge_delays = netlist, corner, edge_delays
        self._loads = netlist.loads()
        self.said: list[str] = []
        self.codes: list[str] = []
        self.declared: list[str] = []
        self.chips: list[str] = []
        for part in netlist.parts:
            self._write(part)

    def _write(self, part: Part) -> None:
        chip = part.chip
        match chip.operations() if isinstance(chip, ChipKind) else ():
            case (Compare(output) | Draw(output),):
                self.said.append(part.pins[output][0])
            case (Count() as count,) if isinstance(chip, Digipot):
                self._count(part, chip, count)
            case (Lookup(output, inputs, table),):
                self._follow(part, output, Function(inputs, table))
            case (Hold(output, inputs, table),):
                self._follow(part, output, Function((*inputs, output), table))
            case (Clocked() as clocked, *holds):
                self._clock(part, clocked, [hold for hold in holds if isinstance(hold, Hold)])
            case _ if set(chip.pins.values()) & {"out", "open", "code"}:
                raise NetlistError(f"part '{part.name}': a {model(chip)} has no plain Verilog")

    def _follow(self, part: Part, output: str, function: Function) -> None:
        nets, arcs = _nets(part), self._arcs(part, output)
        y, value = nets[output], _expression(function, nets)
        if self._in_clock(part):  # no assignment with a delay: Verilator 5.006 repeats it for ever
            changes = " or ".join(nets[pin] for pin in function.inputs)
            self.declared.append(f"  reg {y};")
            self.chips.append(f"  always begin {y}<= {_longest(arcs)}{value}; @({changes}); end")
        else:
            self.declared.append(f"  wire {y};")
            self.chips.append(f"  assign {_rise_and_fall(arcs)}{y}= {value};")

    def _clock(self, part: Part, clocked: Clocked, holds: Sequence[Hold]) -> None:
        nets = _nets(part)
        q, late = nets[clocked.output], _longest(self._arcs(part, clocked.output))
        sampled = _expression(Function((*clocked.inputs, clocked.output), clocked.table), nets)
        self.declared.append(f"  reg {q};")
        for hold in holds:
            function, inputs = Function((*hold.inputs, clocked.output), hold.table), hold.inputs
            changes = " or ".join(nets[pin] for pin in inputs)
            forced = _expression(function, nets)
            self.chips.append(f"  always @({changes}) {q}<= {late}{forced};")
            sampled = _expression(function, {**nets, clocked.output: f"({sampled})"})
        edge = f"{_EDGES[clocked.edge]} {nets[clocked.clock]}"
        self.chips.append(f"  always @({edge}) {q}<= {late}{sampled};")

    def _count(self, part: Part, chip: Digipot, count: Count) -> None:
        nets = _nets(part)
        (pin,) = (pin for pin, role in chip.pins.items() if role == "code")
        code, late = nets[pin], _longest(self._arcs(part, pin))
        self.codes.append(part.pins[pin][0])
        initial = int(part.values["initial"])
        self.declared.append(f"  reg [{chip.widths[pin] - 1}:0] {code}= {initial};")
        edge = f"{_EDGES[count.edge]} {nets[count.clock]}"
        self.chips += [
            f"  always @({edge}) if (!{nets[count.select]})",
            f"    if ({nets[count.direction]}) begin",
            f"      if ({code}!= {chip.positions - 1}) {code}<= {late}{code}+ 1;",
            f"    end else if ({code}!= 0) {code}<= {late}{code}- 1;",
        ]

    def _arcs(self, part: Part, output: str) -> list[Arc]:
        """The arcs to an output, of those that are to have delays."""
        if not (self._edge_delays or self._in_clock(part)):
            return []
        arcs = part.chip.timing(part, self._corner, self._loads).arcs
        return [arc for arc in arcs if arc.end == output]

    def _in_clock(self, part: Part) -> bool:
        return self._netlist.edge_of(part) is None


def _longest(arcs: Sequence[Arc]) -> str:
    """The longest delay, as text in front of a value."""
    return f"#{delay(max(max(a.rise.late, a.fall.late) for a in arcs))} " if arcs else ""


def _rise_and_fall(arcs: Sequence[Arc]) -> str:
    """The longest delay of a rise and that of a fall."""
    if not arcs:
        return ""
    return f"#({delay(max(a.rise.late for a in arcs))}, {delay(max(a.fall.late for a in arcs))}) "


def _nets(part: Part) -> dict[str, str]:
    return {pin: identifier(nets[0]) for pin, nets in part.pins.items()}


def _expression(function: Function, nets: Mapping[str, str]) -> str:
    """A truth table as an expression; an exclusive or has an operator of its own."""
    odd = "".join(str(sum(row) % 2) for row in product((0, 1), repeat=len(function.inputs)))
    if len(function.inputs) > 1 and function.table == odd:
        return "^ ".join(nets[pin] for pin in function.inputs)
    return sum_of_products(function, nets)
