import os
import sys
from collections.abc import Mapping
from itertools import chain
from pathlib import Path, PureWindowsPath
from typing import Any

import pytest

from logicsim.analog.solvers import SOLVERS
from logicsim.board import Board, _is_generated, load, shipped
from logicsim.circuit import tables
from logicsim.core.errors import BoardError
from logicsim.event.simulation import Simulation
from logicsim.tasks.allostery import Allostery

NETWORK = "nodes = 3\nedges = [[1, 2], [2, 3]]"
TASK = 'name = "a"\nkind = "allostery"\ninputs = { 1 = "5 V", 3 = "0 V" }\noutputs = { 2 = "1 V" }'
BENCH = 'name = "a"\nkind = "bench"\nfree = { 1 = "2 V" }\nclamped = { 1 = "1 V" }'


def document(*, top: str = "", network: str = NETWORK, rest: str = "", task: str = TASK) -> str:
    return f'name = "t"\n{top}\n[network]\n{network}\n{rest}\n[[tasks]]\n{task}\n'


def refusal(path: Path, settings: Mapping[str, Any] | None = None) -> str:
    with pytest.raises(BoardError) as caught:
        load(path, settings)
    message = str(caught.value)
    assert len(message.splitlines()) == 1, message
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mine.toml"


# Valid boards


@pytest.mark.parametrize("name", ["divider", "edge", "twin16"])
def test_a_shipped_board_loads_by_its_name_and_by_its_path(name: str) -> None:
    board = load(name)
    assert board.name == name
    assert board.tasks
    assert load(shipped()[name]) == board


def test_the_three_boards_of_the_paper_ship() -> None:
    assert {"divider", "edge", "twin16"} <= shipped().keys()


def test_the_sixteen_edge_machine_has_the_degrees_of_the_paper() -> None:
    network = load("twin16").network
    ends = [node for edge in network.edges for node in edge]
    degrees = sorted((ends.count(node) for node in range(1, network.nodes + 1)), reverse=True)
    assert degrees == [5, 5, 5, 4, 3, 3, 3, 2, 2]


def test_name_and_network_are_enough_and_the_rest_is_the_papers_board(path: Path) -> None:
    path.write_text(f'name = "t"\n[network]\n{NETWORK}\n')
    board = load(path)
    assert board.tasks == []
    assert board.parts.corner == "typ"
    assert board.parts.comparator.noise == pytest.approx(10e-3)
    assert board.parts.comparator.chatter == "latch"
    assert board.parts.comparator.offset == 0
    assert board.parts.comparator.offset_sigma == 0
    assert board.parts.digipot.end_to_end == pytest.approx(100e3)
    assert board.parts.digipot.tolerance == 0
    assert board.parts.digipot.taper == "linear"
    assert (board.parts.digipot.positions, board.parts.digipot.initial) == (128, 64)
    assert board.edge.rule == "hardware"
    assert board.edge.latch
    assert board.clock.rate == 4
    assert board.clock.capacitance == pytest.approx(10e-9)


def test_a_task_has_the_documented_defaults(path: Path) -> None:
    path.write_text(document())
    (task,) = load(path).tasks
    assert isinstance(task, Allostery)
    assert (task.steps, task.nudge, dict(task.cut)) == (100, 0.5, {})
    assert dict(task.inputs) == {1: 5.0, 3: 0.0}


@pytest.mark.parametrize(
    ("text", "farads"),
    [('"22 nF"', 22e-9), ('"0.022 uF"', 22e-9), ('"0.022 µF"', 22e-9), ("2.2e-8", 22e-9), ("1", 1)],
)
def test_a_quantity_is_written_with_prefix_and_unit_or_in_plain_si(
    path: Path, text: str, farads: float
) -> None:
    path.write_text(document(rest=f"[clock]\ncapacitance = {text}"))
    assert load(path).clock.capacitance == pytest.approx(farads, rel=1e-15)


@pytest.mark.parametrize(
    "rest",
    [
        "[parts.digipot]\ninitial = 0",
        "[parts.digipot]\ninitial = 127",
        "[parts.digipot]\ninitial = [0, 127]",
        "[parts.digipot]\ntolerance = 0.2\ninl = 2.0\ndnl = 0.25",
        "[parts.digipot]\npositions = 2\ninitial = 1",
        '[parts]\ncorner = "min"',
        '[parts]\ncorner = "max"',
        '[parts.comparator]\nnoise = 0\nchatter = "full"\noffset = "-3 mV"',
        '[parts.xor]\nrise = { min = "1 ns", typ = "1 ns", max = "1 ns" }',
        '[edge]\nrule = "printed"\nlatch = false',
        '[clock]\nrate = "0.001 Hz"\ncapacitance = "1 F"',
        '[supervisor]\nsettle = "1 us"\nimpose_resolution = "1 mV"\nmeasure_resolution = "76 uV"',
    ],
)
def test_the_ends_of_every_range_are_valid(path: Path, rest: str) -> None:
    path.write_text(document(rest=rest))
    assert isinstance(load(path), Board)


