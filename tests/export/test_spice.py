import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from logicsim.board import Board, load
from logicsim.circuit.netlist import Netlist
from logicsim.core.errors import OutputError
from logicsim.export.spice import export_operating_point, export_spice
from logicsim.parts.arcs import Timing
from logicsim.parts.part import Part, Role
from logicsim.tasks.allostery import Allostery

SILENT = {"parts.comparator.noise": 0}


def deck(
    name: str = "divider", task: str = "3.75 V", settings: Mapping[str, Any] | None = None
) -> str:
    board = load(name, {**SILENT, **(settings or {})})
    return export_spice(board, board.task(task)[1], steps=10)


def elements(text: str) -> list[str]:
    """Names of the netlist's elements, without control lines."""
    circuit, _, _ = text.partition(".control")
    return [line.split()[0] for line in circuit.splitlines()[1:] if line[0] not in "*."]


def test_it_is_the_same_every_time_and_one_to_a_seed() -> None:
    board = load("twin16", {**SILENT, "parts.digipot.tolerance": 0.1})
    task = board.task("iv")[1]
    assert export_spice(board, task, 10, seed=1) == export_spice(board, task, 10, seed=1)
    assert export_spice(board, task, 10, seed=1) != export_spice(board, task, 10, seed=2)


def test_every_element_has_its_own_name() -> None:
    names = [name.lower() for name in elements(deck("twin16", "iv"))]
    assert max(Counter(names).values()) == 1


def test_every_part_of_the_netlist_is_there() -> None:
    board = load("twin16", SILENT)
    names = elements(deck("twin16", "iv"))
    for part in board.netlist().parts:
        assert "a" + part.name.replace(".", "_") in names


def test_a_model_for_every_use_and_none_twice() -> None:
    text = deck("twin16", "iv")
    models = re.findall(r"^\.model (\w+)", text, re.MULTILINE)
    used = {line.split()[-1] for line in text.splitlines() if line.startswith("a")}
    assert used <= set(models)
    assert len(models) == len(set(models))


def test_nothing_outside_is_needed() -> None:
    text = deck("twin16", "iv")
    assert ".include" not in text
    assert ".lib" not in text
    assert text.endswith("quit\n.endc\n.end\n")


def test_a_task_of_any_name_stays_in_the_comment() -> None:
    task = {"name": "a\n.end 'é", "kind": "allostery", "inputs": {1: 5}, "outputs": {2: 3}}
    board = Board.model_validate(
        {
            "name": "b",
            "network": {"nodes": 2, "edges": [[1, 2]]},
            "parts": {"comparator": {"noise": 0}},
            "tasks": [task],
        }
    )
    text = export_spice(board, board.tasks[0], 1)
    assert text.isascii()
    assert text.startswith('* b, task "a\\n.end \'\\xe9", 1 steps, seed 0\n')
    assert text.count("\n.end\n") == 1


def test_common_mode_is_there_only_where_it_can_bite() -> None:
    assert "min(" not in deck()
    assert "min(" not in deck(settings={"parts.comparator.supply": "6.5 V"})
    assert "min(" in deck(settings={"parts.comparator.supply": "6 V"})
    # The desired voltage counts as much as the inputs: outputs are clamped on the way to it.
    assert "min(" in deck(settings={"parts.comparator.supply": "4 V"})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("parts.comparator.noise", "1 mV"),
        ("parts.digipot.inl", 0.1),
        ("parts.digipot.dnl", 0.1),
        ("clock.rate", "11.6 Hz"),  # 13 periods of 6.67 ms do not fit
        ("clock.capacitance", "1 pF"),
        ("supervisor.settle", "3 us"),
        ("parts.comparator.fastest", "10 ns"),
    ],
)
def test_what_it_cannot_show_is_refused_by_its_key(key: str, value: object) -> None:
    with pytest.raises(OutputError, match=f"^{re.escape(key)}: .*SPICE") as error:
        deck(settings={key: value})
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("clock.rate", "11.5 Hz"),
        ("clock.capacitance", "100 pF"),
        ("supervisor.settle", "5 us"),
        ("parts.comparator.offset", "3 mV"),
        ("parts.digipot.tolerance", 0.2),
    ],
)
def test_what_it_can_show_is_not(key: str, value: object) -> None:
    assert deck(settings={key: value})


class Resistor:
    pins: ClassVar[dict[str, Role]] = {"y": "out"}
    follows: ClassVar[dict[str, tuple[str, ...]]] = {}
    capture = None
    widths: ClassVar[dict[str, int]] = {}
    untimed: frozenset[str] = frozenset()

    def solder(self, socket: Any) -> None:
        raise NotImplementedError

    def timing(self, part: Part, corner: object, loads: object) -> object:
        return Timing()


def test_a_part_without_a_model_is_refused() -> None:
    board = load("divider", SILENT)
    netlist = board.netlist()
    strange = Part("edge9.strange", Resistor(), {"y": ("edge9.y",)})
    netlist = replace(netlist, parts=(*netlist.parts, strange))
    with pytest.raises(OutputError, match=r"'edge9.strange': no SPICE model of Resistor"):
        export_spice(board, board.tasks[0], 10, netlist=netlist)


def test_a_kind_of_task_without_a_model_is_refused() -> None:
    board = load("twin16", SILENT)
    _, task = board.task("vi")
    with pytest.raises(OutputError, match="task 'vi': no SPICE model of regression tasks"):
        export_spice(board, task, 10)


def test_cuts() -> None:
    board = load("twin16", SILENT)
    task = Allostery.model_validate({**board.tasks[2].model_dump(), "cut": {5: [7], 9: [7, 1]}})
    late = export_spice(board, task, 10)
    assert "Vedge7_live edge7_live 0 PWL(0 1 70u 1 71u 0)" in late
    assert late.count("*V(edge7_live)") == 2
    assert "edge1_live" not in export_spice(board, task, 8)


def test_a_node_set_adrift_is_refused() -> None:
    board = load("divider", SILENT)
    task = Allostery.model_validate({**board.tasks[0].model_dump(), "cut": {2: [1, 2]}})
    assert export_spice(board, task, 1)
    with pytest.raises(OutputError, match="cut: node 2 is left without a path to an input"):
        export_spice(board, task, 2)


def test_a_pull_up_for_a_net_however_many_collectors_are_on_it() -> None:
    board = load("divider", SILENT)
    netlist = board.netlist()

    def bridged(part: Part) -> Part:
        pins = {pin: tuple(net.replace("edge2.a", "edge1.a") for net in nets)
                for pin, nets in part.pins.items()}  # fmt: skip
        return replace(part, pins=pins)

    netlist = replace(netlist, parts=tuple(map(bridged, netlist.parts)))
    text = export_spice(board, board.tasks[0], 1, netlist=netlist)
    assert text.count("edge1_a high\n") == 1
    assert text.count("edge1_a collector\n") == 2


def test_the_operating_point_is_resistors_and_sources_alone() -> None:
    netlist: Netlist = load("divider").netlist()
    text = export_operating_point(netlist, ([0, 64], [127, 1]), ({1: 5, 3: 0}, {1: 5, 2: 3, 3: 0}))
    assert "Redge1_digipot_free node1_free node2_free 40.0\n" in text
    assert "Redge2_digipot_free node2_free node3_free 50040.0\n" in text
    assert sorted(name[0] for name in elements(text)) == ["R"] * 4 + ["V"] * 5
