import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from logicsim.board import load
from logicsim.circuit.signals import layout
from logicsim.training.run import Waveform, plan, run
from logicsim.waveforms.gtkw import gtkw
from logicsim.waveforms.trace import Trace
from logicsim.waveforms.vcd import read_vcd
from tests.circuits import CIRCUITS

FAST = {"clock.rate": "1 kHz", "clock.capacitance": "100 pF", "supervisor.settle": "20 us"}


def recorded(
    path: Path, board: str = "twin16", steps: int = 2, probes: Sequence[str] = ()
) -> tuple[Trace, str]:
    """The waveform of a short run and the text of the view beside it."""
    machine = load(board, FAST)
    first = machine.tasks[0].name
    run(machine, plan(machine, [first], steps), seed=77, waveform=Waveform(path, probes))
    return read_vcd(path), path.with_suffix(".gtkw").read_text()


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trace, str]:
    return recorded(tmp_path_factory.mktemp("view") / "machine.vcd")


def rows(view: str) -> list[str]:
    """The signals a view shows, by their full names without bit ranges."""
    found = re.findall(
        r"^(?:\+\{[^}]*\} )?([A-Za-z_]\w*(?:\.\w+)+)(?:\[\d+:0\])?$", view, re.MULTILINE
    )
    return [str(name) for name in found]


def groups(view: str) -> list[str]:
    """The groups a view shows, in order; each is named where it begins and where it ends."""
    named = re.findall(r"^-(\S+)$", view, re.MULTILINE)
    assert named[::2] == named[1::2]
    return named[::2]


def markers(view: str) -> list[int]:
    (line,) = re.findall(r"^\*(.*)$", view, re.MULTILINE)
    _zoom, _primary, a, b, *others = line.split()
    assert set(others) == {"-1"}
    return [int(a), int(b)]


def first_fall(trace: Trace, name: str) -> int:
    life = trace[name]
    values, times = life.values.tolist(), life.times.tolist()
    return next(
        int(times[i]) for i in range(1, len(times)) if (values[i - 1], values[i]) == ("1", "0")
    )


def test_every_row_is_a_signal_of_the_waveform_and_every_signal_a_row(
    example: tuple[Trace, str],
) -> None:
    trace, view = example
    shown = rows(view)
    assert len(shown) == len(set(shown))
    assert set(shown) == {f"twin16.{name}" for name in trace.histories}


def test_a_view_of_probes_shows_the_probes_alone(tmp_path: Path) -> None:
    trace, view = recorded(tmp_path / "some.vcd", probes=["edge1?.ud", "node2.*", "clock.c*"])
    expected = {f"edge{n}.ud" for n in range(10, 17)}
    expected |= {"node2.free", "node2.clamped", "clock.cs", "clock.clk"}
    assert set(trace.histories) == expected
    assert set(rows(view)) == {f"twin16.{name}" for name in expected}


def test_a_bus_is_named_with_its_bits(example: tuple[Trace, str]) -> None:
    _, view = example
    assert "twin16.edge3.code_free[6:0]" in view
    assert not re.search(r"code_(free|clamped)$", view, re.MULTILINE)


def test_the_clock_is_on_top(example: tuple[Trace, str]) -> None:
    _, view = example
    assert groups(view)[0] == "clock"
    clock = [name for name in rows(view) if ".clock." in name]
    assert rows(view)[: len(clock)] == clock


def test_edges_and_nodes_stand_in_numeric_order(example: tuple[Trace, str]) -> None:
    _, view = example
    assert [name for name in groups(view) if re.fullmatch(r"edge\d+", name)] == [
        f"edge{n}" for n in range(1, 17)
    ]
    for word, count in (("edge", 16), ("node", 9)):
        numbers = [int(n) for n in re.findall(rf"twin16\.{word}(\d+)\.", view)]
        assert numbers == sorted(numbers)
        assert set(numbers) == set(range(1, count + 1))


def test_edges_come_before_nodes_and_nodes_before_checks(example: tuple[Trace, str]) -> None:
    _, view = example
    words = [re.sub(r"\d", "", name.split(".")[1]) for name in rows(view)]
    assert list(dict.fromkeys(words)) == ["clock", "supervisor", "edge", "node", "checks"]


def test_a_signal_stands_in_the_group_of_its_scope(example: tuple[Trace, str]) -> None:
    _, view = example
    for name in groups(view):
        first, last = (place.start() for place in re.finditer(rf"^-{name}$", view, re.MULTILINE))
        scopes = {row.split(".")[1] for row in rows(view[first:last])}
        if name == "nodes":
            assert scopes == {f"node{n}" for n in range(1, 10)}
        else:
            assert scopes == {name}


def test_comparators_stand_above_what_they_decide(example: tuple[Trace, str]) -> None:
    _, view = example
    shown = rows(view)
    places = [shown.index(f"twin16.edge7.{name}") for name in ("a", "b", "up", "ud")]
    assert places == sorted(places)


