"""Every fault of nets, pins and clocks, on one edge whose steps are known by hand.

All four voltages are held: 1 V free, 1.5 V clamped, so comparator A is 1 and B 0, and both codes
go up from 64 by one a step. Steps 4 to 6 have the fault.
"""

from itertools import pairwise
from pathlib import Path

import pytest

from tests.faults.bed import board, run

SOUND = [64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74]
DOWN = [64, 65, 66, 67, 66, 65, 64, 65, 66, 67, 68]  # three steps the wrong way
STILL = [64, 65, 66, 67, 67, 67, 67, 68, 69, 70, 71]  # three steps not taken


@pytest.mark.parametrize(
    ("fault", "net", "levels", "free", "clamped"),
    [
        ("stuck-at-0:edge1.a", "edge1.a", "0", DOWN, DOWN),
        ("stuck-at-1:edge1.b", "edge1.b", "1", DOWN, DOWN),
        ("stuck-at-1:edge1.a", "edge1.a", "1", SOUND, SOUND),  # as it is anyway
        ("stuck-at-0:edge1.up", "edge1.up", "0", DOWN, DOWN),
        ("stuck-at-0:edge1.ud", "edge1.ud", "0", DOWN, DOWN),
        ("stuck-at-0:edge1.digipot_free.ud", "edge1.digipot_free_ud", "0", DOWN, SOUND),
        ("stuck-at-1:edge1.digipot_clamped.cs", "edge1.digipot_clamped_cs", "1", SOUND, STILL),
        ("stuck-at-0:edge1.digipot_free.cs", "edge1.digipot_free_cs", "0", SOUND, SOUND),
        # K = UP instead of its inverse: J = K = 1 toggles, from 1.
        ("stuck-at-0:edge1.inverter.b", "edge1.k", "1",
         [64, 65, 66, 67, 66, 67, 66, 67, 68, 69, 70],
         [64, 65, 66, 67, 66, 67, 66, 67, 68, 69, 70]),
        ("stuck-at-1:edge1.flop.k", "edge1.flop_k", "1",
         [64, 65, 66, 67, 66, 67, 66, 67, 68, 69, 70],
         [64, 65, 66, 67, 66, 67, 66, 67, 68, 69, 70]),
        ("stuck-at-1:edge1.flop.cp", "edge1.flop_cp", "1", SOUND, SOUND),  # Q stays 1
        ("wired-and:edge1.a~edge1.b", "edge1.a", "0", DOWN, DOWN),
        ("wired-or:edge1.a~edge1.b", "edge1.b", "1", DOWN, DOWN),
        ("dominant:edge1.a~edge1.b", "edge1.b", "1", DOWN, DOWN),
        ("dominant:edge1.b~edge1.a", "edge1.a", "0", DOWN, DOWN),
        ("missing:clock.cs", "clock.cs", "1", STILL, STILL),
        ("missing:clock.clk", "clock.clk", "1", STILL, STILL),
        ("stuck-at-0:clock.trigger", "clock.trigger_bad", "0", None, None),
        ("frozen:edge1.digipot_free", "edge1.digipot_free_clk", "1", STILL, SOUND),
        ("missed:edge1.digipot_free=1", "edge1.digipot_free_clk", "1", STILL, SOUND),
        ("open:edge1.comparator_a.minus", "edge1.a", "0", DOWN, DOWN),
        ("open:edge1.comparator_b.plus", "edge1.b", "1", DOWN, DOWN),
    ],
)  # fmt: skip
def test_a_level_is_forced_for_its_window_and_not_longer(
    tmp_path: Path, fault: str, net: str, levels: str, free: list[int] | None,
    clamped: list[int] | None,
) -> None:  # fmt: skip
    done = run(board("edge"), f"{fault}@4-6", tmp_path)
    assert done.during(net, 4.001, 6.999) == set(levels)
    if free is not None:
        assert done.codes == (free, clamped)
    sound = run(board("edge"), "", tmp_path)
    for name, history in sound.trace.histories.items():  # the same before, and at the end
        assert done.at(name, 3.9) == history.at(done.simulation.board.timetable.first
                                                + round(2.9 * 250e9)), name  # fmt: skip
    for name in ("edge1.a", "edge1.b", "edge1.up", "edge1.ud", "clock.cs", "clock.clk"):
        assert done.at(name, 10.9) == sound.at(name, 10.9), name


