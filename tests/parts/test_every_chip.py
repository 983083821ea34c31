"""Every shipped chip: all its forms agree over all inputs and states.

Event behaviour, operations (the vector engine's opcodes), the interpreter of the program that they
become, Verilog (Icarus) and SPICE (ngspice) are compared from every reachable state, for every
change of an input. A new form joins `FORMS`.
"""

import math
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import EntryPoint
from itertools import product
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from logicsim.core.logic import Function, X
from logicsim.export.forms import carries
from logicsim.export.place import DeckPlace, called
from logicsim.export.verilog import Recording
from logicsim.kernel.kernel import Edge
from logicsim.parts import chips
from logicsim.parts.arcs import Arc, Check, Span, Timing
from logicsim.parts.chips import chip, read, shipped
from logicsim.parts.comparator import Comparator
from logicsim.parts.digipot import Digipot
from logicsim.parts.diode import Diode
from logicsim.parts.flop import FlopKind
from logicsim.parts.kind import ChipKind, Corner, Delays, number
from logicsim.parts.operations import Clocked, Count, Draw, Hold, Lookup, Operation
from logicsim.parts.part import Capture, Part
from logicsim.parts.socket import Socket
from logicsim.parts.spice import NONE, Place, Unshown, at, element
from logicsim.parts.verilog import Instance, bit, ports
from tests.bed import Bed, branch, node, part
from tests.parts.compiled import interpreted, program
from tests.parts.walk import STEP, Taken, Walk, walk

NGSPICE = shutil.which("ngspice") or ""
pytestmark = pytest.mark.skipif(
    not (shutil.which("iverilog") and NGSPICE), reason="needs Icarus and ngspice"
)

# The other level or edge that a kind may act at, for a chip of it that does not ship.
OTHER = {
    "active": {"rise": "fall", "fall": "rise"}, "open": {"high": "low", "low": "high"},
    "asynchronous": {"high": "low", "low": "high"},
}  # fmt: skip

FACT = {"value": "5 ns", "source": "a test", "mark": "D"}
# Gates that no shipped chip is: a majority, a switch, two of four, and some that hardly are one.
TABLES = {
    "00010111": "abc", "00110101": "sab", "0001011001111000": "abcd", "0110100110010110": "abcd",
    "0010": "ab", "1010": "ab", "0101": "ab", "0000": "ab", "11": "a", "01": "a",
}  # fmt: skip


def every_chip() -> dict[str, ChipKind]:
    """All that ship, without noise; each also at its other levels and edges; and more gates."""
    found: dict[str, ChipKind] = {}
    for name in shipped():
        quiet = {"noise": 0} if chip(name).kind == "comparator" else {}
        found[name] = made = chip(name, **quiet)
        keys = [key for key in OTHER if key in made.structure]
        for chosen in product((False, True), repeat=len(keys)):
            changed = {key: OTHER[key][getattr(made, key)]
                       for key, change in zip(keys, chosen, strict=True) if change}  # fmt: skip
            if changed:
                words = " ".join(f"{key}={value}" for key, value in changed.items())
                found[f"{name} {words}"] = chip(name, **changed)
    for table, inputs in TABLES.items():
        gate = {"kind": "gate", "inputs": list(inputs), "table": table, "rise": FACT, "fall": FACT}
        found[f"gate {table}"] = read(f"G{table}", gate, "test").make({})
    return found


EVERY = every_chip()


# Of the analog side: a current that the deck's last digit tells.
EXACT = ".options method=gear reltol=1e-10 abstol=1e-16 vntol=1e-13 gmin=1e-18 chgtol=1"


def is_digital(made: ChipKind) -> bool:
    return "in" in made.pins.values()


# ---- What its operations say -------------------------------------------------------------------


def went(step: Taken, clock: str, edge: Edge) -> bool:
    """Whether a step was the edge of a clock."""
    after = int(edge == "rise")
    return step.move == (clock, after) and step.before[clock] == 1 - after


