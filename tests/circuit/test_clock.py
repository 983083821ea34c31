"""The paper's clock circuit in a run, and the derived waves of any clock."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logicsim.board import Board, load
from logicsim.circuit.clockwork import Clockwork
from logicsim.core.errors import NetlistError
from logicsim.core.logic import X
from logicsim.core.names import CLOCK, HIGH, TRIGGER
from logicsim.event.simulation import Simulation
from logicsim.kernel.kernel import Violation
from logicsim.parts.kind import Corner, corrected
from logicsim.parts.part import Part
from tests.bed import NS, Bed, Wave

PERIOD = 6_666_666_667  # ticks: 10 nF make 150 Hz
XORS = ("clock.xor_n3", "clock.xor_cs", "clock.xor_clk")
RISES, FALLS = (3 * NS, 17 * NS), (2 * NS, 12 * NS)  # SN74ALS86, min and max
FIRST = 20 * PERIOD  # when the debouncer has long been clocked through
Delays = tuple[int, int, int, int, int, int]  # rise and fall of the three gates, as in XORS


def one(**tables: Any) -> Board:
    """A board of one edge."""
    return Board.model_validate(
        {"name": "one", "network": {"nodes": 2, "edges": [[1, 2]]}, **tables}
    )


@cache
def clock_parts(circuit: str) -> tuple[Part, ...]:
    return tuple(one(clock={"circuit": circuit}).netlist().scopes()[CLOCK])


class Clock(Bed):
    """A clock circuit alone, and what its nets did."""

    def __init__(
        self, phase: float = 0.3, delays: Delays | None = None, corner: Corner = "typ",
        initial: int = 0, circuit: str = "cascade",
    ) -> None:  # fmt: skip
        parts = [
            replace(part, values={**part.values, "phase": phase}) if part.values else part
            for part in clock_parts(circuit)
        ]
        if delays is not None:
            pairs = zip(delays[::2], delays[1::2], strict=True)
            gates = dict(zip(XORS, pairs, strict=True))
            parts = [_with_delays(part, gates) for part in parts]
        super().__init__(*parts, levels={TRIGGER: initial, HIGH: 1}, corner=corner)
        self.clockwork = Clockwork.of(self.netlist, corner)
        self.cs, self.clk = self.kernel.nets["clock.cs"], self.kernel.nets["clock.clk"]
        self.cs_wave, self.clk_wave = self.waves["clock.cs"], self.waves["clock.clk"]

    def pull(self, triggers: Sequence[int], initial: int = 0) -> None:
        """Flip the trigger at these times and run until all is quiet again."""
        for place, time in enumerate(triggers, start=1):
            self.change(time, **{TRIGGER: (initial + place) % 2})
        self.kernel.run(triggers[-1] + 20 * PERIOD)

    def foretold(self, net: str, edge: str, trigger: int, way: int, phase: float) -> list[int]:
        return [each.at(trigger, phase) for each in self.clockwork.edges(net, edge, way)]


def _with_delays(part: Part, gates: dict[str, tuple[int, int]]) -> Part:
    if part.name not in gates:
        return part
    rise, fall = gates[part.name]
    chip = corrected(part.chip, {"rise": rise * 1e-12, "fall": fall * 1e-12})  # type: ignore[arg-type]
    return replace(part, chip=chip)


def after(wave: Wave, time: int) -> Wave:
    return [change for change in wave if change[0] >= time]


def test_the_oscillator_of_10_nf_runs_at_150_hz() -> None:
    assert Clock().clockwork.period == PERIOD == round(10**12 / 150)


@pytest.mark.parametrize("initial", [0, 1])
@pytest.mark.parametrize("phase", [0.0, 0.3, 0.999])
def test_cs_and_clk_are_high_after_power_up_and_never_were_low(initial: int, phase: float) -> None:
    bed = Clock(phase, initial=initial)
    assert (bed.cs.value, bed.clk.value) == (X, X)
    bed.kernel.run(FIRST)
    assert (bed.cs.value, bed.clk.value) == (1, 1)
    # Three sections take 12.5 periods at most to be clocked through.
    for wave in (bed.cs_wave, bed.clk_wave):
        ((time, value),) = wave
        assert value == 1
        assert time <= 12.5 * PERIOD + 50 * NS


# The order of the phases of both triggers, by the table: out1 flips and CS falls, out2 flips
# and CLK falls, out3 flips and both rise, CS and CLK each behind n3 through a gate of its own.
@pytest.mark.parametrize("delays", list(product(RISES, FALLS, RISES, FALLS, RISES, FALLS)))
def test_every_trigger_makes_one_fall_of_cs_then_of_clk_then_both_rise_in_every_corner(
    delays: Delays,
) -> None:
    n3_rise, n3_fall, cs_rise, cs_fall, clk_rise, clk_fall = delays
    bed = Clock(0.3, delays)
    up, down = FIRST, FIRST + 20 * PERIOD
    bed.pull([up, down])
    for trigger, end, n3 in ((up, down, n3_fall), (down, down + 20 * PERIOD, n3_rise)):
        cs, clk = ([c for c in wave if trigger <= c[0] < end]
                   for wave in (bed.cs_wave, bed.clk_wave))  # fmt: skip
        assert [value for _, value in cs] == [0, 1]
        assert [value for _, value in clk] == [0, 1]
        (cs_falls, _), (cs_rises, _) = cs
        (clk_falls, _), (clk_rises, _) = clk
        out1 = cs_falls - cs_fall
        assert 3.5 * PERIOD <= out1 - trigger <= 4.5 * PERIOD
        assert clk_falls == out1 + 4 * PERIOD + clk_fall
        # n3 falls for a rising trigger and rises for a falling one.
        assert cs_rises == out1 + 8 * PERIOD + n3 + cs_rise
        assert clk_rises == out1 + 8 * PERIOD + n3 + clk_rise
        assert cs_falls < clk_falls < min(cs_rises, clk_rises)
        # The rises come from one net through two gates: they differ by 14 ns at most.
        assert abs(cs_rises - clk_rises) <= 14 * NS


@given(
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
    st.tuples(*[st.integers(1, 20 * NS)] * 6),
    st.sampled_from([0, 1]),
)
@settings(max_examples=40)
def test_no_delay_and_no_phase_makes_a_glitch(
    phase: float, when: float, delays: Delays, initial: int
) -> None:
    bed = Clock(phase, delays, initial=initial)
    triggers = [FIRST + round((20 * number + when) * PERIOD) for number in range(3)]
    bed.pull(triggers, initial)
    for wave in (bed.cs_wave, bed.clk_wave):
        assert [value for _, value in after(wave, FIRST)] == [0, 1] * 3


@pytest.mark.parametrize("corner", ["min", "typ", "max"])
def test_cs_is_low_for_eight_periods_and_clk_for_four(corner: Corner) -> None:
    bed = Clock(corner=corner)
    period = bed.clockwork.period
    bed.pull([FIRST, FIRST + 20 * PERIOD])
    for wave, periods in ((bed.cs_wave, 8), (bed.clk_wave, 4)):
        changes = after(wave, FIRST)
        for (falls, _), (rises, _) in zip(changes[::2], changes[1::2], strict=True):
            # n3 and the gate's rise on top, its fall off: two rises of 17 ns at most.
            assert abs(rises - falls - periods * period) <= 34 * NS


def test_at_cs_fall_the_clock_is_still_high_and_at_clock_fall_cs_is_low() -> None:
    bed = Clock()
    at_falls: list[tuple[int, int]] = []
    process = bed.kernel.process("falls")
    for net in (bed.cs, bed.clk):
        net.listen_edge("fall", process, lambda: at_falls.append((bed.cs.value, bed.clk.value)))
    bed.kernel.start(process.react())
    bed.pull([FIRST, FIRST + 20 * PERIOD])
    assert at_falls == [(0, 1), (0, 0)] * 2


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.sampled_from([0, 1]))
@settings(max_examples=30)
@pytest.mark.parametrize("circuit", ["cascade", "pulse"])
def test_every_fall_and_rise_is_foretold_to_the_picosecond(
    circuit: str, phase: float, when: float, initial: int
) -> None:
    bed = Clock(phase, initial=initial, circuit=circuit)
    trigger = FIRST + round(when * PERIOD)
    bed.pull([trigger], initial)
    for net in ("clock.cs", "clock.clk"):
        for edge in ("fall", "rise"):
            happened = [time for time, value in after(bed.waves[net], FIRST)
                        if value == (edge == "rise")]  # fmt: skip
            assert bed.foretold(net, edge, trigger, 1 - initial, phase) == happened


def test_a_clock_that_rests_low_pulses_once_for_every_trigger() -> None:
    bed = Clock(circuit="pulse")
    bed.pull([FIRST, FIRST + 20 * PERIOD])
    # CLK = out1 xor out2: up when the first section follows, down with the second.
    assert [value for _, value in after(bed.clk_wave, FIRST)] == [1, 0, 1, 0]
    assert [value for _, value in after(bed.cs_wave, FIRST)] == [0, 1, 0, 1]
    (rises, _), (falls, _), *_ = after(bed.clk_wave, FIRST)
    assert falls - rises == 4 * PERIOD
    assert bed.clockwork.spacing == 9 * PERIOD


# On the twin CS has 16 flops and 32 potentiometers, CLK the latter: 48 and 32 pins of 10 pF, of
# which 50 pF are in the datasheet's delay and the rest costs 60 ps/pF: 25.8 and 16.2 ns.
@pytest.mark.parametrize(("corner", "fall"), [("min", 2 * NS), ("typ", 6 * NS), ("max", 12 * NS)])
def test_the_slow_nets_of_the_twin_are_foretold(corner: Corner, fall: int) -> None:
    simulation = Simulation(load("twin16", {"parts.corner": corner}), seed=2)
    kernel, trigger = simulation.kernel, FIRST
    (driver,) = kernel.nets[TRIGGER].drivers
    driver.transport(1, trigger)
    kernel.run(trigger + 10 * PERIOD)
    clockwork = Clockwork.of(simulation.netlist, corner)
    for net, slower in (("clock.cs", 25_800), ("clock.clk", 16_200)):
        (expected,) = clockwork.edges(net, "fall", 1)
        assert expected.late[-1].delay == fall + slower
        assert kernel.nets[net].fell == expected.at(trigger, clockwork.phase)


def test_a_board_without_its_clock_has_none() -> None:
    netlist = load("divider").netlist()
    parts = tuple(part for part in netlist.parts if part.scope != CLOCK)
    with pytest.raises(NetlistError, match="'divider' has no clock: nothing follows"):
        Clockwork.of(replace(netlist, parts=parts), "typ")


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
@settings(max_examples=30)
def test_triggers_as_far_apart_as_asked_are_all_obeyed(phase: float, when: float) -> None:
    bed = Clock(phase)
    spacing = bed.clockwork.spacing
    assert spacing == 13 * PERIOD
    bed.pull([FIRST + round(when * PERIOD) + number * spacing for number in range(4)])
    for wave in (bed.cs_wave, bed.clk_wave):
        assert [value for _, value in after(wave, FIRST)] == [0, 1] * 4


def test_a_bounce_of_the_trigger_is_swallowed() -> None:
    bed = Clock()
    bed.pull([FIRST, FIRST + 3 * PERIOD])
    assert after(bed.cs_wave, FIRST) == after(bed.clk_wave, FIRST) == []


def test_a_trigger_six_periods_after_another_breaks_the_order_of_cs_and_clk() -> None:
    bed = Clock()
    bed.pull([FIRST, FIRST + 6 * PERIOD])
    # out1 is back before out2's turn of out3: with out1 up at 4 and down at 10, out2 at 8 and
    # 14, out3 at 12 and 18, CS = XNOR(out1, out3) is low 4-10 and 12-18, CLK = XNOR(out2, out3)
    # 8-12 and 14-18: CS is high again while CLK is low.
    starts = [round((time - FIRST) / PERIOD) for time, _ in after(bed.cs_wave, FIRST)]
    offset = starts[0] - 4
    assert [start - offset for start in starts] == [4, 10, 12, 18]
    clk = [round((time - FIRST) / PERIOD) - offset for time, _ in after(bed.clk_wave, FIRST)]
    assert clk == [8, 12, 14, 18]


# ---- Spacing -----------------------------------------------------------------------------------


def pulled(triggers: Sequence[int]) -> Simulation:
    simulation = Simulation(one(), seed=4)
    (driver,) = simulation.kernel.nets[TRIGGER].drivers
    for place, time in enumerate(triggers, start=1):
        driver.transport(place % 2, time)
    simulation.kernel.run(triggers[-1] + 20 * PERIOD)
    return simulation


@pytest.mark.parametrize("apart", [13 * PERIOD, 13 * PERIOD + 1, 30 * PERIOD])
def test_triggers_13_periods_apart_are_no_violation(apart: int) -> None:
    assert pulled([FIRST, FIRST + apart]).kernel.violations["spacing"] == 0


@pytest.mark.parametrize("apart", [13 * PERIOD - 1, 6 * PERIOD, 1])
def test_triggers_that_are_too_close_are_recorded(apart: int) -> None:
    kernel = pulled([FIRST, FIRST + apart]).kernel
    assert [violation for violation in kernel.violation_list if violation.kind == "spacing"] == [
        Violation(FIRST + apart, "spacing", "clock.section1", "d", apart - 13 * PERIOD)
    ]


def test_every_trigger_is_held_against_the_one_before_it() -> None:
    kernel = pulled([FIRST, FIRST + 12 * PERIOD, FIRST + 24 * PERIOD, FIRST + 40 * PERIOD]).kernel
    assert kernel.violations["spacing"] == 2


def test_the_first_trigger_follows_nothing() -> None:
    assert pulled([1]).kernel.violations["spacing"] == 0
