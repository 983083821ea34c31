"""Invalid circuits, chips and boards: each error is one line with the place and a remedy."""

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from logicsim.core.files import shipped_boards
from tests.cli.test_commands import Done, inside, is_told

EDGE = (shipped_boards() / "edges" / "coupled.toml").read_text()
CLOCK = (shipped_boards() / "clocks" / "cascade.toml").read_text()
NAND = (shipped_boards() / "chips" / "SN74HC00.toml").read_text()
BOARD = """
name = "mine"
network = { nodes = 3, edges = [[1, 2], [2, 3]] }
"""
OWN = 'edge.circuit = "circuits/edge.toml"\nclock.circuit = "circuits/clock.toml"\n'

Files = dict[str, str]


def edge(old: str, new: str) -> Files:
    """The paper's edge with something else in it."""
    assert old in EDGE
    return {"circuits/edge.toml": EDGE.replace(old, new, 1)}


def clock(old: str, new: str) -> Files:
    assert old in CLOCK
    return {"circuits/clock.toml": CLOCK.replace(old, new, 1)}


def more(chip: str, **files: str) -> Files:
    """The paper's edge with one more gate."""
    part = f'\n[parts.more]\nchip = "{chip}"\na = "a"\nb = "b"\ny = "more"\n'
    return {"circuits/edge.toml": EDGE + part, **files}


def nand(old: str, new: str) -> Files:
    """The same, of a chip of our own."""
    changed = re.sub(old, new, NAND, count=1, flags=re.DOTALL)
    assert changed != NAND
    return more("nand.toml") | {"circuits/nand.toml": changed}


def board(text: str) -> Files:
    return {"board.toml": BOARD + text}


@pytest.fixture
def show(tmp_path: Path) -> Callable[[Files], Done]:
    """`logicsim show` of a board with circuits of its own."""

    def call(files: Files) -> Done:
        (tmp_path / "circuits").mkdir()
        usual = {
            "board.toml": BOARD + OWN,
            "circuits/edge.toml": EDGE,
            "circuits/clock.toml": CLOCK,
        }
        for name, text in (usual | files).items():
            (tmp_path / name).write_text(text)
        return inside("show", "board.toml", folder=tmp_path)

    return call


def test_the_circuits_are_good_before_anything_is_wrong(show: Callable[[Files], Done]) -> None:
    done = show({})
    assert (done.status, done.err) == (0, "")
    assert "warning" not in done.out


def test_a_chip_of_ones_own_is_good_too(show: Callable[[Files], Done]) -> None:
    done = show(more("nand.toml") | {"circuits/nand.toml": NAND})
    assert done.status == 0
    assert "2 nand" in done.out
    assert "no part reads net 'more'" in done.out


POT = "parts.digipot_free"


def chain(gates: int) -> str:
    """The paper's edge with so many inverters in a row, between the clock and the pots."""
    text = EDGE.replace('clk  = "clk"', f'clk = "m{gates - 1}"')
    nets = ["clk", *(f"m{n}" for n in range(gates))]
    parts = pairwise(nets)
    return text + "".join(f'[parts.{y}]\nchip = "not"\na = "{a}"\ny = "{y}"\n' for a, y in parts)


def test_a_breadboard_may_be_full(show: Callable[[Files], Done], tmp_path: Path) -> None:
    done = show({"circuits/edge.toml": chain(293)})  # and the 7 that are there
    assert (done.status, done.err) == (0, "")
    drawn = inside("show", "board.toml", "--png", "x.png", folder=tmp_path)
    assert (drawn.status, drawn.err) == (0, "")


