"""A board's digital part as one Verilog file that checks itself against a run of the emulator.

The file is IEEE 1364-2005 but for `$fatal` of 1800-2005. It has a module for each kind of chip,
`machine` (the netlist), `emulator` (the run: every net at its recorded times) and `bench`, which
plays the comparators' outputs and the trigger into the machine and compares every other net with
the run, to the picosecond. Nets keep their names, as escaped identifiers.

An instant is as in the kernel: nets change in the active region, chips look at them after `#0`,
when all have changed, and act at least 1 ps later.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from logicsim.board import Board
from logicsim.circuit.netlist import Netlist
from logicsim.core.errors import NetlistError, OutputError
from logicsim.core.logic import SYMBOLS, X
from logicsim.core.units import seconds
from logicsim.event.simulation import Simulation
from logicsim.kernel.kernel import Kernel, Net
from logicsim.parts.ad5220 import Ad5220
from logicsim.parts.bat85 import Bat85
from logicsim.parts.cd74hc73 import Cd74hc73
from logicsim.parts.declaration import Corner, Declaration, Limits
from logicsim.parts.lm339a import Lm339a
from logicsim.parts.mc14490 import Mc14490
from logicsim.parts.part import Part
from logicsim.parts.sn74als86 import Sn74als86
from logicsim.parts.wire import Wire
from logicsim.tasks.lesson import Task

# By their very class: what is derived from a chip, to break it, is another chip.
_MODULES: Mapping[type, str] = {
    Sn74als86: "sn74als86", Cd74hc73: "cd74hc73", Ad5220: "ad5220", Mc14490: "mc14490",
    Wire: "jumper",
}  # fmt: skip

_CHIPS = """\
// How often a constraint was missed; $setup, $hold and $width are ignored by some simulators.
module checks;
  integer setup = 0, hold = 0, width = 0;
endmodule
`define CHECK(KIND, NAME, SINCE, LIMIT) if ($time - SINCE < LIMIT) begin \\
    checks.KIND = checks.KIND + 1; \\
    $display("%0t ps: %m: %s is short by %0d ps", $time, NAME, LIMIT - ($time - SINCE)); \\
  end
`define NEVER 64'h8000_0000_0000_0000  // so long ago that $time - `NEVER is huge

// XOR; inertial, and to x in the shorter of the two delays.
module sn74als86 #(parameter [63:0] RISE = 1, FALL = 1) (input a, b, output y);
  assign #(RISE, FALL) y = a ^ b;
endmodule

// JK flip-flop. A negedge in Verilog may come from x, so a fall is told by what was before.
module cd74hc73 #(parameter [63:0] SETUP = 0, HOLD = 0, WIDTH = 0, CLOCK_TO_Q = 1)
    (input j, k, cp, output q);
  reg was = 1'bx, state = 1'bx;
  reg [63:0] moved = `NEVER, turned = `NEVER, fell = `NEVER;
  always @(cp) begin
    #0;
    if (^was !== 1'bx) `CHECK(width, "width", turned, WIDTH)
    if (was === 1'b1 && cp === 1'b0) begin
      `CHECK(setup, "setup", moved, SETUP)
      // The third term makes 10 and 01 certain whatever the state was.
      state = j & ~state | ~k & state | j & ~k;
      fell = $time;
    end
    was = cp;
    turned = $time;
  end
  always @(j or k) begin
    moved = $time;
    #0;
    if (fell != $time) `CHECK(hold, "hold", fell, HOLD)
  end
  assign #(CLOCK_TO_Q) q = state;
endmodule

