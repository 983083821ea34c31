"""Transparent latches, set and reset; every number by hand."""

import pytest

from logicsim.board import Board, load
from logicsim.core.errors import NetlistError
from logicsim.event.simulation import Simulation
from logicsim.timing.static import analyse
from tests.circuits import edge
from tests.timing.sheet import (
    EARLY,
    FASTEST,
    LATE,
    LEAD,
    NS,
    PERIOD,
    PULL_UP,
    SLOWEST,
    STEP,
    UD_HOLD,
    UD_SETUP,
    WIPER,
    XOR,
)
from tests.timing.test_clocks import PS
from tests.timing.test_gates import worst

D_TO_Q, EN_TO_Q = 14 * NS, 15 * NS  # SN74HC75
SETUP, HOLD, WIDTH = 25 * NS, 5 * NS, 20 * NS
RISES = 8 * PERIOD + 2 * XOR  # CS and CLK, from when section 1 took up the trigger
FALLS = XOR
COUNTS = 4 * PERIOD + XOR


def latched(enable: str = "cs") -> Board:
    """One edge with a latch for its flop, open while chip select is high."""
    latch = {"chip": "SN74HC75", "d": "up", "en": enable, "q": "ud"}
    return load("edge", {"edge.circuit": edge(("inverter", "flop"), latch=latch)})


def test_a_latch_that_is_open_until_chip_select_falls() -> None:
    found = analyse(latched())
    slow = SLOWEST + PULL_UP + XOR
    assert worst(found, "setup d", "noise").slack == pytest.approx(LEAD - slow - SETUP, abs=PS)
    moves = COUNTS + WIPER + FASTEST + XOR
    assert worst(found, "hold d", "code").slack == moves - FALLS - HOLD
    # Noise goes through while it is open.
    through = COUNTS - UD_SETUP - (FALLS - LEAD + slow + D_TO_Q)
    assert worst(found, "setup ud", "noise").slack == pytest.approx(through, abs=PS)
    # It opens when chip select rises, and what comes then goes through at once, the sooner.
    assert worst(found, "hold ud", "latch/q").slack == RISES + D_TO_Q - COUNTS - UD_HOLD
    opened = worst(found, "setup ud", "latch/q")
    assert opened.slack == STEP + EARLY + COUNTS - UD_SETUP - (LATE + RISES + EN_TO_Q)
    assert opened.about[0] == "SN74HC75, level-sensitive, by the rise of clock.cs"
    assert worst(found, "setup d").about[1] == "SN74HC75, level-sensitive, by the fall of clock.cs"
    assert worst(found, "width en high").slack == STEP + EARLY + FALLS - (LATE + RISES) - WIDTH


def test_a_wiper_that_moved_while_a_latch_was_closed_waits_for_it() -> None:
    # CLK falls while CS is low; the move comes to U/D no sooner than CS rises.
    found = analyse(latched())
    path = worst(found, "setup ud", "code")
    moved = LATE + COUNTS + WIPER + SLOWEST + PULL_UP + XOR + D_TO_Q
    assert path.slack == pytest.approx(STEP + EARLY + COUNTS - UD_SETUP - moved, abs=PS)
    assert not [p for p in found.paths if p.constraint == "hold ud" and "code" in p.startpoint]


@pytest.mark.parametrize("chatter", ["latch", "full"])
def test_a_latch_that_is_open_when_the_potentiometers_count_lets_noise_through(
    chatter: str,
) -> None:
    inverted = {
        "inverter_cs": {"chip": "not", "a": "cs", "y": "ncs"},
        "latch": {"chip": "SN74HC75", "d": "up", "en": "ncs", "q": "ud"},
    }
    settings = {
        "edge.circuit": edge(("inverter", "flop"), **inverted),
        "parts.comparator.chatter": chatter,
    }
    with pytest.raises(NetlistError, match=r"'edge1\.latch' is open when 'edge1\.digipot_free' is"):
        analyse(load("edge", settings))


def test_a_latch_that_follows_itself_while_it_is_open_is_a_loop() -> None:
    parts = {
        "latch": {"chip": "SN74HC75", "d": "turned", "en": "cs", "q": "ud"},
        "turn": {"chip": "xor", "a": "up", "b": "ud", "y": "turned"},
    }
    board = load("edge", {"edge.circuit": edge(("inverter", "flop"), **parts)})
    with pytest.raises(NetlistError, match=r"a loop, '.*' to 'edge1\.(turned|ud)' to '"):
        analyse(board)


def reset(late: str) -> Board:
    """One edge with a D-flop that chip select resets, clocked so much after CLK's rise."""
    return load("edge", {
        "edge.circuit": edge(
            ("inverter", "flop"),
            wire={"chip": "wire", "d": "clk", "q": "later", "delay": late},
            flop={"chip": "dflop", "d": "up", "cp": "later", "r": "ncs", "q": "ud"},
            inverter_cs={"chip": "not", "a": "cs", "y": "ncs", "rise": "1 ns", "fall": "1 ns"},
        ),
        "parts.comparator.noise": 0,
    })  # fmt: skip


def test_recovery_from_a_reset() -> None:
    # Reset is low while CS is high; it ends an inverter after CS fell, CLK rises 8 periods later.
    found = analyse(reset("100 ns"))
    recovered = RISES + 100 * NS - (FALLS + 1 * NS) - 5 * NS
    assert worst(found, "recovery r").slack == recovered
    # It begins an inverter after CS rose, and clears Q after 20 ns.
    clears = worst(found, "setup ud", "clock.trigger")
    assert clears.slack == STEP + EARLY + COUNTS - UD_SETUP - (LATE + RISES + 21 * NS)


@pytest.mark.parametrize(("late", "missed"), [("1 ns", True), ("4 ns", True), ("7 ns", False)])
def test_a_reset_that_ends_just_before_the_clock(late: str, *, missed: bool) -> None:
    # Reset ends when CS rises, with CLK; the flop is clocked a wire later and asks for 5 ns.
    board = load("edge", {
        "edge.circuit": edge(
            ("inverter", "flop"),
            wire={"chip": "wire", "d": "clk", "q": "later", "delay": late},
            flop={"chip": "dflop", "d": "up", "cp": "later", "r": "cs", "q": "ud"},
        ),
        "parts.comparator.noise": 0,
    })  # fmt: skip
    path = worst(analyse(board), "recovery r")
    # CS and CLK have the gates' rated load or less, five pins, so that neither is later.
    assert max(board.netlist().loads()[net] for net in ("clock.cs", "clock.clk")) <= 5
    assert path.slack == int(late.split(maxsplit=1)[0]) * NS - 5 * NS
    assert path.met != missed
    simulation = Simulation(board, 1)
    for _ in simulation.train([(1, board.tasks[0], 4)]):
        pass
    assert (simulation.kernel.violations["recovery"] > 0) == missed
