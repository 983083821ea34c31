"""One breadboard edge on the bench: the rule against the hardware."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from logicsim.board import Board
from logicsim.core.rule import Rule, direction
from logicsim.event.simulation import Simulation

SIGMA = 10e-3
CERTAIN = 8 * SIGMA  # no draw of 32 bits reaches so far

volts = st.floats(0, 5).map(lambda volts: round(volts, 9))
seeds = st.integers(0, 2**64 - 1)


def one_step(
    free: tuple[float, float],
    clamped: tuple[float, float],
    seed: int,
    rule: Rule = "hardware",
    initial: int = 64,
) -> tuple[int, int]:
    """How far one clock of the real edge moves the free and the clamped code."""
    board = Board.model_validate(
        {
            "name": "bench",
            "network": {"nodes": 2, "edges": [(1, 2)]},
            "edge": {"rule": rule},
            "parts": {"digipot": {"initial": initial}},
            "tasks": [
                {
                    "name": "one step",
                    "kind": "bench",
                    "steps": 1,
                    "free": {1: free[0], 2: free[1]},
                    "clamped": {1: clamped[0], 2: clamped[1]},
                }
            ],
        }
    )
    simulation = Simulation(board, seed)
    list(simulation.train([(1, board.tasks[0], 1)]))
    (code_free,), (code_clamped,) = simulation.codes()
    return code_free - initial, code_clamped - initial


def drops(free: tuple[float, float], clamped: tuple[float, float]) -> tuple[float, float]:
    return clamped[0] - clamped[1], free[0] - free[1]


@settings(max_examples=60)
@given(st.tuples(volts, volts), st.tuples(volts, volts), seeds)
def test_one_clock_moves_both_codes_as_eq_c1_says(
    free: tuple[float, float], clamped: tuple[float, float], seed: int
) -> None:
    drop_clamped, drop_free = drops(free, clamped)
    assume(drop_clamped * drop_free > 0)
    assume(abs(drop_clamped - drop_free) > CERTAIN and abs(drop_clamped) > CERTAIN)
    step = direction(drop_clamped, drop_free)
    assert one_step(free, clamped, seed) == (step, step)


@settings(max_examples=40)
@given(st.tuples(volts, volts), st.tuples(volts, volts), seeds)
def test_the_rule_as_printed_moves_them_the_other_way(
    free: tuple[float, float], clamped: tuple[float, float], seed: int
) -> None:
    drop_clamped, drop_free = drops(free, clamped)
    assume(drop_clamped * drop_free > 0)
    assume(abs(drop_clamped - drop_free) > CERTAIN and abs(drop_clamped) > CERTAIN)
    step = -direction(drop_clamped, drop_free)
    assert one_step(free, clamped, seed, rule="printed") == (step, step)


@settings(max_examples=40)
@given(st.tuples(volts, volts), st.tuples(volts, volts), seeds)
def test_drops_of_opposite_sign_always_step_up(
    free: tuple[float, float], clamped: tuple[float, float], seed: int
) -> None:
    drop_clamped, drop_free = drops(free, clamped)
    assume(drop_clamped * drop_free < 0 and abs(drop_clamped) > CERTAIN)
    assume(abs(drop_clamped - drop_free) > CERTAIN)
    assert one_step(free, clamped, seed) == (1, 1)


@pytest.mark.parametrize(("initial", "clamped"), [(127, (3.0, 1.0)), (0, (1.5, 1.0))])
def test_codes_stop_at_both_ends(initial: int, clamped: tuple[float, float]) -> None:
    assert one_step((2.0, 1.0), clamped, seed=5, initial=initial) == (0, 0)


def test_near_balance_the_noise_decides_and_the_twins_still_agree() -> None:
    steps = [one_step((2.0, 1.0), (2.0, 1.0), seed) for seed in range(40)]
    assert {(1, 1), (-1, -1)} == set(steps)
