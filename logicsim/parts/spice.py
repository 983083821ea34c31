"""The SPICE form of chips: lines of a deck for ngspice, with XSPICE's digital parts.

Voltages settle at once in the deck, so time is compressed: a gate takes a nanosecond and a period
of the debouncers' oscillator a microsecond.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from itertools import product
from operator import xor
from typing import Final, Protocol

from logicsim.core.logic import primes
from logicsim.kernel.kernel import Edge

PERIOD: Final = "u"  # the unit of time that stands for a period of the oscillator
NONE: Final = "null"  # an unconnected digital pin


class Unshown(Exception):  # noqa: N818  caught and raised again as a board's error
    """A number that SPICE cannot express: its key and its value."""

    def __init__(self, key: str, value: float) -> None:
        super().__init__(key, value)
        self.key, self.value = key, value


class Place(Protocol):
    """A part's place in a deck: the names of its pins there."""

    @property
    def name(self) -> str:
        """The part's name, for its elements and inner nodes."""

    @property
    def nets(self) -> Mapping[str, str]:
        """The digital node of each pin on a net."""

    def voltages(self, pin: str) -> Sequence[str]:
        """Expressions for the voltages of the network nodes on a pin."""

    def tied(self, pin: str) -> int | None:
        """The level a pin is tied to; None if its net can change."""

    def resistance(self, pin: str) -> tuple[str, str]:
        """The two ends of a branch's resistance; a diode in series lies outside them."""

    def junction(self, pin: str) -> tuple[str, str]:
        """Anode and cathode of the diode in series with a branch."""

    def live(self, pin: str) -> str:
        """The factor on a branch's current, as text: empty, or 0 once the edge is cut."""

    @property
    def ceiling(self) -> float:
        """The highest voltage of any node."""


def _named(inputs: int) -> dict[str, tuple[str, bool]]:
    """The truth tables with an XSPICE gate: its model, and whether the inputs are inverted."""
    rows = list(product((0, 1), repeat=inputs))
    return {
        "".join(str(int(value)) for value in map(rule, rows)): model
        for model, rule in (
            (("d_and", False), all), (("d_or", False), any),
            (("d_and", True), lambda row: not any(row)), (("d_or", True), lambda row: not all(row)),
            (("d_xor", False), lambda row: reduce(xor, row)),
            (("d_xnor", False), lambda row: not reduce(xor, row)),
        )
    }  # fmt: skip


_NAMED: Final = {inputs: _named(inputs) for inputs in (2, 3, 4)}


def gates(name: str, inputs: Sequence[str], output: str, table: str) -> Iterator[str]:
    """Lines for a truth table; the output is unknown only where an unknown input decides it."""
    found = _NAMED.get(len(inputs), {}).get(table)
    if found is not None:
        model, inverts = found
        pins = " ".join(f"~{net}" if inverts else net for net in inputs)
        yield from element(f"a{name} [{pins}] {output}", model.removeprefix("d_"), model)
        return
    terms = [_literals(cube, inputs) for cube in primes(table)]
    if [] in terms or not terms:
        level = ("high", "d_pullup") if terms else ("low", "d_pulldown")
        yield from element(f"a{name} {output}", *level)
    elif len(terms) == 1:
        yield from _all(f"a{name}", terms[0], output)
    else:
        nodes = [f"{name}_p{place}" for place in range(len(terms))]
        for node, term in zip(nodes, terms, strict=True):
            yield from _all(f"a{node}", term, node)
        yield from element(f"a{name} [{' '.join(nodes)}] {output}", "or", "d_or")


def _literals(cube: str, inputs: Sequence[str]) -> list[str]:
    return [
        net if level == "1" else f"~{net}"
        for level, net in zip(cube, inputs, strict=True) if level != "-"
    ]  # fmt: skip


def _all(name: str, literals: Sequence[str], output: str) -> Iterator[str]:
    """Lines for the AND of all literals."""
    if len(literals) == 1:
        return element(f"{name} {literals[0]} {output}", "buffer", "d_buffer")
    return element(f"{name} [{' '.join(literals)}] {output}", "and", "d_and")


def element(pins: str, name: str, model: str) -> Iterator[str]:
    """Lines for one element and its model, which is called `name`."""
    yield f"{pins} {name}"
    yield f".model {name} {model}"


def at(net: str, edge: Edge) -> str:
    """The clock input for an active edge, for an XSPICE part that clocks at the rise."""
    return net if edge == "rise" else f"~{net}"


def counter(name: str, nets: Mapping[str, str], last: int, initial: int) -> Iterator[str]:
    """Lines for an up/down counter that saturates at 0 and `last`; its code is a voltage.

    A bit toggles if all lower bits are 1 counting up, or 0 counting down, while CS is low and
    the end is not reached.

    Args:
        nets: the nets on the pins `clk` (it counts at the rise), `cs`, `ud` and `code`.
    """
    ud = nets["ud"]
    bits = [f"{name}_q{place}" for place in range(last.bit_length())]
    ones = [q for place, q in enumerate(bits) if last >> place & 1]
    yield from element(f"a{name}_full [{ud} {' '.join(ones)}] {name}_full", "and", "d_and")
    yield from element(f"a{name}_empty [{ud} {' '.join(bits)}] {name}_empty", "nor", "d_nor")
    idle = f"{nets['cs']} {name}_full {name}_empty"
    yield from element(f"a{name}_go [{idle}] {name}_t0", "nor", "d_nor")
    for place, q in enumerate(bits):
        if place:
            before = f"[{ud} {bits[place - 1]}]"
            yield from element(f"a{name}_x{place} {before} {name}_x{place}", "xnor", "d_xnor")
            carry = f"[{name}_t{place - 1} {name}_x{place}]"
            yield from element(f"a{name}_t{place} {carry} {name}_t{place}", "and", "d_and")
        ic = initial >> place & 1
        toggle = f"a{q} {name}_t{place} {nets['clk']} {NONE} {NONE} {q} {NONE}"
        yield from element(toggle, f"toggle{ic}", f"d_tff(ic={ic})")
        weight = f"d_to_real(zero=0 one={1 << place})"
        yield from element(f"a{name}_bit{place} {q} {NONE} {name}_sum", f"bit{place}", weight)
    code = f"a{name} {name}_sum {nets['code']}"
    yield from element(code, "wiper", "real_to_v(transition_time=1p)")
