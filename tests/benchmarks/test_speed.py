"""How fast the event engine is; run with `pytest tests/benchmarks --benchmark-enable`.

Machines differ and are shared, so each figure stands beside a bare SimPy timeout loop timed in
the same run: `extra_info` has steps/s, timeouts/s and how many timeouts a step costs.
"""

import time
from collections.abc import Generator
from pathlib import Path

import pytest
import simpy
from pytest_benchmark.fixture import BenchmarkFixture

from logicsim.board import load
from logicsim.core.units import ticks
from logicsim.event.simulation import Simulation
from logicsim.training.run import Waveform, plan, run

STEPS = 900  # of one task, so that what a run costs once does not count


def timeouts_per_second(count: int = 200_000) -> float:
    env = simpy.Environment()

    def idle() -> Generator[simpy.Event, None, None]:
        for _ in range(count):
            yield env.timeout(1)

    env.process(idle())
    begun = time.perf_counter()
    env.run()
    return count / (time.perf_counter() - begun)


def note(benchmark: BenchmarkFixture, steps: int, bare: float) -> None:
    if benchmark.stats is not None:  # it is None where benchmarks are switched off
        rate = steps / benchmark.stats.stats.median
        benchmark.extra_info |= {
            "steps/s": round(rate),
            "SimPy timeouts/s": round(bare),
            "timeouts a step": round(bare / rate),
        }


def train(steps: int, settling: str = "instant") -> int:
    board = load("twin16", {"analog.settling": settling})
    simulation = Simulation(board, seed=1)
    return sum(1 for _ in simulation.train(plan(board, ["iv"], steps)))


def test_twin_without_waveform(benchmark: BenchmarkFixture) -> None:
    assert benchmark.pedantic(train, args=(STEPS,), rounds=7, warmup_rounds=1) == STEPS
    note(benchmark, STEPS, timeouts_per_second())


def test_twin_that_settles(benchmark: BenchmarkFixture) -> None:
    assert benchmark.pedantic(train, args=(STEPS, "rc"), rounds=7, warmup_rounds=1) == STEPS
    note(benchmark, STEPS, timeouts_per_second())


def test_twin_with_a_waveform_of_everything(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    board = load("twin16")

    def record() -> None:
        run(board, plan(board, ["iv"], STEPS), seed=1, waveform=Waveform(tmp_path / "w.vcd"))

    benchmark.pedantic(record, rounds=7, warmup_rounds=1)
    note(benchmark, STEPS, timeouts_per_second())


@pytest.mark.parametrize("board", ["divider", "twin16"])
def test_power_up(benchmark: BenchmarkFixture, board: str) -> None:
    loaded = load(board)
    simulation = benchmark(lambda: Simulation(loaded, seed=1))
    assert simulation.kernel.now < ticks(1)
