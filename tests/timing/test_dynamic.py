"""What static timing says, against runs: a rate below the limit has no violation, one above has."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest

from logicsim.board import Board, load
from logicsim.circuit.netlist import Netlist
from logicsim.event.simulation import Simulation
from logicsim.parts.sn74als86 import Sn74als86
from logicsim.timing.static import analyse
from logicsim.training.run import plan

CORNERS = ("min", "typ", "max")
SPREAD = {"min": 0.85, "typ": 1.0, "max": 1.15}
# Comparators quick and alike, without noise: what is left are gates, flops and potentiometers.
GATES_ONLY = {
    "parts.comparator.noise": "0 V", "parts.comparator.fastest": "1 ps",
    "parts.comparator.slope": "0 s", "parts.comparator.pull_up": "1 ps",
}  # fmt: skip


def violations(board: Board, steps: int, seed: int = 1) -> Mapping[str, int]:
    """Of a run that turns to another task every step, so that nothing is ever at rest."""
    simulation = Simulation(board, seed)
    turns = [(number, task, 1) for number, task in enumerate(board.tasks[1:5], start=2)]
    for _ in simulation.train(turns * (steps // len(turns))):
        pass
    simulation.kernel.run(simulation.kernel.now + round(1e12 / board.clock.rate))
    return simulation.kernel.violations


@pytest.mark.parametrize("corner", CORNERS)
def test_the_capacitors_limit(corner: str) -> None:
    limit = analyse(load("twin16", {"parts.corner": corner}))
    assert limit.limits[0].name == "debouncer capacitor"
    for factor in (0.98, 1.02):
        rate = limit.max_rate * factor
        found = violations(load("twin16", {"parts.corner": corner, "clock.rate": rate}), 40)
        assert any(found.values()) == (factor > 1)


@pytest.mark.parametrize("corner", CORNERS)
def test_the_gates_limit(corner: str) -> None:
    settings: dict[str, Any] = {**GATES_ONLY, "parts.corner": corner}
    limits = {limit.name: limit.rate for limit in analyse(load("twin16", settings)).limits}
    for factor in (0.98, 1.02):
        # The shortest period the limit allows, and so the shortest 13 of them.
        period = 0.999 / (13 * limits["gates"] * factor)
        settings |= {
            "clock.capacitance": 1.5e-6 * period / SPREAD[corner], "supervisor.settle": "2 ns",
            "clock.rate": limits["gates"] * factor * 0.97,
        }  # fmt: skip
        board = load("twin16", settings)
        assert analyse(board).met == (factor < 1)
        assert any(violations(board, 40).values()) == (factor > 1)


@pytest.mark.slow
@pytest.mark.parametrize("corner", CORNERS)
def test_the_comparators_limit(corner: str) -> None:
    # Noise must come near the least overdrive for the slowest response to happen: 2 mV is often.
    settings: dict[str, Any] = {
        "parts.corner": corner, "parts.comparator.least_overdrive": "2 mV",
    }  # fmt: skip
    limits = {limit.name: limit.rate for limit in analyse(load("twin16", settings)).limits}
    for factor in (0.98, 1.02):
        period = 0.999 / (13 * limits["comparators"] * factor)
        settings |= {
            "clock.capacitance": 1.5e-6 * period / SPREAD[corner], "supervisor.settle": "1 us",
            "clock.rate": limits["comparators"] * factor * 0.97,
        }  # fmt: skip
        board = load("twin16", settings)
        assert analyse(board).met == (factor < 1)
        assert any(violations(board, 1000).values()) == (factor > 1)


class Staggered(NamedTuple):
    """What a stagger from chip select to clock does: by static timing, then in a run."""

    broken: set[str]  # constraints missed at the potentiometers
    violations: int
    apart: int  # steps of an edge whose two potentiometers did not do the same
    idle: int  # steps of an edge that did not happen


def staggered(stagger: int, *, latch: bool = True) -> Staggered:
    """The divider with chip select's gate slower, so that CLK falls `stagger` ns after CS."""
    period = 2e-6
    board = load("divider", {
        **GATES_ONLY, "clock.capacitance": 1.5e-6 * period, "clock.rate": "20 kHz",
        "supervisor.settle": "2 us", "edge.latch": latch,
    })  # fmt: skip
    late = 4 * period + 6e-9 - stagger * 1e-9  # the gate's delay if CLK's gate takes 6 ns
    netlist = with_gate(board.netlist(), "clock.xor_cs", fall=late)
    paths = analyse(board, netlist).paths
    simulation = Simulation(board, seed=4, netlist=netlist)
    codes = [
        simulation.codes() for _ in simulation.train(plan(board, ["3.75 V"], steps=41))
    ]  # before each step
    free, clamped = np.diff(np.array(codes), axis=0).transpose(1, 0, 2)
    missed = simulation.kernel.violations
    return Staggered(
        {path.constraint for path in paths if not path.met} & {"setup cs", "setup ud", "hold ud"},
        missed["setup"] + missed["hold"],
        int((free != clamped).sum()),
        int(((free == 0) & (clamped == 0)).sum()),
    )


def with_gate(netlist: Netlist, name: str, fall: float) -> Netlist:
    """The netlist with one XOR that is slower to fall and drives any load."""
    slower = Sn74als86.model_validate({"fall": fall, "drive": 1e-6})
    parts = tuple(
        replace(part, chip=slower) if part.name == name else part for part in netlist.parts
    )
    return replace(netlist, parts=parts)


# U/D settles 13 ns (clock to Q) after CS and is wanted 10 ns before CLK; CS 20 ns before it.
STAGGERS = (100, 40, 24, 23, 22, 20, 19, 10, 1, 0, -1, -20, -100)


@pytest.mark.parametrize("stagger", STAGGERS)
def test_the_stagger_breaks_where_static_timing_says(stagger: int) -> None:
    found = staggered(stagger)
    assert ("setup ud" in found.broken) == (0 < stagger < 13 + 10)
    assert ("setup cs" in found.broken) == (stagger < 20)
    if not found.broken:
        assert found[1:] == (0, 0, 0)
    elif stagger >= 0:  # each of the two takes its own chance
        assert found.violations > 0
        assert found.apart > 0
    else:  # CLK falls before the chips are selected: nothing happens at all
        assert found[1:] == (0, 0, 2 * 40)


@pytest.mark.parametrize("stagger", STAGGERS)
def test_without_the_flop_only_the_selection_breaks(stagger: int) -> None:
    found = staggered(stagger, latch=False)
    assert found.broken == ({"setup cs"} if stagger < 20 else set())
    assert (found.violations > 0) == (found.apart > 0) == (0 <= stagger < 20)
    assert found.idle == 2 * 40 if stagger < 0 else found.idle < 2 * 40


def test_without_the_flop_noise_breaks_it_at_any_stagger() -> None:
    board = load("divider", {"edge.latch": False, "parts.comparator.chatter": "full"})
    assert any("D-flop" in note for note in analyse(board).notes)
    met = [path for path in analyse(board).paths if path.constraint == "hold ud"]
    assert not all(path.met for path in met)
