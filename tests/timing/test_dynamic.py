"""Static timing compared with runs: only rates above the limit give violations."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest

from logicsim.board import Board, load
from logicsim.circuit.netlist import Netlist
from logicsim.event.simulation import Simulation
from logicsim.parts.chips import chip
from logicsim.timing.static import Analysis, analyse
from tests.circuits import FOREIGN, edge

CORNERS = ("min", "typ", "max")
SPREAD = {"min": 0.85, "typ": 1.0, "max": 1.15}
# Comparators quick and alike, without noise: what is left are gates, flops and potentiometers.
GATES_ONLY = {
    "parts.comparator.noise": "0 V", "parts.comparator.fastest": "1 ps",
    "parts.comparator.slope": "0 s", "parts.comparator.pull_up": "1 ps",
    "supervisor.settle": "2 ns",
}  # fmt: skip
# Noise must come near the least overdrive for the slowest response to happen: 2 mV is often.
COMPARATORS = {"parts.comparator.least_overdrive": "2 mV", "supervisor.settle": "1 us"}
CIRCUITS: Mapping[str, Mapping[str, Any]] = {
    "paper": {},
    **FOREIGN,
    # What holds the decision of a latch is its setup.
    "latch": {
        "edge.circuit": edge(
            ("inverter", "flop"),
            latch={"chip": "SN74HC75", "d": "up", "en": "cs", "q": "ud", "setup": "70 ns"},
        )
    },
}
GOLDEN = 0.618034  # farthest from all fractions

each_circuit = pytest.mark.parametrize("circuit", CIRCUITS)
each_corner = pytest.mark.parametrize("corner", CORNERS)


class Ran(NamedTuple):
    """Violations by kind, and the codes that were learnt."""

    violations: Mapping[str, int]
    codes: tuple[tuple[int, ...], tuple[int, ...]]


def ran(board: Board, steps: int, seed: int = 1) -> Ran:
    """A run that turns to another task every step, so that nothing is ever at rest."""
    simulation = Simulation(board, seed)
    turns = [(number, task, 1) for number, task in enumerate(board.tasks[1:5], start=2)]
    for _ in simulation.train(turns * (steps // len(turns))):
        pass
    simulation.kernel.run(simulation.kernel.now + round(1e12 / board.clock.rate))
    counted = {kind: count for kind, count in simulation.kernel.violations.items() if count}
    return Ran(counted, simulation.codes())


@each_circuit
@each_corner
def test_the_capacitors_limit(circuit: str, corner: str) -> None:
    settings: dict[str, Any] = {**CIRCUITS[circuit], "parts.corner": corner}
    limit = analyse(load("twin16", settings))
    assert limit.limits[0].name == "debouncer capacitor"
    for factor in (0.98, 1.02):
        rate = limit.max_rate * factor
        found = ran(load("twin16", {**settings, "clock.rate": rate}), 8).violations
        assert found.keys() == ({"spacing"} if factor > 1 else set())


def paced(settings: Mapping[str, Any], period: float, periods: int) -> Board:
    """The twin board with an oscillator of a period (s), and a rate that goes with it.

    What a step has beyond whole periods brings the trigger to every phase of the oscillator soon.
    """
    corner = settings["parts.corner"]
    return load("twin16", {
        **settings, "clock.capacitance": 1.5e-6 * period / SPREAD[corner],
        "clock.rate": 1 / ((round(1.4 * periods) + GOLDEN) * period),
    })  # fmt: skip


def shortest(analysis: Analysis) -> float:
    """The shortest period (s) that the paths of a period allow, if the step is as much shorter."""
    periods = []
    for path in analysis.paths:
        shares = path.shares()
        grows = shares.get("rate", 0) + shares.get("oscillator", 0)
        if grows > 0:
            periods.append((grows - path.slack) / grows)
    return max(periods) * analysis.oscillator * 1e-12


def check_the_limit(settings: Mapping[str, Any], slow: float, steps: int) -> None:
    """Below the static limit, a run misses nothing and learns as one at a slow period (s)."""
    periods = analyse(load("twin16", settings))
    count = periods.spacing // periods.oscillator
    at_leisure = paced(settings, slow, count)
    limit = shortest(analyse(at_leisure))
    limit = shortest(analyse(paced(settings, limit, count)))  # where other paths are the worst
    expected = ran(at_leisure, steps)
    assert not expected.violations
    board = paced(settings, limit / 0.98, count)
    assert analyse(board).met
    assert ran(board, steps) == expected
    board = paced(settings, limit / 1.02, count)
    assert not analyse(board).met
    beyond = ran(board, steps)
    assert beyond.violations.get("setup", 0) > 0
    assert beyond.codes != expected.codes


@each_circuit
@each_corner
def test_the_gates_limit(circuit: str, corner: str) -> None:
    check_the_limit({**CIRCUITS[circuit], **GATES_ONLY, "parts.corner": corner}, 2e-6, 60)


@pytest.mark.slow
@each_circuit
@each_corner
def test_the_comparators_limit(circuit: str, corner: str) -> None:
    check_the_limit({**CIRCUITS[circuit], **COMPARATORS, "parts.corner": corner}, 20e-6, 1000)


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
        simulation.codes() for _ in simulation.train([(1, board.tasks[0], 41)])
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
    slower = chip("SN74ALS86", fall=fall, drive=1e-6)
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
    assert any("Without a latch" in note for note in analyse(board).notes)
    met = [path for path in analyse(board).paths if path.constraint == "hold ud"]
    assert not all(path.met for path in met)


@pytest.mark.parametrize(("period", "missed"), [(0.7e-6, True), (1.2e-6, False)])
def test_the_noise_of_a_later_latch_may_come_too_late_for_an_earlier(
    period: float, *, missed: bool
) -> None:
    # It is drawn 4 us before the clock falls, four periods after chip select; a comparator takes
    # up to 1.6 us.
    later = {"chip": "flop", "j": "up", "k": "k", "cp": "clk", "q": "later"}
    settings = {**COMPARATORS, "edge.circuit": edge(later=later), "parts.corner": "typ"}
    board = paced(settings, period, 13)
    late = [path for path in analyse(board).paths if not path.met]
    assert {(path.startpoint, path.endpoint) for path in late} == (
        {("noise", "edge1.flop/j"), ("noise", "edge1.flop/k")} if missed else set()
    )
    assert (ran(board, 400).violations.get("setup", 0) > 0) == missed


def test_a_decision_that_is_latched_for_one_potentiometer_only() -> None:
    circuit = edge(digipot_clamped={"ud": "up"})
    paths = analyse(load("divider", {"edge.circuit": circuit})).paths
    noise = {
        (path.constraint, path.endpoint): path.slack for path in paths if path.startpoint == "noise"
    }
    # Noise may come at any time where nothing holds it, and as ever where the flop does.
    for kind in ("setup", "hold"):
        assert noise[f"{kind} ud", "edge1.digipot_clamped/ud"] == -10_000
        assert (f"{kind} ud", "edge1.digipot_free/ud") not in noise
    paper = analyse(load("divider")).paths
    assert noise["setup k", "edge1.flop/k"] == pytest.approx(
        next(path.slack for path in paper if path.constraint == "setup k"), abs=1
    )