def test_parallel_edges_are_valid(path: Path) -> None:
    path.write_text(document(network="nodes = 3\nedges = [[1, 2], [2, 3], [3, 2]]"))
    assert len(load(path).network.edges) == 3


def test_settings_replace_what_the_file_says_and_add_what_it_does_not(path: Path) -> None:
    path.write_text(document(rest="[clock]\nrate = 8"))
    board = load(path, {"clock.rate": "2 Hz", "parts.comparator.noise": 0, "title": "other"})
    assert (board.clock.rate, board.parts.comparator.noise, board.title) == (2.0, 0.0, "other")
    assert load(path).clock.rate == 8


def test_a_setting_through_something_that_is_no_table_names_it(path: Path) -> None:
    path.write_text(document())
    with pytest.raises(BoardError, match=r"title\.x.*'title' is not a table"):
        load(path, {"title": "x", "title.x": 1})


def test_a_wrong_setting_is_refused_like_a_wrong_line_of_the_file(path: Path) -> None:
    path.write_text(document())
    assert "'noise'" in refusal(path, {"parts.comparator.nois": 0})
    assert refusal(path, {"clock.rate": "4 kg"}).startswith("clock.rate: ")


def test_a_task_is_found_by_name_with_its_number_and_a_wrong_name_has_a_nearest() -> None:
    board = load("divider")
    number, task = board.task("1 V")
    assert (number, task.name) == (3, "1 V")
    with pytest.raises(BoardError, match=r"divider.*'2\.25 V agan'.*'2\.25 V again'"):
        board.task("2.25 V agan")


def test_two_seeds_solder_different_pieces_and_one_seed_the_same() -> None:
    board = load("divider", {"parts.digipot.tolerance": 0.1, "parts.comparator.offset_sigma": 1e-3})
    assert board.netlist(3).parts == board.netlist(3).parts
    assert board.netlist(3) != board.netlist(4)


# Mistakes: keyword arguments of `document`, the key path, words that the message must have.

UNKNOWN_KEYS = [
    ({"top": 'titel = "x"'}, "", "titel", "title"),
    ({"network": NETWORK + "\nposition = [[0, 0]]"}, "network: ", "position", "positions"),
    ({"rest": "[part.comparator]\nnoise = 0"}, "", "part", "parts"),
    ({"rest": "[parts]\ncorners = 1"}, "parts: ", "corners", "corner"),
    ({"rest": "[parts.digipots]\ninl = 0"}, "parts: ", "digipots", "digipot"),
    ({"rest": "[parts.comparator]\nnoize = 0"}, "parts.comparator: ", "noize", "noise"),
    ({"rest": "[parts.digipot]\ntoleranse = 0"}, "parts.digipot: ", "toleranse", "tolerance"),
    ({"rest": "[parts.flop]\nsetupp = 0"}, "parts.flop: ", "setupp", "setup"),
    ({"rest": "[parts.xor]\nraise = 0"}, "parts.xor: ", "raise", "rise"),
    ({"rest": "[parts.debouncer]\nmodell = 0"}, "parts.debouncer: ", "modell", "model"),
    (
        {"rest": "[parts.xor.rise]\nmin = 0\ntyp = 0\nmax = 0\ntype = 0"},
        "parts.xor.rise: ", "type", "typ",
    ),
    ({"rest": "[edge]\nlatched = true"}, "edge: ", "latched", "latch"),
    ({"rest": "[clock]\nrat = 4"}, "clock: ", "rat", "rate"),
    ({"rest": '[analog]\nsetling = "instant"'}, "analog: ", "setling", "settling"),
    ({"rest": '[engine]\nsolvr = "dense"'}, "engine: ", "solvr", "solver"),
    ({"rest": "[supervisor]\nsettel = 1"}, "supervisor: ", "settel", "settle"),
    ({"task": TASK + "\nnugde = 0.1"}, "tasks[1]: ", "nugde", "nudge"),
    ({"task": BENCH + "\nstep = 1"}, "tasks[1]: ", "step", "steps"),
    ({"task": TASK + f"\n[[tasks]]\n{BENCH}\nclamp = 1"}, "tasks[2]: ", "clamp", "clamped"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "place", "wrong", "right"), UNKNOWN_KEYS, ids=[row[2] for row in UNKNOWN_KEYS]
)
def test_an_unknown_key_is_refused_with_its_place_and_the_nearest_valid_one(
    path: Path, change: dict[str, str], place: str, wrong: str, right: str
) -> None:
    path.write_text(document(**change))
    message = refusal(path)
    assert message.startswith(place)
    assert f"'{wrong}'" in message
    assert f"'{right}'" in message


