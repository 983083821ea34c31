from collections.abc import Mapping

import pytest

from logicsim.board import load
from logicsim.circuit.netlist import Netlist
from logicsim.core.errors import NetlistError
from logicsim.core.names import SIDES, Branch, Node
from logicsim.parts.chips import chip
from logicsim.parts.part import Part, Role


def xor(name: str, a: str, b: str, y: str) -> Part:
    return Part(name, chip("SN74ALS86"), {"a": (a,), "b": (b,), "y": (y,)})


def comparator(name: str, y: str) -> Part:
    nodes = {"plus": ("node1.free",), "minus": ("node2.free",)}
    return Part(name, chip("LM339A"), {**nodes, "y": (y,)})


def netlist(*parts: Part, inputs: tuple[str, ...] = ("in1", "in2")) -> Netlist:
    return Netlist("test", 2, ((1, 2),), parts, inputs)


def refusal(bad: Netlist) -> str:
    with pytest.raises(NetlistError) as error:
        bad.check()
    return str(error.value)


def test_a_sound_netlist_passes() -> None:
    netlist(xor("s.one", "in1", "in2", "x"), xor("s.two", "x", "in1", "y")).check()


def test_a_loop_of_gates_is_sound() -> None:
    netlist(xor("s.one", "in1", "y", "x"), xor("s.two", "x", "in1", "y")).check()


def test_a_net_that_nobody_drives_is_named_with_its_reader() -> None:
    text = refusal(netlist(xor("edge3.xor", "in1", "edge3.a", "y")))
    assert text == "net 'edge3.a' has no driver, but edge3.xor.b reads it"


def test_a_net_with_two_drivers_is_named_with_both() -> None:
    text = refusal(netlist(xor("s.one", "in1", "in2", "y"), xor("s.two", "in1", "in2", "y")))
    assert text == "net 'y' has 2 drivers: s.one.y, s.two.y"


def test_a_net_with_many_drivers_is_named_with_all_in_soldering_order() -> None:
    names = ["s.c", "s.a", "s.b"]
    text = refusal(netlist(*[xor(name, "in1", "in2", "y") for name in names]))
    assert text == "net 'y' has 3 drivers: s.c.y, s.a.y, s.b.y"


def test_a_part_that_drives_an_input_of_the_board_fights_the_supervisor() -> None:
    text = refusal(netlist(xor("s.one", "in1", "in2", "in2")))
    assert text == "net 'in2' has 2 drivers: supervisor, s.one.y"


def test_open_collectors_may_share_a_net() -> None:
    netlist(comparator("e.a", "y"), comparator("e.b", "y"), xor("e.x", "y", "in1", "z")).check()


def test_an_open_collector_may_not_share_a_net_with_a_gate() -> None:
    text = refusal(netlist(comparator("e.a", "y"), xor("e.x", "in1", "in2", "y")))
    assert text == "net 'y' has 2 drivers: e.a.y, e.x.y"


@pytest.mark.parametrize(
    ("pins", "connected"),
    [
        ({"a": ("in1",), "y": ("x",)}, ["a", "y"]),
        ({"a": ("in1",), "b": ("in2",), "y": ("x",), "z": ("w",)}, ["a", "b", "y", "z"]),
        ({}, []),
    ],
)
def test_a_pin_that_is_missing_or_unknown_is_refused(
    pins: Mapping[str, tuple[str, ...]], connected: list[str]
) -> None:
    text = refusal(netlist(Part("s.one", chip("SN74ALS86"), pins)))
    assert text == f"part 's.one': pins {connected} are connected, it has ['a', 'b', 'y']"


def test_nodes_and_branches_are_not_nets() -> None:
    # A comparator's inputs need no driver: the network has a voltage everywhere.
    netlist(comparator("e.a", "y")).check()


def test_a_netlist_may_hold_any_chip_that_has_pins() -> None:
    class Chip:
        pins: Mapping[str, Role] = {"q": "out"}
        follows: Mapping[str, tuple[str, ...]] = {}
        capture = None
        widths: Mapping[str, int] = {}
        untimed: frozenset[str] = frozenset()

        def solder(self, socket: object) -> None:
            raise NotImplementedError

        def timing(self, part: Part, corner: object, loads: object) -> object:
            raise NotImplementedError

    netlist(Part("s.one", Chip(), {"q": ("x",)}), xor("s.two", "x", "x", "y")).check()


