"""The choice of engine, and the refusals of the vector engine."""

from pathlib import Path
from typing import Any

import pytest

from logicsim.board import load
from logicsim.circuit.waves import total
from logicsim.core.errors import EngineError
from logicsim.faults import inject, parse_all
from logicsim.timing.static import analyse
from logicsim.training.engines import EngineName, check_vector, power_up
from logicsim.training.run import plan, run


@pytest.mark.parametrize(("settings", "reason"), [
    ({"edge.latch": False}, "a decision reaches a potentiometer without a latch"),
    ({"analog.settling": "rc"}, "analog.settling is 'rc'"),
    ({"clock.rate": "20 Hz"}, "timing is not met at 20 Hz: spacing d at clock.section1/d"),
    ({"parts.comparator.noise_correlation": "100 ns"}, "timing is not met at 4 Hz: setup"),
])  # fmt: skip
def test_what_depends_on_time_is_refused_with_the_reason(
    settings: dict[str, Any], reason: str
) -> None:
    with pytest.raises(EngineError) as refusal:
        power_up(load("twin16", settings), 0, "vector")
    message = str(refusal.value)
    assert message.startswith(f"board 'twin16': {reason}")
    assert message.endswith("use the event engine (--engine event)")


def test_a_large_board_is_timed_by_its_first_edges() -> None:
    spokes = [[1, node] for node in range(2, 152)]
    board = load("divider", {
        "network.nodes": 151, "network.edges": spokes, "network.positions": None,
    })  # fmt: skip
    slow = board.parts.xor.model_copy(update={"drive": 300.0})
    board = board.model_copy(update={"parts": board.parts.model_copy(update={"xor": slow})})
    check_vector(board)
    whole, part = analyse(board, board.netlist()), analyse(board)
    assert [(p.constraint, p.slack) for p in part.paths] == [
        (p.constraint, p.slack) for p in whole.paths
    ]
    falls = [each.clockwork().edges("clock.cs", "fall", 1)[0] for each in (board, load("divider"))]
    assert total(falls[0].late) > total(falls[1].late)  # clocks are loaded


def test_a_run_says_the_same_on_both_engines_in_all_its_files(tmp_path: Path) -> None:
    board = load("twin16")
    chosen = plan(board, ["iv", "i"], 12)
    event = run(board, chosen, seed=5, out=tmp_path / "event").as_json()
    vector = run(board, chosen, seed=5, engine="vector", out=tmp_path / "vector").as_json()
    assert (event.pop("engine"), vector.pop("engine")) == ("event", "vector")
    for result in (event, vector):
        for own in ("events", "solver", "wall_s", "steps_per_s", "tasks", "outputs_free"):
            del result[own]
    assert vector == event
    histories = [(tmp_path / engine / "history.csv").read_text() for engine in ("event", "vector")]
    rows = [[line.split(",") for line in text.splitlines()] for text in histories]
    assert [row[:3] + row[10:] for row in rows[0]] == [row[:3] + row[10:] for row in rows[1]]
    assert (tmp_path / "vector" / "history.png").stat().st_size > 1000


def test_a_faulty_netlist_runs_on_either_engine() -> None:
    board = load("twin16")
    netlist = inject(board.netlist(5), parse_all("stuck-at-1:edge3.a@4", board), board, 5)
    engines: tuple[EngineName, ...] = ("event", "vector")
    results = [
        run(board, plan(board, ["iv"], 12), seed=5, netlist=netlist, engine=engine).as_json()
        for engine in engines
    ]
    assert results[0]["codes"] == results[1]["codes"]
    assert results[0]["opposed"] == results[1]["opposed"]
