"""Faults of circuits other than the paper's, compared with steps known by hand.

As in `test_digital`: A is 1 and B 0 on a single edge, so both codes go up from 64 by one a step.
"""

from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logicsim.board import Board
from logicsim.core.files import shipped_boards
from logicsim.core.logic import X, four_valued, index
from logicsim.event.simulation import Simulation
from logicsim.faults import inject, parse_all, universe
from logicsim.faults.table import KINDS
from logicsim.parts.chips import chip
from logicsim.parts.gate import Gate
from logicsim.parts.kind import Held
from tests.circuits import FOREIGN
from tests.faults.bed import board, run
from tests.faults.test_digital import DOWN, SOUND, STILL


def foreign(name: str, on: str = "edge", **settings: Any) -> Board:
    """A shipped board with one of the foreign circuits."""
    return board(
        on, **{key.replace(".", "__"): file for key, file in FOREIGN[name].items()}, **settings
    )


def alike(step: float) -> dict[str, Any]:
    """Drops of 1 V that differ by `step` volts."""
    return {"name": "t", "kind": "bench", "free": {1: 1.0, 2: 0.0}, "clamped": {1: 1 + step, 2: 0}}


@pytest.mark.parametrize("name", FOREIGN)
def test_every_fault_is_listed_and_makes_a_sound_netlist(name: str) -> None:
    machine = foreign(name, "divider")
    netlist = machine.netlist()
    names = {name for each in universe(machine) for name in (each.fault.name, *each.represents)}
    for part in netlist.parts:
        roles = part.chip.pins
        sites = [f"{part.name}.{pin}" for pin, role in roles.items() if role == "in"]
        sites += [part.pins[pin][0] for pin, role in roles.items() if role in ("out", "open")]
        assert {f"stuck-at-{level}:{site}" for site in sites for level in (0, 1)} <= names
        if "node" in roles.values():
            assert {f"offset:{part.name}=50mV", f"open:{part.name}.plus"} <= names
        if "code" in roles.values():
            assert {f"wiper-at:{part.name}=127", f"frozen:{part.name}"} <= names
        if "q" in roles and part.scope != "clock":
            assert f"flip:{part.name}=0@1.5-1" in names
            assert {f"bypass:{part.name}", f"bypass:{part.scope}"} & names
    assert {each.partition(":")[0] for each in names} == set(KINDS)
    for each in names:
        broken = inject(netlist, parse_all(each, machine, netlist), machine, 0)
        broken.check()
        assert broken.sound is netlist


@pytest.mark.parametrize(
    ("name", "fault", "free", "clamped"),
    [
        # A alone: NAND(A, not both) = 0 makes UP 1. Held at 1, nothing does.
        ("nand", "", SOUND, SOUND),
        ("nand", "stuck-at-1:edge1.not_a_alone@4-6", DOWN, DOWN),
        ("nand", "stuck-at-0:edge1.not_both@4-6", DOWN, DOWN),
        ("nand", "stuck-at-0:edge1.nand_a.b@4-6", DOWN, DOWN),
        ("nand", "stuck-at-0:edge1.nand_b.b@4-6", SOUND, SOUND),  # B is 0 as it is
        ("nand", "stuck-at-1:edge1.nand_b.a@4-6", SOUND, SOUND),  # NAND(0, 0) is 1 as well
        # The flop's set and reset act at 0, and set wins.
        ("nand", "stuck-at-0:edge1.flop.r@4-6", DOWN, DOWN),
        ("nand", "stuck-at-0:edge1.flop.s@4-6 + stuck-at-0:edge1.a@4-6", SOUND, SOUND),
        # Its clock, the inverse of chip select, rests low: held there, it keeps its 1.
        ("nand", "stuck-at-0:edge1.a@4-6", DOWN, DOWN),
        ("nand", "stuck-at-0:edge1.latch@4-6 + stuck-at-0:edge1.a@4-6", SOUND, SOUND),
        ("nand", "stuck-at-0:edge1.flop.cp@4-6 + stuck-at-0:edge1.a@4-6", SOUND, SOUND),
        ("nand", "stuck-at-1:edge1.inverter.a@4-6 + stuck-at-0:edge1.a@4-6", SOUND, SOUND),
        ("dead_zone", "", SOUND, SOUND),
        ("dead_zone", "stuck-at-1:edge1.alike@4-6", STILL, STILL),
        ("dead_zone", "stuck-at-0:edge1.nor.a@4-6", STILL, STILL),  # "more" is not heard
        ("dead_zone", "stuck-at-1:edge1.nor.b@4-6", SOUND, SOUND),
        ("dead_zone", "stuck-at-1:edge1.select@4-6", STILL, STILL),
        ("dead_zone", "stuck-at-1:edge1.digipot_free.cs@4-6", STILL, SOUND),
        ("dead_zone", "stuck-at-0:edge1.flop.cp@4-6 + stuck-at-0:edge1.a@4-6", SOUND, SOUND),
        ("one_comparator", "stuck-at-0:edge1.a@4-6", DOWN, DOWN),
        ("one_comparator", "open:edge1.comparator_a.minus@4-6", DOWN, DOWN),
        ("one_comparator", "open:edge1.comparator_a.plus@4-6", SOUND, SOUND),
        ("pulse", "", SOUND, SOUND),
        ("pulse", "missing:clock.clk@4-6", STILL, STILL),
        ("pulse", "missing:clock.cs@4-6", STILL, STILL),
        ("pulse", "frozen:edge1.digipot_free@4-6", STILL, SOUND),
        ("pulse", "missed:edge1.digipot_free=1@4-6", STILL, SOUND),
    ],
)  # fmt: skip
def test_a_fault_does_what_its_circuit_says(
    tmp_path: Path, name: str, fault: str, free: list[int], clamped: list[int]
) -> None:
    assert run(foreign(name), fault, tmp_path).codes == (free, clamped)


