from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import pytest

from logicsim.board import Board, load
from logicsim.core.errors import TraceError
from logicsim.event.simulation import Simulation
from logicsim.tasks.task_run import Step
from logicsim.training.run import plan
from logicsim.waveforms.trace import NO_REALS, Given, Reals, Signal, Value

SEED = 271


@dataclass
class Tape:
    """A writer that keeps everything."""

    signals: Sequence[Signal] = ()
    begin: int = -1
    end: int = -1
    first: dict[str, Value] = field(default_factory=dict)
    taken: list[tuple[int, str, Value]] = field(default_factory=list)

    def open(self, signals: Sequence[Signal], values: Sequence[Given], time: int) -> "Tape":
        assert self.begin == -1, "opened twice"
        self.signals, self.begin = list(signals), time
        self.first = {s.name: value for s, value in zip(signals, values, strict=True)}
        return self

    def changes(
        self, time: int, changes: Sequence[tuple[int, int]], reals: Reals = NO_REALS
    ) -> None:
        self.taken += [
            (time, self.signals[place].name, value)
            for place, value in [*changes, *zip(*reals, strict=True)]
        ]

    def close(self, time: int) -> None:
        assert self.end == -1, "closed twice"
        self.end = time

    def at(self, time: int) -> dict[str, Value]:
        state = dict(self.first)
        state.update({name: value for when, name, value in self.taken if when <= time})
        return state

    def between(self, begin: int, end: int) -> list[tuple[int, str, Value]]:
        return [change for change in self.taken if begin < change[0] <= end]


def record(
    board: Board, steps: int, probes: Sequence[str] = (), window: tuple[int, int] | None = None
) -> tuple[Tape, list[Step], Simulation]:
    tape, simulation = Tape(), Simulation(board, SEED)
    simulation.record(tape.open, probes, window)
    done = list(chain.from_iterable(simulation.train(plan(board, steps=steps))))
    simulation.close()
    return tape, done, simulation


@pytest.fixture(scope="module")
def board() -> Board:
    return load("divider")


@pytest.fixture(scope="module")
def whole(board: Board) -> tuple[Tape, list[Step], Simulation]:
    return record(board, steps=2)


def same(first: Mapping[str, Value], second: Mapping[str, Value]) -> bool:
    return repr(sorted(first.items())) == repr(sorted(second.items()))  # NaN equals NaN


def test_every_promised_name_is_there_with_its_kind_and_width(
    whole: tuple[Tape, list[Step], Simulation],
) -> None:
    found = {signal.name: (signal.kind, signal.width) for signal in whole[0].signals}
    wire, code, real, integer = ("wire", 1), ("bus", 7), ("real", 64), ("integer", 32)
    promised: dict[str, tuple[str, int]] = {}
    for name in ("trigger", "out1", "out2", "out3", "cs", "clk"):
        promised[f"clock.{name}"] = wire
    for edge in (1, 2):
        promised |= {f"edge{edge}.{name}": wire for name in ("a", "b", "up", "ud")}
        promised |= {f"edge{edge}.{name}": code for name in ("code_free", "code_clamped")}
        promised |= {f"edge{edge}.{name}": real for name in ("drop_free", "drop_clamped")}
    for node in (1, 2, 3):
        promised |= {f"node{node}.{side}": real for side in ("free", "clamped")}
    promised |= {f"supervisor.{name}": integer for name in ("step", "task")}
    promised |= {
        f"checks.{kind}": integer for kind in ("setup", "hold", "width", "edge", "missed_ps")
    }
    assert {name: found.get(name) for name in promised} == promised


def test_names_are_unique(whole: tuple[Tape, list[Step], Simulation]) -> None:
    names = [signal.name for signal in whole[0].signals]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("positions", [128, 256, 1000, 65536])
def test_a_code_is_as_wide_as_its_counter(positions: int) -> None:
    settings = {"parts.digipot.positions": positions, "parts.digipot.initial": positions - 1}
    tape, _, _ = record(load("divider", settings), steps=1)
    widths = {signal.width for signal in tape.signals if signal.name.startswith("edge1.code")}
    assert widths == {(positions - 1).bit_length()}


def test_a_recording_begins_at_power_up_and_ends_with_the_run(
    whole: tuple[Tape, list[Step], Simulation],
) -> None:
    tape, steps, simulation = whole
    assert tape.begin == 0
    assert steps[-1].time * 1e12 < tape.end <= simulation.kernel.now
    times = [time for time, _, _ in tape.taken]
    assert times == sorted(times)
    assert times[-1] <= tape.end


def test_a_recording_tells_what_the_history_tells(
    whole: tuple[Tape, list[Step], Simulation],
) -> None:
    tape, steps, _ = whole
    for number, step in enumerate(steps):
        state = tape.at(round(step.time * 1e12))
        assert state["supervisor.step"] == step.step
        assert state["supervisor.task"] == 1 + number // 2
        assert state["node2.free"] == step.outputs[2]
        assert [state[f"edge{edge}.code_free"] for edge in (1, 2)] == list(step.codes_free)
        assert state["edge1.drop_free"] == 5.0 - step.outputs[2]
        assert state["edge2.drop_free"] == step.outputs[2]


def test_nothing_is_written_that_did_not_change(
    whole: tuple[Tape, list[Step], Simulation],
) -> None:
    state = dict(whole[0].first)
    for _, name, value in whole[0].taken:
        assert repr(state[name]) != repr(value), name
        state[name] = value