MISTAKES: list[tuple[dict[str, str], list[str]]] = [
    # the graph
    ({"network": "edges = [[1, 2]]"}, ["network.nodes", "required"]),
    ({"network": "nodes = 3"}, ["network.edges", "required"]),
    ({"network": "nodes = 3\nedges = []"}, ["network.edges"]),
    ({"network": "nodes = 1\nedges = [[1, 1]]"}, ["network.nodes"]),
    ({"network": "nodes = 0\nedges = [[1, 2]]"}, ["network.nodes"]),
    ({"network": "nodes = -3\nedges = [[1, 2]]"}, ["network.nodes"]),
    ({"network": "nodes = 3\nedges = [[1, 2], [2, 4]]"}, ["network", "edge 2", "node 4"]),
    ({"network": "nodes = 3\nedges = [[0, 1], [2, 3]]"}, ["network", "edge 1", "node 0"]),
    ({"network": "nodes = 3\nedges = [[1, -2], [2, 3]]"}, ["network", "edge 1", "node -2"]),
    ({"network": "nodes = 3\nedges = [[1, 2], [3, 3]]"}, ["network", "edge 2", "itself"]),
    ({"network": "nodes = 4\nedges = [[1, 2], [1, 2], [3, 4]]"}, ["network", "not connected", "3"]),
    ({"network": "nodes = 4\nedges = [[1, 2], [2, 3]]"}, ["network", "4 nodes", "2 edges"]),
    ({"network": "nodes = 1000000000000\nedges = [[1, 2]]"}, ["network", "1000000000000 nodes"]),
    ({"network": "nodes = 3\nedges = [[1, 2, 3], [2, 3]]"}, ["network.edges[1]"]),
    ({"network": "nodes = 3\nedges = [[1, 2], [2]]"}, ["network.edges[2][2]"]),
    ({"network": "nodes = 3\nedges = [1, 2]"}, ["network.edges[1]"]),
    ({"network": "nodes = 3\nedges = 2"}, ["network.edges"]),
    ({"network": "nodes = 3\nedges = { 1 = 2 }"}, ["network.edges"]),
    ({"network": "nodes = 3\nedges = [[1, 2.0], [2, 3]]"}, ["network.edges[1][2]", "2.0"]),
    ({"network": "nodes = 3\nedges = [[1, true], [2, 3]]"}, ["network.edges[1][2]", "True"]),
    ({"network": 'nodes = 3\nedges = [[1, "2"], [2, 3]]'}, ["network.edges[1][2]", "'2'"]),
    ({"network": "nodes = 3.0\nedges = [[1, 2], [2, 3]]"}, ["network.nodes", "3.0"]),
    ({"network": 'nodes = "3"\nedges = [[1, 2], [2, 3]]'}, ["network.nodes", "'3'"]),
    ({"network": NETWORK + "\npositions = [[0, 0], [1, 1]]"}, ["network", "2 positions", "3 node"]),
    ({"network": NETWORK + "\npositions = [[0, 0], [1, 1], [2]]"}, ["network.positions[3]"]),
    ({"network": NETWORK + "\npositions = [[0, 0], [1, 1], [2, nan]]"}, ["positions", "nan"]),
    ({"network": NETWORK + "\npositions = [[0, 0], [1, inf], [2, 2]]"}, ["positions", "inf"]),
    ({"network": NETWORK + '\npositions = [[0, 0], [1, "a"], [2, 2]]'}, ["positions[2][2]"]),
    ({"network": NETWORK + '\npositions = "circle"'}, ["network.positions"]),
    # the parts
    ({"rest": '[parts]\ncorner = "typical"'}, ["parts.corner", "'typical'", "'typ'"]),
    ({"rest": "[parts]\ncorner = 1"}, ["parts.corner", "1"]),
    ({"rest": "[parts]\nxor = 7"}, ["parts.xor"]),
    ({"rest": '[parts.comparator]\nmodel = "LM393"'}, ["parts.comparator.model", "'LM339A'"]),
    ({"rest": '[parts.comparator]\nnoise = "10 mX"'}, ["parts.comparator.noise", "'10 mX'", "V"]),
    ({"rest": '[parts.comparator]\nnoise = "10 ns"'}, ["parts.comparator.noise", "'10 ns'", "V"]),
    ({"rest": '[parts.comparator]\nnoise = "-1 mV"'}, ["parts.comparator.noise"]),
    ({"rest": "[parts.comparator]\nnoise = nan"}, ["parts.comparator.noise", "finite"]),
    ({"rest": "[parts.comparator]\nnoise = inf"}, ["parts.comparator.noise", "finite"]),
    ({"rest": '[parts.comparator]\nnoise = "1e999 V"'}, ["parts.comparator.noise", "finite"]),
    ({"rest": "[parts.comparator]\nnoise = true"}, ["parts.comparator.noise", "True"]),
    ({"rest": "[parts.comparator]\nnoise = []"}, ["parts.comparator.noise"]),
    ({"rest": '[parts.comparator]\nchatter = "ful"'}, ["parts.comparator.chatter", "'full'"]),
    ({"rest": "[parts.comparator]\ninput_gain = 0"}, ["parts.comparator.input_gain"]),
    ({"rest": "[parts.comparator]\ninput_gain = 1.5"}, ["parts.comparator.input_gain", "1.5"]),
    ({"rest": "[parts.comparator]\ninput_gain = true"}, ["parts.comparator.input_gain", "True"]),
    ({"rest": '[parts.comparator]\nfastest = "-1 ns"'}, ["parts.comparator.fastest", "negative"]),
    ({"rest": "[parts.xor]\nfall = -1e-9"}, ["parts.xor.fall", "negative"]),
    ({"rest": '[parts.xor]\nfall = "4 kg"'}, ["parts.xor.fall", "'4 kg'", "ns"]),
    ({"rest": "[parts.xor]\nfall = [1, 2]"}, ["parts.xor.fall"]),
    ({"rest": "[parts.xor]\nfall = [3e-9, 2e-9, 4e-9]"}, ["parts.xor.fall", "contradict"]),
    ({"rest": "[parts.xor.fall]\nmin = 1\ntyp = 2"}, ["parts.xor.fall", "'max' is missing"]),
    (
        {"rest": "[parts.xor.fall]\nmin = 3e-9\ntyp = 2e-9\nmax = 4e-9"},
        ["parts.xor.fall", "contradict"],
    ),
    (
        {"rest": '[parts.flop.setup]\nmin = "1 ns"\ntyp = "3 ns"\nmax = "2 ns"'},
        ["parts.flop.setup", "contradict"],
    ),
    ({"rest": '[parts.flop]\nhold = { min = "1 V", typ = 1, max = 1 }'}, ["parts.flop.hold", "V"]),
    ({"rest": "[parts.flop]\nhold = { min = 0, typ = 0, max = nan }"}, ["parts.flop.hold", "nan"]),
    (
        {"rest": "[parts.debouncer]\nperiod_spread = { min = 2, typ = 1, max = 0.5 }"},
        ["parts.debouncer.period_spread"],
    ),
    (
        {"rest": "[parts.debouncer]\nperiod_spread = { min = -1, typ = 1, max = 2 }"},
        ["parts.debouncer.period_spread"],
    ),
    (
        {"rest": "[parts.debouncer]\nperiod_spread = { min = 1, typ = inf, max = inf }"},
        ["parts.debouncer.period_spread"],
    ),
    (
        {"rest": "[parts.debouncer]\nperiod_spread = { min = 1, typ = nan, max = 2 }"},
        ["parts.debouncer.period_spread"],
    ),
    ({"rest": "[parts.digipot]\ninitial = 128"}, ["parts.digipot.initial", "128", "0 to 127"]),
    ({"rest": "[parts.digipot]\ninitial = -1"}, ["parts.digipot.initial", "-1", "0 to 127"]),
    ({"rest": "[parts.digipot]\ninitial = [64, 128]"}, ["parts.digipot.initial", "128"]),
    ({"rest": "[parts.digipot]\ninitial = [64]"}, ["parts.digipot.initial", "1 codes", "2 edges"]),
    ({"rest": "[parts.digipot]\ninitial = []"}, ["parts.digipot.initial", "2 edges"]),
    ({"rest": "[parts.digipot]\npositions = 64"}, ["parts.digipot.initial", "64", "0 to 63"]),
    ({"rest": "[parts.digipot]\npositions = 1"}, ["parts.digipot.positions"]),
    ({"rest": "[parts.digipot]\npositions = 128.0"}, ["parts.digipot.positions", "128.0"]),
    ({"rest": '[parts.digipot]\ninitial = "64"'}, ["parts.digipot.initial: ", "'64'"]),
    ({"rest": "[parts.digipot]\ninitial = 6.5"}, ["parts.digipot.initial: ", "6.5"]),
    ({"rest": "[parts.digipot]\ninitial = true"}, ["parts.digipot.initial: ", "True"]),
    ({"rest": '[parts.digipot]\ninitial = [64, "x"]'}, ["parts.digipot.initial[2]: "]),
    ({"rest": "[parts.digipot]\ntolerance = 0.3"}, ["parts.digipot.tolerance", "0.3"]),
    ({"rest": "[parts.digipot]\ntolerance = -0.1"}, ["parts.digipot.tolerance", "-0.1"]),
    ({"rest": "[parts.digipot]\ntolerance = nan"}, ["parts.digipot.tolerance", "nan"]),
    ({"rest": "[parts.digipot]\ntolerance = false"}, ["parts.digipot.tolerance", "False"]),
    ({"rest": '[parts.digipot]\ntolerance = "0.1"'}, ["parts.digipot.tolerance", "'0.1'"]),
    ({"rest": '[parts.digipot]\ntaper = "audio"'}, ["parts.digipot.taper", "'log'"]),
    ({"rest": '[parts.digipot]\nend_to_end = "0 ohm"'}, ["parts.digipot.end_to_end"]),
    ({"rest": '[parts.digipot]\nend_to_end = "100 kOhm"'}, ["parts.digipot.end_to_end", "kohm"]),
    ({"rest": "[parts.digipot]\nwiper = 0"}, ["parts.digipot.wiper"]),
    # edge, clock, analog, supervisor
    ({"rest": '[edge]\nrule = "software"'}, ["edge.rule", "'software'", "'hardware'"]),
    ({"rest": '[edge]\nlatch = "yes"'}, ["edge.latch", "'yes'"]),
    ({"rest": "[edge]\nlatch = 1"}, ["edge.latch", "1"]),
    ({"top": "edge = 3"}, ["edge", "3"]),
    ({"top": "clock = []"}, ["clock"]),
    ({"rest": "[clock]\nrate = 0"}, ["clock.rate"]),
    ({"rest": '[clock]\nrate = "-4 Hz"'}, ["clock.rate"]),
    ({"rest": '[clock]\nrate = "4 s"'}, ["clock.rate", "'4 s'", "4 Hz"]),
    ({"rest": '[clock]\nrate = "four Hz"'}, ["clock.rate", "'four Hz'"]),
    ({"rest": '[clock]\nrate = "1.2.3 Hz"'}, ["clock.rate", "'1.2.3 Hz'"]),
    ({"rest": '[clock]\nrate = ""'}, ["clock.rate", "''"]),
    ({"rest": "[clock]\nrate = 1979-05-27"}, ["clock.rate"]),
    ({"rest": "[clock]\nrate = 07:32:00"}, ["clock.rate"]),
    ({"rest": "[clock]\nrate = 1979-05-27T07:32:00Z"}, ["clock.rate"]),
    ({"rest": '[clock]\nrate = "30 kHz"'}, ["clock.rate", "too fast"]),
    ({"rest": "[clock]\nrate = 1e-300"}, ["clock.rate"]),
    ({"rest": '[supervisor]\nsettle = "1 s"'}, ["supervisor.settle", "too fast"]),
    ({"rest": "[supervisor]\nsettle = 1e299"}, ["supervisor.settle"]),
    ({"rest": "[supervisor]\nsettle = 0"}, ["supervisor.settle"]),
    ({"rest": '[supervisor]\nsettle = "0.1 ps"'}, ["supervisor.settle"]),
    ({"rest": "[supervisor]\nimpose_resolution = -1"}, ["supervisor.impose_resolution"]),
    ({"rest": '[clock]\ncapacitance = "2 F"'}, ["clock.capacitance"]),
    ({"rest": '[clock]\ncapacitance = "10 n"'}, ["clock.capacitance", "'10 n'"]),
    ({"rest": '[analog]\nsettling = "never"'}, ["analog.settling", "'instant'"]),
    ({"rest": '[engine]\nsolver = "colmod"'}, ["engine.solver", "'colmod'", "'cholmod'"]),
    ({"rest": "[engine]\nsolver = 3"}, ["engine.solver", "3"]),
    (
        {"rest": '[engine]\nsolver = "dense"\n[analog]\nsettling = "rc"'},
        ["engine.solver", "'dense'", "analog.settling = 'instant'"],
    ),
    # tasks
    ({"task": 'kind = "allostery"'}, ["tasks[1].name", "required"]),
    ({"task": 'name = "a"'}, ["tasks[1]", "'kind'"]),
    ({"task": TASK.replace('"allostery"', '"alostery"')}, ["tasks[1]", "alostery", "'allostery'"]),
    ({"task": TASK.replace('"allostery"', "3")}, ["tasks[1]", "kind 3"]),
    ({"task": TASK.replace('"allostery"', "[3]")}, ["tasks[1]", "kind"]),
    ({"task": TASK.replace('"allostery"', "{}")}, ["tasks[1]", "kind"]),
    ({"task": TASK.replace('"a"', "7")}, ["tasks[1].name", "7"]),
    ({"task": TASK.replace('"a"', '""')}, ["tasks[1].name"]),
    ({"task": TASK.replace('"a"', "1979-05-27")}, ["tasks[1].name"]),
    ({"task": f"{TASK}\n[[tasks]]\n{BENCH}"}, ["'a'", "two tasks"]),
    ({"task": TASK.replace("2 =", "1 =")}, ["'a'", "outputs", "node 1", "input"]),
    ({"task": TASK.replace("2 =", "4 =")}, ["'a'", "outputs", "node 4", "1 to 3"]),
    ({"task": TASK.replace("3 =", "9 =")}, ["'a'", "inputs", "node 9", "1 to 3"]),
    ({"task": TASK.replace("2 =", "0 =")}, ["tasks[1].outputs.0"]),
    ({"task": TASK.replace("2 =", "-1 =")}, ["tasks[1].outputs.-1"]),
    ({"task": TASK.replace("2 =", "two =")}, ["tasks[1].outputs.two", "'two'"]),
    ({"task": TASK.replace("2 =", '"²" =')}, ["tasks[1].outputs.²"]),
    ({"task": TASK.replace("2 =", "2.5 =")}, ["tasks[1].outputs.2"]),
    ({"task": TASK.replace("2 =", f"{'9' * 5000} =")}, ["tasks[1].outputs"]),
    ({"task": TASK.replace("2 =", '2 = "1 V", 02 =')}, ["tasks[1].outputs", "2"]),
    ({"task": TASK.replace('"1 V"', '"1 mX"')}, ["tasks[1].outputs.2", "'1 mX'"]),
    ({"task": TASK.replace('"1 V"', "true")}, ["tasks[1].outputs.2", "True"]),
    ({"task": TASK.replace('"1 V"', "nan")}, ["tasks[1].outputs.2", "finite"]),
    ({"task": TASK.replace('"1 V"', "-inf")}, ["tasks[1].outputs.2", "finite"]),
    ({"task": TASK.replace('"1 V"', "1e200")}, ["tasks[1].outputs.2"]),
    ({"task": TASK.replace('{ 2 = "1 V" }', "{}")}, ["tasks[1].outputs"]),
    ({"task": TASK.replace('{ 2 = "1 V" }', "[2]")}, ["tasks[1].outputs"]),
    ({"task": TASK.replace('{ 2 = "1 V" }', '"2"')}, ["tasks[1].outputs"]),
    ({"task": TASK.replace("outputs", "# outputs")}, ["tasks[1].outputs", "required"]),
    ({"task": TASK + "\nsteps = 0"}, ["tasks[1].steps"]),
    ({"task": TASK + "\nsteps = -5"}, ["tasks[1].steps", "-5"]),
    ({"task": TASK + "\nsteps = 10.0"}, ["tasks[1].steps", "10.0"]),
    ({"task": TASK + '\nsteps = "10"'}, ["tasks[1].steps", "'10'"]),
    ({"task": TASK + "\nnudge = 0"}, ["tasks[1].nudge"]),
    ({"task": TASK + "\nnudge = 1.01"}, ["tasks[1].nudge", "1.01"]),
    ({"task": TASK + "\nnudge = nan"}, ["tasks[1].nudge", "nan"]),
    ({"task": TASK + "\nnudge = true"}, ["tasks[1].nudge", "True"]),
    ({"task": TASK + '\nnudge = "0.5"'}, ["tasks[1].nudge", "'0.5'"]),
    ({"task": TASK + "\ncut = { 5 = [3] }"}, ["'a'", "cut", "step 5", "edge 3", "1 to 2"]),
    ({"task": TASK + "\ncut = { 5 = [0] }"}, ["tasks[1].cut.5[1]"]),
    ({"task": TASK + "\ncut = { 0 = [1] }"}, ["tasks[1].cut.0"]),
    ({"task": TASK + "\ncut = { 5 = 1 }"}, ["tasks[1].cut.5"]),
    ({"task": TASK + "\ncut = { 5 = [true] }"}, ["tasks[1].cut.5[1]", "True"]),
    ({"task": TASK + "\ncut = [1]"}, ["tasks[1].cut"]),
    ({"task": BENCH.replace("1 =", "4 =")}, ["'a'", "free", "node 4"]),
    ({"task": BENCH + "\nnudge = 0.5"}, ["tasks[1]", "'nudge'"]),
    # the top
    ({"top": "title = 3"}, ["title", "3"]),
    ({"top": "title = 1979-05-27"}, ["title"]),
    ({"top": "title = { a = 1 }"}, ["title"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "words"), MISTAKES, ids=[" ".join(words) for _, words in MISTAKES]
)
def test_a_mistake_is_refused_where_it_was_made(
    path: Path, change: dict[str, str], words: list[str]
) -> None:
    path.write_text(document(**change), encoding="utf-8")
    message = refusal(path)
    for word in words:
        assert word in message


@pytest.mark.parametrize("tasks", ["3", "{}", "[3]", '["a"]', "[[]]", "[1979-05-27]"])
def test_tasks_that_are_no_tables_are_refused_by_their_key(path: Path, tasks: str) -> None:
    path.write_text(f'name = "t"\ntasks = {tasks}\n[network]\n{NETWORK}\n')
    place = "tasks[1]: " if tasks.startswith("[") else "tasks: "
    assert refusal(path).startswith(place)


@pytest.mark.parametrize(
    "name", ['""', '"1st"', '"a b"', '"../x"', '"a.b"', '"é"', "1", f'"{"a" * 41}"']
)
def test_a_board_name_that_could_not_be_a_scope_is_refused(path: Path, name: str) -> None:
    path.write_text(f"name = {name}\n[network]\n{NETWORK}\n", encoding="utf-8")
    assert refusal(path).startswith("name: ")


def test_a_missing_name_or_network_is_named(path: Path) -> None:
    path.write_text(f"[network]\n{NETWORK}\n")
    assert refusal(path).startswith("name: ")
    path.write_text('name = "t"\n')
    assert refusal(path).startswith("network: ")


BROKEN_NAME = TASK.replace('"a"', '"a\\nb"')


@pytest.mark.parametrize(
    "text",
    [
        document(top='"new\\nline" = 1'),
        document(rest='[parts]\n"new\\nline" = 1'),
        document(rest='[clock]\nrate = "4\\nHz\\nx"'),
        document(task=f"{BROKEN_NAME}\n[[tasks]]\n{BROKEN_NAME}"),
        document(task=TASK.replace('"a"', '"a\\rb"').replace("2 =", "7 =")),
        document(task=TASK.replace("2 =", '"2\\n3" =')),
        document(task=TASK + '\ncut = { "1\\n2" = [1] }'),
        document(top='"\\u2028" = 1'),
    ],
)  # fmt: skip
def test_a_line_break_in_a_wrong_name_does_not_break_the_message(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    refusal(path)


@pytest.mark.parametrize("digits", ["1" + "0" * 4000, "1" + "0" * 5000, "0x" + "f" * 20000])
@pytest.mark.parametrize(
    "where",
    [
        "steps = {}",
        "nudge = {}",
        "cut = {{ 1 = [{}] }}",
        "\n[network]\nnodes = {}\nedges = [[1, 2]]",
        "\n[network]\nnodes = 2\nedges = [[1, {}]]",
        "\n[network]\nnodes = 2\nedges = [[1, 2]]\npositions = [[0, 0], [{}, 0]]",
        "\n[clock]\nrate = {}",
        "\n[supervisor]\nsettle = {}",
        "\n[parts.digipot]\npositions = {}",
        "\n[parts.digipot]\ninitial = {}",
        "\n[parts.digipot]\ninitial = [1, {}]",
        "\n[parts.digipot]\ntolerance = {}",
        "\n[parts.xor]\nrise = {}",
        "\n[parts.debouncer]\nperiod_spread = {{ min = 1, typ = 1, max = {} }}",
        "\n[parts]\ncorner = {}",
        "\n[edge]\nlatch = {}",
    ],
)
def test_an_absurd_integer_is_a_mistake_like_any_other(path: Path, digits: str, where: str) -> None:
    line = where.format(digits)
    if line.startswith("\n"):
        table = line.strip()
        network = "" if "[network]" in line else f"\n[network]\n{NETWORK}"
        path.write_text(f'name = "t"{network}\n{table}\n[[tasks]]\n{TASK}\n')
    else:
        path.write_text(document(task=f"{TASK}\n{line}"))
    refusal(path)


@pytest.mark.parametrize("depth", [50, 1000, 100_000])
@pytest.mark.parametrize("where", ["title", "tasks", "clock", '"1" = 3\ninputs', "network"])
def test_deep_nesting_is_refused(path: Path, depth: int, where: str) -> None:
    path.write_text(f'name = "t"\n{where} = ' + "[" * depth + "]" * depth + "\n")
    refusal(path)
    path.write_text(f'name = "t"\n{where} = ' + "{a=" * depth + "1" + "}" * depth + "\n")
    refusal(path)


def test_deep_nesting_inside_a_task_is_refused(path: Path) -> None:
    deep = "[" * 200 + "]" * 200
    path.write_text(document(task=TASK.replace('"1 V"', deep)))
    assert refusal(path).startswith("tasks[1].outputs.2: ")


# Times that are no times, and numbers that a run could not survive


@pytest.mark.parametrize(
    "key",
    [
        "parts.xor.rise",
        "parts.xor.fall",
        "parts.flop.clock_to_q",
        "parts.digipot.clock_to_wiper",
        "parts.comparator.fastest",
    ],
)
def test_a_part_without_delay_is_refused_by_its_key_or_trains(path: Path, key: str) -> None:
    path.write_text(document(rest="[parts.comparator]\nnoise = 0"))
    _refused_or_trains(path, key, {key: "0 s"})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("parts.xor.rise", 1e299),
        ("parts.xor.fall", 1e299),
        ("parts.flop.setup", 1e299),
        ("parts.flop.setup", 1.0),
        ("parts.digipot.ud_setup", 1.0),
        ("parts.digipot.wiper", 1e-320),
        ("parts.digipot.end_to_end", 1e299),
        ("parts.comparator.slope", 1e299),
        ("parts.comparator.noise", 1e299),
        ("parts.comparator.offset", 1e299),
        ("parts.comparator.noise_correlation", 1e299),
        ("parts.comparator.noise_correlation", 1e-320),
        ("parts.comparator.least_overdrive", 1e-320),
        ("supervisor.impose_resolution", 1e-320),
        ("supervisor.measure_resolution", 1e-320),
        ("supervisor.measure_resolution", 1e299),
        ("clock.capacitance", 1e-320),
    ],
)
def test_an_absurd_quantity_is_refused_by_its_key_or_trains(
    path: Path, key: str, value: float
) -> None:
    path.write_text(document())
    _refused_or_trains(path, key, {key: value})