def clocks(made: ChipKind, step: Taken) -> bool:
    """Whether a step was an active edge of the chip's clock."""
    edges = {(form.clock, form.edge) for form in made.operations()
             if isinstance(form, Clocked | Count | Draw)}  # fmt: skip
    return any(went(step, clock, edge) for clock, edge in edges)


def is_known(made: ChipKind, step: Taken) -> bool:
    """Whether nothing was unknown when it was taken; a code is any number."""
    inputs = max(*step.before.values(), step.move[1])
    return inputs < X and (bool(made.widths) or step.outputs[0] < X)


def operated(operation: Operation, step: Taken, state: int, positions: int) -> int:
    """The output behind an operation, `state` before it."""
    now = {**step.before, step.move[0]: step.move[1]}
    match operation:
        case Lookup(_, inputs, table):
            return Function(inputs, table).value([now[pin] for pin in inputs])
        case Hold(_, inputs, table):
            return Function((*inputs, "q"), table).value([*(now[pin] for pin in inputs), state])
        case Clocked(_, inputs, table, clock, edge) if went(step, clock, edge):
            return Function((*inputs, "q"), table).value([*(now[pin] for pin in inputs), state])
        case Count(clock, edge, select, direction) if went(step, clock, edge) and not now[select]:
            return min(max(state + (1 if now[direction] else -1), 0), positions - 1)
        case Draw(_, clock, edge) if went(step, clock, edge):
            (drawn,) = step.after
            assert drawn < X
            return drawn
    return state


# ---- Running them all at once ------------------------------------------------------------------


@dataclass
class Forms:
    """What the forms of some chips answered; each is run once, all chips together."""

    chips: Mapping[str, ChipKind]
    folder: Path

    @cached_property
    def walks(self) -> dict[str, Walk]:
        """The event behaviour of every digital chip."""
        digital = {name: made for name, made in self.chips.items() if is_digital(made)}
        return {name: walk(made, place) for place, (name, made) in enumerate(digital.items(), 1)}

    @cached_property
    def spice_walks(self) -> dict[str, Walk]:
        """Those that ngspice is asked: a clock that comes from unknown clocks its flops."""
        found = {name: each for name, each in self.walks.items() if carries(each.chip, "spice")}
        return {
            name: each if each.chip.capture is None else walk(each.chip, place, known=True)
            for place, (name, each) in enumerate(found.items(), 1)
        }

    @cached_property
    def icarus(self) -> list[str]:
        """What Icarus has to say of all their modules."""
        bed = together(self.walks.values())
        recording = Recording(bed.kernel, bed.netlist, "typ")
        for each in self.walks.values():
            for time, net, level in each.stimuli():
                bed.change(time, **{net: level})
        longest = max(len(each.taken) for each in self.walks.values())
        bed.run((longest + 1) * STEP)
        # One chip may have no more to say than the first ten differences of all.
        text = recording.text("every chip").replace("bench.differences < 10", "1")
        (self.folder / "chips.v").write_text(text)
        command = ["iverilog", "-g2005-sv", "-Wall", "-o", "chips.vvp", "chips.v"]
        compiled = self._run(*command)
        assert (compiled.returncode, compiled.stderr) == (0, "")
        return self._run("vvp", "-n", "chips.vvp").stdout.splitlines()

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, check=False, cwd=self.folder, capture_output=True, text=True)

    @cached_property
    def spice(self) -> "Deck":
        """What ngspice made of all that have SPICE."""
        deck = Deck(list(self.spice_walks.values()))
        deck.write(self.folder)
        done = self._run(NGSPICE, "-n", "-b", "chips.cir")
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr
        deck.read(done.stdout, self.folder)
        return deck


def together(walks: Iterable[Walk]) -> Bed:
    """All chips side by side, each on an edge of its own."""
    made = list(walks)
    levels = {net: 0 for each in made for net in each.levels()}
    last = max(each.number for each in made)
    edges = [(2 * place - 1, 2 * place) for place in range(1, last + 1)]
    return Bed(*(each.part for each in made), levels=levels, edges=edges)