def test_a_clock_that_rests_low_misses_its_pulse_at_low(tmp_path: Path) -> None:
    done = run(foreign("pulse"), "missing:clock.clk@4-6", tmp_path)
    assert done.during("clock.clk", 4.001, 6.999) == {"0"}
    assert done.during("clock.clk_sound", 4.001, 6.999) == {"0", "1"}
    assert done.during("clock.clk", 3.001, 3.999) == {"0", "1"}


def test_a_clock_that_alternates_misses_what_it_would_do_when_the_trigger_rises(
    tmp_path: Path,
) -> None:
    # Steps are taken by triggers that rise: those of the odd steps. The third is missed.
    done = run(foreign("half"), "missing:clock.clk@3-4", tmp_path, steps=6)
    assert done.codes == ([64, 65, 65, 65, 65, 66, 66],) * 2


def test_without_its_dead_zone_an_edge_steps_where_it_should_not(tmp_path: Path) -> None:
    # 5 mV apart, and 20 mV are too little: sound, it never steps.
    machine = foreign("dead_zone", tasks=[alike(5e-3)])
    assert run(machine, "", tmp_path).codes == ([64] * 11, [64] * 11)
    steps = [64, 64, 64, 64, 65, 66, 67, 67, 67, 67, 67]
    for fault in ("stuck-at-0:edge1.alike", "stuck-at-1:edge1.nor.a", "stuck-at-0:edge1.or.b",
                  "stuck-at-0:edge1.select", "offset:edge1.comparator_more=-20mV"):  # fmt: skip
        assert run(machine, f"{fault}@4-6", tmp_path).codes == (steps, steps), fault
    done = run(machine, "stuck-at-0:edge1.digipot_free.cs@4-6", tmp_path)
    assert done.codes == (steps, [64] * 11)


@pytest.mark.parametrize(
    ("flop", "fault", "net", "before", "after", "last"),
    [
        ("flop", "stuck-at-0:edge1.a@4-4", "edge1.ud", "1", "0", 67 - 1 + 1),
        ("flop_alike", "stuck-at-1:edge1.alike@4-4", "edge1.stay", "0", "1", 67 + 0 + 1),
    ],
)
def test_each_of_two_flops_can_be_bypassed(
    tmp_path: Path, flop: str, fault: str, net: str, before: str, after: str, last: int
) -> None:
    """The other one still waits for chip select, 23 ms behind the step's beginning."""
    machine = foreign("dead_zone")
    for bypassed in ("flop", "flop_alike"):
        done = run(machine, f"bypass:edge1.{bypassed}@3 + {fault}", tmp_path, steps=5)
        times, history = machine.timetable, done.trace[net]
        begun = times.first + 3 * times.period
        change = int(history.times[history.times > begun][0])
        assert (history.at(begun), history.at(change)) == (before, after)
        assert (change - begun < 10**6) == (bypassed == flop)  # 1 us
        assert done.codes[0][-1] == last


