"""Circuits other than the paper's: both engines give the same codes."""

import math
from dataclasses import replace
from itertools import chain, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logicsim.board import Board, load
from logicsim.circuit.file import Circuit
from logicsim.core.errors import EngineError, NetlistError
from logicsim.event.simulation import Simulation
from logicsim.faults import inject, parse_all, universe
from logicsim.training.engines import check_vector, power_up
from logicsim.training.run import plan
from logicsim.vector.alterations import read
from logicsim.vector.compiler import compiled
from logicsim.vector.machine import Machine
from tests.circuits import FOREIGN, clock, edge


def assert_equal(board: Board, seed: int, steps: int, task: int = 1) -> None:
    event, vector = Simulation(board, seed), Machine(board, seed)
    chosen = [(task, board.tasks[task - 1], steps)]
    for one, other in zip(
        chain.from_iterable(event.train(chosen)),
        chain.from_iterable(vector.train(chosen)),
        strict=True,
    ):
        codes = (one.codes_free, one.codes_clamped)
        assert codes == (other.codes_free, other.codes_clamped), (seed, one.step)
        # The outputs agree to a nanovolt; an error of (1 mV)^2 is the square of a small difference.
        assert math.sqrt(other.error) == pytest.approx(math.sqrt(one.error), rel=1e-9, abs=1e-9)
    assert event.codes() == vector.codes()
    assert not event.kernel.violations


@pytest.mark.parametrize("name", FOREIGN)
def test_both_engines_make_the_same_codes(name: str) -> None:
    board = load("twin16", FOREIGN[name])
    check_vector(board)
    for seed in range(3):
        assert_equal(board, seed, 100, task=4)


@pytest.mark.slow
@pytest.mark.parametrize("name", FOREIGN)
def test_both_engines_make_the_same_codes_on_fifty_seeds(name: str) -> None:
    board = load("twin16", FOREIGN[name])
    for seed in range(50):
        assert_equal(board, 1000 + seed, 100, task=4)


@pytest.mark.parametrize("name", ["nand", "pulse"])
def test_another_way_to_the_papers_rule_learns_what_the_papers_edge_learns(name: str) -> None:
    board, papers = load("twin16", FOREIGN[name]), load("twin16")
    for seed in (0, 7):
        runs = [Simulation(each, seed) for each in (board, papers)]
        steps = [
            list(chain.from_iterable(each.train([(4, each.board.tasks[3], 60)]))) for each in runs
        ]
        assert [s.codes_free for s in steps[0]] == [s.codes_free for s in steps[1]]


def test_a_clock_of_every_second_trigger_moves_every_second_step() -> None:
    board = load("divider", {**FOREIGN["half"], "parts.comparator.noise": 0})
    codes = [
        step.codes_free
        for step in chain.from_iterable(Machine(board, 1).train(plan(board, ["3.75 V"], 10)))
    ]
    # The first trigger rises: the codes have moved before steps 2, 4, 6, ...
    moved = [before != after for before, after in pairwise(codes)]
    assert moved == [True, False] * 4 + [True]


def test_a_dead_zone_moves_nothing_where_drops_are_near() -> None:
    settings = {**FOREIGN["dead_zone"],
        "parts.comparator.noise": 0, "parts.digipot.initial": [32, 96],
    }  # fmt: skip
    board = load("divider", settings)  # 3.75 V is what it has learned
    codes = [
        step.codes_free
        for step in chain.from_iterable(Machine(board, 1).train(plan(board, ["3.75 V"], 6)))
    ]
    assert set(codes) == {(32, 96)}
    papers = load("divider", {key: settings[key] for key in list(settings)[1:]})
    steps = chain.from_iterable(Machine(papers, 1).train(plan(papers, ["3.75 V"], 6)))
    assert len({step.codes_free for step in steps}) > 1


def faults_of(board: Board, every: int) -> list[str]:
    return [each.fault.name for each in universe(board)
            if each.permanent and not each.fault.timing][::every]  # fmt: skip


