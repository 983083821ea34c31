"""Icarus Verilog as oracle: it makes every transition of the emulator, to the picosecond."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from logicsim.board import Board, load
from logicsim.circuit.netlist import Netlist
from logicsim.core.errors import OutputError
from logicsim.core.names import HIGH
from logicsim.export.verilog import export_verilog
from logicsim.parts.chips import chip
from logicsim.parts.part import Part
from tests.bed import plan
from tests.export.oracles import NEEDS_ICARUS, agreed, icarus

pytestmark = NEEDS_ICARUS

FAST = {"clock.rate": "1 kHz", "clock.capacitance": "100 pF"}
FULL = {**FAST, "parts.comparator.chatter": "full"}


@pytest.mark.parametrize(
    ("changes", "steps", "least"),
    [({}, 100, 5000), (FAST, 100, 5000), (FULL, 20, 5000)],
    ids=["4 Hz", "1 kHz", "full chatter"],
)
def test_every_transition_of_a_noisy_twin_agrees(
    changes: dict[str, Any], steps: int, least: int, tmp_path: Path
) -> None:
    board = load("twin16", changes)
    assert agreed(export_verilog(board, plan(board, steps, ("iv",)), 7), tmp_path) > least


@pytest.mark.slow
def test_every_transition_of_a_hundred_steps_in_full_chatter_agrees(tmp_path: Path) -> None:
    board = load("twin16", FULL)
    assert agreed(export_verilog(board, plan(board, 100, ("iv",)), 7), tmp_path) > 150_000


@pytest.mark.parametrize("corner", ["min", "typ", "max"])
@pytest.mark.parametrize("name", ["divider", "edge", "twin16"])
@pytest.mark.parametrize(
    "changes",
    [{}, {"edge.rule": "printed"}, {"edge.latch": False}],
    ids=["latched", "printed", "bypassed"],
)
def test_every_board_agrees_in_every_corner(
    name: str, corner: str, changes: dict[str, Any], tmp_path: Path
) -> None:
    board = load(name, {**FULL, **changes, "parts.corner": corner})
    # Without the D-flop U/D moves at any time, so most seeds miss a setup sooner or later.
    for seed in range(50):
        try:
            text = export_verilog(board, plan(board, 2), seed)
        except OutputError:
            assert changes == {"edge.latch": False}
        else:
            assert agreed(text, tmp_path) > 50
            return
    pytest.fail("no seed without a violation")


def rewired(board: Board, change: Callable[[Part], Part]) -> Netlist:
    netlist = board.netlist(1)
    return replace(netlist, parts=tuple(change(part) for part in netlist.parts))


def soldered(part: Part, **pins: str) -> Part:
    return replace(part, pins={**part.pins, **{pin: (net,) for pin, net in pins.items()}})


def cut_chip_select(part: Part) -> Part:
    """Never selected, so that nothing counts even if a flop is unknown."""
    return soldered(part, cs=HIGH) if ".digipot" in part.name else part


def crossed(part: Part) -> Part:
    """J and K from the comparators: the flops also hold and toggle, from X on."""
    if part.name.endswith(".flop"):
        return soldered(part, j="edge1.a", k="edge2.a")
    return cut_chip_select(part)


def slow(part: Part) -> Part:
    slower = chip("SN74ALS86", rise="70 ns", fall="30 us")
    return replace(part, chip=slower) if part.name == "edge2.xor" else part


@pytest.mark.parametrize("change", [crossed, slow, cut_chip_select])
def test_a_rewritten_netlist_agrees(change: Callable[[Part], Part], tmp_path: Path) -> None:
    board = load("divider", FULL)
    text = export_verilog(board, plan(board, 5), 1, rewired(board, change))
    assert agreed(text, tmp_path) > 200


def test_unknown_comparators_agree(tmp_path: Path) -> None:
    """An edge cut off leaves an island: its comparators, XOR and flop become unknown."""
    board = load("divider", {**FAST, "tasks": [
        {"name": "cut", "kind": "allostery", "steps": 6, "inputs": {1: "5 V", 3: "0 V"},
         "outputs": {2: "1 V"}, "cut": {3: [1, 2]}},
    ]})  # fmt: skip
    text = export_verilog(board, plan(board, 6), 1, rewired(board, cut_chip_select))
    for net in ("a", "b", "up", "k", "ud"):
        assert re.search(rf"#.*\\edge1\.{net} = 1'bx;", text)
    assert agreed(text, tmp_path) > 50


def test_missed_widths_and_close_triggers_agree(tmp_path: Path) -> None:
    """Deterministic violations are counted by both, and nothing else comes of them."""
    board = load("divider", {"parts.flop.width": "1 s", "clock.capacitance": "60 nF"})
    text = export_verilog(board, plan(board, 10), 1)
    assert "checks.width == 0" not in text
    assert agreed(text, tmp_path) > 50


# The bench can fail


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (".RISE(64'd6000)", ".RISE(64'd6001)"),
        (".FALL(64'd6000)", ".FALL(64'd5999)"),
        (".CLOCK_TO_Q(64'd13000)", ".CLOCK_TO_Q(64'd13001)"),
        (".CLOCK_TO_WIPER(64'd10000)", ".CLOCK_TO_WIPER(64'd9999)"),
        (".INITIAL(64)", ".INITIAL(63)"),
        (".LAST(127)", ".LAST(65)"),
        (".WIDTH(64'd16000)", ".WIDTH(64'd160000000000)"),
        (".SETUP(64'd16000)", ".SETUP(64'd160000000000)"),
        (".a(\\clock.out2 )", ".a(\\clock.out1 )"),
        (".d(\\clock.trigger )", ".d(\\clock.n3 )"),
        (".j(\\edge1.up )", ".j(\\edge1.k )"),
        (".ud(\\edge1.ud )", ".ud(\\edge2.ud )"),
        ("% PERIOD)", "% PERIOD + 1)"),
        ("PERIOD / 2", "PERIOD / 3"),
        ("\\edge1.up = 1'b1;", "\\edge1.up = 1'b0;"),
        ("\\edge1.code_free = 65;", "\\edge1.code_free = 66;"),
        ("\\edge1.a = 1'b1;", "\\edge1.a = 1'b0;"),
    ],
)
def test_a_wrong_delay_netlist_or_run_fails(right: str, wrong: str, tmp_path: Path) -> None:
    board = load("divider")
    text = export_verilog(board, plan(board, 10), 2)
    assert text.count(right) > 0
    played = icarus(text.replace(right, wrong, 1), tmp_path)
    assert played.returncode == 1
    assert "PASS" not in played.stdout
    assert re.search(
        r"^FAIL: \d+ differences, \d+ of \d+ transitions agree$", played.stdout, re.MULTILINE
    )


def test_a_failure_names_the_first_net_its_time_and_both_values(tmp_path: Path) -> None:
    board = load("edge")
    text = export_verilog(board, plan(board, 1), 2)
    match = re.search(r"\\clock\.out1 = 1'b0;", text)
    assert match is not None
    first = icarus(text.replace("% PERIOD)", "% PERIOD + 1)", 1), tmp_path).stdout.splitlines()[0]
    assert re.fullmatch(r"\d+ ps: bench\.clock\.out1 is x, in the emulator 0", first)


# Any board: random graph, and delays on a grid, so that much happens at the same instant


def times(*nanoseconds: float) -> st.SearchStrategy[str]:
    return st.sampled_from([f"{value} ns" for value in nanoseconds])


@st.composite
def boards(draw: st.DrawFn) -> Board:
    nodes = draw(st.integers(2, 6))
    tree = [(draw(st.integers(1, node - 1)), node) for node in range(2, nodes + 1)]
    pairs = st.tuples(st.integers(1, nodes), st.integers(1, nodes)).filter(lambda p: p[0] != p[1])
    delays = times(0.001, 1, 2, 5, 10, 20)
    chance_free = {"setup": "0 ns", "hold": "0 ns"} if draw(st.booleans()) else {}
    volts = st.integers(-50, 50).map(lambda n: n / 10)
    return Board.model_validate({
        "name": "any",
        "network": {"nodes": nodes, "edges": tree + draw(st.lists(pairs, max_size=4))},
        "parts": {
            "corner": draw(st.sampled_from(["min", "typ", "max"])),
            "xor": {"rise": draw(delays), "fall": draw(delays)},
            "flop": {"clock_to_q": draw(delays), **chance_free},
            "digipot": {"clock_to_wiper": draw(delays), "initial": draw(st.integers(0, 127)),
                        "ud_setup": "0 ns", "ud_hold": "0 ns"},
            "comparator": {
                "chatter": "full", "noise": draw(st.sampled_from(["10 mV", "1 V"])),
                "noise_correlation": draw(times(10, 20, 50, 200)),
                "fastest": draw(times(8, 10, 20, 303)), "slope": draw(times(0, 0, 30)),
                "pull_up": draw(times(0.001, 10, 35)),
            },
        },
        "edge": {"latch": draw(st.booleans()),
                 "rule": draw(st.sampled_from(["hardware", "printed"]))},
        # At 2 pF the clock has returned before the next trigger, at 3 pF it has not.
        "clock": {"rate": "50 kHz",
                  "capacitance": draw(st.sampled_from(["0.3 pF", "2 pF", "3 pF"]))},
        "supervisor": {"settle": "1 us"},
        "tasks": [{"name": "any", "kind": "bench", "steps": 4,
                   "free": {1: draw(volts), nodes: draw(volts)},
                   "clamped": {1: draw(volts), nodes: draw(volts)}}],
    })  # fmt: skip


@settings(
    max_examples=12, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(boards(), st.integers(0, 2**64 - 1))
def test_any_board_agrees(tmp_path: Path, board: Board, seed: int) -> None:
    try:
        text = export_verilog(board, plan(board, 4), seed)
    except OutputError:
        assume(False)
    assert agreed(text, tmp_path) > 0
