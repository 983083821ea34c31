"""The Verilog form of chips: instances of modules, each module written once.

An instant is as in the kernel: nets change in the active region, chips read them after `#0`,
when all have changed, and schedule changes at least 1 ps later.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from logicsim.core.logic import Function, primes
from logicsim.kernel.kernel import Edge
from logicsim.parts.arcs import Constraint

# Helpers for the chips' modules, since some simulators ignore $setup, $hold and $width.
PREAMBLE: Final = """\
// How often a constraint was missed.
module checks;
  integer setup = 0, hold = 0, width = 0, recovery = 0;
endmodule
`define CHECK(KIND, NAME, SINCE, LIMIT) if ($time - SINCE < LIMIT) begin \\
    checks.KIND = checks.KIND + 1; \\
    $display("%0t ps: %m: %s is short by %0d ps", $time, NAME, LIMIT - ($time - SINCE)); \\
  end
`define NEVER 64'h8000_0000_0000_0000  // so long ago that $time - `NEVER is huge
`define NOW ($time == 0 ? `NEVER : $time)  // what is so at power-up has always been
"""

CHECKED: Final[tuple[Constraint, ...]] = ("setup", "hold", "width", "recovery")


@dataclass(frozen=True, slots=True)
class Instance:
    """A chip as an instance of `module`, whose text is `source`.

    Attributes:
        parameters: values of the module's parameters, by name.
        ports: the pin on each port. An output without a port is not computed in Verilog: its
            recorded values are played back.
    """

    module: str
    source: str
    parameters: Mapping[str, str]
    ports: Mapping[str, str]


def sum_of_products(function: Function, names: Mapping[str, str] | None = None) -> str:
    """A truth table as an expression that is x only where an unknown input decides it.

    Args:
        names: the module's names of inputs that differ there.
    """
    called = [(names or {}).get(name, name) for name in function.inputs]
    products = [_product(cube, called) for cube in primes(function.table)]
    if len(products) == 1:
        products.append("1'b0")  # a name alone would pass z on; any operator reads it as x
    return " | ".join(products) or "1'b0"


def _product(cube: str, names: Sequence[str]) -> str:
    literals: Iterable[str] = (
        name if level == "1" else f"~{name}"
        for level, name in zip(cube, names, strict=True) if level != "-"
    )  # fmt: skip
    return " & ".join(literals) or "1'b1"


def ports(*pins: str) -> dict[str, str]:
    """Ports with the names of their pins."""
    return dict(zip(pins, pins, strict=True))


def long(ticks: int) -> str:
    """A time as a 64-bit number; a plain one is a signed 32-bit number, which ends at 2 ms."""
    return f"64'd{ticks}"


def bit(edge: Edge) -> str:
    """The level after an edge."""
    return str(int(edge == "rise"))


def identifier(name: str) -> str:
    """An escaped identifier, so that a net has the same name here as everywhere."""
    return f"\\{name} "


def delay(ticks: int) -> str:
    """A time behind a '#'; a plain number is 32 bits wide and signed, which is 2 ms."""
    return str(ticks) if ticks < 2**31 else f"({long(ticks)})"
