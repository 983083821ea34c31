from collections.abc import Mapping

import pytest

from logicsim.circuit.netlist import Netlist
from logicsim.core.errors import NetlistError
from logicsim.parts.cd74hc73 import Cd74hc73
from logicsim.parts.lm339a import Lm339a
from logicsim.parts.part import Part, Role
from logicsim.parts.sn74als86 import Sn74als86


def xor(name: str, a: str, b: str, y: str) -> Part:
    return Part(name, Sn74als86(), {"a": (a,), "b": (b,), "y": (y,)})


def comparator(name: str, y: str) -> Part:
    nodes = {"plus": ("node1.free",), "minus": ("node2.free",)}
    return Part(name, Lm339a(), {**nodes, "y": (y,)})


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
    assert text == "net 'edge3.a' has no driver, yet edge3.xor.b reads it"


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
    text = refusal(netlist(Part("s.one", Sn74als86(), pins)))
    assert text == f"part 's.one': pins {connected} are connected, it has ['a', 'b', 'y']"


def test_nodes_and_branches_are_not_nets() -> None:
    # A comparator's inputs need no driver: the network has a voltage everywhere.
    netlist(comparator("e.a", "y")).check()


def test_a_netlist_may_hold_any_chip_that_has_pins() -> None:
    class Chip:
        pins: Mapping[str, Role] = {"q": "out"}

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
    flop = Part("s.flop", Cd74hc73(), {"j": ("in1",), "k": ("in2",), "cp": ("in1",), "q": ("q",)})
    board = netlist(xor("s.one", "in1", "in2", "x"), flop)
    assert board.part("s.flop") is flop
