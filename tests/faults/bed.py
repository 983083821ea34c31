"""A test bed for boards with faults."""

from dataclasses import dataclass
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import Any

from logicsim.board import Board, load
from logicsim.event.simulation import Simulation
from logicsim.faults import inject, parse_all
from logicsim.tasks.task_run import Step
from logicsim.waveforms.read import read_trace
from logicsim.waveforms.trace import Trace, Value
from logicsim.waveforms.vcd import VcdWriter

QUIET = {"parts.comparator.noise": 0}


@dataclass
class Run:
    """What a run did: its steps, its waveform, and the machine as it stands at the end."""

    simulation: Simulation
    steps: list[Step]
    trace: Trace

    @property
    def codes(self) -> tuple[list[int], list[int]]:
        """Of edge 1, free and clamped, before each step and after the last."""
        free, clamped = self.simulation.codes()
        return (
            [*(step.codes_free[0] for step in self.steps), free[0]],
            [*(step.codes_clamped[0] for step in self.steps), clamped[0]],
        )

    def at(self, name: str, step: float) -> Value:
        """A signal's value so far into a step: 4.5 is the middle of step 4."""
        times = self.simulation.board.timetable
        return self.trace[name].at(times.first + round((step - 1) * times.period))

    def during(self, name: str, first: float, last: float) -> set[Value]:
        """All values a signal takes from one moment to another."""
        times, history = self.simulation.board.timetable, self.trace[name]
        begin, end = (times.first + round((s - 1) * times.period) for s in (first, last))
        within = (history.times > begin) & (history.times <= end)
        return {history.at(begin), *history.values[within].tolist()}


def board(name: str, **settings: Any) -> Board:
    """A shipped board without noise, unless the settings give it some."""
    return load(name, QUIET | {key.replace("__", "."): value for key, value in settings.items()})


def run(machine: Board, faults: str, folder: Path, steps: int = 10, seed: int = 1) -> Run:
    """Train the first task of a board with faults in it, recording everything."""
    netlist = machine.netlist(seed)
    if faults:
        netlist = inject(netlist, parse_all(faults, machine), machine, seed)
    simulation = Simulation(machine, seed, netlist)
    text = StringIO()
    simulation.record(lambda signals, values, now: VcdWriter(text, "b", signals, values, now))
    taken = list(chain.from_iterable(simulation.train([(1, machine.tasks[0], steps)])))
    simulation.close()
    file = folder / "run.vcd"
    file.write_text(text.getvalue())
    return Run(simulation, taken, read_trace(file))
