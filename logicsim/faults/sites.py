"""Where faults may strike: nets, pins, parts, edges and nodes of a netlist."""

from collections.abc import Callable, Sequence

from logicsim.circuit.netlist import Netlist
from logicsim.faults.strike import nets
from logicsim.parts.part import Part

Sites = Callable[[Netlist], Sequence[str]]


def wires(netlist: Netlist) -> Sequence[str]:
    """Every net of one bit but the supply."""
    return list(nets(netlist))


def input_pins(netlist: Netlist) -> Sequence[str]:
    """Every pin that reads a net, those tied to the supply included."""
    return [f"{part.name}.{pin}" for part in netlist.parts
            for pin, role in part.chip.pins.items() if role == "in"]  # fmt: skip


def wires_and_pins(netlist: Netlist) -> Sequence[str]:
    """Every net, and every pin that reads one."""
    return [*wires(netlist), *input_pins(netlist)]


def parts(*kinds: str) -> Sites:
    """Parts by what they are called on their breadboards: 'flop', 'digipot_free'."""

    def found(netlist: Netlist) -> Sequence[str]:
        return [part.name for part in netlist.parts if part.name.partition(".")[2] in kinds]

    return found


comparators = parts("comparator_a", "comparator_b")
potentiometers = parts("digipot_free", "digipot_clamped")
flops = parts("flop")


def edges(netlist: Netlist) -> Sequence[str]:
    """Every edge."""
    return [f"edge{number}" for number in range(1, len(netlist.edges) + 1)]


def potentiometers_of(edge: str) -> Sequence[str]:
    """The two of an edge."""
    return [f"{edge}.digipot_{side}" for side in ("free", "clamped")]


def drivers(netlist: Netlist) -> Sequence[str]:
    """Every part with an output of its own on a net of one bit."""
    return [part.name for part in netlist.parts if output(part)]


def output(part: Part) -> str | None:
    """The net that a part drives, if it drives one of one bit."""
    found = [part.pins[pin][0] for pin, role in part.chip.pins.items() if role in ("out", "open")]
    return found[0] if found else None
