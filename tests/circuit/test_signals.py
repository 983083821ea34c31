from pathlib import Path

import pytest

from logicsim.board import load
from logicsim.circuit.signals import layout
from logicsim.core.names import Side
from logicsim.faults import inject, parse_all
from logicsim.waveforms.layout import EdgeSignals, Layout, Moment
from tests.circuits import CIRCUITS


def of(edge: str = "coupled", clock: str = "cascade") -> Layout:
    files = {name: CIRCUITS / f"{name}.toml" for name in (edge, clock)}
    named = [str(files[name]) if files[name].exists() else name for name in (edge, clock)]
    board = load("divider", dict(zip(("edge.circuit", "clock.circuit"), named, strict=True)))
    return layout(board.netlist())


def with_role(signals: Layout, role: str, edge: int | None) -> list[str]:
    return [each.label for each in signals.signals if role in each.roles and each.edge == edge]


def test_the_roles_of_the_papers_circuit() -> None:
    signals = of()
    assert with_role(signals, "clock", None) == [
        "trigger", "out1", "out2", "out3", "n3", "cs", "clk",
    ]  # fmt: skip
    assert with_role(signals, "trigger", None) == ["trigger"]
    assert with_role(signals, "seen", None) == ["cs", "clk"]
    assert with_role(signals, "latches", None) == ["cs"]
    assert with_role(signals, "counts", None) == ["clk"]
    assert with_role(signals, "select", None) == ["cs"]
    assert with_role(signals, "comparator", 2) == ["a", "b"]
    assert with_role(signals, "chatters", 2) == ["a", "b", "up", "k"]
    assert with_role(signals, "decision", 2) == ["up"]
    assert with_role(signals, "held", 2) == with_role(signals, "latched", 2) == ["ud"]
    assert with_role(signals, "code", 2) == ["code_free", "code_clamped"]
    assert with_role(signals, "drop", 2) == ["drop_free", "drop_clamped"]
    assert with_role(signals, "supervisor", None) == ["step", "task"]
    assert with_role(signals, "voltage", None)[:2] == ["node1 free", "node1 clamped"]


CS, CLK = Moment("clock.cs", "fall"), Moment("clock.clk", "fall")


@pytest.mark.parametrize(
    ("edge", "clock", "decision", "latch", "count", "select"),
    [
        ("coupled", "cascade", "up", CS, CLK, "clock.cs"),
        ("coupled", "pulse", "up", CS, CLK, "clock.cs"),
        ("coupled", "half", "up", CS, CLK, "clock.cs"),
        ("one_comparator", "cascade", "a", CS, CLK, "clock.cs"),
        ("nand", "cascade", "up", Moment("edge2.latch", "rise"), CLK, "clock.cs"),
        ("dead_zone", "cascade", "up", CS, CLK, "edge2.select"),
    ],
)
def test_what_latches_and_what_counts_is_read_from_the_parts(
    edge: str, clock: str, decision: str, latch: Moment, count: Moment, select: str
) -> None:
    found = of(edge, clock).edges[2]
    assert found == EdgeSignals(
        number=2,
        comparators=found.comparators,
        decision=f"edge2.{decision}",
        latched="edge2.ud",
        select=select,
        codes=("edge2.code_free", "edge2.code_clamped"),
        drops=("edge2.drop_free", "edge2.drop_clamped"),
        latch=latch,
        count=count,
        has_latch=True,
    )


def test_without_a_latch_the_selection_stands_for_it() -> None:
    found = of("unlatched").edges[1]
    assert not found.has_latch
    assert (found.decision, found.latched, found.latch) == ("edge1.up", "edge1.ud", CS)


def test_a_latch_behind_a_gate_is_found(tmp_path: Path) -> None:
    """The decision is sampled inverted, and turned round behind the flop."""
    text = (CIRCUITS / "one_comparator.toml").read_text()
    text = text.replace('j    = "a"\nk    = "k"', 'j = "k"\nk = "a"').replace(
        '"ud"\n\n', '"du"\n\n'
    )
    turned = '[parts.turn]\nchip = "not"\na = "du"\ny = "ud"\n\n[parts.digipot_free]'
    path = tmp_path / "turned.toml"
    path.write_text(text.replace("[parts.digipot_free]", turned))
    found = layout(load("divider", {"edge.circuit": str(path)}).netlist()).edges[1]
    assert (found.decision, found.latched, found.latch) == ("edge1.k", "edge1.ud", CS)


def test_a_clock_pin_that_is_tied_has_no_moment(tmp_path: Path) -> None:
    text = (CIRCUITS / "one_comparator.toml").read_text().replace('clk  = "clk"', 'clk = "high"')
    path = tmp_path / "tied.toml"
    path.write_text(text)
    found = layout(load("divider", {"edge.circuit": str(path)}).netlist()).edges[1]
    assert found.count is None
    assert found.latch == CS


def test_the_nets_of_a_fault_stay_on_their_breadboard() -> None:
    board = load("divider")
    faults = parse_all("stuck-at-1:edge1.up@3 + stuck-at-0:edge2.digipot_free.ud", board)
    signals = layout(inject(board.netlist(), faults, board, 0))
    sound = layout(board.netlist())
    assert set(signals.by_name) > set(sound.by_name)
    for name in set(signals.by_name) - set(sound.by_name):
        assert signals.by_name[name].group in ("edge1", "edge2")
    assert with_role(signals, "comparator", 1) == ["a", "b"]


def test_of_some_edges_it_lists_those() -> None:
    board = load("twin16")
    few, whole = layout(board.netlist(included=[3, 12])), layout(board.netlist())
    assert list(few.edges) == [3, 12]
    assert all(few.edges[number] == whole.edges[number] for number in few.edges)
    assert [each for each in whole.signals if each.edge in (None, 3, 12)] == list(few.signals)


@pytest.mark.parametrize("side", ["free", "clamped"])
def test_a_code_knows_its_network_whatever_its_name(side: Side, tmp_path: Path) -> None:
    text = (CIRCUITS / "one_comparator.toml").read_text()
    path = tmp_path / "named.toml"
    path.write_text(text.replace("code_free", "one").replace("code_clamped", "other"))
    signals = layout(load("divider", {"edge.circuit": str(path)}).netlist())
    name = {"free": "edge1.one", "clamped": "edge1.other"}[side]
    assert signals.by_name[name].side == side
    assert signals.edges[1].codes == ("edge1.one", "edge1.other")