@pytest.mark.parametrize("name", FOREIGN)
def test_permanent_faults_do_the_same_or_are_refused(name: str) -> None:
    board = load("divider", FOREIGN[name])
    machine, sound = compiled(board), board.netlist(3)
    same, refused = 0, []
    for fault in faults_of(board, 3):
        netlist = inject(sound, parse_all(fault, board, sound), board, 3)
        try:
            altered = read(netlist, machine, board, 3, sound)
        except EngineError:
            refused.append(fault)
            continue
        event = Simulation(board, 3, netlist)
        vector = Machine(board, 3, machine=machine, altered=altered)
        chosen = plan(board, ["3.75 V"], 6)
        for one, other in zip(
            chain.from_iterable(event.train(chosen)),
            chain.from_iterable(vector.train(chosen)),
            strict=True,
        ):
            codes = (one.codes_free, one.codes_clamped)
            assert codes == (other.codes_free, other.codes_clamped), fault
        assert event.codes() == vector.codes(), fault
        same += 1
    kinds = {each.partition(":")[0] for each in refused if "clock" not in each}
    loops = {"dominant", "wired-and", "wired-or", "leak"}
    assert kinds <= loops | ({"doubled"} if name == "pulse" else set())
    assert same > 20


GATE = st.tuples(st.text("01", min_size=4, max_size=4), st.integers(0, 9), st.integers(0, 9))


@st.composite
def edges(draw: st.DrawFn) -> Circuit:
    """A breadboard of any gates between two or three comparators, a flop or a latch, and pots."""
    ends = ["first.free", "second.free", "first.clamped", "second.clamped"]
    parts: dict[str, dict[str, Any]] = {}
    nets = ["high", "low"]
    for number in range(draw(st.integers(1, 3))):
        plus, minus = draw(st.permutations(ends))[:2]
        offset = draw(st.sampled_from(["0 mV", "20 mV", "-15 mV"]))
        parts[f"comparator{number}"] = {
            "chip": "comparator", "plus": plus, "minus": minus, "y": f"c{number}", "offset": offset,
        }  # fmt: skip
        nets.append(f"c{number}")
    chips = {}
    for number, (table, a, b) in enumerate(draw(st.lists(GATE, max_size=4))):
        chips[f"gate{number}"] = {
            "kind": "gate", "inputs": ["a", "b"], "output": "y", "table": table,
            **{key: {"value": "5 ns", "source": "none", "mark": "D"} for key in ("rise", "fall")},
        }  # fmt: skip
        parts[f"gate{number}"] = {
            "chip": f"gate{number}", "a": nets[a % len(nets)], "b": nets[b % len(nets)],
            "y": f"g{number}",
        }  # fmt: skip
        nets.append(f"g{number}")
    data = [nets[draw(st.integers(2, 9)) % len(nets)] for _ in range(2)]
    parts["inverter"] = {"chip": "not", "a": "cs", "y": "open"}
    parts["memory"] = draw(st.sampled_from([
        {"chip": "flop", "j": data[0], "k": data[1], "cp": "cs"},
        {"chip": "dflop", "d": data[0], "cp": "open"},
        {"chip": "SN74HC75", "d": data[0], "en": "cs"},
    ]))  # fmt: skip
    parts["memory"] = {**parts["memory"], "q": "ud"}
    for side in ("free", "clamped"):
        parts[f"digipot_{side}"] = {
            "chip": "digipot", "clk": "clk", "cs": "cs", "ud": "ud", "code": f"code_{side}",
            "ab": side,
        }  # fmt: skip
    return Circuit("random", "", parts, chips)


@settings(max_examples=40)
@given(edges(), st.sampled_from(["cascade", "pulse"]), st.integers(0, 2**32))
def test_random_circuits(circuit: Circuit, clock: str, seed: int) -> None:
    board = load("divider", {"edge.circuit": circuit, "clock.circuit": clock})
    check_vector(board)
    assert_equal(board, seed, 8)


@settings(max_examples=20)
@given(st.floats(0, 1), st.integers(0, 2**32))
def test_random_bits_are_the_same_on_both_engines(probability: float, seed: int) -> None:
    board = load(
        "divider", {"edge.circuit": random_edge(), "parts.random_bit.probability": probability}
    )
    assert_equal(board, seed, 12)


def random_edge() -> Circuit:
    """An edge that is updated by its own random bit: desynchronous."""
    parts: dict[str, dict[str, Any]] = {
        label: dict(part) for label, part in load("divider").edge.circuit.parts.items()
    }
    parts["bit"] = {"chip": "random_bit", "cp": "cs", "y": "asleep"}
    parts["gate"] = {"chip": "or", "a": "cs", "b": "asleep", "y": "select"}
    for side in ("free", "clamped"):
        parts[f"digipot_{side}"]["cs"] = "select"
    return Circuit("desynchronous", "", parts)