class Deck:
    """All chips in one netlist for ngspice: what goes in, and what comes out at every step."""

    def __init__(self, walks: Sequence[Walk]) -> None:
        self._walks, self._netlist = walks, together(walks).netlist
        self._steps = max(len(each.taken) for each in walks)
        self._bits = [each.net(pin) for each in walks for pin in each.outputs
                      if each.chip.widths.get(pin, 1) == 1]  # fmt: skip
        self._codes = [each for each in walks if "code" in each.chip.pins.values()]

    def _place(self, each: Walk) -> DeckPlace:
        return DeckPlace(each.part, self._netlist, {})

    def write(self, folder: Path) -> None:
        lines = [EXACT]
        vectors = []
        for each in self._walks:
            lines += each.chip.spice(each.part, self._place(each))
            if each in self._codes:
                a, b = self._place(each).resistance("ab")
                lines += [f"V{a} {a} 0 1", f"V{b} {b} 0 0"]
                vectors += [f"v({called(each.net('code'))})", f"i(V{a})"]
        inputs = " ".join(called(net) for each in self._walks for net in each.levels())
        lines += [f"asource [{inputs}] source", '.model source d_source(input_file="source.txt")']
        (folder / "source.txt").write_text("\n".join(self._rows()) + "\n")
        step, end = STEP // 10**6, (self._steps + 1) * STEP // 10**6
        control = [f"eprint {' '.join(map(called, self._bits))}"]
        if vectors:
            names = " ".join(vectors)
            control += [f"linearize {names}", f"wrdata codes {names}"]
        # Without a source that moves, ngspice need not stop to look where a step ends.
        lines += [f".tran {step}u {end}u 0 {step}u", f"Vtick tick 0 PULSE(0 1 0 1u 1u 3u {step}u)"]
        lines += [".control", "set numdgt=15", "run", *control, "quit", ".endc"]
        models = dict.fromkeys(line for line in lines if line.startswith(".model"))
        elements = (line for line in lines if not line.startswith(".model"))
        text = "\n".join(["every chip", *models, *elements, ".end", ""])
        (folder / "chips.cir").write_text(text)

    def _rows(self) -> Iterator[str]:
        """The levels of all inputs at every step; a floating one is unknown."""
        levels = {net: 0 for each in self._walks for net in each.levels()}
        moves = [list(each.stimuli()) for each in self._walks]
        for step in range(self._steps + 1):
            if step:
                for each in moves:
                    if step <= len(each):
                        _, net, level = each[step - 1]
                        levels[net] = level
            values = " ".join("01UU"[level] + "s" for level in levels.values())
            # In the middle of what ngspice takes for a step, so that codes are at rest at its end.
            yield f"{max(step - 0.5, 0) * STEP * 1e-12:.12e} {values}"

    def read(self, printed: str, folder: Path) -> None:
        rows = re.findall(rf"^(\S+e[-+]\d+)((?:\s+[01U]\w){{{len(self._bits)}}})\s*$", printed,
                          re.MULTILINE)  # fmt: skip
        times = np.array([float(time) for time, _ in rows])
        values = [["01U".index(each[0]) for each in row.split()] for _, row in rows]
        ends = (np.arange(self._steps + 1) + 0.25) * STEP * 1e-12
        places = np.searchsorted(times, ends, side="right") - 1
        table = np.array(values)[places]
        self.levels = dict(zip(self._bits, table.T.tolist(), strict=True))
        if self._codes:
            columns = np.loadtxt(next(folder.glob("codes*")), ndmin=2)[:, 1::2]
            for place, each in enumerate(self._codes):
                self.levels[each.net("code")] = columns[:, 2 * place].tolist()
                self.levels[f"{each.net('code')} current"] = (-columns[:, 2 * place + 1]).tolist()


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Forms:
    return Forms(EVERY, tmp_path_factory.mktemp("chips"))