def test_recording_does_not_change_the_run(
    board: Board, whole: tuple[Tape, list[Step], Simulation]
) -> None:
    silent = Simulation(board, SEED)
    steps = list(chain.from_iterable(silent.train(plan(board, steps=2))))
    _, narrow, simulation = record(board, 2, ["clock.*"], (2, 3))
    assert steps == whole[1] == narrow
    assert silent.codes() == whole[2].codes() == simulation.codes()
    assert silent.kernel.events == whole[2].kernel.events == simulation.kernel.events


@pytest.mark.parametrize(
    ("probes", "names"),
    [
        (["clock.cs"], {"clock.cs"}),
        (["node*.free"], {"node1.free", "node2.free", "node3.free"}),
        (["edge?.up", "edge1.*b"], {"edge1.up", "edge2.up", "edge1.b"}),
        (["edge1.drop_free", "edge1.drop_free"], {"edge1.drop_free"}),
        (["checks.[sh]*"], {"checks.setup", "checks.hold"}),
    ],
)
def test_probes_choose_by_pattern(
    board: Board, whole: tuple[Tape, list[Step], Simulation], probes: list[str], names: set[str]
) -> None:
    tape, _, _ = record(board, 1, probes)
    assert {signal.name for signal in tape.signals} == names
    limit = tape.end - 1
    chosen = [change for change in whole[0].between(-1, limit) if change[1] in names]
    first_task = round(whole[1][1].time * 1e12) - 10**11  # one step a task here, two there
    assert [c for c in tape.between(-1, first_task) if c[0] < first_task] == [
        c for c in chosen if c[0] <= first_task
    ]


@pytest.mark.parametrize(
    ("probe", "near"),
    [
        ("edge1.code_fre", "edge1.code_free"),
        ("clock.clck", "clock.clk"),
        ("node2.fre", "node2.free"),
    ],
)
def test_an_unknown_probe_is_refused_with_the_nearest_name(
    board: Board, probe: str, near: str
) -> None:
    with pytest.raises(TraceError) as caught:
        Simulation(board, SEED).record(Tape().open, ["clock.cs", probe])
    assert f"'{probe}'" in str(caught.value)
    assert f"'{near}'" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("window", [(1, 1), (2, 3), (3, 3), (4, 8), (8, 8), (5, 99)])
def test_a_window_holds_exactly_its_steps_as_the_whole_recording_has_them(
    board: Board, whole: tuple[Tape, list[Step], Simulation], window: tuple[int, int]
) -> None:
    everything, steps, _ = whole
    tape, _, _ = record(board, 2, window=window)
    first, last = window[0], min(window[1], len(steps))
    period, settle = 10**12 // 4, 20 * 10**6
    begins = round(steps[first - 1].time * 1e12) - settle
    ends = round(steps[last - 1].time * 1e12) - settle + period
    assert begins <= tape.begin <= begins + 1
    assert ends <= tape.end <= ends + 1
    assert tape.first["supervisor.step"] == steps[first - 1].step
    assert same(tape.first, everything.at(tape.begin))
    assert tape.taken == everything.between(tape.begin, ends)


def test_a_window_counts_steps_over_all_tasks(board: Board) -> None:
    tape, _, _ = record(board, 2, window=(3, 3))
    assert (tape.first["supervisor.task"], tape.first["supervisor.step"]) == (2, 1)


def test_violations_are_counted_in_the_waveform() -> None:
    board = load("divider", {"parts.flop.setup": "0.2 s"})
    tape, _, simulation = record(board, steps=3)
    counted = simulation.kernel.violations["setup"]
    assert counted > 0
    assert tape.at(tape.end)["checks.setup"] == counted
    assert tape.at(tape.end)["checks.hold"] == simulation.kernel.violations["hold"]
    last = simulation.kernel.violation_list[-1]
    assert len(simulation.kernel.violation_list) < 1000, "so that the last one is in the list"
    assert tape.at(tape.end)["checks.edge"] == int(last.part.split(".")[0].removeprefix("edge"))
    assert tape.at(tape.end)["checks.missed_ps"] == 2**31 - 1, "0.2 s is more"


def test_the_marks_are_the_first_latch_and_count_of_the_recording(board: Board) -> None:
    simulation, tape = Simulation(board, SEED), Tape()
    recorder = simulation.record(tape.open, window=(3, 4))
    list(simulation.train(plan(board, steps=2)))
    simulation.close()
    for mark, net in (("latch", "clock.cs"), ("count", "clock.clk")):
        falls = [time for time, name, value in tape.taken if name == net and value == 0]
        assert recorder.marks[mark] == falls[0]


@pytest.mark.parametrize("edge", ["coupled", "unlatched", "nand", "dead_zone", "one_comparator"])
@pytest.mark.parametrize("clock", ["cascade", "pulse", "half"])
def test_the_layout_lists_what_is_recorded(edge: str, clock: str) -> None:
    def named(circuit: str) -> str:
        path = Path(__file__).parents[1] / "circuits" / f"{circuit}.toml"
        return str(path) if path.exists() else circuit

    settings = {"edge.circuit": named(edge), "clock.circuit": named(clock)}
    recorder = Simulation(load("divider", settings), SEED).record(Tape().open)
    listed = [each.signal for each in recorder.layout.signals]
    assert len(set(listed)) == len(listed)
    assert set(listed) == set(recorder.signals)
