"""Circuits at random: the vector engine does what the event engine does, or refuses by name."""

from itertools import chain
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logicsim.board import load
from logicsim.circuit.file import Circuit
from logicsim.core.errors import EngineError, NetlistError
from logicsim.event.simulation import Simulation
from logicsim.training.engines import power_up
from logicsim.training.run import plan

ENDS = ["first.free", "second.free", "first.clamped", "second.clamped"]
MEANS = (["first.clamped", "second.free"], ["first.free", "second.clamped"])
CLOCKS = ["falls", "falls", "cs", "clk", "clk_falls", "trigger", "out1"]
DELAY = {"value": "6 ns", "source": "none", "mark": "D"}

Part = dict[str, Any]


def circuit(random: Random) -> Circuit:
    """A breadboard of comparators, gates of any table, anything that holds a state, and pots."""
    parts: dict[str, Part] = {
        "inverter": {"chip": "not", "a": "cs", "y": "falls"},
        "clk_inverter": {"chip": "not", "a": "clk", "y": "clk_falls"},
    }
    held = [f"q{number}" for number in range(random.randint(1, 4))]
    nets = ["high", "low", "trigger", "out2", *held]
    for number in range(random.randint(1, 3)):
        plus, minus = random.choice([MEANS, random.sample(ENDS, 2)])
        offset = random.choice(["0 V", "20 mV", "-15 mV"])
        parts[f"comparator{number}"] = {
            "chip": "comparator", "plus": plus, "minus": minus, "y": f"c{number}", "offset": offset,
        }  # fmt: skip
        nets += [f"c{number}"] * 3
    chips = {}
    for number in range(random.randint(2, 8)):
        pins = "abcd"[: random.randint(1, 4)]
        table = "".join(random.choices("01", k=2 ** len(pins)))
        chips[f"gate{number}"] = {
            "kind": "gate", "inputs": list(pins), "table": table, "rise": DELAY, "fall": DELAY,
        }  # fmt: skip
        inputs = {pin: random.choice(nets) for pin in pins}
        parts[f"gate{number}"] = {"chip": f"gate{number}", **inputs, "y": f"g{number}"}
        nets.append(f"g{number}")
    for net in held:
        parts[f"memory_{net}"] = memory(random, nets, net)
    clk, cs = "clk", "cs"
    if random.random() < 0.35:
        parts["gate"] = {"chip": "or", "a": "clk", "b": random.choice(held), "y": "gated"}
        clk = "gated"
    if random.random() < 0.35:
        parts["selector"] = {"chip": "or", "a": "cs", "b": random.choice(held), "y": "select"}
        cs = "select"
    for side in ("free", "clamped"):
        parts[f"digipot_{side}"] = {
            "chip": "digipot", "clk": clk, "cs": cs, "ud": random.choice(held),
            "code": f"code_{side}", "ab": side,
        }  # fmt: skip
    return Circuit("random", "", parts, chips)


def memory(random: Random, nets: list[str], net: str) -> Part:
    """Anything that holds a state, often clocked when the paper's flop is."""
    clock = random.choice(CLOCKS)
    match random.choice(["jk", "d", "d", "latch", "random bit"]):
        case "jk":
            j, k = random.choices(nets, k=2)
            return {"chip": "flop", "j": j, "k": k, "cp": random.choice(["cs", clock]), "q": net}
        case "d":
            reset = {"r": random.choice(["trigger", "cs"])} if random.random() < 0.3 else {}
            return {"chip": "dflop", "d": random.choice(nets), "cp": clock, "q": net, **reset}
        case "latch":
            enable = random.choice(["cs", clock])
            return {"chip": "SN74HC75", "d": random.choice(nets), "en": enable, "q": net}
        case _:
            return {"chip": "random_bit", "cp": random.choice(["trigger", clock]), "y": net}


@pytest.mark.slow
@settings(max_examples=1000)
@given(st.randoms(use_true_random=False), st.integers(0, 2**32))
def test_both_engines_do_the_same_or_one_refuses(random: Random, seed: int) -> None:
    try:
        board = load("divider", {"edge.circuit": circuit(random)})
        vector = power_up(board, seed, "vector")
    except (NetlistError, EngineError):  # half of them, so as not to be wrong
        return
    event = Simulation(board, seed)
    chosen = plan(board, ["3.75 V"], 14)
    for one, other in zip(
        chain.from_iterable(event.train(chosen)),
        chain.from_iterable(vector.train(chosen)),
        strict=True,
    ):
        assert (one.codes_free, one.codes_clamped) == (other.codes_free, other.codes_clamped)
    assert event.codes() == vector.codes()
    assert not any(event.kernel.violations.values())  # static timing was met