# ---- Each form against the event behaviour -----------------------------------------------------


def operations(made: Forms, name: str) -> None:
    each = made.chips[name]
    assert each.operations()
    for step in made.walks[name].taken:
        (state,) = step.outputs
        for operation in each.operations():
            state = operated(operation, step, state, dict(each).get("positions", 2))
        assert step.after == (state,), step


def interpreter(made: Forms, name: str) -> None:
    """What the vector engine's program does: with all moves at once, and with those without X."""
    each = made.chips[name]
    fired: list[Taken] = []
    rest: list[Taken] = []
    for step in made.walks[name].taken:
        (fired if clocks(each, step) else rest).append(step)
    for clocked, steps in ((True, fired), (False, rest)):
        code = program(each, clocked=clocked)
        known = [step for step in steps if is_known(each, step)]
        for some, way in product((steps, known), (0, 1)):
            if some:
                got = interpreted(each, code, some, way)
                different = [(step, output) for step, output in zip(some, got, strict=True)
                             if step.after != (output,)]  # fmt: skip
                assert different == [], (clocked, way)


def verilog(made: Forms, name: str) -> None:
    each = made.walks[name]
    assert carries(each.chip, "verilog")
    scope = re.escape(f"bench.{each.part.scope}.")
    assert [line for line in made.icarus if re.search(scope, line)] == []


def spice(made: Forms, name: str) -> None:
    if not carries(made.chips[name], "spice"):
        assert made.chips[name].kind == "random-bit"  # alone: nothing in SPICE is random
        return
    each, levels = made.spice_walks[name], made.spice.levels
    for place, pin in enumerate(each.outputs):
        event = [each.rest[place], *(step.after[place] for step in each.taken)]
        got = levels[each.net(pin)][: len(event)]
        if pin not in each.chip.widths:
            different = [step for step, a, b in zip(each.taken, event[1:], got[1:], strict=True)
                         if a != b]  # fmt: skip
            assert (got[0], different) == (event[0], [])
            continue
        assert got == pytest.approx(event, abs=1e-6)
        siemens = [step.conductance for step in each.taken]
        current = levels[f"{each.net(pin)} current"][1 : len(event)]
        assert current == pytest.approx(siemens, rel=1e-9)


FORMS: Sequence[Callable[[Forms, str], None]] = (operations, interpreter, verilog, spice)


@pytest.mark.parametrize("name", [name for name, made in EVERY.items() if is_digital(made)])
def test_all_forms_of_a_chip_agree(name: str, forms: Forms) -> None:
    for form in FORMS:
        form(forms, name)


def passes(made: Forms) -> bool:
    """Whether Icarus made every transition, and missed as many widths."""
    return re.fullmatch(r"PASS: [1-9]\d* transitions", made.icarus[-1]) is not None


def test_icarus_makes_every_transition_of_all_of_them(forms: Forms) -> None:
    assert passes(forms)


@pytest.mark.parametrize("name", [name for name, made in EVERY.items() if is_digital(made)])
def test_a_chip_is_asked_from_every_state_with_every_input(name: str, forms: Forms) -> None:
    each = forms.walks[name]
    made = each.chip
    asked = {(tuple(step.before.values()), step.outputs, step.move) for step in each.taken}
    vectors = 2 ** len(each.inputs)
    known = {(inputs, outputs) for inputs, outputs, _ in asked if max(inputs) < X}
    if isinstance(made, Digipot):
        assert len(known) == vectors * made.positions
    elif isinstance(made, FlopKind) and made.kind == "jk-flop":
        assert len(known) == vectors * 3  # 0, 1 and not yet known
    else:
        assert len({inputs for inputs, _ in known}) == vectors


# ---- Chips that have to do with voltages -------------------------------------------------------