def test_a_slow_machine_with_undecided_flops_trains(path: Path) -> None:
    path.write_text(document())
    settings = {"clock.rate": "1 nHz", "parts.flop.setup": "1 s", "parts.digipot.ud_setup": "1 s"}
    _refused_or_trains(path, "", settings)


def _refused_or_trains(path: Path, key: str, settings: Mapping[str, Any]) -> None:
    try:
        board = load(path, settings)
    except BoardError:
        assert key in refusal(path, settings)
        return
    steps = list(chain.from_iterable(Simulation(board, seed=11).train([(1, board.tasks[0], 3)])))
    assert len(steps) == 3


# Files that are no boards


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing but a comment\n"])
def test_an_empty_file_is_refused(path: Path, text: str) -> None:
    path.write_text(text)
    assert "empty" in refusal(path)


@pytest.mark.parametrize("name", ["divider", "edge", "twin16"])
def test_a_board_cut_off_anywhere_is_a_board_or_a_mistake(path: Path, name: str) -> None:
    whole = shipped()[name].read_bytes()
    last = len(whole) - len(whole.rstrip(b"\n}"))
    refused = 0
    for length in range(0, len(whole) - last, 7):
        path.write_bytes(whole[:length])
        try:
            assert load(path).name == name
        except BoardError:
            refused += 1
            refusal(path)
    assert refused > 20


