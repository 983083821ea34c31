"""The comparison: all contenders on the same boards, in turns, so that all see the same load."""

import math
import os
import platform
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import numpy as np

from logicsim.bench.contenders import ENGINES, OTHERS
from logicsim.bench.speed import BENCH, PACE, Speed, crossing
from logicsim.bench.subprocess_runner import in_subprocess
from logicsim.bench.turn import RunSteps, Turn

_ROUNDS: Final = 5
_FASTER: Final = 100  # the most that a turn grows at once while its length is sought
_PACKAGES: Final = ("numpy", "scipy", "simpy", "bitarray", "cvxopt", "numba")


@dataclass(frozen=True, slots=True)
class Race:
    """The result.

    `speeds` has each contender's median speeds, in order of edges; `absent` names contenders that
    are not installed.
    """

    speeds: Mapping[str, Sequence[Speed]]
    absent: Sequence[str] = ()

    def ratios(self) -> dict[str, dict[str, dict[int, float]]]:
        """The ratio of speeds, by engine, other contender, and number of edges."""
        return {
            engine.name: {
                other: shared
                for other, line in self.speeds.items()
                if other != engine.name and (shared := _shared(self.speeds[engine.name], line))
            }
            for engine in ENGINES
            if engine.name in self.speeds
        }

    def crossings(self) -> dict[str, float]:
        """The edges at which each engine falls to the bench's pace; infinite if beyond."""
        return {e.name: crossing(self.speeds[e.name], PACE) for e in ENGINES
                if e.name in self.speeds}  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """The result as JSON, with the machine and the versions of programs."""
        return {
            "logicsim": version("logicsim"),
            "machine": {
                "system": platform.platform(),
                "processor": _processor(),
                "cores": os.cpu_count(),
                "python": platform.python_version(),
            },
            "versions": _versions(),
            "bench_hz": list(BENCH),
            "steps_per_s": {
                name: {str(s.edges): s.steps_per_s for s in line}
                for name, line in self.speeds.items()
            },
            "ratios": {
                engine: {
                    other: {str(n): ratio for n, ratio in at.items()} for other, at in of.items()
                }
                for engine, of in self.ratios().items()
            },
            "not_installed": list(self.absent),
            "crossings": {
                name: edges if np.isfinite(edges) else None
                for name, edges in self.crossings().items()
            },
        }


def race(
    sizes: Sequence[int],
    seconds: float = 1.0,
    on_progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Race:
    """Measure every contender that is installed on triangulated grids of about `sizes` edges.

    Args:
        seconds: the time for each contender and size; at least one step is done.
        on_progress: called with the numbers of finished and of all sizes.
    """
    speeds: dict[str, list[Speed]] = {}
    sides = sorted({_side(size) for size in sizes})
    for done, side in enumerate(sides):
        on_progress(done, len(sides))
        edges = 3 * side * side - 4 * side + 1
        for name, rate in _heat(f"grid:{side}x{side}", edges, seconds).items():
            speeds.setdefault(name, []).append(Speed(edges, rate))
    return Race(speeds, [other.name for other in OTHERS if not other.present])


def _side(edges: int) -> int:
    """The side s of the triangulated grid with nearest 3 s^2 - 4 s + 1 edges; at least 3."""
    return max(3, round((2 + math.sqrt(1 + 3 * edges)) / 3))


def _heat(board: str, edges: int, seconds: float) -> dict[str, float]:
    """The median steps/s of each contender on one board."""
    contenders = [e for e in (*ENGINES, *OTHERS) if e.present and edges <= e.most]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        runners = [
            _Runner(
                contender.name,
                stack.enter_context(in_subprocess(contender.name, board, folder)),
                seconds,
            )
            for contender in contenders
        ]
        for _ in range(_ROUNDS):
            for runner in runners:
                runner.run()
    return {runner.name: statistics.median(runner.rates) for runner in runners}


class _Runner:
    """A contender with its board, and the length of its turns.

    Turns become longer until one takes a good part of its share, so that starting a program or a
    block of steps costs little beside it.
    """

    def __init__(self, name: str, run_steps: RunSteps, seconds: float) -> None:
        self.name = name
        self.rates: list[float] = []
        self._left, share = seconds, seconds / _ROUNDS
        self._run_steps = run_steps
        self._timed(1)  # to warm up
        turn = self._timed(1)
        if self._left <= 0:
            self.rates.append(turn.rate)
        while turn.seconds < share / 2 and self._left > 0:
            longer = min(share * turn.rate, _FASTER * turn.steps)
            turn = self._run_steps(max(int(longer), turn.steps + 1))
        self._steps = max(1, int(share * turn.rate))

    def run(self) -> None:
        """Run a turn if there is time left."""
        if self._left > 0:
            self.rates.append(self._timed(self._steps).rate)

    def _timed(self, steps: int) -> Turn:
        begun = time.perf_counter()
        turn = self._run_steps(steps)
        self._left -= time.perf_counter() - begun
        return turn


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    names = [line.partition(":")[2].strip() for line in
             (info.read_text().splitlines() if info.exists() else ())
             if line.startswith("model name")]  # fmt: skip
    return names[0] if names else platform.processor()


def _versions() -> dict[str, str]:
    found = {}
    for package in _PACKAGES:
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    for contender in OTHERS:
        if contender.program is not None and contender.present:
            told = subprocess.run(contender.program, capture_output=True, text=True, check=False)  # noqa: S603  from our table
            lines = [line for line in told.stdout.splitlines() if any(map(str.isdigit, line))]
            found[contender.program[0]] = lines[0].strip("* ") if lines else "unknown"
    return found


def _shared(engine: Sequence[Speed], other: Sequence[Speed]) -> dict[int, float]:
    """The ratio by number of edges, where both were measured."""
    rates = {s.edges: s.steps_per_s for s in other}
    return {s.edges: s.steps_per_s / rates[s.edges] for s in engine if s.edges in rates}
