"""Faults on the vector engine: the same codes as on the event engine, or a refusal."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
import pytest

from logicsim.board import Board, load
from logicsim.core.errors import EngineError
from logicsim.event.simulation import Simulation
from logicsim.faults import inject, parse_all, universe
from logicsim.training.run import plan
from logicsim.vector.alterations import Alterations, read
from logicsim.vector.compiler import compiled
from logicsim.vector.lane import Lane
from logicsim.vector.lanes import train
from logicsim.vector.machine import Machine

SEED = 3


def altered(board: Board, names: str, seed: int = SEED) -> Alterations:
    netlist = inject(board.netlist(seed), parse_all(names, board), board, seed)
    return read(netlist, compiled(board), board, seed)


def assert_equal_runs(board: Board, names: str, task: str, steps: int) -> None:
    netlist = inject(board.netlist(SEED), parse_all(names, board), board, SEED)
    event, vector = (
        Simulation(board, SEED, netlist),
        Machine(board, SEED, altered=altered(board, names)),
    )
    chosen = plan(board, [task], steps)
    for one, other in zip(
        chain.from_iterable(event.train(chosen)),
        chain.from_iterable(vector.train(chosen)),
        strict=True,
    ):
        codes = (one.codes_free, one.codes_clamped)
        assert codes == (other.codes_free, other.codes_clamped), names
        assert other.error == pytest.approx(one.error, rel=1e-9, abs=1e-18, nan_ok=True), names
    assert vector.codes() == event.codes(), names
    assert vector.tally().opposed == event.tally().opposed, names
    outputs = chosen[0][1].output_nodes
    assert vector.measure(outputs) == pytest.approx(event.measure(outputs), nan_ok=True), names


def listed(board: Board, every: int) -> Sequence[str]:
    """Every so many of the permanent faults that the vector engine has to do with."""
    return [each.fault.name for each in universe(board)
            if each.permanent and not each.fault.timing][::every]  # fmt: skip


def test_all_permanent_faults_of_two_edges_do_the_same_or_are_refused() -> None:
    board = load("divider")
    refused = []
    for name in listed(board, 1):
        try:
            altered(board, name)
        except EngineError:
            refused.append(name)
        else:
            assert_equal_runs(board, name, "3.75 V", 6)
    # What is left to the event engine are loops through gates, and a clock with other edges.
    assert {name.partition(":")[0] for name in refused if "clock" not in name} == {
        "dominant", "wired-and", "wired-or", "leak",
    }  # fmt: skip


@pytest.mark.parametrize("names", [
    "stuck-at-0:edge3.a@4-6", "stuck-at-1:edge5.ud@3", "open:edge2.flop.j%0.5",
    "offset:edge1.comparator_a=50mV@3-5 + noisy:edge1.comparator_a=5", "cut:edge12@5",
    "supply:edge7.comparator_b=3V@2%0.5", "drift:edge4.digipot_free=-0.02@3-7",
    "wiper-at:edge4.digipot_free=9 + contact:edge4.digipot_free=10kohm@4",
    "stuck-at-1:edge1.a + stuck-at-0:edge1.xor.a@4-6", "reference:supervisor.dac=0.9@3-6",
    "missed:edge3.digipot_free=0.5@2-8", "doubled:edge6.digipot_clamped@3",
    "open:clock.section1.d", "missing:clock.cs", "missing:clock.clk", "stuck-at-0:clock.cs",
    "open:edge1.digipot_free + open:edge6.digipot_free",
])  # fmt: skip
def test_faults_that_come_and_go_and_come_together(names: str) -> None:
    board = load("twin16", {"parts.digipot.tolerance": 0.01, "parts.comparator.offset": "1 mV"})
    assert_equal_runs(board, names, "iv", 10)


@pytest.mark.parametrize(("names", "part"), [
    ("glitch:edge1.a=50ns@3.5", "edge1.glitch_1"), ("flip:edge1.flop=0@3.5", "edge1.flop"),
    ("bypass:edge2", "edge2.bypass_1"), ("slow:edge1.xor=10", "edge1.slow_1"),
    ("stuck-at-0:clock.out2", "clock.stuck-at-0_1"), ("missing:clock.cs@3-4", "clock.missing_1"),
    ("leak:node1.free~node1.clamped=1kohm", "node1.leak_1"),
    ("stuck-at-0:edge1.a@3.5", "edge1.stuck-at-0_1"),
])  # fmt: skip
def test_what_is_a_matter_of_moments_is_refused_by_the_name_of_its_part(
    names: str, part: str
) -> None:
    with pytest.raises(EngineError, match=f"part '{part}': .*use the event engine"):
        altered(load("twin16"), names)


def test_a_netlist_of_another_board_is_refused() -> None:
    board, other = load("divider"), load("divider", {"network.edges": [[1, 2], [1, 3]]})
    with pytest.raises(EngineError, match="divider"):
        read(other.netlist(SEED), compiled(board), board, SEED)
    with pytest.raises(EngineError, match=r"'edge1\.digipot_free': it is a different part"):
        read(
            load("divider", {"parts.digipot.taper": "log"}).netlist(SEED),
            compiled(board), board, SEED,
        )  # fmt: skip


def test_lanes_of_faults_are_their_machines_alone() -> None:
    board = load("twin16")
    names = [*listed(board, 23), "open:edge1.digipot_free + open:edge6.digipot_free"]
    lanes: list[Lane] = []
    for name in names:
        try:
            lanes.append(Lane(board, SEED, altered(board, name)))
        except EngineError:
            continue
    assert len(lanes) > 60
    batch = train(lanes, [(4, 15)])
    for place, lane in enumerate(lanes):
        machine = Machine(board, SEED, altered=lane.altered)
        steps: Any = list(chain.from_iterable(machine.train(plan(board, ["iv"], 15))))
        errors = [step.error for step in steps]
        assert batch.errors[place] == pytest.approx(errors, rel=1e-10, abs=1e-18, nan_ok=True)
        assert np.array_equal(batch.codes[place], machine.codes())