// Up/down counter that saturates; it powers up set, so its outputs have no delay then.
module ad5220 #(parameter BITS = 7, parameter [BITS-1:0] INITIAL = 64, LAST = 127,
    parameter [63:0] CS_SETUP = 0, UD_SETUP = 0, UD_HOLD = 0, WIDTH = 0, CLOCK_TO_WIPER = 1)
    (input clk, cs, ud, output [BITS-1:0] code);
  reg was = 1'bx;
  reg [63:0] moved = `NEVER, selected = `NEVER, turned = `NEVER, fell = `NEVER;
  reg [BITS-1:0] count = INITIAL;
  wire [BITS-1:0] tap;
  always @(clk) begin
    #0;
    if (^was !== 1'bx) `CHECK(width, "width", turned, WIDTH)
    if (was === 1'b1 && clk === 1'b0) begin
      if (cs === 1'b0) begin
        `CHECK(setup, "setup of ud", moved, UD_SETUP)
        `CHECK(setup, "setup of cs", selected, CS_SETUP)
        if (ud === 1'b1) count = count == LAST ? LAST : count + 1'b1;
        else if (ud === 1'b0) count = count == 0 ? count : count - 1'b1;
        else count = {BITS{1'bx}};
      end
      fell = $time;
    end
    was = clk;
    turned = $time;
  end
  always @(cs) selected = $time;
  always @(ud) begin
    moved = $time;
    #0;
    if (cs === 1'b0 && fell != $time) `CHECK(hold, "hold of ud", fell, UD_HOLD)
  end
  assign #(CLOCK_TO_WIPER) tap = count;
  assign code = tap === {BITS{1'bx}} ? INITIAL : tap;
endmodule

// Debouncer section: follows an input that has held for four oscillator edges, half a period on.
module mc14490 #(parameter [63:0] PERIOD = 2, PHASE = 0) (input d, output reg q);
  reg level = 1'bx;
  integer held = 0;
  initial q = 1'bx;
  always begin
    #0;
    if (level !== (d ^ 1'b0)) begin  // z reads as x
      level = d ^ 1'b0;
      held = 0;
    end
    @(d);
  end
  always begin
    wait (level !== q);
    #(PERIOD - ($time + PERIOD - PHASE) % PERIOD) held = held + 1;
    if (held == 4) #(PERIOD / 2) if (held == 4) q = level;
  end
endmodule

// A wire delays and swallows nothing. Its last picosecond is an assign's, so that it changes
// in the active region as all nets do.
module jumper #(parameter [63:0] DELAY = 1) (input d, output q);
  reg late = 1'bx;
  always begin
    late <= #(DELAY - 1) d ^ 1'b0;
    @(d);
  end
  assign #1 q = late;
endmodule

"""

_CHECK = """\
// At the end of an instant a net must be what it was in the emulator.
module check #(parameter WIDTH = 1) (input [WIDTH-1:0] seen, told);
  always @(seen or told) begin
    #0;
    if (seen !== told) begin
      if (bench.differences < 10)
        $display("%0t ps: %m is %b, in the emulator %b", $time, seen, told);
      bench.differences = bench.differences + 1;
    end
  end
  always @(told) if ($time != 0) begin
    #0;
    if (seen === told) bench.agreed = bench.agreed + 1;
  end
endmodule
"""


def export_verilog(
    board: Board, plan: Sequence[tuple[int, Task, int]], seed: int = 0,
    netlist: Netlist | None = None,
) -> str:  # fmt: skip
    """A self-checking Verilog file of a board and of what it did in a run.

    With Icarus: `iverilog -g2005-sv -o x file.v && vvp -n x`. It ends with the line
    'PASS: N transitions', or with the first differences, 'FAIL: ...' and an exit status of 1.

    Args:
        plan: (number, task, steps) in turn, to train in the recorded run.
        netlist: what is soldered, if not what the board asks for.

    Raises:
        NetlistError: there is a chip with no Verilog of its own.
        OutputError: something in the run came out by chance, which Verilog cannot repeat.
    """
    simulation = Simulation(board, seed, netlist)
    run = _Run(simulation.kernel, simulation.netlist)
    machine = list(_machine(simulation.netlist, run, board.parts.corner))
    for _ in simulation.train(plan):
        pass
    _refuse_chance(simulation.kernel, run)
    steps = sum(steps for _, _, steps in plan)
    lines = [
        f"// Board {board.name}, seed {seed}, {steps} steps, corner {board.parts.corner}.",
        "`timescale 1ps/1ps\n",
        _CHIPS,
        *machine,
        *_emulator(run),
        _CHECK,
        *_bench(run, simulation.kernel),
    ]
    return "\n".join(lines) + "\n"


class _Run:
    """What the digital nets did: their values at power-up and every change.

    `stimuli` come from outside the machine, from the supervisor and the comparators; `built`
    are all others. `chance` is the first count up or down that nobody decided.
    """

    def __init__(self, kernel: Kernel, netlist: Netlist) -> None:
        self.stimuli = [kernel.nets[name] for name in _stimuli(netlist)]
        self.built = [kernel.nets[n] for n in _built(netlist) if kernel.nets[n] not in self.stimuli]
        self.initial = {net: net.value for net in self.stimuli + self.built}
        self._nets = list(self.initial)
        kernel.observe(self, self._nets)
        self.changes: list[tuple[int, Net, int]] = []
        self.chance: str | None = None
        self._counters: dict[Net, list[tuple[str, Net, Net]]] = {}
        for part in netlist.parts:
            if type(part.chip) is Ad5220:
                clk, cs, ud = (kernel.nets[part.pins[pin][0]] for pin in ("clk", "cs", "ud"))
                self._counters.setdefault(clk, []).append((part.name, cs, ud))

    def instant(self, now: int, changes: Sequence[tuple[int, int]], settled: bool) -> None:
        """Keep what changed in an instant."""
        for place, value in changes:
            net = self._nets[place]
            self.changes.append((now, net, value))
            if net.fell == now and self.chance is None:
                self._look(now, self._counters.get(net, ()))

    def _look(self, now: int, counters: Iterable[tuple[str, Net, Net]]) -> None:
        for name, cs, ud in counters:
            if cs.value == 0 and ud.value >= X:
                self.chance = f"at {_shown(now)} '{name}' counts and its ud is unknown"
                return


def _refuse_chance(kernel: Kernel, run: _Run) -> None:
    """A missed width or trigger spacing is deterministic; setup, hold and X counts are not."""
    chance = run.chance
    if kernel.violations["setup"] or kernel.violations["hold"]:
        chance = "setup or hold is missed"
        for missed in kernel.violation_list:  # the first thousand
            if missed.kind in ("setup", "hold"):
                pin = f"{missed.part}.{missed.pin}"
                chance = f"at {_shown(missed.time)} the {missed.kind} of '{pin}' is missed"
                break
    if chance is not None:
        raise OutputError(
            f"this run has no Verilog: {chance}, and what comes of it is chance; "
            "choose another seed or a slower clock"
        )


def _stimuli(netlist: Netlist) -> dict[str, None]:
    """In order, each once: a dict is Python's ordered set."""
    outputs = [part.pins["y"] for part in netlist.parts if type(part.chip) is Lm339a]
    return dict.fromkeys(chain(netlist.inputs, *outputs))


def _built(netlist: Netlist) -> dict[str, None]:
    return dict.fromkeys(
        net
        for part in netlist.parts
        for pin, role in part.chip.pins.items()
        if role in ("in", "out", "open", "code")
        for net in part.pins[pin]
    )


def _machine(netlist: Netlist, run: _Run, corner: Corner) -> Iterator[str]:
    """The netlist as a module: stimuli in, every other net out, an instance for each chip."""
    ports = [f"  input {_id(net.name)}" for net in run.stimuli]
    ports += [f"  output {_range(net)}{_id(net.name)}" for net in run.built]
    yield "module machine (\n" + ",\n".join(ports) + "\n);"
    loads = netlist.loads()
    for part in netlist.parts:
        if type(part.chip) not in (Lm339a, Bat85):
            yield _instance(part, corner, loads)
    yield "endmodule\n"


def _instance(part: Part, corner: Corner, loads: Mapping[str, int]) -> str:
    module = _MODULES.get(type(part.chip))
    if module is None:
        raise NetlistError(
            f"part '{part.name}': a {type(part.chip).__name__} cannot be written in Verilog"
        )
    parameters = _listed((k, str(v)) for k, v in _parameters(part, corner, loads).items())
    pins = _listed(
        (pin, _id(part.pins[pin][0])) for pin, role in part.chip.pins.items() if role != "branch"
    )
    return f"  {module} #({parameters})\n    {_id(part.name)} ({pins});"


def _parameters(part: Part, corner: Corner, loads: Mapping[str, int]) -> dict[str, str]:
    """The declared times of a chip under their own names, and what else its module must know."""
    chip, values = part.chip, part.values
    assert isinstance(chip, Declaration)
    if isinstance(chip, Mc14490):
        period = chip.period(values["capacitance"], corner)
        return {"PERIOD": _long(period), "PHASE": _long(round(values["phase"] * period))}
    if isinstance(chip, Sn74als86):
        delay = chip.timing(part, corner, loads).arc("a", "y")
        return {"RISE": _long(delay.rise.late), "FALL": _long(delay.fall.late)}
    parameters = {k.upper(): _long(v.ticks(corner)) for k, v in chip if isinstance(v, Limits)}
    if isinstance(chip, Ad5220):
        last = chip.positions - 1
        parameters |= {
            "BITS": str(last.bit_length()), "INITIAL": str(int(values["initial"])),
            "LAST": str(last),
        }  # fmt: skip
    return parameters


def _emulator(run: _Run) -> Iterator[str]:
    """The run as a module: a register for each net, which a block for each scope plays."""
    yield "// What every net did in the emulator.\nmodule emulator;"
    for net, value in run.initial.items():
        yield f"  reg {_range(net)}{_id(net.name)}= {_value(net, value)};"
    scopes: dict[str, list[tuple[int, Net, int]]] = {}
    for change in run.changes:
        scopes.setdefault(change[1].name.partition(".")[0], []).append(change)
    for scope, changes in scopes.items():
        yield f"  initial begin  // {scope}"
        yield from _played(changes)
        yield "  end"
    yield "endmodule\n"


def _played(changes: Iterable[tuple[int, Net, int]]) -> Iterator[str]:
    """A line for each instant: how much later it is than the last, and what changes."""
    before, line = 0, ""
    for time, net, value in changes:
        if time != before:
            if line:
                yield line
            line, before = f"    #{_delay(time - before)}", time
        line += f" {_id(net.name)}= {_value(net, value)};"
    yield line


def _bench(run: _Run, kernel: Kernel) -> Iterator[str]:
    pins = ",\n    ".join(f".{_id(net.name)}(emulated.{_id(net.name)})" for net in run.stimuli)
    built = set(run.built)
    transitions = sum(net in built for _, net, _ in run.changes)
    yield "module bench;"
    yield "  integer differences = 0, agreed = 0;"
    yield "  emulator emulated ();"
    yield f"  machine built (\n    {pins}\n  );"
    for net in run.built:
        name = _id(net.name)
        yield f"  check #({net.width}) {name}(built.{name}, emulated.{name});"
    yield f"""\
  initial begin
    #{_delay(kernel.now)} #0 #0;  // behind the checks of the last instant
    if (differences == 0 && agreed == {transitions} && checks.setup == 0 && checks.hold == 0
        && checks.width == {kernel.violations["width"]}) begin
      $display("PASS: %0d transitions", agreed);
      $finish;
    end else begin
      $display("FAIL: %0d differences, %0d of %0d transitions agree",
        differences, agreed, {transitions});
      $fatal(0);
    end
  end
endmodule"""


def _id(name: str) -> str:
    """An escaped identifier, so that a net is called here what it is called everywhere."""
    return f"\\{name} "


def _listed(pairs: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f".{name}({value})" for name, value in pairs)


def _range(net: Net) -> str:
    return f"[{net.width - 1}:0] " if net.width > 1 else ""


def _value(net: Net, value: int) -> str:
    return f"1'b{SYMBOLS[value]}" if net.width == 1 else str(value)


def _shown(ticks: int) -> str:
    return f"{seconds(ticks):.12f} s"


def _long(ticks: int) -> str:
    return f"64'd{ticks}"


def _delay(ticks: int) -> str:
    """A plain number is 32 bits wide and signed, which is 2 ms."""
    return str(ticks) if ticks < 2**31 else f"({_long(ticks)})"