def ngspice(lines: Sequence[str], folder: Path) -> str:
    (folder / "part.cir").write_text("\n".join(["one part", *lines, ".end", ""]))
    done = subprocess.run(
        [NGSPICE, "-n", "-b", "part.cir"], check=True, cwd=folder, capture_output=True, text=True
    )
    return done.stdout


def comparator_agrees(made: Comparator, folder: Path) -> None:
    """Means of two nodes at levels below, at and beyond one another and the common mode."""
    quiet = part(
        made, "bed.part", {"offset": 0.3}, plus=(node(1), node(2)),
        minus=(node(1, "clamped"), node(2, "clamped")),
    )  # fmt: skip
    bed, volts = Bed(quiet, levels={}), list(product([0.0, 2.5, 2.75, 11.25], repeat=4))
    event = []
    for place, (a, b, c, d) in enumerate(volts):
        bed.impose(place * STEP + 1, (a, b), (c, d))
        bed.run((place + 1) * STEP)
        event.append(bed.value("y"))
    deck = DeckPlace(quiet, bed.netlist, {}, {}, ceiling=11.25)
    lines = [*made.spice(quiet, deck), "ahigh y high", ".model high d_pullup"]
    names = ("node1_free", "node2_free", "node1_clamped", "node2_clamped")
    for name, column in zip(names, zip(*volts, strict=True), strict=True):
        points = (f"{10 * place}u {each} {10 * place + 9}u {each}"
                  for place, each in enumerate(column))  # fmt: skip
        lines.append(f"V{name} {name} 0 PWL({' '.join(points)})")
    lines += [f".tran 1u {10 * len(volts)}u", ".control", "run", "eprint y", "quit", ".endc"]
    rows = re.findall(r"^(\S+e[-+]\d+)\s+([01])\w\s*$", ngspice(lines, folder), re.MULTILINE)
    times = np.array([float(time) for time, _ in rows])
    ends = (10 * np.arange(len(volts)) + 8) * 1e-6
    got = [int(rows[place][1]) for place in np.searchsorted(times, ends, side="right") - 1]
    assert set(event) == {0, 1}
    assert got == event


def diode_agrees(made: Diode, folder: Path) -> None:
    """Shockley's law and the shunt, from far below zero to more than it ever sees."""
    bed = Bed(part(made, "bed.part", ab=branch(1)), levels={})
    place = DeckPlace(bed.netlist.parts[0], bed.netlist, {})
    anode, cathode = place.junction("ab")
    lines = [
        EXACT, *made.spice(place.part, place), f"Va {anode} 0 0", f"Vb {cathode} 0 0",
        ".dc Va -5 0.5 0.05",
        ".control", "set numdgt=15", "run", "wrdata currents i(Va)", "quit", ".endc",
    ]  # fmt: skip
    ngspice(lines, folder)
    table = np.loadtxt(next(folder.glob("currents*")))
    junction = made.junction
    law = [junction.saturation * (math.exp(v / junction.slope) - 1) + v / junction.shunt
           for v in table[:, 0]]  # fmt: skip
    assert -table[:, 1] == pytest.approx(law, rel=1e-6, abs=1e-15)


@pytest.mark.parametrize("name", [name for name, made in EVERY.items() if not is_digital(made)])
def test_the_law_of_an_analog_chip_is_the_same_in_spice(name: str, tmp_path: Path) -> None:
    made = EVERY[name]
    assert made.verilog(Part("bed.part", made, {}), "typ", {}) is None  # played, if it drives
    if isinstance(made, Comparator):
        comparator_agrees(made, tmp_path)
    else:
        assert isinstance(made, Diode)
        diode_agrees(made, tmp_path)


@pytest.mark.parametrize(
    ("name", "numbers", "key"),
    [("LM339A", {}, "noise"), ("AD5220-100k", {"inl": 0.1}, "inl"),
     ("AD5220-100k", {"dnl": 0.1}, "dnl")],
)  # fmt: skip
def test_what_spice_cannot_show_is_refused_by_its_key(
    name: str, numbers: dict[str, Any], key: str
) -> None:
    made = chip(name, **numbers)
    each = part(made, values={"initial": 0, "end_to_end": 1e5}, plus=(node(1),), minus=(node(2),),
                ab=branch(1))  # fmt: skip
    netlist = Bed(levels={}).netlist
    with pytest.raises(Unshown) as error:
        list(made.spice(each, DeckPlace(each, netlist, {})))
    assert error.value.key == key


