"""A board's digital part as one Verilog file that checks itself against a run of the emulator.

The file is IEEE 1364-2005 but for `$fatal` of 1800-2005. It has a module for each kind of chip,
`machine` (the netlist), `emulator` (the run: every net at its recorded times) and `bench`, which
plays into the machine what comes from outside it (the trigger, what comparators and random bits
said) and compares every other net with the run, to the picosecond. Nets keep their names, as
escaped identifiers.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from logicsim.board import Board
from logicsim.circuit.netlist import Netlist
from logicsim.core.errors import NetlistError, OutputError
from logicsim.core.logic import SYMBOLS
from logicsim.core.units import seconds
from logicsim.event.simulation import Simulation
from logicsim.export.forms import carries, model
from logicsim.kernel.kernel import Kernel, Net
from logicsim.parts.kind import ChipKind, Corner
from logicsim.parts.part import Part
from logicsim.parts.socket import Bench
from logicsim.parts.verilog import CHECKED, PREAMBLE, Instance, delay, identifier
from logicsim.tasks.task_run import Task

_OUTPUTS = ("out", "open", "code")

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
    recording = Recording(simulation.kernel, simulation.netlist, board.parts.corner)
    for _ in simulation.train(plan):
        pass
    refuse_chance(simulation.kernel, simulation.bench)
    steps = sum(steps for _, _, steps in plan)
    return recording.text(
        f"Board {board.name}, seed {seed}, {steps} steps, corner {board.parts.corner}."
    )


class Recording:
    """What the digital nets of a kernel do from now on, as Verilog that checks itself.

    Attributes:
        stimuli: nets that come from outside the machine: from the supervisor, the supply, and
            parts that are played.
        built: all other nets.

    Raises:
        NetlistError: there is a chip with no Verilog of its own.
    """

    def __init__(self, kernel: Kernel, netlist: Netlist, corner: Corner) -> None:
        self._kernel, self._netlist = kernel, netlist
        self._instances = _instances(netlist, corner)
        ports = {part.name: instance.ports.values() for part, instance in self._instances}
        every, stimuli = dict[str, None](), dict.fromkeys(netlist.inputs)
        for part in netlist.parts:
            for pin, role in part.chip.pins.items():
                if role in ("in", *_OUTPUTS):
                    every |= dict.fromkeys(part.pins[pin])
                if role in _OUTPUTS and pin not in ports.get(part.name, ()):
                    stimuli |= dict.fromkeys(part.pins[pin])
        self.stimuli = [kernel.nets[name] for name in stimuli]
        self.built = [kernel.nets[name] for name in every if name not in stimuli]
        self.initial = {net: net.value for net in self.stimuli + self.built}
        self._nets = list(self.initial)
        kernel.observe(self, self._nets)
        self.changes: list[tuple[int, Net, int]] = []

    def instant(self, now: int, changes: Sequence[tuple[int, int]], settled: bool) -> None:
        """Keep what changed in an instant."""
        self.changes += [(now, self._nets[place], value) for place, value in changes]

    def text(self, title: str) -> str:
        """The whole file, of all that happened so far."""
        lines = [
            f"// {title}",
            "`timescale 1ps/1ps\n",
            PREAMBLE,
            *_modules(self._instances),
            *_machine(self, self._instances),
            *_emulator(self, self._netlist),
            _CHECK,
            *_bench(self, self._kernel),
        ]
        return "\n".join(lines) + "\n"


def refuse_chance(kernel: Kernel, bench: Bench) -> None:
    """A missed width or trigger spacing is deterministic; setup, hold and X counts are not.

    Raises:
        OutputError: what the run came to by chance first.
    """
    chance = None
    if bench.chance is not None:
        time, part, pin = bench.chance
        chance = f"at {_shown(time)} '{part}' takes its {pin}, which is unknown"
    kinds = set(CHECKED) - {"width"}
    if any(kernel.violations[kind] for kind in kinds):
        chance = f"{' or '.join(sorted(kinds))} is missed"
        for missed in kernel.violation_list:  # the first thousand
            if missed.kind in kinds:
                pin = f"{missed.part}.{missed.pin}"
                chance = f"at {_shown(missed.time)} the {missed.kind} of '{pin}' is missed"
                break
    if chance is not None:
        raise OutputError(
            f"this run has no Verilog: {chance}, and what comes of it is chance; "
            "choose another seed or a slower clock"
        )


def _instances(netlist: Netlist, corner: Corner) -> list[tuple[Part, Instance]]:
    """All parts that are computed, in order; what the others said is played."""
    loads = netlist.loads()
    made = ((part, _instance(part, corner, loads)) for part in netlist.parts)
    return [(part, instance) for part, instance in made if instance is not None]


def _instance(part: Part, corner: Corner, loads: Mapping[str, int]) -> Instance | None:
    chip = part.chip
    if isinstance(chip, ChipKind) and carries(chip, "verilog"):
        return chip.verilog(part, corner, loads)
    raise NetlistError(f"part '{part.name}': a {model(chip)} cannot be written in Verilog")


def _modules(instances: Iterable[tuple[Part, Instance]]) -> Iterator[str]:
    """The text of each module that has an instance.

    Raises:
        NetlistError: two kinds of chip call their modules alike.
    """
    sources: dict[str, str] = {}
    for part, instance in instances:
        source = sources.setdefault(instance.module, instance.source)
        if source != instance.source:
            raise NetlistError(
                f"part '{part.name}': module '{instance.module}' of {model(part.chip)} has the "
                "name of another kind's; rename it"
            )
    yield from sources.values()


def _machine(run: Recording, instances: Iterable[tuple[Part, Instance]]) -> Iterator[str]:
    """The netlist as a module: stimuli in, every other net out, an instance for each chip."""
    ports = [f"  input {identifier(net.name)}" for net in run.stimuli]
    ports += [f"  output {_range(net)}{identifier(net.name)}" for net in run.built]
    yield "module machine (\n" + ",\n".join(ports) + "\n);"
    nets = {net.name for net in run.initial}
    for part, instance in instances:
        name = part.name if part.name not in nets else f"{part.name}.part"  # no net has two dots
        pins = _listed(
            (port, identifier(part.pins[pin][0])) for port, pin in instance.ports.items()
        )
        parameters = _listed(instance.parameters.items())
        yield f"  {instance.module} #({parameters})\n    {identifier(name)} ({pins});"
    yield "endmodule\n"


def _emulator(run: Recording, netlist: Netlist) -> Iterator[str]:
    """The run as a module: a register for each net, which a block for each breadboard plays."""
    yield "// What every net did in the emulator.\nmodule emulator;"
    for net, value in run.initial.items():
        yield f"  reg {_range(net)}{identifier(net.name)}= {_value(net, value)};"
    scopes: dict[str, list[tuple[int, Net, int]]] = {}
    for change in run.changes:
        driver = netlist.drivers.get(change[1].name)
        scopes.setdefault("inputs" if driver is None else driver.scope, []).append(change)
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
            line, before = f"    #{delay(time - before)}", time
        line += f" {identifier(net.name)}= {_value(net, value)};"
    yield line


def _bench(run: Recording, kernel: Kernel) -> Iterator[str]:
    pins = ",\n    ".join(
        f".{identifier(net.name)}(emulated.{identifier(net.name)})" for net in run.stimuli
    )
    built = set(run.built)
    transitions = sum(net in built for _, net, _ in run.changes)
    chance = " && ".join(f"checks.{kind} == 0" for kind in CHECKED if kind != "width")
    yield "module bench;"
    yield "  integer differences = 0, agreed = 0;"
    yield "  emulator emulated ();"
    yield f"  machine built (\n    {pins}\n  );"
    for net in run.built:
        name = identifier(net.name)
        yield f"  check #({net.width}) {name}(built.{name}, emulated.{name});"
    yield f"""\
  initial begin
    #{delay(kernel.now)} #0 #0;  // behind the checks of the last instant
    if (differences == 0 && agreed == {transitions} && {chance}
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


def _listed(pairs: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f".{name}({value})" for name, value in pairs)


def _range(net: Net) -> str:
    return f"[{net.width - 1}:0] " if net.width > 1 else ""


def _value(net: Net, value: int) -> str:
    return f"1'b{SYMBOLS[value]}" if net.width == 1 else str(value)


def _shown(ticks: int) -> str:
    return f"{seconds(ticks):.12f} s"
