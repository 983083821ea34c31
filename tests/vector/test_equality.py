"""Two engines, one truth: the same seed gives the same codes at every step on both."""

import math
from itertools import chain
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from logicsim.analog.solvers import SOLVERS
from logicsim.board import Board, load
from logicsim.core.errors import EngineError, SolveError
from logicsim.event.simulation import Simulation
from logicsim.tasks.task_run import Step
from logicsim.training.engines import check_vector
from logicsim.training.run import Plan, plan
from logicsim.vector.machine import Machine
from tests.test_fuzz import boards

NANOVOLT = 1e-9


def assert_equal_runs(board: Board, seed: int, chosen: Plan) -> list[Step]:
    event, vector = Simulation(board, seed), Machine(board, seed)
    steps = list(chain.from_iterable(event.train(chosen)))
    for one, other in zip(steps, chain.from_iterable(vector.train(chosen)), strict=True):
        assert (one.task, one.step, one.time) == (other.task, other.step, other.time)
        assert (one.codes_free, one.codes_clamped) == (other.codes_free, other.codes_clamped)
        assert other.error == pytest.approx(one.error, rel=1e-9, abs=NANOVOLT**2, nan_ok=True)
        assert other.accuracy == one.accuracy
        assert other.outputs == pytest.approx(one.outputs, abs=NANOVOLT, nan_ok=True)
    nodes = chosen[-1][1].output_nodes
    assert vector.codes() == event.codes()
    assert vector.measure(nodes) == pytest.approx(event.measure(nodes), abs=NANOVOLT, nan_ok=True)
    assert vector.tally() == event.tally()._replace(events=0)
    return steps


@pytest.mark.parametrize("name", ["divider", "edge", "twin16", "xor"])
def test_every_shipped_board_and_task(name: str) -> None:
    board = load(name)
    steps = assert_equal_runs(board, 3, plan(board, steps=25))
    assert len({step.codes_free for step in steps}) > 10


@pytest.mark.parametrize("name", ["divider", "edge", "twin16", "xor"])
def test_every_shipped_board_and_task_to_its_end(name: str) -> None:
    board = load(name)
    assert_equal_runs(board, 8, [(n, task, min(steps, 400)) for n, task, steps in plan(board)])


@pytest.mark.parametrize("settings", [
    {"edge.rule": "printed"},
    {"parts.comparator.offset_sigma": "5 mV", "parts.comparator.noise": "1 mV"},
    {"parts.digipot.tolerance": 0.2},
    {"parts.digipot.inl": 1, "parts.digipot.dnl": 0.2, "parts.digipot.taper": "log"},
    {"parts.comparator.supply": "4 V"},
    {"parts.comparator.chatter": "full", "clock.rate": "200 Hz", "clock.capacitance": "100 pF"},
    {"parts.digipot.positions": 8, "parts.digipot.initial": 6},
    {"supervisor.measure_resolution": "10 mV", "supervisor.impose_resolution": "20 mV"},
])  # fmt: skip
def test_spreads_tapers_rules_limits_and_converters(settings: dict[str, Any]) -> None:
    board = load("twin16", settings)
    assert_equal_runs(board, 21, plan(board, ["iv", "vi", "i"], 20))


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("engine", ["event", "vector"])
def test_every_solver_gives_the_codes_of_the_event_engine(engine: str, solver: str) -> None:
    board = load("grid:9x7")
    wanted = Simulation(load("grid:9x7", {"engine.solver": "dense"}), 4)
    other = load("grid:9x7", {"engine.solver": solver})
    made = Simulation(other, 4) if engine == "event" else Machine(other, 4)
    steps = plan(board, steps=12)
    runs = (chain.from_iterable(machine.train(steps)) for machine in (wanted, made))
    for one, two in zip(*runs, strict=True):
        assert (one.codes_free, one.codes_clamped) == (two.codes_free, two.codes_clamped)
        assert two.outputs == pytest.approx(one.outputs, abs=NANOVOLT)
    assert made.solver == solver
    assert made.codes() == wanted.codes()


def test_edges_on_an_island_toss_their_coins_alike_and_their_twins_part() -> None:
    twin = load("twin16")
    lonely = twin.tasks[3].model_copy(update={"cut": {4: [1, 6]}})  # node 1, an output
    steps = assert_equal_runs(twin, 2, [(4, lonely, 30), (2, twin.tasks[1], 10)])
    assert math.isnan(steps[20].error)
    network = {"nodes": 4, "edges": [[1, 2], [2, 3], [3, 4]], "positions": None}
    divider = load("divider", {f"network.{key}": value for key, value in network.items()})
    afloat = divider.tasks[0].model_copy(
        update={"cut": {3: [1]}, "inputs": {1: 5.0}, "outputs": {2: 3.0}}
    )
    steps = assert_equal_runs(divider, 5, [(1, afloat, 40)])
    assert math.isnan(steps[-1].error)
    assert steps[-1].codes_free != steps[-1].codes_clamped


def test_the_clamped_network_may_hold_a_node_that_is_afloat_in_the_free_one() -> None:
    board = load("divider", {"tasks": [{
        "name": "afloat", "kind": "bench", "steps": 12, "cut": {3: [1]},
        "free": {2: 0.0, 3: 5.0}, "clamped": {1: 3.0},
    }]})  # fmt: skip
    steps = assert_equal_runs(board, 7, plan(board))
    assert steps[-1].codes_free != steps[0].codes_free


def many(examples: int) -> settings:
    return settings(
        max_examples=examples,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )


def assert_equal_or_refused(data: dict[str, Any], seed: int) -> None:
    data["edge"]["latch"] = True
    data["clock"] |= {"rate": "4 Hz", "capacitance": "10 nF"}
    board = Board.model_validate(data)
    try:
        check_vector(board)
    except EngineError:
        assume(False)
    try:
        assert_equal_runs(board, seed, plan(board))
    except SolveError:  # a network without an answer has none on either
        with pytest.raises(SolveError):
            list(Machine(board, seed).train(plan(board)))


@many(40)
@given(data=boards(), seed=st.integers(0, 2**64 - 1))
def test_forty_boards_nobody_thought_of(data: dict[str, Any], seed: int) -> None:
    assert_equal_or_refused(data, seed)


@pytest.mark.slow
@many(200)
@given(data=boards(), seed=st.integers(0, 2**64 - 1))
def test_two_hundred_boards_nobody_thought_of(data: dict[str, Any], seed: int) -> None:
    assert_equal_or_refused(data, seed)