def test_a_decision_that_no_latch_holds_is_refused() -> None:
    with pytest.raises(EngineError, match=r"without a latch.*use the event engine"):
        power_up(load("divider", {"edge.circuit": "unlatched"}), 0, "vector")
    with pytest.raises(EngineError, match=r"without a latch.*use the event engine"):
        Machine(load("divider", {"edge.latch": False}))


INVERTER = {"chip": "not", "a": "cs", "y": "falls"}
FLOP = {"chip": "dflop", "d": "up", "cp": "falls", "q": "ud"}
# Name to what is on an edge, what is in the clock, and how the vector engine refuses it.
REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "latched when the wiper has moved": (
        {"flop": FLOP | {"cp": "cs"}}, {},
        r"'edge1\.comparator_a': its decision is latched after a potentiometer has moved",
    ),
    "latched before there is noise": (
        {"flop": FLOP | {"cp": "trigger"}}, {},
        r"'edge1\.comparator_a': its decision is latched as the trigger flips",
    ),
    "a latch that is open when it counts": (
        {"inverter": INVERTER, "latch": {"chip": "SN74HC75", "d": "up", "en": "falls", "q": "ud"}},
        {}, r"'edge1\.latch' is open when 'edge1\.digipot_free' is clocked",
    ),
    "a chip select that rises as its clock falls": (
        {"inverter": INVERTER, "flop": FLOP,
         "latch": {"chip": "SN74HC75", "d": "out2", "en": "trigger", "q": "select"},
         "digipot_free": {"cs": "select"}, "digipot_clamped": {"cs": "select"}},
        {}, r"'edge1\.digipot_free': its chip select follows 'clock\.out2' as its clock does",
    ),
    "a random bit in the clock": (
        {"inverter": INVERTER, "flop": FLOP},
        {"xor_clk": {"y": "before"}, "bit": {"chip": "random_bit", "cp": "trigger", "y": "bit"},
         "or": {"chip": "or", "a": "before", "b": "bit", "y": "clk"}},
        r"'clock\.or': its net 'clock\.clk' does not follow the trigger alone",
    ),
    "a flop in the clock": (
        {"inverter": INVERTER, "turn": {"chip": "xor", "a": "up", "b": "odd", "y": "turned"},
         "flop": FLOP | {"d": "turned"}},
        {"flop": {"chip": "dflop", "d": "trigger", "cp": "cs", "q": "odd"}},
        r"'clock\.flop': its net 'clock\.odd' does not follow the trigger alone",
    ),
}  # fmt: skip


def test_a_gated_clock_that_comes_when_chip_select_has_risen_is_refused() -> None:
    parts = {
        "inverter": INVERTER,
        "flop": FLOP,
        "sleep": FLOP | {"d": "a", "q": "asleep"},
        "gate": {"chip": "or", "a": "clk", "b": "asleep", "y": "gated", "fall": "90 ns"},
        "digipot_free": {"clk": "gated"},
        "digipot_clamped": {"clk": "gated"},
    }
    keys = {"edge.circuit": edge(("inverter", "flop"), **parts), "clock.circuit": "pulse"}
    with pytest.raises(EngineError, match=r"'edge1\.digipot_free': 'clock\.cs' changes before"):
        power_up(load("divider", keys), 0, "vector")


@pytest.mark.parametrize("clocks", [("cs", "clk"), ("clk", "cs")])
def test_what_is_clocked_in_one_instant_samples_before_anything_changes(
    clocks: tuple[str, str],
) -> None:
    # Chip select and clock rise together: "second" takes what "first" held until then, which is
    # always 0, for it is reset while the trigger is low.
    parts = {
        "inverter": INVERTER,
        "balance": INVERTER | {"a": "clk", "y": "unread"},  # as much load on either clock
        "flop": FLOP | {"q": "decided"},
        "first": {"chip": "dflop", "d": "high", "cp": clocks[0], "r": "trigger", "q": "odd"},
        "second": {"chip": "dflop", "d": "odd", "cp": clocks[1], "q": "ud"},
    }
    board = load("divider", {"edge.circuit": edge(("inverter", "flop"), **parts)})
    machine = power_up(board, 0, "vector")
    codes = [
        step.codes_free for step in chain.from_iterable(machine.train(plan(board, ["1 V"], 10)))
    ]
    assert all(one > other for one, other in pairwise(codes[4:]))
    assert_equal(board, 5, 40)


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_two_would_not_agree_on_is_refused(name: str) -> None:
    parts, clocking, message = REFUSED[name]
    keys = {
        "edge.circuit": edge(("inverter", "flop"), **parts),
        "clock.circuit": clock((), **clocking),
    }
    with pytest.raises((EngineError, NetlistError), match=message):
        power_up(load("divider", keys), 0, "vector")