def test_a_fault_without_a_window_is_there_from_power_up(tmp_path: Path) -> None:
    done = run(board("edge"), "stuck-at-0:edge1.a", tmp_path)
    assert done.during("edge1.a", 1, 10.9) == {"0"}
    assert done.codes[0] == list(range(64, 53, -1))


def test_a_fault_from_a_step_on_stays(tmp_path: Path) -> None:
    done = run(board("edge"), "stuck-at-0:edge1.a@8", tmp_path)
    assert done.codes[0] == [64, 65, 66, 67, 68, 69, 70, 71, 70, 69, 68]


def test_an_input_that_floats_is_unknown_and_so_is_what_follows(tmp_path: Path) -> None:
    done = run(board("edge"), "open:edge1.xor.a@4-6", tmp_path)
    assert done.during("edge1.xor_a", 4.001, 6.999) == {"z"}
    assert done.during("edge1.a", 4.001, 6.999) == {"1"}  # the net itself is sound
    assert done.during("edge1.up", 4.001, 6.999) == {"x"}
    free, clamped = done.codes
    for codes in (free, clamped):  # each tosses for itself, one code a step
        assert codes[:4] == SOUND[:4]
        assert {abs(b - a) for a, b in pairwise(codes[3:7])} == {1}
        assert [b - a for a, b in pairwise(codes[6:])] == [1, 1, 1, 1]


def test_a_bridge_that_closes_a_loop_swings_and_then_is_unknown(tmp_path: Path) -> None:
    # A = B = 1, so UP = not A; A touches UP, low wins: A = 1 and not A.
    drops = {
        "name": "t",
        "kind": "bench",
        "steps": 3,
        "free": {1: 0, 2: 1},
        "clamped": {1: 0, 2: 0.5},
    }
    machine = board("edge", tasks=[drops])
    done = run(machine, "wired-and:edge1.a~edge1.up@2-2", tmp_path, steps=3)
    up = done.trace["edge1.up"]
    begun = machine.timetable.first + machine.timetable.period
    swings = (up.times >= begun) & (up.times < begun + 250e9)
    assert 500 < swings.sum() < 2000
    assert done.at("edge1.up", 2.9) == "x"
    assert done.during("edge1.up", 3.1, 3.9) == {"0"}


def test_doubled_counts_twice(tmp_path: Path) -> None:
    done = run(board("edge"), "doubled:edge1.digipot_free@4-6", tmp_path)
    assert done.codes == ([64, 65, 66, 67, 69, 71, 73, 74, 75, 76, 77], SOUND)
    clk = done.trace["edge1.digipot_free_clk"]
    falls = clk.times[clk.values == "0"]
    assert len(falls) == 13
    assert done.simulation.kernel.violations.total() == 0


def test_a_late_gate_passes_on_late_and_swallows_what_is_short(tmp_path: Path) -> None:
    drops = {
        "name": "t",
        "kind": "bench",
        "steps": 3,
        "free": {1: 1, 2: 0},
        "clamped": {1: 1.5, 2: 0},
    }
    machine = board("edge", tasks=[drops])
    for fault, extra in (("late:edge1.xor=1us", 1_000_000), ("slow:edge1.xor=11", 60_000)):
        done = run(machine, f"{fault}@2-2", tmp_path, steps=3)
        # Nothing changes while it is late, so have a look at it on the way to its first level.
        always = run(machine, fault, tmp_path, steps=2)
        rise = always.trace["edge1.up_sound"], always.trace["edge1.up"]
        first = [h.times[h.values == "1"][0] for h in rise]
        assert first[1] - first[0] == extra
        assert done.codes[0] == [64, 65, 66, 67]


