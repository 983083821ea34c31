"""The vector engine's waveforms equal the event engine's, for any probes and window."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logicsim.board import Board, load, shipped
from logicsim.core.errors import EngineError, TraceError
from logicsim.event.supervisor import ResumePoint
from logicsim.training.engines import EngineName
from logicsim.training.run import Plan, Waveform, plan, run
from logicsim.vector.checkpoint import Keeper, identity
from logicsim.vector.machine import Machine
from logicsim.waveforms.read import read_trace
from logicsim.waveforms.trace import Trace, compare

SEED = 83
ROUNDING = 1e-9  # V: with diodes, the last bits depend on where Newton's method began


def recorded(
    board: Board, chosen: Plan, folder: Path, engine: EngineName, seed: int = SEED, **what: Any
) -> Trace:
    path = folder / f"{engine}.vcd"
    run(board, chosen, seed=seed, engine=engine, waveform=Waveform(path, **what))
    return read_trace(path)


def check_same(board: Board, chosen: Plan, folder: Path, seed: int = SEED, **what: Any) -> Trace:
    event = recorded(board, chosen, folder, "event", seed, **what)
    vector = recorded(board, chosen, folder, "vector", seed, **what)
    assert compare(event, vector, ROUNDING) == []
    assert list(event.histories) == list(vector.histories)
    assert event.end == vector.end
    starts = [{n: h.times[0] for n, h in t.histories.items()} for t in (event, vector)]
    assert starts[0] == starts[1]
    assert event.end > 0
    views = [(folder / f"{e}.gtkw").read_text() for e in ("event", "vector")]
    assert views[0].replace("event.vcd", "vector.vcd") == views[1]
    return vector


@pytest.mark.parametrize("name", sorted(shipped()))
@pytest.mark.parametrize("window", [(3, 4), (8, 8)])
def test_any_window_of_any_board(name: str, window: tuple[int, int], tmp_path: Path) -> None:
    board = load(name)
    check_same(board, plan(board, steps=9), tmp_path, window=window)


@pytest.mark.parametrize(("probes", "window"), [
    (["edge3.*"], (6, 7)),
    (["edge3.ud", "edge11.code_*", "node2.*", "supervisor.*"], (12, 15)),  # over a change of task
    (["node*"], (24, 24)),  # no edge at all, and the last step
    (["clock.cs", "edge16.drop_free"], (1, 2)),
    (["*a"], None),
    (["edge1.*"], (5, 99)),
])  # fmt: skip
@pytest.mark.parametrize("more", [
    {},
    {"parts.digipot.tolerance": 0.1, "parts.comparator.offset_sigma": "3 mV"},
    {"parts.comparator.chatter": "full", "parts.comparator.noise_correlation": "2 ms"},
])  # fmt: skip
def test_only_what_is_looked_at(
    probes: Sequence[str], window: tuple[int, int] | None, more: dict[str, Any], tmp_path: Path
) -> None:
    board = load("twin16", more)
    chosen = plan(board, ["iv", "ii"], 12)
    check_same(board, chosen, tmp_path, probes=probes, window=window)


def test_edges_cut_before_and_in_the_window(tmp_path: Path) -> None:
    board = load("twin16")
    task = board.tasks[3].model_copy(update={"cut": {3: [2], 9: [1, 6]}})
    check_same(board, [(4, task, 12)], tmp_path, probes=["edge1.*", "node*"], window=(8, 10))


@settings(max_examples=20)
@given(
    rings=st.integers(3, 9),
    seed=st.integers(0, 2**64 - 1),
    first=st.integers(1, 12),
    length=st.integers(0, 4),
    edge=st.integers(1, 9),
    noise=st.sampled_from(["0 V", "10 mV", "80 mV"]),
)
def test_random_rings(
    rings: int, seed: int, first: int, length: int, edge: int, noise: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    board = load("divider", {
        "network.nodes": rings, "network.positions": None,
        "network.edges": [[n, n % rings + 1] for n in range(1, rings + 1)],
        "parts.comparator.noise": noise,
    })  # fmt: skip
    probes = [f"edge{min(edge, rings)}.*", "node2.*", "clock.*"]
    window = (first, first + length)
    folder = tmp_path_factory.mktemp("ring")
    check_same(board, plan(board, steps=7), folder, seed, probes=probes, window=window)


def test_a_large_board_whose_clocks_are_loaded_by_edges_not_looked_at(tmp_path: Path) -> None:
    board = load("grid:12x12")
    trace = check_same(
        board, plan(board, steps=6), tmp_path, probes=["edge200.*", "clock.*"], window=(5, 5)
    )
    assert len(board.network.edges) > board.parts.xor.fan_out
    assert trace["edge200.drop_free"].values.any()


def test_a_wrong_probe_is_known_before_the_run_and_leaves_no_file(tmp_path: Path) -> None:
    waveform = Waveform(tmp_path / "w.vcd", probes=["edge3.upp"])
    with pytest.raises(TraceError, match=r"probe 'edge3.upp' matches no signal; .*'edge3.up'"):
        run(load("twin16"), engine="vector", waveform=waveform, out=tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_faults_are_for_the_event_engine(tmp_path: Path) -> None:
    board = load("divider")
    with pytest.raises(EngineError, match="waveform of a board with faults; use the event"):
        run(board, engine="vector", netlist=board.netlist(), waveform=Waveform(tmp_path / "w.vcd"))
    assert not list(tmp_path.iterdir())


def test_a_resumed_run_records_what_comes_after_the_checkpoint(tmp_path: Path) -> None:
    board, out = load("twin16"), tmp_path / "out"
    chosen = plan(board, ["iv"], 20)
    whole = recorded(board, chosen, tmp_path, "event", window=(15, 16))
    run(board, chosen, seed=SEED, engine="vector", out=out)  # its history has all the steps
    machine = Machine(board, SEED)
    keeper = Keeper(machine, out, identity(machine, chosen), resume=False)
    machine.at_rest.append(lambda: keeper.save() if machine.steps == 9 else None)
    assert len(list(chain.from_iterable(machine.train(chosen)))) == 20

    def resumed(window: tuple[int, int]) -> None:
        run(board, chosen, seed=SEED, engine="vector", out=out, resume=True,
            waveform=Waveform(tmp_path / "later.vcd", window=window))  # fmt: skip

    with pytest.raises(TraceError, match=r"begins with step 9, the checkpoint is of step 9;"):
        resumed((9, 12))
    assert not (tmp_path / "later.vcd").exists()
    resumed((15, 16))
    assert compare(whole, read_trace(tmp_path / "later.vcd"), ROUNDING) == []


def test_engines_that_disagree_write_no_waveform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = load("divider")
    monkeypatch.setattr(
        "logicsim.training.replay.ResumePoint",
        lambda steps, task_run: ResumePoint(steps + 1, task_run),
    )  # another step's noise and example
    with pytest.raises(EngineError, match="the engines disagree in step"):
        run(board, engine="vector", waveform=Waveform(tmp_path / "w.vcd", window=(5, 60)))
    assert not (tmp_path / "w.vcd").exists()
