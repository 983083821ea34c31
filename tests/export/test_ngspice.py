"""ngspice as oracle: it solves the same networks and takes the same steps on every edge."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.random import Generator, default_rng

from logicsim.analog.twin import Twin
from logicsim.board import Board, load, shipped
from logicsim.export.spice import export_operating_point, export_spice
from logicsim.parts.digipot import Digipot
from logicsim.parts.diode import Diode
from tests.export.oracles import (
    NEEDS_NGSPICE,
    SEED,
    SILENT,
    SPREAD,
    Change,
    assert_same,
    ngspice,
    train,
    volts,
)

pytestmark = NEEDS_NGSPICE

STEPS = 200


# the two networks


def random_board(rng: Generator, **tables: Any) -> Board:
    """A connected graph of a few edges, some side by side, with potentiometers of their own."""
    nodes = int(rng.integers(3, 8))
    tree = [(int(rng.integers(1, node)), node) for node in range(2, nodes + 1)]
    more = [rng.choice(np.arange(1, nodes + 1), 2, replace=False) for _ in range(rng.integers(5))]
    edges = [*tree, *((int(a), int(b)) for a, b in more)]
    digipot = {"tolerance": 0.1, "initial": rng.integers(0, 8, len(edges)).tolist()}
    comparator = {"noise": 0, "offset_sigma": "1 mV"}
    parts = {"digipot": digipot, "comparator": comparator}
    for table, keys in tables.pop("parts", {}).items():
        parts[table] |= keys
    return Board.model_validate(
        {"name": "random", "network": {"nodes": nodes, "edges": edges}, "parts": parts, **tables}
    )


def held_at_random(rng: Generator, nodes: int) -> dict[int, float]:
    places = rng.choice(np.arange(1, nodes + 1), rng.integers(1, nodes), replace=False)
    return {int(node): float(rng.uniform(-5, 5)) for node in places}


def agreement(board: Board, rng: Generator, folder: Path) -> float:
    """The largest difference of a node voltage, relative to the highest voltage held."""
    netlist = board.netlist(SEED)
    twin = Twin(netlist.nodes, [(a - 1, b - 1) for a, b in netlist.edges])
    codes = [rng.integers(0, 128, len(netlist.edges)).tolist() for _ in range(2)]
    held = [held_at_random(rng, netlist.nodes) for _ in range(2)]
    for part in netlist.parts:
        if isinstance(part.chip, Digipot):
            network, edge = twin.branch(netlist.branch(part.pins["ab"][0]))
            code = codes[network is twin.clamped][edge]
            piece = int(part.values["piece"])
            network.set(
                edge, 1 / part.chip.resistances(part.values["end_to_end"], SEED, piece)[code]
            )
        if isinstance(part.chip, Diode):
            network, edge = twin.branch(netlist.branch(part.pins["ab"][0]))
            network.put_diode(edge, part.chip.junction)
    for network, fixed in zip((twin.free, twin.clamped), held, strict=True):
        network.hold({node - 1: value for node, value in fixed.items()})
    twin.solve()
    printed = ngspice(export_operating_point(netlist, codes, held, SEED), folder)
    highest = max(abs(value) for fixed in held for value in fixed.values())
    difference = np.abs(volts(printed, netlist.nodes) - twin.voltages[:-1])
    return float(difference.max()) / highest


@pytest.mark.parametrize("name", shipped())
@pytest.mark.parametrize("taper", ["linear", "log"])
def test_the_voltages_of_a_shipped_board(name: str, taper: str, tmp_path: Path) -> None:
    settings = {"parts.digipot.inl": 0.5, "parts.digipot.dnl": 0.2, "parts.digipot.taper": taper}
    board = load(name, settings)
    rng = default_rng(1)
    # With diodes, both end where another step of Newton's would not be worth it.
    agreed = 1e-9 if board.network.diodes else 1e-12
    assert max(agreement(board, rng, tmp_path) for _ in range(3)) < agreed


@pytest.mark.parametrize("seed", range(20))
def test_the_voltages_of_a_random_board(seed: int, tmp_path: Path) -> None:
    rng = default_rng(seed)
    assert agreement(random_board(rng), rng, tmp_path) < 1e-12


@pytest.mark.parametrize("seed", range(8))
def test_the_voltages_of_a_random_board_with_diodes(seed: int, tmp_path: Path) -> None:
    rng = default_rng(100 + seed)
    plain = random_board(rng)
    count = len(plain.network.edges)
    diodes = [edge for edge in range(1, count + 1) if rng.random() < 0.5]
    board = plain.model_copy(
        update={"network": plain.network.model_copy(update={"diodes": diodes})}
    )
    assert agreement(board, rng, tmp_path) < 1e-9


# training


@pytest.mark.parametrize("settings", [SILENT, SPREAD], ids=["ideal", "spread"])
@pytest.mark.parametrize("name", ["ii", "iii", "iv", "v"])
def test_the_machine_learns_step_by_step_alike(
    name: str, settings: Mapping[str, Any], tmp_path: Path
) -> None:
    assert_same(load("twin16", settings), name, STEPS, tmp_path)


def test_the_board_of_the_speed_comparison(tmp_path: Path) -> None:
    board = load("grid:3x3", SILENT)
    assert_same(board, board.tasks[0].name, STEPS, tmp_path)


@pytest.mark.parametrize("settings", [SILENT, SPREAD], ids=["ideal", "spread"])
@pytest.mark.parametrize("board", ["divider", "edge"])
def test_every_task_of_the_small_boards(
    board: str, settings: Mapping[str, Any], tmp_path: Path
) -> None:
    loaded = load(board, settings)
    for task in loaded.tasks:
        assert_same(loaded, task.name, 100, tmp_path)


@pytest.mark.parametrize(
    "settings",
    [
        {"edge.rule": "printed"},
        {"edge.latch": False},
        {"parts.digipot.taper": "log"},
        {"parts.digipot.positions": 100},
        {"parts.comparator.input_gain": 0.5, "parts.comparator.offset": "-20 mV"},
        {"parts.comparator.supply": "5 V"},  # nodes above 3.5 V: out of common mode
        {"supervisor.measure_resolution": "1.2 mV", "supervisor.impose_resolution": "5 mV"},
        {"parts.corner": "max", "clock.rate": "900 Hz", "clock.capacitance": "100 pF"},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_every_key_that_a_netlist_can_show(settings: Mapping[str, Any], tmp_path: Path) -> None:
    assert_same(load("twin16", {**SPREAD, **settings}), "iv", 60, tmp_path)


@pytest.mark.parametrize("seed", range(10))
def test_random_boards_of_a_few_edges(seed: int, tmp_path: Path) -> None:
    rng = default_rng(100 + seed)
    positions = int(rng.choice([8, 23, 128]))
    roles = rng.permutation(3) + 1
    task = {
        "name": "t",
        "kind": "allostery",
        "nudge": float(rng.uniform(0.05, 1)),
        "inputs": {int(roles[0]): 5.0, int(roles[1]): float(rng.uniform(-1, 1))},
        "outputs": {int(roles[2]): float(rng.uniform(-1, 6))},
    }
    parts = {
        "digipot": {"positions": positions, "taper": str(rng.choice(["linear", "log"]))},
        "comparator": {"input_gain": float(rng.choice([0.5, 1.0]))},
    }
    assert_same(random_board(rng, parts=parts, tasks=[task]), "t", 60, tmp_path)


def diamond(**task: Any) -> Board:
    """A bridge 2-3 between two dividers that are the same in all."""
    table = {
        "name": "t",
        "kind": "allostery",
        "inputs": {1: 5, 4: 0},
        "outputs": {2: 3, 3: 3},
        **task,
    }
    edges = [[1, 2], [2, 4], [1, 3], [3, 4], [2, 3], [1, 4]]
    return Board.model_validate(
        {
            "name": "diamond",
            "network": {"nodes": 4, "edges": edges},
            "parts": {"comparator": {"noise": 0}},
            "tasks": [table],
        }
    )


def test_drops_that_are_equal_by_construction_are_a_tie_in_both(tmp_path: Path) -> None:
    # The bridge has no drop, and the edge between the inputs has the same in both networks.
    assert_same(diamond(), "t", 60, tmp_path)


def test_edges_that_are_cut(tmp_path: Path) -> None:
    assert_same(diamond(cut={1: [6], 20: [5, 1], 61: [2, 4]}), "t", 60, tmp_path)


MUTANTS: dict[str, Change] = {
    "one resistor": lambda text: text.replace(
        "781.25*V(edge3_code_clamped)", "750.0*V(edge3_code_clamped)"
    ),
    "the nudge": lambda text: text.replace("V=0.5*(3.0)+(1-0.5)", "V=0.4*(3.0)+(1-0.4)"),
    "a comparator's inputs": lambda text: text.replace(
        "(V(node2_clamped))-(V(node3_clamped))", "(V(node3_clamped))-(V(node2_clamped))"
    ),
    "an inverter": lambda text: text.replace("edge7_flop edge7_up", "edge7_flop edge7_k"),
    "a carry": lambda text: re.sub(r"edge9_digipot_free_x2\] ", "edge9_digipot_free_x1] ", text),
    "no sample": lambda text: text.replace("1m*V(measure)*V(node2", "0*V(measure)*V(node2"),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_wrong_netlist_disagrees(mutant: str, tmp_path: Path) -> None:
    board = load("twin16", SILENT)
    changed: list[bool] = []

    def change(text: str) -> str:
        mutated = MUTANTS[mutant](text)
        changed.append(mutated != text)
        return mutated

    expected, got = train(board, "iv", 100, tmp_path, change)
    assert changed == [True]
    assert not np.array_equal(got.round(), expected)


def test_the_printed_rule_disagrees_with_the_hardware(tmp_path: Path) -> None:
    printed = load("twin16", {**SILENT, "edge.rule": "printed"})
    _, task = printed.task("iv")
    text = export_spice(printed, task, 20, SEED)
    expected, got = train(load("twin16", SILENT), "iv", 20, tmp_path, lambda _: text)
    assert not np.array_equal(got.round(), expected)