def names_of(machine: Board, fault: str) -> set[str]:
    """All names of the faults that are listed as one with this."""
    found = [{each.fault.name, *each.represents} for each in universe(machine)]
    return next(names for names in found if fault in names)


def test_a_gate_an_inverter_and_a_rising_clock_tell_which_faults_are_one() -> None:
    machine = foreign("nand")
    assert names_of(machine, "stuck-at-0:edge1.flop.cp") == {
        f"stuck-at-{level}:edge1.{site}" for level in (0, 1)
        for site in ("inverter.a", "latch", "flop.cp")
    }  # fmt: skip
    assert names_of(machine, "stuck-at-1:edge1.up") == {
        "stuck-at-1:edge1.up", "stuck-at-1:edge1.flop.d",
        *(f"stuck-at-0:edge1.{site}" for site in
          ("not_a_alone", "nand_up.a", "not_b_alone", "nand_up.b")),
    }  # fmt: skip
    assert names_of(machine, "stuck-at-0:edge1.flop.s") == {"stuck-at-0:edge1.flop.s"}
    pulse = foreign("pulse")
    assert names_of(pulse, "missing:clock.clk") == {"missing:clock.clk", "stuck-at-0:clock.clk"}
    assert "stuck-at-1:clock.cs" in names_of(pulse, "missing:clock.cs")


def test_what_cannot_be_seen_depends_on_the_circuit() -> None:
    def hidden(name: str) -> dict[str, str]:
        listed = universe(foreign(name))
        return {each.fault.name: each.undetectable for each in listed if each.undetectable}

    selected = "the potentiometer is always selected when the clock falls"
    pots = ("digipot_free", "digipot_clamped")
    always = {f"stuck-at-0:edge1.{pot}.cs": selected for pot in pots}
    tied = {"stuck-at-1:clock.xor_n3.b": "the pin is tied high"}
    flop = {f"stuck-at-1:edge1.flop.{pin}": "the pin is tied high" for pin in ("s", "r")}
    inverter = {"stuck-at-1:edge1.inverter.b": "the pin is tied high"}
    alike = {"stuck-at-1:edge1.inverter_alike.b": "the pin is tied high"}
    assert hidden("nand") == tied | flop | always
    assert hidden("dead_zone") == tied | inverter | alike  # its chip select is gated
    assert hidden("pulse") == inverter | always
    assert hidden("half") == inverter | always


@pytest.mark.slow
@pytest.mark.parametrize("name", FOREIGN)
def test_faults_that_are_listed_as_one_do_the_same(name: str) -> None:
    machine = foreign(name, "divider")
    netlist = machine.netlist(3)
    number, task = machine.task("1 V")

    def codes(fault: str) -> list[Any]:
        broken = inject(netlist, parse_all(fault, machine, netlist), machine, 3)
        steps = chain.from_iterable(Simulation(machine, 3, broken).train([(number, task, 8)]))
        return [(step.codes_free, step.codes_clamped) for step in steps]

    for each in universe(machine, task):
        if each.permanent:
            first = codes(each.fault.name) if each.represents else []
            for other in each.represents:
                assert codes(other) == first, (each.fault.name, other)


def variant(folder: Path, replaced: str, by: str, more: str = "") -> str:
    """The paper's edge with a piece of its file exchanged, as a file of its own."""
    text = (shipped_boards() / "edges" / "coupled.toml").read_text()
    assert replaced in text
    circuit = folder / "variant.toml"
    circuit.write_text(text.replace(replaced, by) + more)
    return str(circuit)


def test_a_counter_that_counts_at_the_rise_breaks_at_the_rise(tmp_path: Path) -> None:
    inverter = '\n[parts.inverter_clk]\nchip = "not"\na = "clk"\ny = "count"\n'
    circuit = variant(tmp_path, '= "clk"', '= "count"', inverter)
    machine = board("edge", edge__circuit=circuit, parts__digipot__active="rise")
    twice = [64, 65, 66, 67, 69, 71, 73, 74, 75, 76, 77]
    for fault, free in (("frozen", STILL), ("missed", STILL), ("doubled", twice)):
        value = "=1" if fault == "missed" else ""
        done = run(machine, f"{fault}:edge1.digipot_free{value}@4-6", tmp_path)
        assert done.codes == (free, SOUND), fault
    hidden = {each.fault.name: each.undetectable for each in universe(machine)}
    assert hidden["stuck-at-0:edge1.digipot_free.cs"].endswith("when the clock rises")


