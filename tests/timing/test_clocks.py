"""Clocks other than the paper's, and parts clocked by either edge; every number by hand."""

import tomllib

import pytest

from logicsim.board import load
from logicsim.core.files import shipped_boards
from logicsim.event.simulation import Simulation
from logicsim.timing.static import analyse
from logicsim.training.run import plan
from tests.circuits import FOREIGN, POTS, clock, edge
from tests.timing.sheet import (
    CLOCK_TO_Q,
    CS_SETUP,
    EARLY,
    LATE,
    NOT,
    NS,
    PERIOD,
    PULL_UP,
    SETUP,
    SLOWEST,
    STEP,
    TRIGGER,
    UD_SETUP,
    WIPER,
    XOR,
)
from tests.timing.test_gates import worst

PS = 50  # rounding of the comparator's slowest response


def test_a_clock_that_rests_low() -> None:
    # CLK rises behind section 1 and falls behind section 2; CS falls an inverter after CLK rose.
    found = analyse(load("edge", FOREIGN["pulse"]))
    assert found.max_rate == pytest.approx(1e12 / (9 * PERIOD), rel=1e-6)
    stagger = 4 * PERIOD - NOT
    assert worst(found, "setup ud").slack == stagger - CLOCK_TO_Q - UD_SETUP
    assert worst(found, "setup cs").slack == stagger - CS_SETUP
    assert worst(found, "width clk high").slack == 4 * PERIOD - 25 * NS


def test_a_clock_that_steps_at_every_second_trigger() -> None:
    found = analyse(load("edge", FOREIGN["half"]))
    assert found.max_rate == pytest.approx(1e12 / (9 * PERIOD), rel=1e-6)
    path = worst(found, "setup j", "digipot_free/code")
    # CLK falls behind both sections; the wiper's move is looked at two steps later.
    moved = TRIGGER + NOT + LATE + 4 * PERIOD + WIPER
    looks = 2 * STEP + TRIGGER + NOT + EARLY
    late = SLOWEST + PULL_UP + XOR
    assert path.slack == pytest.approx(looks - SETUP - moved - late, abs=PS)
    # Half a step's length is then enough.
    assert path.least_step == pytest.approx(STEP - path.slack / 2, abs=PS)
    assert worst(found, "setup ud").slack == 4 * PERIOD - CLOCK_TO_Q - UD_SETUP


def test_a_clock_of_gates_alone() -> None:
    drop = ("section1", "section2", "section3", "xor_n3", "xor_cs", "xor_clk")
    quick = clock(
        drop,
        inverter={"chip": "not", "a": "trigger", "y": "cs"},
        wire={"chip": "wire", "d": "cs", "q": "clk", "delay": "100 ns"},
    )
    found = analyse(load("edge", {"clock.circuit": quick, "parts.comparator.noise": 0}))
    assert worst(found, "setup ud").slack == 100 * NS - CLOCK_TO_Q - UD_SETUP
    assert {limit.name for limit in found.limits} <= {"converters", "comparators", "gates"}
    assert found.limits[0].name == "converters"
    assert not [path for path in found.paths if path.constraint.startswith("spacing")]


def test_a_potentiometer_that_counts_at_the_rise() -> None:
    data = tomllib.loads((shipped_boards() / "chips" / "AD5220-100k.toml").read_text())
    rising = {"chip": "rising"}
    board = load("edge", {
        "chips": {"rising": {**data, "active": "rise"}},
        "edge.circuit": edge(**dict.fromkeys(POTS, rising)),
    })  # fmt: skip
    found = analyse(board)
    # CLK rises behind section 3, the inverter and its own gate; CS fell behind section 1.
    rises = 8 * PERIOD + 2 * XOR
    path = worst(found, "setup ud")
    assert path.slack == rises - XOR - CLOCK_TO_Q - UD_SETUP
    assert path.about[1] == "rising, rising edge-triggered, clocked by clock.clk"
    assert path.about[0] == "CD74HC73, falling edge-triggered, clocked by clock.cs"


def test_a_rising_flop_behind_an_inverter_of_chip_select() -> None:
    found = analyse(load("edge", FOREIGN["nand"]))
    path = worst(found, "setup ud")
    assert path.slack == 4 * PERIOD - NOT - 20 * NS - UD_SETUP  # SN74HC74: 20 ns from CP to Q
    assert path.about[0] == "SN74HC74, rising edge-triggered, clocked by edge1.latch"


def test_chip_select_behind_a_gate_with_a_latched_bit() -> None:
    found = analyse(load("edge", FOREIGN["dead_zone"]))
    gate = 10 * NS  # SN74HC32
    from_clock, from_bit = (
        worst(found, "setup cs", start) for start in ("clock.trigger", "flop_alike/q")
    )
    assert from_clock.slack == 4 * PERIOD - gate - CS_SETUP
    assert from_bit.slack == 4 * PERIOD - CLOCK_TO_Q - gate - CS_SETUP
    # Only a fall selects: what rises is free to.
    assert [point.way for point in from_bit.arrival[-2:]] == ["v", "v"]


def test_chip_select_that_falls_behind_the_clock_selects_too_late() -> None:
    # Behind a gate that takes longer than the stagger, it would be in time for the next step; but
    # the potentiometer is not selected when it is clocked.
    late = 4 * PERIOD + 100 * NS
    settings = {**FOREIGN["dead_zone"], "parts.or.fall": late * 1e-12}
    path = worst(analyse(load("edge", settings)), "setup cs", "clock.trigger")
    assert path.slack == -100 * NS - CS_SETUP


@pytest.mark.parametrize("net", ["trigger", "cs"])
def test_data_that_change_with_their_clock_are_not_held(net: str) -> None:
    # SN74HC74 needs no hold time; still its D is in doubt in the very instant of the clock.
    toggled = {"chip": "dflop", "d": net, "cp": net, "q": "q2"}
    board = load("divider", {"edge.circuit": edge(toggled=toggled)})
    path = worst(analyse(board), "hold d")
    assert path.endpoint == "edge1.toggled/d"
    assert path.slack == -1
    simulation = Simulation(board)
    for _ in simulation.train(plan(board, ["1 V"], 10)):
        pass
    missed = {each.part for each in simulation.kernel.violation_list}
    assert missed == {"edge1.toggled", "edge2.toggled"}