@pytest.mark.parametrize(
    "data",
    [bytes(range(256)), b"\xff\xfe\x00n", bytes(100), b"\x89PNG\r\n" + bytes(64), b"\xef\xbb\xbf"],
)
def test_a_binary_file_is_refused(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    refusal(path)


@pytest.mark.parametrize(
    "text", ["name =", "= 3", "[network", "name = 't", 'a = "\\q"', "a = 1\na = 2", "{}"]
)
def test_text_that_is_no_toml_is_refused_as_such(path: Path, text: str) -> None:
    path.write_text(text)
    assert "TOML" in refusal(path)


def test_a_directory_is_refused(path: Path) -> None:
    path.mkdir()
    assert "directory" in refusal(path).lower()


def test_a_missing_file_is_refused(path: Path) -> None:
    assert "No such file" in refusal(path)
    assert "No such file" in refusal(path.parent / "no" / "folder" / "b.toml")


def test_a_file_within_a_file_is_refused(path: Path) -> None:
    path.write_text(document())
    assert "directory" in refusal(path / "b.toml").lower()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions are the system's own here")
def test_a_file_that_may_not_be_read_is_refused(path: Path) -> None:
    path.write_text(document())
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert "ermission" in refusal(path)


def test_a_word_that_is_no_shipped_board_is_refused_with_the_nearest() -> None:
    with pytest.raises(BoardError, match=r"'dividr'.*'divider'"):
        load("dividr")


@pytest.mark.parametrize(
    "word", ["x" * 300, "x" * 100_000, "x" * 300 + ".toml", "a\nb", "a\0b", "a\0b.toml", "", "."]
)
def test_a_word_that_can_be_no_file_is_refused_in_one_line(
    word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BoardError) as caught:
        load(word)
    assert len(str(caught.value).splitlines()) == 1


def test_a_refused_board_changes_nothing_about_the_interpreter(path: Path) -> None:
    before = sys.getrecursionlimit(), sys.get_int_max_str_digits()
    path.write_text("a = " + "[" * 10_000)
    refusal(path)
    path.write_text("a = " + "1" * 10_000)
    refusal(path)
    assert (sys.getrecursionlimit(), sys.get_int_max_str_digits()) == before


@pytest.mark.parametrize(
    ("name", "generated"),
    [
        ("grid:30x30", True),
        ("C:\\boards\\mine.toml", False),
        ("C:\\boards\\mine", False),
        ("C:mine.toml", False),
        ("..\\mine.toml", False),
        ("\\\\server\\share\\mine.toml", False),
    ],
)
def test_a_path_of_windows_is_no_generator(name: str, generated: bool) -> None:
    assert _is_generated(PureWindowsPath(name)) is generated


def test_a_solver_that_is_not_installed_is_refused_with_its_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offer = SOLVERS["cholmod"]._replace(package="a_package_that_is_not_there")
    monkeypatch.setattr(tables, "SOLVERS", {**SOLVERS, "cholmod": offer})
    with pytest.raises(BoardError) as refused:
        load("divider", {"engine.solver": "cholmod"})
    assert str(refused.value) == (
        "divider: engine.solver: solver 'cholmod' needs a_package_that_is_not_there, which is not "
        "installed; pip install 'logicsim[fast]'"
    )


@pytest.mark.parametrize("board", ["divider", "grid:3x3", "./boards/divider.toml"])
def test_a_mistake_in_a_setting_names_the_board_as_its_user_does(
    board: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parent.parent)
    with pytest.raises(BoardError) as refused:
        load(board, {"clock.rat": 3})
    assert str(refused.value) == f"{board}: clock: unknown key 'rat'; did you mean 'rate'?"
