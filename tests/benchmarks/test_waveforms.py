"""How fast waveforms are written and read; run with `pytest tests/benchmarks --benchmark-enable`.

All of twin16's signals over 1,000 steps. Machines differ and are shared, so each figure stands
beside pyvcd's bare rate of changes in the same run: `extra_info` has changes/s, bytes a change.
"""

import io
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from vcd.writer import VCDWriter

from logicsim.board import load
from logicsim.event.simulation import Simulation
from logicsim.training.run import plan
from logicsim.waveforms.fst import FstWriter
from logicsim.waveforms.read import read_trace
from logicsim.waveforms.trace import NO_REALS, Given, Reals, Signal, Writer
from logicsim.waveforms.vcd import VcdWriter

STEPS = 1000
Format = Callable[[Path], None]


@dataclass
class Recorded:
    """What a run gives to a writer."""

    signals: Sequence[Signal] = ()
    values: Sequence[Given] = ()
    begin: int = 0
    taken: list[tuple[int, Sequence[tuple[int, int]], Reals]] = field(default_factory=list)
    end: int = 0

    def changes(
        self, time: int, changes: Sequence[tuple[int, int]], reals: Reals = NO_REALS
    ) -> None:
        self.taken.append((time, changes, reals))

    def close(self, time: int) -> None:
        self.end = time

    def write(self, writer: Writer) -> None:
        for now, changes, reals in self.taken:
            writer.changes(now, changes, reals)
        writer.close(self.end)

    def vcd(self, path: Path) -> None:
        with path.open("w", newline="") as file:
            self.write(VcdWriter(file, "twin16", self.signals, self.values, self.begin))

    def fst(self, path: Path) -> None:
        self.write(FstWriter(path, "twin16", self.signals, self.values, self.begin))


@pytest.fixture(scope="module")
def recorded(request: pytest.FixtureRequest) -> Recorded:
    board = load("twin16")
    simulation = Simulation(board, seed=1)
    recorded = Recorded()

    def keep(signals: Sequence[Signal], values: Sequence[Given], begin: int) -> Writer:
        recorded.signals, recorded.values, recorded.begin = signals, list(values), begin
        return recorded

    simulation.record(keep)
    steps = STEPS if request.config.getoption("--benchmark-enable") else 5
    for _ in simulation.train(plan(board, ["iv"], steps)):
        pass
    simulation.close()
    return recorded


def bare_changes_per_second(count: int = 200_000) -> float:
    writer = VCDWriter(io.StringIO(), timescale="1 ps", date="")
    wire = writer.register_var("board", "wire", "wire", size=1, init=0)
    begun = time.perf_counter()
    for now in range(1, count):
        writer.change(wire, now, now & 1)
    return count / (time.perf_counter() - begun)


def note(benchmark: BenchmarkFixture, recorded: Recorded, path: Path) -> None:
    if benchmark.stats is not None:  # it is None where benchmarks are switched off
        changes = sum(len(some) + len(reals[0]) for _, some, reals in recorded.taken)
        benchmark.extra_info |= {
            "changes/s": round(changes / benchmark.stats.stats.median),
            "pyvcd's bare changes/s": round(bare_changes_per_second()),
            "bytes": path.stat().st_size,
            "bytes a change": round(path.stat().st_size / changes, 2),
        }


@pytest.mark.parametrize("form", ["vcd", "fst"])
def test_writing(
    benchmark: BenchmarkFixture, recorded: Recorded, tmp_path: Path, form: str
) -> None:
    if form == "fst":
        pytest.importorskip("pylibfst", reason="the extra 'fst' is not installed")
    path = tmp_path / f"w.{form}"
    write: Format = getattr(recorded, form)
    benchmark.pedantic(write, args=(path,), rounds=7, warmup_rounds=1)
    note(benchmark, recorded, path)


@pytest.mark.parametrize("form", ["vcd", "fst"])
def test_reading(
    benchmark: BenchmarkFixture, recorded: Recorded, tmp_path: Path, form: str
) -> None:
    if form == "fst":
        pytest.importorskip("pylibfst", reason="the extra 'fst' is not installed")
    path = tmp_path / f"w.{form}"
    write: Format = getattr(recorded, form)
    write(path)
    trace = benchmark.pedantic(read_trace, args=(path,), rounds=5, warmup_rounds=1)
    assert trace.end == recorded.end
    note(benchmark, recorded, path)
