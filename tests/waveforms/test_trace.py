from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logicsim.waveforms.trace import Difference, History, Kind, Signal, Trace, Value, compare

NAN = float("nan")
Life = Sequence[tuple[int, Value]]


def history(name: str, kind: Kind, life: Life, width: int = 1) -> History:
    times = np.array([time for time, _ in life], dtype=np.int64)
    dtype = {"wire": np.str_, "real": np.float64}.get(kind, np.int64)
    return History(Signal(name, kind, width), times, np.array([v for _, v in life], dtype=dtype))


def trace(lives: Mapping[str, tuple[Kind, Life]], end: int = 1000) -> Trace:
    return Trace({name: history(name, kind, life) for name, (kind, life) in lives.items()}, end)


def wire(*life: tuple[int, Value]) -> Trace:
    return trace({"edge1.up": ("wire", life)})


def real(*life: tuple[int, Value]) -> Trace:
    return trace({"node1.free": ("real", life)})


def test_a_trace_equals_itself() -> None:
    one = trace(
        {
            "clock.cs": ("wire", [(0, "x"), (7, "1"), (9, "0")]),
            "edge1.code_free": ("bus", [(0, 64), (9, 65)]),
            "supervisor.step": ("integer", [(0, 0), (5, 1)]),
            "node1.free": ("real", [(0, NAN), (5, 2.5)]),
        }
    )
    assert compare(one, one) == []


def test_traces_without_signals_are_equal() -> None:
    assert compare(trace({}), trace({})) == []


def test_a_different_value_is_told_with_its_time_and_both_values() -> None:
    first, second = wire((0, "0"), (10, "1"), (20, "0")), wire((0, "0"), (10, "x"), (20, "0"))
    assert compare(first, second) == [Difference("edge1.up", 10, "1", "x")]


def test_a_later_change_is_a_difference_from_the_earlier_time_on() -> None:
    first, second = wire((0, "0"), (10, "1")), wire((0, "0"), (11, "1"))
    assert compare(first, second) == [Difference("edge1.up", 10, "1", "0")]


def test_one_picosecond_at_the_end_of_a_long_run_is_a_difference() -> None:
    hour = 3600 * 10**12
    first, second = wire((0, "0"), (hour, "1")), wire((0, "0"), (hour + 1, "1"))
    assert [difference.time for difference in compare(first, second)] == [hour]


def test_a_change_only_one_of_them_makes_is_a_difference() -> None:
    first, second = wire((0, "0")), wire((0, "0"), (30, "1"))
    assert compare(first, second) == [Difference("edge1.up", 30, "0", "1")]


def test_only_the_first_difference_of_each_signal_is_told() -> None:
    first = trace({"b": ("wire", [(0, "0"), (5, "1")]), "a": ("wire", [(0, "0"), (8, "1")])})
    second = trace({"b": ("wire", [(0, "1"), (5, "0")]), "a": ("wire", [(0, "0")])})
    assert [(d.name, d.time) for d in compare(first, second)] == [("a", 8), ("b", 0)]


def test_a_missing_signal_is_a_difference_without_a_time() -> None:
    lives: dict[str, tuple[Kind, Life]] = {"a": ("wire", [(0, "0")])}
    more = {**lives, "b": ("wire", [(0, "0")])}
    (here,) = compare(trace(lives), trace(more))
    (there,) = compare(trace(more), trace(lives))
    assert (here.name, here.time) == (there.name, there.time) == ("b", -1)
    assert (here.first, here.second) == (there.second, there.first)
    assert here.first != here.second


def test_the_same_name_of_another_kind_is_a_difference() -> None:
    first = trace({"a": ("integer", [(0, 1)])})
    second = trace({"a": ("real", [(0, 1.0)])})
    assert [(d.name, d.time) for d in compare(first, second)] == [("a", -1)]


def test_the_same_name_of_another_width_is_a_difference() -> None:
    first = Trace({"a": history("a", "bus", [(0, 1)], width=7)}, 10)
    second = Trace({"a": history("a", "bus", [(0, 1)], width=8)}, 10)
    (difference,) = compare(first, second)
    assert difference.time == -1
    assert difference.first != difference.second


def test_reals_may_be_apart_by_the_tolerance_and_no_more() -> None:
    first, second = real((0, 1.0), (5, 2.0)), real((0, 1.25), (5, 1.75))
    assert compare(first, second, tolerance=0.25) == []
    (difference,) = compare(first, second, tolerance=0.2)
    assert difference == Difference("node1.free", 0, 1.0, 1.25)