@pytest.mark.parametrize(("fault", "agrees"), [
    ("stuck-at-0:clock.clk", False), ("stuck-at-1:clock.clk", True),
    ("stuck-at-0:edge2.gate.a", False), ("stuck-at-1:edge2.gate.a", True),
    ("stuck-at-0:edge2.gate.b", True), ("stuck-at-0:edge2.gated", True),
])  # fmt: skip
def test_a_gated_clock_that_stands_still_where_data_are_let_through(
    fault: str, *, agrees: bool
) -> None:
    parts = {
        "inverter": INVERTER,
        "flop": FLOP,
        "sleep": FLOP | {"d": "a", "q": "asleep"},
        "gate": {"chip": "or", "a": "clk", "b": "asleep", "y": "gated"},
        "digipot_free": {"clk": "gated"},
        "digipot_clamped": {"clk": "gated"},
    }
    board = load("divider", {"edge.circuit": edge(("inverter", "flop"), **parts)})
    netlist = inject(board.netlist(3), parse_all(fault, board), board, 3)
    if not agrees:
        with pytest.raises(EngineError, match=r"'.*stuck-at-0_1': data behind gate are a clock"):
            power_up(board, 3, "vector", netlist)
        return
    event, vector = (power_up(board, 3, name, netlist) for name in ("event", "vector"))
    chosen = plan(board, ["3.75 V"], 30)
    for one, other in zip(
        chain.from_iterable(event.train(chosen)),
        chain.from_iterable(vector.train(chosen)),
        strict=True,
    ):
        assert one.codes_free == other.codes_free


def test_a_latch_of_the_clock_gates_it() -> None:
    """The clock comes to the potentiometers on two ways, of which the latch's is closed then."""
    parts = {
        "latch": {"chip": "SN74HC75", "d": "out2", "en": "cs", "q": "even"},
        "gate": {"chip": "or", "a": "clk", "b": "even", "y": "gated"},
        "bit": {"chip": "random_bit", "cp": "trigger", "y": "turn"},
        "digipot_free": {"clk": "gated", "ud": "turn"},
        "digipot_clamped": {"clk": "gated", "ud": "turn"},
    }
    assert_equal(load("divider", {"edge.circuit": edge(("inverter", "flop"), **parts)}), 1, 40)


@pytest.mark.parametrize("drawn", ["a random bit", "an unknown U/D"])
def test_what_a_gated_clock_has_come_out_by_chance_is_the_same(drawn: str) -> None:
    """Chance is drawn by the time at which the clock comes through its gates."""
    last = "random" if drawn == "a random bit" else "second"
    parts = {
        "inverter": INVERTER,
        "sleep": FLOP | {"d": "a", "q": "asleep"},
        "gate": {"chip": "or", "a": "clk", "b": "asleep", "y": "gated"},
        "bit": {"chip": "random_bit", "cp": "gated", "y": "random"},
        "first": FLOP | {"d": "up", "q": "first"},
        "second": FLOP | {"d": "first", "q": "second"},  # unknown in the first steps
        "flop": FLOP | {"d": last},
        "digipot_free": {"clk": "gated"},
        "digipot_clamped": {"clk": "gated"},
    }
    board = load("divider", {"edge.circuit": edge(("inverter", "flop"), **parts)})
    for seed in range(4):
        assert_equal(board, seed, 30)


def test_a_decision_that_is_latched_as_the_trigger_flips_needs_no_noise_to_be_the_same() -> None:
    flop = FLOP | {"cp": "trigger"}
    keys = {"edge.circuit": edge(("inverter", "flop"), flop=flop), "parts.comparator.noise": 0}
    assert_equal(load("divider", keys), 1, 40)


def test_a_gate_that_does_not_look_at_the_clock_on_one_of_its_inputs() -> None:
    numbers = {"value": "9 ns", "source": "a test", "mark": "D"}
    chips = {"A": {"kind": "gate", "inputs": ["a", "c"], "table": "0011",
                   "rise": numbers, "fall": numbers}}  # fmt: skip
    parts = {
        "inverter": INVERTER,
        "gate": {"chip": "A", "a": "up", "c": "trigger", "y": "same"},
        "flop": FLOP | {"d": "same"},
    }
    circuit = edge(("inverter", "flop"), **parts)
    assert_equal(load("divider", {"edge.circuit": replace(circuit, chips=chips)}), 1, 40)
