from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logicsim.core.logic import X, Z
from logicsim.kernel.kernel import Kernel
from logicsim.parts.chips import chip
from logicsim.parts.debouncer import Debouncer, respond
from logicsim.parts.kind import Corner
from tests.bed import Bed, Wave, part

CAPACITANCE = 1e-10
PERIOD = 66_666_667  # ticks: 1.5 / 100 pF in uF = 15 kHz
phases = st.floats(0.0, 1.0)
IDLE = 20 * PERIOD  # long enough for three sections to be clocked through


def mc14490() -> Debouncer:
    made = chip("MC14490")
    assert isinstance(made, Debouncer)
    return made


def cascade(
    sections: int, phase: float, bounces: Sequence[tuple[int, int]], end: int, initial: int = 0
) -> tuple[Kernel, list[Wave]]:
    """Sections one behind the other, their input's later levels, and what each put out."""
    values = {"capacitance": CAPACITANCE, "phase": phase}
    places = range(1, sections + 1)
    parts = [
        part(mc14490(), f"bed.section{place}", values, d=f"n{place - 1}", q=f"n{place}")
        for place in places
    ]
    bed = Bed(*parts, levels={"n0": initial})
    for time, value in bounces:
        bed.change(time, n0=value)
    bed.kernel.run(end)
    return bed.kernel, [bed.waves[f"n{place}"] for place in places]


@pytest.mark.parametrize(
    ("capacitance", "frequency"), [(1e-10, 15_000), (1e-9, 1_500), (1e-8, 150)]
)
def test_the_capacitor_sets_the_oscillator(capacitance: float, frequency: float) -> None:
    period = mc14490().period(capacitance, "typ")
    assert period == round(10**12 / frequency)


@pytest.mark.parametrize(("corner", "factor"), [("min", 0.85), ("max", 1.15)])
def test_the_oscillator_is_15_per_cent_fast_or_slow_in_the_corners(
    corner: Corner, factor: float
) -> None:
    assert mc14490().period(1e-8, corner) == pytest.approx(factor * 1e12 / 150)


def test_the_smallest_capacitor_still_has_a_period() -> None:
    assert mc14490().period(1e-30, "typ") == 1


@given(st.integers(0, 10**15), st.integers(1, 10**10), phases)
def test_an_asynchronous_edge_comes_through_after_3_5_to_4_5_periods(
    now: int, period: int, phase: float
) -> None:
    delay = respond(now, period, phase)
    assert 3 * period + period // 2 < delay <= 4 * period + period // 2


@given(st.integers(0, 10**15), st.integers(2, 10**10), phases)
def test_the_output_moves_half_a_period_after_the_fourth_oscillator_edge(
    now: int, period: int, phase: float
) -> None:
    # Edges are at (phase + k) * period, the first of the four strictly after the change.
    first = round(phase * period)
    begun = (now - first) // period + 1
    fourth = first + (begun + 3) * period
    assert now + respond(now, period, phase) == fourth + period // 2


@given(phases, st.floats(0.0, 1.0))
@settings(max_examples=30)
def test_an_edge_passes_the_real_part_in_3_5_to_4_5_periods(phase: float, when: float) -> None:
    edge = IDLE + round(when * PERIOD)
    _, (wave,) = cascade(1, phase, [(edge, 1)], edge + 6 * PERIOD)
    (time, value) = wave[-1]
    assert value == 1
    assert 3.5 * PERIOD <= time - edge <= 4.5 * PERIOD


def test_the_whole_range_of_delays_is_met_over_the_phases() -> None:
    delays = sorted(respond(when, PERIOD, 0.25) for when in range(0, PERIOD, PERIOD // 1000))
    assert delays[0] == pytest.approx(3.5 * PERIOD, rel=1e-3)
    assert delays[-1] == pytest.approx(4.5 * PERIOD, rel=1e-3)


@given(phases, st.floats(0.0, 1.0), st.sampled_from([0, 1]))
@settings(max_examples=30)
def test_a_cascaded_section_follows_after_exactly_four_periods(
    phase: float, when: float, initial: int
) -> None:
    edge = IDLE + round(when * PERIOD)
    _, waves = cascade(3, phase, [(edge, 1 - initial)], edge + 15 * PERIOD, initial)
    times = []
    for wave in waves:
        time, value = wave[-1]
        assert value == 1 - initial
        times.append(time)
    assert [times[1] - times[0], times[2] - times[1]] == [4 * PERIOD, 4 * PERIOD]


@given(
    phases, st.floats(0.0, 1.0), st.lists(st.floats(0.001, 3.49), min_size=1, max_size=15),
    st.sampled_from([0, 1]),
)  # fmt: skip
@settings(max_examples=40)
def test_bounces_never_pass_and_the_level_they_end_in_passes_once(
    phase: float, when: float, lengths: list[float], initial: int
) -> None:
    # A level has to hold for the four oscillator edges and half a period, 3.5 periods at least.
    start = IDLE + round(when * PERIOD)
    times = [start]
    for length in lengths:
        times.append(times[-1] + round(length * PERIOD))
    bounces = [(time, (initial + place) % 2) for place, time in enumerate(times, start=1)]
    last, final = bounces[-1]
    _, (wave,) = cascade(1, phase, bounces, last + 6 * PERIOD, initial)
    assert wave[0][1] == initial
    if final == initial:
        assert len(wave) == 1
    else:
        ((time, value),) = wave[1:]
        assert value == final
        assert 3.5 * PERIOD <= time - last <= 4.5 * PERIOD


@given(phases, st.floats(4.51, 10.0))
@settings(max_examples=30)
def test_a_level_that_holds_for_4_5_periods_always_passes(phase: float, length: float) -> None:
    end = IDLE + round(length * PERIOD)
    _, (wave,) = cascade(1, phase, [(IDLE, 1), (end, 0)], end + 6 * PERIOD)
    assert [value for _, value in wave] == [0, 1, 0]


@pytest.mark.parametrize("initial", [0, 1])
def test_outputs_are_unknown_until_clocked_through(initial: int) -> None:
    kernel, _ = cascade(3, 0.3, [], 3 * PERIOD, initial)
    assert [kernel.nets[f"n{place}"].value for place in (1, 2, 3)] == [X, X, X]
    _, waves = cascade(3, 0.3, [], 13 * PERIOD, initial)
    # Edges at 0.3, 1.3, 2.3 and 3.3 periods, and half a period; then four more a section.
    expected = [round((3.8 + 4 * place) * PERIOD) for place in range(3)]
    assert [len(wave) for wave in waves] == [1, 1, 1]
    assert [wave[0][0] for wave in waves] == pytest.approx(expected, abs=2)
    assert [wave[0][1] for wave in waves] == [initial] * 3


@pytest.mark.parametrize("unknown", [X, Z])
def test_an_unknown_input_makes_the_output_unknown_when_it_comes_through(unknown: int) -> None:
    kernel, (wave,) = cascade(1, 0.3, [(IDLE, unknown)], IDLE + 6 * PERIOD)
    assert [value for _, value in wave] == [0, X]
    assert wave[-1][0] - IDLE > 3.5 * PERIOD
    assert kernel.nets["n1"].value == X
