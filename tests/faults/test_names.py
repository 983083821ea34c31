"""Names of faults: read, written, refused."""

from contextlib import suppress
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logicsim.board import load
from logicsim.core.errors import FaultError, NetlistError
from logicsim.event.simulation import Simulation
from logicsim.faults import inject, parse, parse_all, universe
from logicsim.faults.table import KINDS
from logicsim.faults.when import When
from logicsim.timing.static import analyse
from tests.faults.bed import QUIET

DIVIDER = load("divider", QUIET)


def test_every_kind_is_listed_and_its_names_can_be_read() -> None:
    listed = universe(DIVIDER)
    assert {each.fault.kind for each in listed} == set(KINDS) - {"missing", "frozen"}
    names = [name for each in listed for name in (each.fault.name, *each.represents)]
    assert len(names) == len(set(names))
    assert {name.partition(":")[0] for name in names} == set(KINDS)
    for name in names:
        assert parse(name, DIVIDER).name == name


def test_the_list_grows_by_as_much_for_every_edge() -> None:
    def count(board: str) -> int:
        return sum("edge" in each.fault.site for each in universe(load(board)))

    assert count("twin16") == 8 * count("divider") == 16 * count("edge")


def test_a_site_keeps_its_name_on_another_board() -> None:
    small = {each.fault.name for each in universe(load("divider"))}
    large = {each.fault.name for each in universe(load("twin16"))}
    assert small <= large


@pytest.mark.slow
def test_equivalent_faults_do_the_same() -> None:
    _, task = DIVIDER.task("1 V")
    for each in universe(DIVIDER, task):
        if each.represents and each.permanent:
            netlists = [
                inject(DIVIDER.netlist(3), parse_all(name, DIVIDER), DIVIDER, 3)
                for name in (each.fault.name, *each.represents)
                if not name.startswith("open:edge1.flop")
            ]
            runs = [Simulation(DIVIDER, 3, netlist).train([(3, task, 12)]) for netlist in netlists]
            codes = [
                [(s.codes_free, s.codes_clamped) for s in chain.from_iterable(r)] for r in runs
            ]
            assert all(other == codes[0] for other in codes), each


@pytest.mark.slow
def test_what_cannot_be_detected_is_not() -> None:
    board = load("twin16")
    _, task = board.task("iv")

    def train(*faults: str) -> list[float]:
        netlist = board.netlist(4)
        for name in faults:
            netlist = inject(netlist, parse_all(name, board), board, 4)
        return [
            step.error
            for step in chain.from_iterable(Simulation(board, 4, netlist).train([(4, task, 15)]))
        ]

    sound = train()
    hidden = [e for e in universe(board, task) if e.undetectable and e.permanent]
    assert {each.undetectable for each in hidden} == {
        "the pin is tied high",
        "the potentiometer is always selected when the clock falls",
        "both ends of the edge are inputs of the task",
    }
    for each in hidden[::3]:
        assert train(each.fault.name) == pytest.approx(sound), each.fault.name


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("stuck-at-2:edge1.a", "there is no kind of fault 'stuck-at-2'; did you mean 'stuck-at-"),
        ("stuck-at-0:edge9.a", "stuck-at-0 has no site 'edge9.a'; did you mean 'edge"),
        ("nonsense", "'nonsense' is not a fault; write KIND:SITE"),
        ("offset:edge1.comparator_a", "offset needs a value, e.g. offset:edge1.comparator_a=50mV"),
        ("offset:edge1.comparator_a=5 kohm", "'5 kohm' is not a value of offset"),
        ("offset:edge1.comparator_a=nan", "is not a value of offset"),
        ("cut:edge1=3", "cut takes no value"),
        ("wiper-at:edge1.digipot_free=128", "there is no tap 128; taps are 0 to 127"),
        ("bit-at-0:edge1.digipot_free=7", "a code has no bit 7; bits are 0 to 6"),
        ("flip:edge1.flop=1@3", "edge1.flop: there is no bit 1; bits are 0 to 0"),
        ("missed:edge1.digipot_free=1.5", "a value of missed is from 0 to 1"),
        ("glitch:clock.cs=50ns", "is transient; give its moment, e.g. glitch:clock.cs=50ns@40.5"),
        ("cut:edge1@0", "'@0' does not say when"),
        ("cut:edge1@5-3", "'@5-3' ends before it begins"),
        ("cut:edge1%1.5", "a chance is above 0 and at most 1"),
        ("stuck-at-0:edge1.a + stuck-at-1:edge1.a", "contradict each other; leave out one"),
        ("cut:edge1@1-10 + cut:edge1@10", "contradict each other"),
    ],
)  # fmt: skip
def test_what_is_no_fault_is_refused_in_a_line(text: str, reason: str) -> None:
    with pytest.raises(FaultError) as error:
        parse_all(text, DIVIDER)
    assert reason in str(error.value)


def test_faults_at_different_times_do_not_contradict() -> None:
    assert len(parse_all("stuck-at-0:edge1.a@1-10 + stuck-at-1:edge1.a@11", DIVIDER)) == 2


@given(
    st.integers(1, 10**8), st.integers(0, 999), st.integers(0, 10**6) | st.none(),
    st.sampled_from([1.0, 0.5, 1e-4]),
)  # fmt: skip
def test_times_are_written_as_they_are_read(
    first: int, moment: int, more: int | None, chance: float
) -> None:
    when = When(first, moment / 1000, None if more is None else first + more, chance)
    assert When.parse(str(when)) == when


@given(st.text(max_size=60))
def test_no_text_does_worse_than_be_refused(text: str) -> None:
    with suppress(FaultError):
        parse_all(text, DIVIDER)


def test_static_timing_goes_through_saboteurs() -> None:
    def met(name: str) -> bool:
        netlist = inject(DIVIDER.netlist(), parse_all(name, DIVIDER), DIVIDER, 0)
        return analyse(DIVIDER, netlist).met

    assert met("stuck-at-0:edge1.a")
    assert met("dominant:edge1.a~edge1.up")  # no loop: nothing of UP comes back to A
    assert met("late:edge1.xor=20ms")  # chip select falls 23 ms behind the trigger
    assert not met("late:edge1.xor=30ms")
    with pytest.raises(NetlistError, match="form a loop"):
        met("dominant:edge1.up~edge1.a")
