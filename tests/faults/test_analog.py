"""Faults of potentiometers, comparators, nodes and converters, compared with hand calculations."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logicsim.circuit.netlist import Netlist
from logicsim.core.noise import Purpose, Stream
from logicsim.core.units import ticks
from logicsim.event.simulation import Simulation
from logicsim.faults import inject, parse_all
from logicsim.faults.counter import Missed
from logicsim.faults.late import Late
from tests.faults.bed import board, run

WIPER, STEP = 40.0, 781.25  # ohm


def siemens(fault: str, steps: int) -> tuple[float, float]:
    """Conductances of edge 1 at the beginning of a step in which all codes are still known."""
    machine = board("edge")
    simulation = Simulation(
        machine, 1, inject(machine.netlist(1), parse_all(fault, machine), machine, 1)
    )
    training = simulation.train([(1, machine.tasks[0], steps)])
    for _ in range(steps):
        next(training)
    twin = simulation.twin
    return float(twin.free.conductance[0]), float(twin.clamped.conductance[0])


@pytest.mark.parametrize(
    ("fault", "ohms"),
    [
        ("resistance:edge1.digipot_free=1.3", 1.3 * 67 * STEP + WIPER),
        ("contact:edge1.digipot_free=10kohm", 67 * STEP + WIPER + 10e3),
        ("short:edge1.digipot_free=1ohm", 1 / (1 + 1 / (67 * STEP + WIPER))),
        ("wiper-at:edge1.digipot_free=127", 127 * STEP + WIPER),
        ("bit-at-0:edge1.digipot_free=6", 3 * STEP + WIPER),  # 67 = 1000011b
        ("bit-at-1:edge1.digipot_free=2", 71 * STEP + WIPER),
        ("drift:edge1.digipot_free=0.01", 1.02 * 67 * STEP + WIPER),  # the second step of it
        ("open:edge1.digipot_free", np.inf),
    ],
)
def test_a_potentiometer_is_off_by_the_sum_while_the_fault_lasts(fault: str, ohms: float) -> None:
    before, during, after = (siemens(f"{fault}@3-4", steps) for steps in (2, 4, 5))
    sound = [1 / (code * STEP + WIPER) for code in (65, 67, 68)]
    assert before == pytest.approx((sound[0], sound[0]))
    assert during == pytest.approx((1 / ohms, sound[1]))
    assert after == pytest.approx((sound[2], sound[2]))


def test_two_laws_on_one_potentiometer_go_one_through_the_other() -> None:
    both = "contact:edge1.digipot_free=10kohm + resistance:edge1.digipot_free=2"
    assert siemens(both, 1)[0] == pytest.approx(1 / (2 * (64 * STEP + 10e3) + WIPER))


def test_a_cut_edge_carries_nothing_in_either_network(tmp_path: Path) -> None:
    done = run(board("divider"), "cut:edge1@4-6", tmp_path)
    assert done.steps[2].outputs[2] > 2.0
    assert [step.outputs[2] for step in done.steps[3:6]] == [pytest.approx(0.0)] * 3
    assert done.steps[6].outputs[2] > 2.0


@pytest.mark.parametrize(
    ("fault", "down"),
    [
        ("offset:edge1.comparator_a=600mV", True),  # dVC - dVF is 500 mV
        ("offset:edge1.comparator_a=400mV", False),
        ("offset:edge1.comparator_b=-1.6V", True),  # dVC is 1.5 V
        ("offset:edge1.comparator_b=-1.4V", False),
        ("supply:edge1.comparator_a=2.9V", True),  # A's inputs are 1.75 and 1.5 V, its limit 1.4
        ("supply:edge1.comparator_a=3.1V", False),
    ],
)
def test_a_comparator_is_off_by_so_much(tmp_path: Path, fault: str, down: bool) -> None:
    # Both drops end at half a volt, so that both inputs of A have a common mode to speak of.
    drops = {"name": "t", "kind": "bench", "free": {1: 1.5, 2: 0.5}, "clamped": {1: 2.0, 2: 0.5}}
    if "supply" in fault:
        drops |= {"free": {1: 2.0, 2: 1.0}, "clamped": {1: 2.5, 2: 1.0}}
    done = run(board("edge", tasks=[drops]), f"{fault}@4-6", tmp_path)
    assert done.codes[0][-1] == (68 if down else 74)


def test_a_noisy_comparator_hears_the_same_noise_louder(tmp_path: Path) -> None:
    machine, seed, steps = board("edge", parts__comparator__noise="10 mV"), 5, 30
    done = run(machine, "noisy:edge1.comparator_a=100", tmp_path, steps, seed)
    stream = Stream(seed, Purpose.COMPARATOR_NOISE)
    up = [0.5 + 100 * 0.01 * stream.normals(2, step, 0)[0] > 0 for step in range(1, steps + 1)]
    assert 0 < sum(up) < steps
    wanted = 64 + np.cumsum([1 if here else -1 for here in up])
    assert done.codes[0][1:] == wanted.tolist()


def test_a_counter_misses_the_falls_that_its_draws_say(tmp_path: Path) -> None:
    machine, seed, steps = board("edge"), 9, 40
    done = run(machine, "missed:edge1.digipot_free=0.3", tmp_path, steps, seed)
    saboteur = done.simulation.netlist.parts[-1].chip
    assert isinstance(saboteur, Missed)
    clk = done.trace["clock.clk"]
    falls = clk.times[clk.values == "0"]
    kept = [not saboteur.misses(seed, int(fall)) for fall in falls]
    assert 0 < sum(kept) < steps
    assert done.codes[0][-1] == 64 + sum(kept)
    assert done.codes[1][-1] == 64 + steps


def test_an_intermittent_fault_comes_and_goes_as_its_draws_say(tmp_path: Path) -> None:
    machine, seed, steps = board("edge"), 2, 40
    done = run(machine, "stuck-at-0:edge1.a@11-30%0.5", tmp_path, steps, seed)
    active = done.simulation.netlist.parts[-1].chip.active  # type: ignore[attr-defined]
    there = [active.there(seed, step) for step in range(1, steps + 1)]
    assert not any(there[:10] + there[30:])
    assert 3 < sum(there) < 17
    wanted = 64 + np.cumsum([-1 if here else 1 for here in there])
    assert done.codes[0][1:] == wanted.tolist()
    again = run(machine, "stuck-at-0:edge1.a@11-30%0.5", tmp_path, steps, seed)
    assert again.codes == done.codes


def test_nodes_that_touch_share_a_current(tmp_path: Path) -> None:
    # Free: 5 V - 50 kohm - node 2 - 50 kohm - 0 V; clamped node 2 is held at (3.75 + V_F) / 2.
    done = run(board("divider"), "leak:node2.free~node2.clamped=25kohm@2-2", tmp_path, steps=3)
    clamped = (3.75 + 2.5) / 2
    codes = done.steps[1].codes_free
    first, second = (1 / (code * STEP + WIPER) for code in codes)
    leak = 1 / 25e3
    wanted = (5 * first + clamped * leak) / (first + second + leak)
    assert done.steps[0].outputs[2] == pytest.approx(2.5)
    assert done.steps[1].outputs[2] == pytest.approx(wanted, rel=1e-9)
    third = done.steps[2].codes_free
    r1, r2 = (code * STEP + WIPER for code in third)
    assert done.steps[2].outputs[2] == pytest.approx(5 * r2 / (r1 + r2), rel=1e-9)


@pytest.mark.parametrize(
    ("fault", "high", "low", "reads"),
    [
        ("reference:supervisor.dac=0.5", 2.5, 0.0, 1.0),
        ("reference:supervisor.adc=0.9", 5.0, 0.0, 0.9),
        ("converter-bit-at-0:supervisor.dac=15", 0.0, 0.0, 1.0),  # 5 V is 1000...b of 10 V
        ("converter-bit-at-1:supervisor.dac=13", 6.25, 1.25, 1.0),
    ],
)
def test_converters_are_wrong_by_their_bit_or_reference(
    tmp_path: Path, fault: str, high: float, low: float, reads: float
) -> None:
    done = run(board("divider"), f"{fault}@4-6", tmp_path)
    r1, r2 = (code * STEP + WIPER for code in done.steps[3].codes_free)
    middle = (high * r2 + low * r1) / (r1 + r2)
    held = [done.at(f"node{node}.free", 4.01) for node in (1, 2, 3)]
    assert held == [pytest.approx(volts) for volts in (high, middle, low)]
    assert done.steps[3].outputs[2] == pytest.approx(reads * middle)
    assert [done.at(f"node{node}.free", 7.01) for node in (1, 3)] == [5.0, 0.0]


def test_a_stuck_bit_leads_no_further_than_the_last_tap() -> None:
    machine = board("edge", parts__digipot__positions=100, parts__digipot__initial=40)
    netlist = inject(machine.netlist(1), parse_all("bit-at-1:edge1.digipot_free=6", machine),
                     machine, 1)  # fmt: skip
    simulation = Simulation(machine, 1, netlist)
    next(simulation.train([(1, machine.tasks[0], 1)]))
    # 40 + 64 is past tap 99.
    ohms = [
        1 / network.conductance[0] for network in (simulation.twin.free, simulation.twin.clamped)
    ]
    assert ohms == pytest.approx([99 * 1000 + WIPER, 40 * 1000 + WIPER])


@given(st.floats(0, 9.9998), st.integers(0, 15), st.sampled_from([0, 1]))
def test_a_converter_with_a_stuck_bit_takes_the_code_below(
    volts: float, bit: int, level: int
) -> None:
    machine = board("divider")
    name = f"converter-bit-at-{level}:supervisor.dac={bit}"
    broken = inject(machine.netlist(), parse_all(name, machine), machine, 0)
    code, rest = divmod(volts, 10 / 2**16)
    bits = f"{int(code):016b}"
    stuck = int(f"{bits[: 15 - bit]}{level}{bits[16 - bit :]}", 2)
    wanted = stuck * 10 / 2**16 + rest
    assert broken.converters.impose.convert(np.array([volts]), 1) == pytest.approx(wanted, abs=1e-9)


def test_a_slow_part_is_slow_by_its_slower_output() -> None:
    # The pull-up makes a comparator's rise slower than its fall.
    machine = board("edge")
    broken = inject(machine.netlist(), parse_all("slow:edge1.comparator_a=3", machine), machine, 0)
    comparator = machine.parts.comparator
    own = ticks(comparator.fastest.typ) + ticks(comparator.pull_up.typ)
    late = broken.parts[-1].chip
    assert isinstance(late, Late)
    assert late.delay == 2 * own


def test_loads_count_through_saboteurs() -> None:
    machine = board("twin16")
    sound: Netlist = machine.netlist(1)
    faults = (
        "stuck-at-0:edge1.flop.cp + missing:clock.cs@5 + late:clock.xor_cs=1ns + "
        "glitch:clock.cs=1ns@3"
    )
    broken = inject(sound, parse_all(faults, machine), machine, 1)
    driven = next(part for part in broken.parts if part.name == "clock.xor_cs").pins["y"][0]
    assert driven.startswith("clock.cs_sound")
    assert broken.loads()[driven] == sound.loads()["clock.cs"] == 48