# ---- A kind from outside -----------------------------------------------------------------------

TOGGLES = Function(("t", "q"), "0110")
CLEARED = Function(("clear", "q"), "0100")


class Toggle(ChipKind):
    """A T flip-flop with an asynchronous clear, as somebody else's package might have it."""

    kind: ClassVar[str] = "t-flop"
    structure: ClassVar[tuple[str, ...]] = ("active",)
    pins: ClassVar = {"t": "in", "cp": "in", "clear": "in", "q": "out"}

    active: Edge = "rise"
    clock_to_q: Delays = number("active CP edge, or CLEAR, to Q")

    @property
    def capture(self) -> Capture:
        return Capture("cp", self.active, ("t",))

    def operations(self) -> Sequence[Operation]:
        return (
            Clocked("q", ("t",), TOGGLES.table, "cp", self.active),
            Hold("q", ("clear",), CLEARED.table),
        )

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        span = Span.exactly(self.clock_to_q.ticks(corner))
        arcs = Arc("cp", "q", span, span, active=self.active), Arc("clear", "q", span, span)
        return Timing(arcs, (Check("setup", "t", "cp", 0, active=self.active),))

    def solder(self, socket: Socket) -> None:
        q, delay = socket.driver("q"), self.clock_to_q.ticks(socket.corner)
        t, clear = socket.net("t"), socket.net("clear")

        def react(toggles: int) -> None:
            state = TOGGLES.value((toggles, q.target))
            q.inertial(CLEARED.value((clear.value, state)), delay)

        socket.net("cp").listen_edge(self.active, socket.process, lambda: react(t.value))
        clear.listen(socket.process, lambda: react(0))
        socket.process.notify(lambda: react(0))

    def verilog(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Instance:
        source = """\
module t_flop #(parameter ACTIVE = 1'b1, parameter [63:0] CLOCK_TO_Q = 1)
    (input t, cp, clear, output q);
  reg was = 1'bx, state = 1'bx;
  always @(cp) begin
    #0;
    if (was === ~ACTIVE && cp === ACTIVE) state = ~clear & (t ^ state);
    was = cp;
  end
  always @(clear) #0 state = ~clear & state;
  assign #(CLOCK_TO_Q) q = state;
endmodule
"""
        numbers = {"ACTIVE": f"1'b{bit(self.active)}"} | self.times(corner)
        return Instance("t_flop", source, numbers, ports(*self.pins))

    def spice(self, part: Part, place: Place) -> Iterator[str]:
        nets = place.nets
        pins = (
            f"{nets['t']} {at(nets['cp'], self.active)} {NONE} {nets['clear']} {nets['q']} {NONE}"
        )
        return element(f"a{place.name} {pins}", "toggles", "d_tff(ic=2)")


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package that registers the kind."""
    entry = EntryPoint("t-flop", f"{__name__}:Toggle", "logicsim.chips")
    monkeypatch.setattr(chips, "entry_points", lambda group: [entry] * (group == entry.group))
    chips.kinds.cache_clear()
    yield
    chips.kinds.cache_clear()


@pytest.mark.parametrize("active", ["rise", "fall"])
@pytest.mark.usefixtures("outside")
def test_a_kind_from_outside_is_held_to_the_same(active: str, tmp_path: Path) -> None:
    table = {"kind": "t-flop", "active": active, "clock_to_q": FACT}
    made = Forms({"theirs": read("THEIRS", table, "test").make({})}, tmp_path)
    for form in FORMS:
        form(made, "theirs")
    assert passes(made)
    assert len(made.walks["theirs"].taken) > 100
