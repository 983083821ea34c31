"""Gates of any truth table, on clock paths and on data paths."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

import pytest

from logicsim.board import load
from logicsim.circuit.uniquify import uniquify
from logicsim.core.errors import NetlistError
from logicsim.event.simulation import Simulation
from logicsim.parts.arcs import Arc, Span, Timing
from logicsim.parts.chips import chip
from logicsim.parts.kind import Corner
from logicsim.parts.part import Part
from logicsim.parts.wire import Wire
from logicsim.timing.paths import Path
from logicsim.timing.static import Analysis, analyse
from logicsim.training.run import plan
from logicsim.vector.machine import Machine
from tests.circuits import FOREIGN, clock, edge
from tests.timing.sheet import FASTEST, NS, PULL_UP, SLOWEST


def worst(analysis: Analysis, constraint: str, startpoint: str = "") -> Path:
    """The path of least slack under a constraint, from a startpoint if one is named."""
    return next(
        path for path in analysis.paths
        if path.constraint == constraint and path.startpoint.endswith(startpoint)
    )  # fmt: skip


def inverted(**settings: str) -> dict[str, Any]:
    """The paper's clock with an inverter in place of the XOR with a tied input."""
    xor = chip("SN74ALS86")
    delays = {"rise": dict(xor)["rise"], "fall": dict(xor)["fall"]}
    inverter = {"chip": "not", "a": "out3", "y": "n3", **delays}
    return {**settings, "clock.circuit": clock(("xor_n3",), xor_n3=inverter)}


@pytest.mark.parametrize("corner", ["min", "typ", "max"])
def test_an_inverter_in_place_of_an_xor_with_a_tied_input(corner: str) -> None:
    """It once was taken for a buffer: no rate was slow enough."""
    paper = analyse(load("edge", {"parts.corner": corner}))
    changed = analyse(load("edge", inverted(**{"parts.corner": corner})))
    assert changed.max_rate == paper.max_rate > 0
    slacks = {(p.constraint, p.startpoint, p.endpoint): p.slack for p in paper.paths}
    assert {(p.constraint, p.startpoint, p.endpoint): p.slack for p in changed.paths} == slacks


def test_a_clock_with_an_inverter_falls_and_trains_as_the_papers() -> None:
    board, papers = load("divider", inverted()), load("divider")
    for way in (0, 1):
        chip_select = board.clockwork().row("clock.cs", way)
        assert [each.value for each in chip_select] == [0, 1]
    simulation = Simulation(board, 5)
    runs = [list(chain.from_iterable(each.train(plan(board, ["1 V"], 40))))
            for each in (simulation, Machine(board, 5), Simulation(papers, 5))]  # fmt: skip
    codes = [[(step.codes_free, step.codes_clamped) for step in steps] for steps in runs]
    assert codes[0] == codes[1] == codes[2]
    assert len(set(codes[0])) > 10
    assert not simulation.kernel.violations


def test_two_inverters_on_the_data_turn_them_twice() -> None:
    # Only a falling output is slow: one of the two, whichever way the decision goes.
    slow = {"rise": "10 ns", "fall": "1 us"}
    board = load("edge", {
        "edge.circuit": edge(
            one={"chip": "not", "a": "up", "y": "once", **slow},
            two={"chip": "not", "a": "once", "y": "twice", **slow},
            flop={"j": "twice"},
        ),
        "parts.comparator.pull_up": "1 ps",
    })  # fmt: skip
    found, straight = analyse(board), analyse(load("edge", {"parts.comparator.pull_up": "1 ps"}))
    later = worst(straight, "setup j", "clamp").slack - worst(found, "setup j", "clamp").slack
    assert later == 1010 * NS


def test_nands_turn_their_inputs() -> None:
    # Three falling NANDs never follow each other: A rises, and then they fall, rise and fall.
    settings = {**FOREIGN["nand"], "parts.nand.rise": "10 ns", "parts.nand.fall": "100 ns"}
    path = worst(analyse(load("edge", settings)), "setup d", "clamp")
    assert [point.way for point in path.arrival[-4:]] == ["^", "v", "^", "v"]
    assert sum(point.delay for point in path.arrival[-4:]) == pytest.approx(
        SLOWEST + PULL_UP + 210 * NS, abs=50
    )
    early = worst(analyse(load("edge", settings)), "hold d", "clamp")
    # The quickest: a fall, which needs no pull-up, through two.
    assert sum(point.delay for point in early.arrival[-3:]) == pytest.approx(
        FASTEST + 110 * NS, abs=50
    )


def test_a_gate_whose_other_input_decides_is_no_way() -> None:
    board = load("edge", {
        "edge.circuit": edge(held={"chip": "or", "a": "up", "b": "high", "y": "h"}, flop={"j": "h"})
    })  # fmt: skip
    found = {path.constraint for path in analyse(board).paths}
    assert "setup k" in found
    assert "setup j" not in found


class Jumper(Wire):
    """A wire of each edge's own length."""

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """From one end to the other."""
        delay = Span.exactly(round(part.values["delay"] * 1e12))
        return Timing((Arc("d", "q", delay, delay),))


def test_values_that_time_a_part_keep_edges_apart() -> None:
    """All but a debouncer's capacitor were once taken for alike."""
    board = load("divider", {"edge.latch": False, "parts.comparator.noise": 0})
    jumper = Jumper(delay=chip("wire").delay)  # type: ignore[attr-defined]
    netlist = board.netlist()
    edges = netlist.breadboards

    def cut(part: Part, longer: float) -> Part:
        if part.label != "jumper":
            return part
        return replace(part, chip=jumper, values={"delay": longer * edges[part.scope]})

    def slack(longer: float) -> int:
        parts = tuple(cut(part, longer) for part in netlist.parts)
        cut_to_length = replace(netlist, parts=parts)
        assert uniquify(cut_to_length).multiplicity["edge1"] == 1
        return worst(analyse(board, cut_to_length), "setup ud", "clamp").slack

    assert slack(1e-3) - slack(2e-3) == 2 * 1e-3 * 1e12  # of the second edge


class Silent(Wire):
    """A wire that says nothing of its delay."""

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """Not said."""
        raise NotImplementedError


def test_a_part_without_delays_is_named() -> None:
    board = load("edge", {"edge.latch": False})
    silent = Silent(delay=chip("wire").delay)  # type: ignore[attr-defined]
    parts = tuple(
        replace(part, chip=silent) if part.label == "jumper" else part
        for part in board.netlist().parts
    )
    with pytest.raises(NetlistError, match=r"part 'edge1\.jumper': a Silent declares no delays"):
        analyse(board, replace(board.netlist(), parts=parts))