def test_chip_select_that_comes_behind_the_clock_enables_no_count(tmp_path: Path) -> None:
    # CLK falls 26.7 ms behind CS; with CS 30 ms late, no counter is selected when it does.
    done = run(board("edge"), "skew:clock.cs=30ms@4-6", tmp_path)
    assert done.codes == (STILL, STILL)
    sound, late = done.trace["clock.cs_sound"], done.trace["clock.cs"]
    falls = [h.times[(h.values == "0") & (h.times > 0)] for h in (sound, late)]
    lag = [int(b - a) for a, b in zip(*falls, strict=True)]
    assert lag == [1] * 3 + [30_000_000_000] * 3 + [1] * 4


def test_a_bypassed_flop_lets_the_decision_through(tmp_path: Path) -> None:
    wave = {
        "name": "t",
        "kind": "bench",
        "steps": 5,
        "free": {1: 1, 2: 0},
        "clamped": {1: 1.5, 2: 0},
    }
    done = run(board("edge", tasks=[wave]), "bypass:edge1@3 + stuck-at-0:edge1.a@4-4", tmp_path, 5)
    times = done.simulation.board.timetable
    ud = done.trace["edge1.ud"]
    begun = times.first + 3 * times.period
    change = ud.times[ud.times > begun][0] - begun
    assert change < 100_000  # UD falls with the XOR, 23 ms before chip select does
    assert done.trace["edge1.ud_sound"].at(int(begun + change)) == "1"
    assert done.codes[0] == [64, 65, 66, 67, 66, 67]


def test_a_flop_upset_shows_until_the_next_chip_select(tmp_path: Path) -> None:
    done = run(board("edge"), "flip:edge1.flop=0@4.5", tmp_path)
    assert done.during("edge1.ud", 4.2, 4.499) == {"1"}
    assert done.during("edge1.ud", 4.501, 5.0) == {"0"}
    assert done.during("edge1.ud", 5.15, 10.9) == {"1"}
    assert done.codes == (SOUND, SOUND)  # it came after the clock, and the latch renews it
    before = run(board("edge"), "flip:edge1.flop=0@4.16", tmp_path)  # chip select, then this
    assert before.codes[0] == [64, 65, 66, 67, 66, 67, 68, 69, 70, 71, 72]


def test_a_counter_upset_stays(tmp_path: Path) -> None:
    done = run(board("edge"), "flip:edge1.digipot_free=3@4.5", tmp_path)
    assert done.codes == (SOUND[:4] + [code + 8 for code in SOUND[4:]], SOUND)
    assert (done.at("edge1.code_free", 4.49), done.at("edge1.code_free", 4.51)) == (68, 76)


def test_a_glitch_lasts_as_long_as_it_says_and_may_clock(tmp_path: Path) -> None:
    done = run(board("edge"), "glitch:clock.clk=50ns@4.16", tmp_path)  # chip select is low
    clk = done.trace["clock.clk"]
    times = done.simulation.board.timetable
    moment = times.first + round(3.16 * times.period)
    near = clk.times[(clk.times > moment - 1000) & (clk.times < moment + 10**6)]
    assert (near - moment).tolist() == [1, 50_001]
    assert done.codes[0] == SOUND[:4] + [code + 1 for code in SOUND[4:]]
    harmless = run(board("edge"), "glitch:clock.clk=50ns@4.6", tmp_path)  # nobody is selected
    assert harmless.codes == (SOUND, SOUND)
    short = run(board("edge"), "glitch:clock.clk=10ns@4.16", tmp_path)  # the counter asks for 25
    assert short.simulation.kernel.violations["width"] > 0