def test_a_latch_in_place_of_the_flop(tmp_path: Path) -> None:
    # It is open while chip select is high, and closes at its fall.
    latch = 'chip = "SN74HC75"\nd = "up"\nen = "cs"\n'
    circuit = variant(tmp_path, 'chip = "flop"\nj    = "up"\nk    = "k"\ncp   = "cs"\n', latch)
    machine = board("edge", edge__circuit=circuit)
    down_once = [64, 65, 66, 67, 66, 67, 68, 69, 70, 71, 72]
    for fault, codes in (
        ("", SOUND),
        ("flip:edge1.flop=0@4.16", down_once),  # chip select is low, the clock still to fall
        ("flip:edge1.flop=0@4.05", SOUND),  # still open, D puts it right
        ("stuck-at-0:edge1.flop.en@4-6 + stuck-at-0:edge1.a@4-6", SOUND),  # closed, it keeps 1
        ("stuck-at-1:edge1.flop.en@4-6 + stuck-at-0:edge1.a@4-6", DOWN),
    ):
        assert run(machine, fault, tmp_path).codes == (codes, codes), fault
    assert names_of(machine, "bypass:edge1") == {"bypass:edge1"}
    for level in (0, 1):  # closed is not open
        fault = f"stuck-at-{level}:edge1.flop.en"
        assert names_of(machine, fault) == {fault}


def test_a_random_bit_is_no_flop_and_without_a_clock_draws_nothing(tmp_path: Path) -> None:
    bit = 'chip = "random_bit"\ncp = "cs"\ny = "ud"\n'
    flop = 'chip = "flop"\nj    = "up"\nk    = "k"\ncp   = "cs"\nq    = "ud"\n'
    machine = board("edge", edge__circuit=variant(tmp_path, flop, bit))
    stuck = {f"stuck-at-{level}:edge1.flop.cp" for level in (0, 1)}
    assert names_of(machine, "stuck-at-0:edge1.flop.cp") == stuck
    names = {each.fault.name for each in universe(machine)}
    assert not any(name.startswith(("flip:edge1.flop", "bypass:")) for name in names)


def test_values_are_those_of_the_part() -> None:
    machine = board("edge", parts__digipot__positions=100, parts__digipot__initial=50)
    values: dict[str, list[str]] = {}
    for each in universe(machine):
        if each.fault.site in ("edge1.digipot_free", "edge1.flop"):
            values.setdefault(each.fault.kind, []).append(each.fault.value)
    assert values["wiper-at"] == ["0", "99"]
    assert values["bit-at-0"] == values["bit-at-1"] == list("0123456")
    assert values["flip"] == ["0", "0", "6"]  # of the flop, and of the counter


def test_a_net_may_be_called_as_a_part_is(tmp_path: Path) -> None:
    machine = board("edge", edge__circuit=variant(tmp_path, '"up"', '"xor"'))
    parts = {each.fault.name: each.part for each in universe(machine)}
    assert parts["stuck-at-0:edge1.xor"] == "net"
    assert parts["slow:edge1.xor=10"] == "SN74ALS86"
    assert run(machine, "stuck-at-0:edge1.xor@4-6", tmp_path).codes == (DOWN, DOWN)


@given(st.integers(1, 4).flatmap(lambda n: st.text("01", min_size=2**n, max_size=2**n)))
def test_a_gate_holds_its_output_where_one_input_decides_it(table: str) -> None:
    inputs = list("abcd"[: (len(table) - 1).bit_length()])
    gate = chip("SN74HC00", inputs=inputs, table=table)
    assert isinstance(gate, Gate)
    for place, pin in enumerate(inputs):
        for level in (0, 1):
            levels = [level if other == place else X for other in range(len(inputs))]
            value = four_valued(table)[index(levels)]
            assert gate.stuck(pin, level) == (Held("y", value) if value < X else "")
