"""Kernels do what planes do, whatever the width, the threads and the blocks."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logicsim.board import Board, load
from logicsim.core.errors import SolveError
from logicsim.core.noise import Purpose, Stream
from logicsim.faults import inject, parse_all
from logicsim.tasks.task_run import Steps
from logicsim.training.run import Plan, plan
from logicsim.vector import fast, lanes
from logicsim.vector.alterations import read
from logicsim.vector.compiler import compiled
from logicsim.vector.kernels import step
from logicsim.vector.kernels.random import NDTRI, SHIFT, bounds
from logicsim.vector.lane import Lane
from logicsim.vector.machine import Machine
from logicsim.vector.pace import Pace
from tests.circuits import FOREIGN, at


def trained(board: Board, seed: int, chosen: Plan, faults: str = "") -> tuple[Machine, list[Steps]]:
    netlist = None
    if faults:
        own = board.netlist(seed)
        netlist = inject(own, parse_all(faults, board, own), board, seed)
    machine = Machine(board, seed, netlist)
    return machine, list(machine.train(chosen))


def on_planes(name: str, values: Mapping[str, Any]) -> Board:
    return load(name, {**values, "engine.solver": "dense"})


def assert_as_on_planes(
    name: str, values: Mapping[str, Any], seed: int, steps: int, faults: str = ""
) -> None:
    board, other = load(name, values), on_planes(name, values)
    machine, blocks = trained(board, seed, plan(board, steps=steps), faults)
    reference, singles = trained(other, seed, plan(other, steps=steps), faults)
    assert machine.solver == "ldl"
    assert reference.solver in {"dense", None}  # of a board on which all nodes are held
    assert max(map(len, blocks)) > 1
    assert max(map(len, singles)) == 1
    for column in ("time", "codes_free", "codes_clamped"):
        mine, theirs = (np.concatenate([getattr(each, column) for each in made])
                        for made in (blocks, singles))  # fmt: skip
        assert (mine == theirs).all(), column
    errors, wanted = (np.concatenate([each.error for each in made]) for made in (blocks, singles))
    assert errors == pytest.approx(wanted, rel=1e-9, abs=1e-18, nan_ok=True)
    shares, right = (
        [each.accuracy for each in made if each.accuracy is not None] for made in (blocks, singles)
    )
    assert list(chain.from_iterable(shares)) == list(chain.from_iterable(right))
    assert machine.opposed == reference.opposed
    assert machine.codes() == reference.codes()
    state, expected = machine.state(), reference.state()
    assert (state["held"] == expected["held"]).all()


@pytest.mark.parametrize(("name", "values"), [
    ("divider", {}),
    ("edge", {}),
    ("twin16", {}),
    ("twin16", {"parts.comparator.noise": 0}),
    ("twin16", {"parts.comparator.noise": "200 mV", "parts.comparator.offset_sigma": "5 mV"}),
    ("twin16", {"parts.digipot.tolerance": 0.2, "parts.comparator.supply": "4 V"}),
    ("twin16", {"parts.digipot.inl": 1, "parts.digipot.dnl": 0.2, "parts.digipot.taper": "log"}),
    ("twin16", {"supervisor.measure_resolution": "10 mV", "supervisor.impose_resolution": "3 mV"}),
    ("grid:5x5", {"edge.rule": "printed"}),
    ("grid:9x9", {}),  # more edges than bits in a word
])  # fmt: skip
def test_kernels_do_what_planes_do(name: str, values: dict[str, Any]) -> None:
    assert_as_on_planes(name, values, 17, 40)


@pytest.mark.parametrize("values", [
    *FOREIGN.values(), {"edge.circuit": at("latch")}, {"edge.circuit": at("dither")},
])  # fmt: skip
def test_on_foreign_circuits(values: Mapping[str, str]) -> None:
    assert_as_on_planes("twin16", values, 6, 30)


@pytest.mark.parametrize("faults", [
    "stuck-at-1:edge3.a",
    "stuck-at-0:edge3.up",
    "frozen:edge2.digipot_free",
    "missed:edge2.digipot_clamped=0.5",
    "doubled:edge5.digipot_free",
    "drift:edge1.digipot_free=0.001",
    "resistance:edge4.digipot_clamped=1.3",
    "open:edge4.digipot_free",
    "offset:edge1.comparator_a=100mV@5-20",
    "stuck-at-0:edge3.a%0.3",
    "converter-bit-at-1:supervisor.adc=9",
    "reference:supervisor.dac=0.9",
])  # fmt: skip
def test_with_faults(faults: str) -> None:
    assert_as_on_planes("twin16", {}, 4, 25, faults)


def test_all_machines_are_run_by_machine_code_of_one_kind() -> None:
    kernel: Any = step.run
    before = len(kernel.signatures)
    for name, values in (("divider", {}), ("edge", {}), ("twin16", {"parts.digipot.inl": 1})):
        board = load(name, values)
        trained(board, 1, plan(board, steps=3))
    assert len(kernel.signatures) <= max(before, 2)  # one for each width


@pytest.mark.parametrize("width", [1, 4, 8])
@pytest.mark.parametrize("threads", [1, 3])
def test_lanes_do_not_depend_on_width_and_threads(
    width: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = load("twin16", {"parts.digipot.tolerance": 0.05})
    batch = [Lane(board, seed) for seed in range(21)]
    expected = lanes.train(batch, [(6, 30), (4, 12)])
    monkeypatch.setattr(lanes, "_WIDTH", width)
    monkeypatch.setattr("logicsim.vector.block.cores", lambda: threads)
    found = lanes.train(batch, [(6, 30), (4, 12)])
    assert (found.codes == expected.codes).all()
    assert (found.errors == expected.errors).all()
    assert (found.outputs == expected.outputs).all()
    assert (found.opposed == expected.opposed).all()


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**64 - 1), st.integers(0, 10**9), st.integers(0, 2**41))
def test_bounds_hold_the_deviates_of_the_event_engine(seed: int, step: int, index: int) -> None:
    stream = Stream(seed, Purpose.COMPARATOR_NOISE)
    halves, deviates = stream.halves(40, step, index), stream.normals(40, step, index)
    least, greatest = bounds()
    assert (least[halves >> SHIFT] < deviates).all()
    assert (deviates < greatest[halves >> SHIFT]).all()
    assert NDTRI


@pytest.mark.parametrize(("took", "expected"), [(1e-3, 8), (20.0, 1), (0.05, 2)])
def test_the_pace_follows_the_time_that_steps_take(took: float, expected: int) -> None:
    pace = Pace()
    assert pace.steps(1000) == 1
    pace.took(1, took)
    assert pace.steps(1000) == expected
    assert pace.steps(1) == 1


def test_what_kernels_do_not_know_runs_on_planes() -> None:
    xor = load("xor")  # diodes
    machine, blocks = trained(xor, 3, plan(xor, steps=5))
    assert machine.solver != fast.SOLVER
    assert max(map(len, blocks)) == 1
    large = load("grid:38x38")
    assert len(large.network.edges) > fast.MOST_EDGES
    machine, _ = trained(large, 3, plan(large, steps=1))
    assert machine.solver != fast.SOLVER


HANGING = "contact:edge1.digipot_free=1e25 ohm+contact:edge6.digipot_free=1e25 ohm"  # node 1


def test_a_singular_network_names_its_nodes() -> None:
    board = load("twin16", {"parts.comparator.noise": 0})
    own = board.netlist(2)
    netlist = inject(own, parse_all(HANGING, board, own), board, 2)
    machine = Machine(board, 2, netlist)
    with pytest.raises(SolveError, match="node 1 hangs by a negligible"):
        list(machine.train(plan(board, ["iv"], 5)))


def test_a_lane_with_a_singular_network_names_its_nodes() -> None:
    board = load("twin16")
    own = board.netlist(2)
    netlist = inject(own, parse_all(HANGING, board, own), board, 2)
    hanging = read(netlist, compiled(board), board, 2)
    with pytest.raises(SolveError, match="node 1 hangs by a negligible"):
        lanes.train([Lane(board, 2, hanging)] * 4, [(4, 5)])