def test_without_a_tolerance_reals_are_equal_to_the_last_bit() -> None:
    one = 1.0
    assert len(compare(real((0, one)), real((0, float(np.nextafter(one, 2)))))) == 1
    assert compare(real((0, 0.0)), real((0, -0.0))) == []


def test_the_tolerance_is_for_reals_only() -> None:
    first = trace({"a": ("integer", [(0, 1)]), "b": ("bus", [(0, 3)]), "c": ("wire", [(0, "0")])})
    second = trace({"a": ("integer", [(0, 2)]), "b": ("bus", [(0, 4)]), "c": ("wire", [(0, "1")])})
    assert [d.name for d in compare(first, second, tolerance=10.0)] == ["a", "b", "c"]


def test_an_open_voltage_equals_an_open_voltage_and_nothing_else() -> None:
    assert compare(real((0, NAN), (4, 1.0)), real((0, NAN), (4, 1.0))) == []
    assert len(compare(real((0, NAN)), real((0, 1.0)), tolerance=1e9)) == 1
    assert len(compare(real((0, 1.0)), real((0, NAN)), tolerance=1e9)) == 1


def test_an_infinite_value_equals_itself() -> None:
    assert compare(real((0, float("inf"))), real((0, float("inf")))) == []
    assert len(compare(real((0, float("inf"))), real((0, float("-inf"))))) == 1


def test_a_repeated_value_is_no_change() -> None:
    first = real((0, 1.0), (5, 1.0), (9, 2.0), (12, 2.0))
    second = real((0, 1.0), (9, 2.0), (30, 2.0))
    assert compare(first, second) == []
    assert compare(wire((0, "1"), (8, "1")), wire((0, "1"))) == []


def test_of_several_values_at_one_time_the_last_is_in_force() -> None:
    first = wire((0, "0"), (5, "1"), (5, "x"), (5, "0"), (9, "1"))
    assert compare(first, wire((0, "0"), (9, "1"))) == []
    assert first["edge1.up"].at(5) == "0"


def test_two_signals_that_never_had_a_value_are_equal() -> None:
    assert compare(wire(), wire()) == []
    assert len(compare(wire(), wire((0, "0")))) == 1
    assert len(compare(wire((0, "0")), wire())) == 1


LIVES = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from("01xz")), min_size=1, max_size=8
).map(lambda changes: [(0, "x"), *sorted(changes, key=lambda change: change[0])])


def naive(life: Life, time: int) -> Value:
    return [value for when, value in life if when <= time][-1]


@given(LIVES, LIVES)
def test_traces_differ_where_their_step_functions_first_do(first: Life, second: Life) -> None:
    apart = [t for t in range(14) if naive(first, t) != naive(second, t)]
    here, there = compare(wire(*first), wire(*second)), compare(wire(*second), wire(*first))
    expected = [Difference("edge1.up", t, naive(first, t), naive(second, t)) for t in apart[:1]]
    assert here == expected
    assert [(d.name, d.time, d.second, d.first) for d in there] == [
        (d.name, d.time, d.first, d.second) for d in here
    ]


@given(LIVES, st.integers(0, 20))
def test_a_history_tells_the_value_in_force(life: Life, time: int) -> None:
    assert history("a", "wire", life).at(time) == naive(life, time)


def test_a_value_is_in_force_from_its_very_tick_until_the_next() -> None:
    code = history("edge1.code_free", "bus", [(0, 64), (100, 65), (250, 64)], width=7)
    assert [code.at(t) for t in (0, 99, 100, 249, 250, 10**18)] == [64, 64, 65, 65, 64, 64]


@pytest.mark.parametrize(
    ("kind", "value", "python"),
    [("wire", "z", str), ("bus", 5, int), ("integer", 7, int), ("real", 0.5, float)],
)
def test_a_value_comes_back_as_a_plain_python_object(
    kind: Kind, value: Value, python: type[object]
) -> None:
    found = history("a", kind, [(0, value)]).at(3)
    assert found == value
    assert type(found) is python


def test_a_value_before_the_recording_is_not_the_last_one() -> None:
    # A recording that begins with a later step: what was before, nobody knows.
    late = history("a", "wire", [(100, "0"), (200, "1")])
    try:
        before = late.at(50)
    except LookupError:
        return
    assert before in ("0", "x")


def test_a_trace_gives_its_histories_by_name() -> None:
    one = wire((0, "1"))
    assert one["edge1.up"].at(0) == "1"
    with pytest.raises(KeyError):
        one["edge2.up"]