def test_a_part_sits_on_the_breadboard_its_name_begins_with() -> None:
    parts = [xor("b.one", "in1", "in2", "x"), xor("a.two", "x", "in1", "y"),
             xor("b.three", "x", "y", "z")]  # fmt: skip
    board = netlist(*parts)
    assert [part.scope for part in parts] == ["b", "a", "b"]
    scopes = board.scopes()
    assert list(scopes) == ["b", "a"]
    assert scopes == {"b": [parts[0], parts[2]], "a": [parts[1]]}


def test_parts_are_found_by_name() -> None:
    flop = Part(
        "s.flop", chip("CD74HC73"), {"j": ("in1",), "k": ("in2",), "cp": ("in1",), "q": ("q",)}
    )
    board = netlist(xor("s.one", "in1", "in2", "x"), flop)
    assert board.part("s.flop") is flop


@pytest.mark.parametrize(("name", "closest"), [
    ("node2.third", "node2.free"),  # was once read as the free side
    ("node2.Clamped", "node2.clamped"), ("node2", "node2.free"), ("node02.free", "node2.free"),
    ("Node2.free", "node2.free"), ("node2.free ", "node2.free"), ("node2.free.x", "node2.free"),
    ("edge2.free", "node2.free"), ("node-1.free", "node1.free"), ("node0.clamped", "clamped"),
    ("node4.free", "free"), ("node\u00b2.free", "free"),
])  # fmt: skip
def test_what_is_not_exactly_a_node_is_answered_with_the_nearest(name: str, closest: str) -> None:
    with pytest.raises(NetlistError) as error:
        load("divider").netlist().node(name)
    refused, _, proposed = str(error.value).partition("; did you mean ")
    assert refused == f"there is no node '{name}'"
    assert proposed.endswith(f"{closest}'?")


@pytest.mark.parametrize(("name", "closest"), [
    ("edge2.third", "edge2.free"), ("edge2.clmped", "edge2.clamped"), ("edge2", "edge2.free"),
    ("edge02.free", "edge2.free"), ("edge2_free", "edge2.free"), ("node2.free", "edge2.free"),
    ("edge0.free", "free"), ("edge3.free", "free"), ("edge-1.clamped", "edge1.clamped"),
])  # fmt: skip
def test_what_is_not_exactly_a_branch_is_answered_with_the_nearest(name: str, closest: str) -> None:
    with pytest.raises(NetlistError) as error:
        load("divider").netlist().branch(name)
    refused, _, proposed = str(error.value).partition("; did you mean ")
    assert refused == f"there is no branch '{name}'"
    assert proposed.endswith(f"{closest}'?")


def test_a_name_of_nothing_is_answered_with_all_there_are() -> None:
    with pytest.raises(NetlistError, match=r"no node ''; choose from: node1\.clamped, node1"):
        load("divider").netlist().node("")
    with pytest.raises(NetlistError, match=r"no branch 'x'; choose from: edge1\.clamped,"):
        load("divider").netlist().branch("x")


def test_nodes_and_branches_are_found_by_their_names_alone() -> None:
    board = load("divider").netlist()
    assert [board.node(f"node{n}.{side}") for side in SIDES for n in (1, 2, 3)] == [
        Node(n, side) for side in SIDES for n in (1, 2, 3)
    ]
    assert [board.branch(f"edge{n}.{side}") for side in SIDES for n in (1, 2)] == [
        Branch(n, side) for side in SIDES for n in (1, 2)
    ]


def test_of_some_edges_only_their_own_nodes_and_branches_are_there() -> None:
    board = load("divider").netlist(included=(2,))
    assert board.node("node3.free") == Node(3, "free")
    with pytest.raises(NetlistError, match=r"there is no node 'node1\.free'; did you mean"):
        board.node("node1.free")
    with pytest.raises(NetlistError, match=r"no branch 'edge1\.free'; did you mean 'edge2\.free'"):
        board.branch("edge1.free")
