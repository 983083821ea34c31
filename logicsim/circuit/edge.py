"""The breadboard edge: two comparators, an XOR, a D-flop and two potentiometers, as soldered.

    drop_clamped > drop_free --A--+
                                  XOR --up-- D-flop --ud--> U/D of both potentiometers
    drop_clamped < 0 ---------B--+           ^ CS fall        ^ step at the CLK fall, CS low

The D-flop is the JK flop with J = D and K = not D, through an XOR with its other input high.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import StrictBool

from logicsim.circuit.netlist import Netlist
from logicsim.core.rule import Rule
from logicsim.core.table import Table
from logicsim.parts.catalogue import Parts
from logicsim.parts.part import Chip, Part
from logicsim.parts.wire import Wire

HIGH = "supply.high"  # the net of a pin tied to the supply


class EdgeTable(Table):
    """The `[edge]` table of a board file."""

    rule: Rule = "hardware"
    latch: StrictBool = True


@dataclass(frozen=True, slots=True)
class Pieces:
    """What is an edge's own: offsets (V) of comparators A and B, R_AB (ohm) free and clamped.

    With a `diode` each potentiometer has one in series, from the edge's first node to its second.
    """

    offsets: tuple[float, float]
    end_to_end: tuple[float, float]
    initial: int
    diode: bool = False


def breadboard_edge(
    number: int, ends: tuple[int, int], chips: Parts, table: EdgeTable, pieces: Pieces
) -> list[Part]:
    """The parts of edge `number` between two nodes (all numbered from 1).

    A drop is the first node's voltage minus the second's. dVC > dVF needs four voltages and a
    comparator has two inputs, so each is the mean of two: V_C1 + V_F2 against V_F1 + V_C2.
    """
    scope = f"edge{number}"
    first, second = ends
    sign = (f"node{second}.clamped", f"node{first}.clamped")  # plus, minus: dVC < 0
    if table.rule == "printed":
        sign = sign[1], sign[0]

    def part(name: str, chip: Chip, values: Mapping[str, float] | None = None, **pins: str) -> Part:
        nets = {pin: (net,) for pin, net in pins.items()}
        return Part(f"{scope}.{name}", chip, nets, values or {})

    greater = Part(
        f"{scope}.comparator_a",
        chips.comparator,
        {
            "plus": (f"node{first}.clamped", f"node{second}.free"),
            "minus": (f"node{first}.free", f"node{second}.clamped"),
            "y": (f"{scope}.a",),
        },
        {"offset": pieces.offsets[0]},
    )
    parts = [
        greater,
        part("comparator_b", chips.comparator, {"offset": pieces.offsets[1]},
             plus=sign[0], minus=sign[1], y=f"{scope}.b"),
        part("xor", chips.xor, a=f"{scope}.a", b=f"{scope}.b", y=f"{scope}.up"),
    ]  # fmt: skip
    up, ud = f"{scope}.up", f"{scope}.ud"
    if table.latch:
        parts += [
            part("inverter", chips.xor, a=up, b=HIGH, y=f"{scope}.k"),
            part("flop", chips.flop, j=up, k=f"{scope}.k", cp="clock.cs", q=ud),
        ]
    else:
        parts.append(part("jumper", Wire(), d=up, q=ud))
    for place, side in enumerate(("free", "clamped")):
        values = {
            "end_to_end": pieces.end_to_end[place],
            "initial": pieces.initial,
            "piece": 2 * number + place,
        }
        parts.append(
            part(f"digipot_{side}", chips.digipot, values, clk="clock.clk", cs="clock.cs",
                 ud=ud, code=f"{scope}.code_{side}", ab=f"{scope}.{side}")
        )  # fmt: skip
        if pieces.diode:
            parts.append(part(f"diode_{side}", chips.diode, ak=f"{scope}.{side}"))
    return parts


def code_nets(edges: int, side: str) -> Sequence[str]:
    """The counters of one network ('free' or 'clamped'), in edge order."""
    return [f"edge{number}.code_{side}" for number in range(1, edges + 1)]


def with_codes(netlist: Netlist, free: Sequence[int], clamped: Sequence[int]) -> Netlist:
    """The netlist with its counters powering up at these codes, of every edge in order."""
    codes = {
        f"edge{edge}.digipot_{side}": code
        for side, row in (("free", free), ("clamped", clamped))
        for edge, code in enumerate(row, start=1)
    }
    parts = [
        replace(part, values={**part.values, "initial": codes[part.name]})
        if part.name in codes else part
        for part in netlist.parts
    ]  # fmt: skip
    return replace(netlist, parts=tuple(parts))
