"""The digital part alone, here and in Icarus Verilog: the same stimuli, the same transitions.

Run with `pytest tests/benchmarks/test_icarus_speed.py --benchmark-enable`. The emulator replays
what its comparators did, with the voltages switched off, against `vvp` on the exported file, which
also checks. `extra_info` has cycles/s of both, their ratio, and the seconds that come before: the
export (an emulation with voltages), the compilation and the reading of the compiled program.
"""

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from logicsim.board import Board
from logicsim.event.simulation import Simulation
from logicsim.export.verilog import export_verilog
from logicsim.kernel.kernel import Net
from logicsim.parts.comparator import Comparator
from logicsim.parts.part import Part
from logicsim.tasks.task_run import Task
from tests.bed import plan
from tests.played import Player

Plan = Sequence[tuple[int, Task, int]]

SEED = 1
_TIMES = re.compile(r"^ \.\.\. +([\d.]+) seconds", re.MULTILINE)  # as `vvp -v` tells them


def board(edges: int, noise: str) -> Board:
    """A ring with as many chords as sides."""
    nodes = edges // 2
    ring = [(node, node % nodes + 1) for node in range(1, nodes + 1)]
    chords = [(node, (node + 2) % nodes + 1) for node in range(1, nodes + 1)]
    return Board.model_validate({
        "name": "ring",
        "network": {"nodes": nodes, "edges": ring + chords},
        "parts": {"comparator": {"noise": noise}},
        "tasks": [{"name": "divide", "kind": "allostery", "steps": 1, "nudge": 0.5,
                   "inputs": {1: "5 V", nodes: "0 V"}, "outputs": {3: "2 V", 4: "1 V"}}],
    })  # fmt: skip


class Heard:
    """An observer that keeps what the comparators said."""

    def __init__(self, nets: Iterable[Net]) -> None:
        self.waves: dict[Net, list[tuple[int, int]]] = {net: [] for net in nets}
        self._lists = list(self.waves.values())

    def instant(self, now: int, changes: Sequence[tuple[int, int]], settled: bool) -> None:
        for place, value in changes:
            self._lists[place].append((now, value))


def trained(simulation: Simulation, chosen: Plan) -> tuple[tuple[int, ...], tuple[int, ...]]:
    for _ in simulation.train(chosen):
        pass
    return simulation.codes()


def comparators(parts: Iterable[Part]) -> list[Part]:
    return [part for part in parts if isinstance(part.chip, Comparator)]


def replay(edges: int, chosen: Plan) -> tuple[Simulation, tuple[tuple[int, ...], tuple[int, ...]]]:
    """A machine without comparators that will do what one with them did, and its last codes."""
    original = Simulation(board(edges, "10 mV"), SEED)
    nets = original.kernel.nets
    parts = original.netlist.parts
    heard = Heard(nets[part.pins["y"][0]] for part in comparators(parts))
    original.kernel.observe(heard, heard.waves)
    codes = trained(original, chosen)

    def played(part: Part) -> Part:
        if not isinstance(part.chip, Comparator):
            return part
        wave = heard.waves[nets[part.pins["y"][0]]]
        return replace(part, chip=Player(wave), pins={"y": part.pins["y"]})

    netlist = replace(original.netlist, parts=tuple(played(part) for part in parts))
    simulation = Simulation(board(edges, "0 V"), SEED, netlist)
    simulation.kernel.settle = None
    return simulation, codes


def seconds_of(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def called(*command: str | Path) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("iverilog") is None, reason="needs Icarus Verilog")
@pytest.mark.parametrize(("edges", "steps"), [(16, 200), (160, 50), (1600, 10)])
def test_digital_cycles(
    benchmark: BenchmarkFixture, edges: int, steps: int, tmp_path: Path
) -> None:
    if benchmark.disabled and edges > 16:
        pytest.skip("takes long and proves nothing unless it is measured")
    source, program = tmp_path / "ring.v", tmp_path / "ring.vvp"
    chosen = plan(board(edges, "10 mV"), steps)
    exporting = seconds_of(
        lambda: source.write_text(export_verilog(board(edges, "10 mV"), chosen, SEED))
    )
    compiling = seconds_of(lambda: called("iverilog", "-g2005-sv", "-o", program, source))
    loading, running = map(float, _TIMES.findall(called("vvp", "-v", "-n", program)))
    simulation, codes = replay(edges, chosen)
    assert benchmark.pedantic(trained, args=(simulation, chosen)) == codes
    if benchmark.stats is not None:
        ours = benchmark.stats.stats.median
        benchmark.extra_info |= {
            "emulator cycles/s": round(steps / ours, 1),
            "Icarus cycles/s": round(steps / running, 1),
            "emulator over Icarus": round(running / ours, 3),
            "export s": round(exporting, 2),
            "compile s": round(compiling, 2),
            "load s": round(loading, 2),
        }
