"""Clock gating checks, and parts with a gated clock; every number by hand."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from logicsim.board import load
from logicsim.circuit.file import Circuit
from logicsim.core.errors import NetlistError
from logicsim.event.simulation import Simulation
from logicsim.timing.static import analyse
from tests.circuits import edge, pots
from tests.timing.sheet import (
    CLOCK_TO_Q,
    CS_SETUP,
    EARLY,
    LATE,
    LEAD,
    NS,
    OR,
    PERIOD,
    PULL_UP,
    SLOWEST,
    STEP,
    UD_SETUP,
    XOR,
)
from tests.timing.test_gates import worst

# From when section 1 took up the trigger: CS falls and the bit is latched, CLK falls and rises.
LATCHED = XOR + CLOCK_TO_Q
FALLS = 4 * PERIOD + XOR
RISES = 8 * PERIOD + 2 * XOR


def gated(**gate: Any) -> Circuit:
    """An edge whose potentiometers are clocked by CLK through a gate, with a latched bit."""
    return edge(
        inverter_b={"chip": "xor", "a": "b", "b": "high", "y": "not_b"},
        flop_b={"chip": "flop", "j": "b", "k": "not_b", "cp": "cs", "q": "still"},
        gate=gate,
        **pots(clk="gated"),
    )


OR_GATE: Mapping[str, Any] = {"chip": "or", "a": "clk", "b": "still", "y": "gated"}


def test_an_or_gate_by_hand() -> None:
    found = analyse(load("edge", {"edge.circuit": gated(**OR_GATE)}))
    # The bit has a say while CLK is low: due when it falls, still until it rises.
    setup, hold = worst(found, "gating setup b"), worst(found, "gating hold b")
    assert setup.slack == FALLS - LATCHED
    assert hold.slack == STEP + EARLY + LATCHED - (LATE + RISES)
    assert (setup.endpoint, setup.group, setup.edge) == ("edge1.gate/b", "clock.clk", "fall")
    assert setup.about[1] == "SN74HC32, gates the clock clock.clk"
    # What it clocks is clocked a gate later.
    assert worst(found, "setup ud").slack == FALLS + OR - LATCHED - UD_SETUP
    assert worst(found, "setup cs").slack == FALLS + OR - XOR - CS_SETUP
    assert worst(found, "width clk low").slack == RISES - FALLS - 25 * NS
    assert found.max_rate == pytest.approx(1e12 / (13 * PERIOD), rel=1e-6)


def test_an_and_gate_by_hand() -> None:
    # The bit changes while CLK, which rests high, lets it through: before the fall that ends that.
    found = analyse(load("edge", {"edge.circuit": gated(**{**OR_GATE, "chip": "and"})}))
    assert worst(found, "gating hold b").slack == LATCHED - FALLS
    assert worst(found, "gating setup b").slack == RISES - LATCHED
    assert found.max_rate == 0


def test_a_gate_behind_a_wire_and_an_inverter_is_a_gate() -> None:
    circuit = gated(chip="nor", a="clk", b="still", y="turned")
    back = {**circuit.parts, "back": {"chip": "not", "a": "turned", "y": "gated"}}
    found = analyse(load("edge", {"edge.circuit": edge(tuple(edge().parts), **back)}))
    assert worst(found, "gating setup b").slack == FALLS - LATCHED
    assert worst(found, "setup ud").slack == FALLS + 18 * NS - LATCHED - UD_SETUP


def test_a_bit_from_a_latch_may_gate_a_clock() -> None:
    circuit = edge(
        latch={"chip": "SN74HC75", "d": "b", "en": "cs", "q": "still"},
        gate=OR_GATE,
        **pots(clk="gated"),
    )
    path = worst(analyse(load("edge", {"edge.circuit": circuit})), "gating setup b", "noise")
    # Noise goes through the latch, 14 ns, until chip select falls.
    arrives = XOR - LEAD + SLOWEST + PULL_UP + 14 * NS
    assert path.slack == pytest.approx(FALLS - arrives, abs=50)


def held_back(chip: str, level: int) -> tuple[int, int]:
    """Steps of an edge that the bit at `level` holds back, and those of them that count.

    The run turns to another task every step.
    """
    board = load("twin16", {
        "edge.circuit": gated(**{**OR_GATE, "chip": chip}), "parts.comparator.noise": 0,
    })  # fmt: skip
    simulation = Simulation(board, 1)
    turns = [(number, task, 1) for number, task in enumerate(board.tasks[1:5], start=2)]
    bits = [simulation.kernel.nets[f"edge{edge}.still"] for edge in range(1, 17)]
    seen = [
        (simulation.codes()[0], [bit.value for bit in bits]) for _ in simulation.train(turns * 10)
    ]
    codes, values = (np.array(each) for each in zip(*seen, strict=True))
    held, moved = values[1:] == level, np.diff(codes, axis=0) != 0
    assert not any(simulation.kernel.violations.values())
    return int(held.sum()), int((held & moved).sum())


def test_a_bit_that_comes_while_the_clock_is_let_through_clocks_on_its_own() -> None:
    held, counted = held_back("or", 1)
    assert held > 100
    assert not counted
    held, counted = held_back("and", 0)
    assert held > 100
    assert counted > 50  # where the bit falls, which the missed hold says


DELAY = {"value": "10 ns", "source": "ours", "mark": "D"}
THREE = {
    "kind": "gate", "inputs": ["a", "b", "c"], "table": "01111111", "rise": DELAY, "fall": DELAY,
}  # fmt: skip


def test_noise_at_a_gate_is_refused() -> None:
    board = load("edge", {"edge.circuit": gated(**{**OR_GATE, "b": "b"})})
    with pytest.raises(NetlistError, match=r"'edge1\.gate' gates the clock 'clock\.clk' with"):
        analyse(board)


@pytest.mark.parametrize(
    ("circuit", "message"),
    [
        (gated(**{**OR_GATE, "chip": "xor"}),
         r"'edge1\.gate' mixes the clock 'clock\.clk' with 'edge1\.still' and clocks 'edge1\.digi"),
        (gated(chip="three", a="clk", b="cs", c="still", y="gated"),
         r"'edge1\.gate' mixes the clock 'clock\.clk' with 'clock\.cs' and 'edge1\.still'"),
        (edge(other={"chip": "flop", "j": "high", "k": "high", "cp": "ud", "q": "t"}),
         r"'edge1\.other' is clocked by 'edge1\.ud', which does not follow 'clock\.trigger'"),
        (edge(slow={"chip": "debouncer", "d": "ud", "q": "slow_ud"}),
         r"'edge1\.slow' debounces 'edge1\.ud', which does not follow"),
        (edge(("inverter", "flop"),
              latch={"chip": "SN74HC75", "d": "up", "en": "high", "q": "ud"}),
         r"'edge1\.latch' is open all the time, as 'supply\.high' never moves"),
        (edge(gate={"chip": "or", "a": "cs", "b": "ud", "y": "en"},
              latch={"chip": "SN74HC75", "d": "up", "en": "en", "q": "more"}),
         r"'edge1\.latch' is opened by 'edge1\.en', a gated clock"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_refused_by_name(circuit: Circuit, message: str) -> None:
    settings = {"edge.circuit": circuit, "chips": {"three": THREE}}
    with pytest.raises(NetlistError, match=message):
        analyse(load("edge", settings))


def test_a_clock_pin_on_the_supply_is_a_note() -> None:
    found = analyse(load("edge", {"edge.circuit": edge(flop={"cp": "high"})}))
    assert "edge1.flop/j is not checked: supply.high never falls." in found.notes
    assert not [path for path in found.paths if path.endpoint.startswith("edge1.flop/")]