def test_voltages_are_analog_rows(example: tuple[Trace, str]) -> None:
    _, view = example
    # In GTKWave's flags bit 15 draws a value as steps and bit 16 as lines.
    lines = view.splitlines()
    for name in ("node4.free", "edge2.drop_clamped"):
        (row,) = [i for i, line in enumerate(lines) if line.endswith(f"twin16.{name}")]
        flags = int(next(line for line in reversed(lines[:row]) if line.startswith("@"))[1:], 16)
        assert flags & (1 << 15 | 1 << 16)


def test_markers_are_where_the_latch_samples_and_the_codes_step(
    example: tuple[Trace, str],
) -> None:
    trace, view = example
    assert markers(view) == [first_fall(trace, "clock.cs"), first_fall(trace, "clock.clk")]


def test_markers_of_a_window_are_at_its_own_falls(tmp_path: Path) -> None:
    machine = load("divider", FAST)
    path = tmp_path / "late.vcd"
    run(machine, plan(machine, ["3.75 V"], 6), seed=77, waveform=Waveform(path, window=(4, 5)))
    trace, view = read_vcd(path), path.with_suffix(".gtkw").read_text()
    assert markers(view) == [first_fall(trace, "clock.cs"), first_fall(trace, "clock.clk")]
    assert markers(view)[0] > int(trace["supervisor.step"].times[0])


def test_the_view_opens_before_the_chip_select_fall(example: tuple[Trace, str]) -> None:
    trace, view = example
    (start,) = re.findall(r"^\[timestart\] (\d+)$", view, re.MULTILINE)
    chip_select = first_fall(trace, "clock.cs")
    assert 0 < int(start) < chip_select
    assert int(start) >= int(trace["supervisor.step"].times[0])


def test_the_waveform_is_named_as_a_neighbour(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "down"
    folder.mkdir(parents=True)
    _, view = recorded(folder / "mine.vcd", board="divider", steps=1)
    assert re.findall(r'^\[dumpfile\] "(.*)"$', view, re.MULTILINE) == ["mine.vcd"]
    assert str(tmp_path) not in view


def test_the_same_run_gives_the_same_view(tmp_path: Path) -> None:
    views = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        views.append(recorded(tmp_path / name / "w.vcd", board="divider", steps=1)[1])
    assert views[0] == views[1]


SIGNALS = layout(load("twin16").netlist())


def test_without_marks_there_are_no_markers() -> None:
    view = gtkw("w.vcd", "board", ["clock.cs"], SIGNALS, {})
    assert "*" not in view
    assert rows(view) == ["board.clock.cs"]


def test_signals_in_any_order_give_one_view() -> None:
    names = [f"edge{n}.{name}" for n in (10, 2, 1) for name in ("ud", "up", "a")]
    marks = {"latch": 100, "count": 400}
    views = [gtkw("w.vcd", "board", listed, SIGNALS, marks) for listed in (names, names[::-1])]
    assert views[0] == views[1]
    assert groups(views[0]) == ["edge1", "edge2", "edge10"]


@pytest.mark.parametrize("edges", [(1, 2, 3), (4, 12)])
def test_the_first_edge_of_the_view_is_open_and_the_others_are_closed(edges: Sequence[int]) -> None:
    names = ["clock.cs", *(f"edge{n}.up" for n in edges)]
    view = gtkw("w.vcd", "board", names, SIGNALS, {})
    opened, closed = ("@800200", "@c00200")
    found = re.findall(rf"^({opened}|{closed})\n-(\w+)$", view, re.MULTILINE)
    assert found == [(opened, "clock"), (opened, f"edge{edges[0]}"),
                     *((closed, f"edge{n}") for n in edges[1:])]  # fmt: skip


# Other circuits


def test_the_nets_of_any_circuit_stand_in_the_order_of_its_file() -> None:
    board = load("divider", {"edge.circuit": str(CIRCUITS / "nand.toml"), "clock.circuit": "pulse"})
    signals = layout(board.netlist())
    view = gtkw("w.vcd", "divider", signals.by_name, signals, {})
    # As the two files have them, each net where a part drives it; the trigger comes from outside.
    clock = ["trigger", "out1", "out2", "clk", "cs"]
    edge = ["a", "b", "not_both", "not_a_alone", "not_b_alone", "up", "latch", "ud",
            "code_free", "code_clamped", "drop_free", "drop_clamped"]  # fmt: skip
    assert [name for name in rows(view) if ".clock." in name] == [
        f"divider.clock.{n}" for n in clock
    ]
    assert [name for name in rows(view) if ".edge2." in name] == [
        f"divider.edge2.{n}" for n in edge
    ]


def test_the_markers_of_a_flop_on_the_rising_edge_are_where_it_latches(tmp_path: Path) -> None:
    circuits = {"edge.circuit": str(CIRCUITS / "nand.toml"), "clock.circuit": "pulse"}
    machine = load("divider", {**FAST, **circuits})
    path = tmp_path / "w.vcd"
    run(machine, plan(machine, ["3.75 V"], 2), seed=77, waveform=Waveform(path))
    trace, view = read_vcd(path), path.with_suffix(".gtkw").read_text()
    latch = trace["edge1.latch"]
    (rise, *_) = latch.times[1:][(latch.values[1:] == "1") & (latch.values[:-1] == "0")].tolist()
    assert markers(view) == [rise, first_fall(trace, "clock.clk")]
    assert rise < first_fall(trace, "clock.clk")