CASES: dict[str, tuple[Files, tuple[str, ...]]] = {
    "unknown pin": (edge('q    = "ud"', 'q = "ud"\nqq = "x"'), ("parts.flop.qq", "mean 'q'")),
    "unknown number": (
        edge('y     = "a"', 'y = "a"\nofset = "2 mV"'),
        ("parts.comparator_a.ofset", "mean 'offset'"),
    ),
    "a number of another unit": (
        edge('y     = "a"', 'y = "a"\noffset = "2 A"'),
        ("parts.comparator_a.offset", "'2 A'", "in V"),
    ),
    "a number that no part has for itself": (
        edge('y     = "a"', 'y = "a"\nchatter = "full"'),
        ("parts.comparator_a.chatter", "no such pin or number; choose from: delay_drift"),
    ),
    "a pin left out": (edge('cp   = "cs"\n', ""), ("parts.flop.cp", "left out", "clk")),
    "a net without driver": (edge('k    = "k"', 'k = "kk"'), ("parts.flop.k", "'kk'", "mean 'k'")),
    "a net with two drivers": (
        edge('y    = "k"', 'y = "up"'),
        ("parts.inverter.y", "'up'", "xor.y", "inverter.y"),
    ),
    "two drivers in the clock": (
        clock('q    = "out2"', 'q = "out1"'),
        ("clock.toml", "parts.section2.q", "'out1'", "section1.q"),
    ),
    "a net of the clock that is not there": (
        edge('cp   = "cs"', 'cp = "ccs"'), ("parts.flop.cp", "'ccs'", "mean 'cs'"),
    ),
    "a clock without the net that an edge reads": (
        {"circuits/clock.toml": CLOCK.replace('"cs"', '"sc"')},
        ("edge.toml", "parts.flop.cp", "'cs'", "mean 'sc'"),
    ),
    "a zero delay": (
        edge('y    = "k"', 'y = "k"\nrise = "0 ns"'),
        ("parts.inverter.rise", "0 s", "at least 1 ps"),
    ),
    "a loop without delay": (
        edge('b    = "high"\ny    = "k"', 'b = "k"\ny = "k"\nfall = 0'),
        ("parts.inverter.fall", "0 s", "at least 1 ps"),
    ),
    "a digipot without a branch": (
        edge('ab   = "free"\n', ""), (f"{POT}.ab", "left out", "clamped, free"),
    ),
    "a branch that is not there": (
        edge('ab   = "free"', 'ab = "fre"'), (f"{POT}.ab", "'fre'", "mean 'free'"),
    ),
    "a third network": (
        edge('plus  = "second.clamped"', 'plus = "second.third"'),
        ("parts.comparator_b.plus", "'second.third'", "mean 'second.free'"),
    ),
    "two digipots on one branch": (
        edge('ab   = "clamped"', 'ab = "free"'),
        ("parts.digipot_clamped.ab", "'free'", "digipot_free", "clamped"),
    ),
    "a branch without a digipot": (
        {"circuits/edge.toml": EDGE[: EDGE.index("[parts.digipot_clamped]")]},
        ("parts", "'clamped'", "digipot"),
    ),
    "a chip of the wrong kind in a slot": (
        board('parts.xor.model = "LM339A"'), ("parts.xor", "'LM339A'", "gate", "'SN74ALS86'"),
    ),
    "a chip that is not there": (
        board('parts.xor.model = "SN74HC68"'), ("parts.xor", "'SN74HC68'", "did you mean"),
    ),
    "a part of a chip that is not there": (
        edge('chip = "xor"', 'chip = "xorr"'), ("parts.xor.chip", "'xorr'", "mean 'xor'"),
    ),
    "a part without a chip": (edge('chip = "flop"\n', ""), ("parts.flop.chip", "required")),
    "a chip that is no name": (edge('chip = "flop"', "chip = 3"), ("parts.flop.chip", "3")),
    "a truth table of the wrong length": (
        nand('"1110"', '"111"'), ("nand.toml", "table", "'111'", "4 digits"),
    ),
    "a negative delay": (nand('"4.5 ns"', '"-4.5 ns"'), ("nand.toml", "rise", "-4.5 ns")),
    "a missing delay": (nand(r"\[rise\].*?\n\n", ""), ("nand.toml", "rise", "required")),
    "min above max": (
        nand('"4.5 ns"', '"40 ns"'), ("nand.toml", "rise", "min 40 ns", "max 18 ns"),
    ),
    "min above max on the board": (
        board('parts.xor.rise = ["9 ns", "4 ns", "3 ns"]'), ("parts.xor.rise", "min 9 ns"),
    ),
    "a corner left out": (
        board('parts.xor.rise = { typ = "4 ns", max = "5 ns" }'), ("parts.xor.rise", "'min'"),
    ),
    "a number without its mark": (nand('mark = "M"\n', ""), ("nand.toml", "rise", "'mark'")),
    "a kind that is not there": (
        {"circuits/edge.toml": EDGE + '\n[chips.MY]\nkind = "gat"\n'},
        ("edge.toml", "chips.MY", "'gat'", "mean 'gate'"),
    ),
    "a kind that is not there, in the board": (
        board('[chips.MY]\nkind = "gat"'), ("chips.MY", "kind", "'gat'", "mean 'gate'"),
    ),
    "a circuit that names itself as a chip": (
        more("edge.toml"), ("parts.more.chip", "edge.toml", "kind", "gate"),
    ),
    "a board that names itself as a circuit": (
        board('edge.circuit = "board.toml"'), ("edge.circuit", "board.toml", "'name'", "parts"),
    ),
    "a chip that is up and away": (
        more("../../../away/nand.toml"), ("parts.more.chip", "away/nand.toml", "No such file"),
    ),
    "a circuit that is up and away": (
        board('edge.circuit = "../../away/edge.toml"'),
        ("edge.circuit", "../../away/edge.toml", "No such file"),
    ),
    "a circuit that is a folder": (
        board('edge.circuit = "../folder.toml"'), ("edge.circuit", "../folder.toml"),
    ),
    "a model that is up and away": (
        board('parts.xor.model = "../../away/x.toml"'), ("parts.xor", "../../away/x.toml"),
    ),
    "a circuit that does not ship": (
        board('edge.circuit = "couple"'), ("edge.circuit", "'couple'", "mean 'coupled'"),
    ),
    "a clock as an edge": (
        board('edge.circuit = "cascade"'), ("edge.circuit", "'cascade'", "coupled"),
    ),
    "a name used twice": (
        {"circuits/edge.toml": EDGE + '\n[parts.xor]\nchip = "xor"\n'},
        ("edge.circuit", "edge.toml", "xor", "twice", "line"),
    ),
    "the name of a node for a net": (
        edge('y     = "a"', 'y = "free"'), ("parts.comparator_a.y", "'free'", "choose another"),
    ),
    "the name of a net of the clock for a net": (
        edge('y     = "a"', 'y = "out2"'),
        ("parts.comparator_a.y", "'out2' is the name of a net of the clock", "choose another"),
    ),
    "the name of the supply for a net": (
        edge('y     = "a"', 'y = "high"'),
        ("parts.comparator_a.y", "'high' is the name of a net that is driven from outside"),
    ),
    "a truth table that is a book": (
        nand('"1110"', '"' + "1" * 9999 + '"'), ("nand.toml", "table", "111... is not 4 digits"),
    ),
    "a net that is no name": (
        edge('y    = "up"', 'y = "u p\\n"'), ("parts.xor.y", "'u p", "letters"),
    ),
    "a part that is no name": (edge("parts.xor", 'parts."x r"'), ("parts", "'x r'", "letters")),
    "a pin that is a number": (edge('a    = "a"', "a = 3"), ("parts.xor.a", "3", "choose from")),
    "a pin on the code of a counter": (
        edge('a    = "a"', 'a = "code_free"'),
        ("parts.xor.a", "'code_free' is the code of a counter", "choose from"),
    ),
    "a part's code at power-up that is none": (
        edge('ab   = "free"', 'ab = "free"\ninitial = 128'),
        ("edge.toml", f"{POT}.initial", "no code 128; 0 to 127"),
    ),
    "a part's codes of too few edges": (
        edge('ab   = "free"', 'ab = "free"\ninitial = [1]'),
        ("edge.toml", f"{POT}.initial", "1 codes for 2 edges"),
    ),
    "noise that is new at its own time": (
        edge('y     = "a"', 'y = "a"\nnoise_correlation = "50 us"'),
        ("parts.comparator_a.noise_correlation", "50 us", "set parts.comparator.noise_corr"),
    ),
    "twins with other capacitances": (
        edge('ab   = "clamped"', 'ab = "clamped"\nwiper_capacitance = "1 nF"')
        | board(OWN + 'analog.settling = "rc"'),
        ("parts.digipot_clamped.wiper_capacitance", "1 nF", "'rc'"),
    ),
    "a net that is a list": (
        edge('a    = "a"', 'a = ["a", "b"]'), ("parts.xor.a", "['a', 'b']", "choose from"),
    ),
    "an input pair that is one node": (
        edge('plus  = "second.clamped"', 'plus = "first.clamped"'),
        ("parts.comparator_b.minus", "'first.clamped'", "plus", "second.clamped"),
    ),
    "a mean of one node": (
        edge('["first.clamped", "second.free"]', '["first.free", "first.free"]'),
        ("parts.comparator_a.plus", "'first.free'"),
    ),
    "two means that are one": (
        edge('["first.free", "second.clamped"]', '["second.free", "first.clamped"]'),
        ("parts.comparator_a.minus", "plus", "same"),
    ),
    "a comparator in the clock": (
        {"circuits/clock.toml": CLOCK + '\n[parts.k]\nchip = "comparator"\nplus = "first.free"\n'
         'minus = "second.free"\ny = "z"\n'},
        ("clock.toml", "parts.k.plus", "'first.free'", "no node"),
    ),
    "a potentiometer in the clock": (
        {"circuits/clock.toml": CLOCK + '\n[parts.k]\nchip = "digipot"\nclk = "clk"\ncs = "cs"\n'
         'ud = "cs"\ncode = "code"\nab = "free"\n'},
        ("clock.toml", "parts.k.ab", "'free'", "no branch"),
    ),
    "a key that is not there": (
        {"circuits/edge.toml": "titel = 'x'\n" + EDGE}, ("edge.toml", "'titel'", "mean 'title'"),
    ),
    "a source that is no text": (
        {"circuits/edge.toml": "source = ['x']\n" + EDGE}, ("edge.toml", "source", "['x']"),
    ),
    "a circuit that is a table": (
        board('edge.circuit = { name = "x", title = "", parts = {}, chips = {}, path = 5 }'),
        ("edge.circuit", "not the name or path"),
    ),
    "a circuit that is a table of parts that are none": (
        board('edge.circuit = { name = "x", title = "", parts.a = 3, chips = {}, path = "y" }'),
        ("edge.circuit", "parts.a", "3 is not a table"),
    ),
    "no parts": ({"circuits/edge.toml": "title = 'x'\n"}, ("edge.toml", "parts", "none")),
    "too many parts": (
        {"circuits/edge.toml": chain(294)}, ("edge.toml", "parts", "301 of them; at most 300"),
    ),
    "no TOML": ({"circuits/edge.toml": EDGE + "\n[parts."}, ("edge.toml", "not valid TOML")),
    "nothing": ({"circuits/edge.toml": ""}, ("edge.toml", "empty", "parts")),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_cannot_be_is_refused_in_one_line(name: str, show: Callable[[Files], Done]) -> None:
    files, words = CASES[name]
    done = show(files)
    assert is_told(done, "board.toml", *words)
