"""Gates: any truth table of one to four inputs, with inertial delay.

A pulse shorter than the delay is swallowed, as by a real gate. A change to unknown takes the
shorter of the two delays, as in IEEE 1364.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import ClassVar, Final

from pydantic import StrictInt, StrictStr, model_validator

from logicsim.core.errors import shown
from logicsim.core.logic import MOST_INPUTS, Function, X, four_valued
from logicsim.core.names import NAME
from logicsim.core.table import Farads, Ohms, Ratio, Volts
from logicsim.core.units import ticks
from logicsim.kernel.kernel import Driver, Net, Process
from logicsim.parts.arcs import Arc, Span, Timing
from logicsim.parts.kind import ChipKind, Corner, Delays, Held, declared, number
from logicsim.parts.operations import Lookup, Operation
from logicsim.parts.part import Part, Role
from logicsim.parts.socket import Socket
from logicsim.parts.spice import Place, gates
from logicsim.parts.verilog import Instance, long, sum_of_products

_VERILOG: Final = """\
// A gate; inertial, and to x in the shorter of the two delays.
module gate_{table} #(parameter [63:0] RISE = 1, FALL = 1) (input {inputs}, output y);
  reg value;
  always begin
    #0 value = {value};
    @({any});
  end
  assign #(RISE, FALL) y = value;
endmodule
"""


class Gate(ChipKind):
    """The truth table of a gate, its delays, and the delay added by each pin on its net."""

    kind: ClassVar[str] = "gate"
    structure: ClassVar[tuple[str, ...]] = ("inputs", "output", "table")

    inputs: list[StrictStr]
    output: StrictStr = "y"
    table: StrictStr
    rise: Delays = number("tPLH, a rising output")
    fall: Delays = number("tPHL, a falling output")

    output_high: Volts | None = declared(None, "least high output", "not said", "D", gt=0)
    input_high: Volts | None = declared(None, "least high input", "not said", "D", gt=0)
    rated_load: Farads = declared("50 pF", "load of the delays above", "as most sheets", "D", ge=0)
    pin_load: Farads = declared(
        "10 pF", "of an input pin on the net, with its wire", "HC input and breadboard", "D", ge=0
    )
    drive: Ohms = declared(
        "60 ohm", "delay added per farad beyond the rated load", "order of HC and ALS outputs", "D",
        ge=0,
    )  # fmt: skip
    delay_drift: Ratio = declared(
        0.002, "delays' growth per kelvin, relative", "order of logic gates", "D", ge=0, le=0.01
    )
    fan_out: StrictInt = declared(
        64, "pins one output drives; more are shared out among equal gates", "ours", "D", ge=1
    )

    @model_validator(mode="after")
    def _a_truth_table(self) -> "Gate":
        if not 1 <= len(self.inputs) <= MOST_INPUTS:
            raise ValueError(f"inputs: {len(self.inputs)} of them; a gate has 1 to {MOST_INPUTS}")
        names = [*self.inputs, self.output]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"inputs: two pins are called '{name}'")
            key = "output" if name == self.output else "inputs"
            if not NAME.fullmatch(name):
                raise ValueError(
                    f"{key}: {shown(name)} is no name of a pin; take up to 40 letters, digits and "
                    "underscores"
                )
            if name in ("chip", *type(self).model_fields):
                raise ValueError(
                    f"{key}: a pin '{name}' would have the name of another key of a part; "
                    "choose another"
                )
        rows = 2 ** len(self.inputs)
        if len(self.table) != rows or set(self.table) - {"0", "1"}:
            raise ValueError(
                f"table: {shown(self.table)} is not {rows} digits, 0 or 1, one for each of the "
                f"levels of {', '.join(self.inputs)}"
            )
        return self

    @cached_property
    def pins(self) -> Mapping[str, Role]:  # type: ignore[override]  # a gate's are its own
        """The inputs in the order of the truth table, and the output."""
        return {**dict.fromkeys(self.inputs, "in"), self.output: "out"}

    @property
    def follows(self) -> Mapping[str, tuple[str, ...]]:  # type: ignore[override]  # likewise
        """The output follows all inputs."""
        return {self.output: tuple(self.inputs)}

    @property
    def function(self) -> Function:
        """The truth table of the output."""
        return Function(tuple(self.inputs), self.table)

    def stuck(self, pin: str, level: int) -> str | Held:
        """The output level, if it no longer depends on the other inputs."""
        outputs = set(self.function.tied({pin: level}).table) if level < X else set()
        return Held(self.output, int(outputs.pop())) if len(outputs) == 1 else ""

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """Arcs from each input to the output; each pin on the output's net adds delay."""
        pins = min(loads.get(part.pins[self.output][0], 0), self.fan_out)
        slower = ticks(self.drive * max(pins * self.pin_load - self.rated_load, 0.0))
        rise, fall = (Span.exactly(d.ticks(corner) + slower) for d in (self.rise, self.fall))
        note = f"{pins} pins" if slower else ""
        return Timing(
            tuple(
                Arc(pin, self.output, rise, fall, early=note, late=note)
                for pin in self.inputs if self.function.unateness(pin)
            ),
            functions={self.output: self.function},
        )  # fmt: skip

    def operations(self) -> Sequence[Operation]:
        """A truth table."""
        return (Lookup(self.output, tuple(self.inputs), self.table),)

    def delays(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> tuple[int, int]:
        """The delays (ticks) of a rise and of a fall; 1 if no input moves the output."""
        arcs = self.timing(part, corner, loads).arcs
        return (arcs[0].rise.late, arcs[0].fall.late) if arcs else (1, 1)

    def solder(self, socket: Socket) -> None:
        """Start one gate in a run."""
        rise, fall = self.delays(socket.part, socket.corner, socket.bench.loads)
        inputs = [socket.net(pin) for pin in self.inputs]
        work(socket.process, self.table, inputs, socket.driver(self.output), rise, fall)

    def verilog(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Instance:
        """A module for each truth table."""
        rise, fall = self.delays(part, corner, loads)
        letters = "abcd"[: len(self.inputs)]
        return Instance(
            f"gate_{self.table}",
            _VERILOG.format(
                table=self.table,
                inputs=", ".join(letters),
                value=sum_of_products(Function(tuple(letters), self.table)),
                any=" or ".join(letters),
            ),
            {"RISE": long(rise), "FALL": long(fall)},
            {**dict(zip(letters, self.inputs, strict=True)), "y": self.output},
        )

    def spice(self, part: Part, place: Place) -> Iterator[str]:
        """A gate of ngspice if it has one, otherwise the prime implicants of the table."""
        return gates(place.name, [place.nets[pin] for pin in self.inputs],
                     place.nets[self.output], self.table)  # fmt: skip


def work(
    process: Process, table: str, inputs: Sequence[Net], y: Driver, rise: int, fall: int
) -> None:
    """Make `y` follow a truth table over nets, with delays in ticks."""
    value_of = four_valued(table)
    delays = (fall, rise, min(rise, fall))  # by the new value
    if len(inputs) == 2:
        a, b = inputs

        def react() -> None:
            value = value_of[a.value << 2 | b.value]
            y.inertial(value, delays[value])
    else:

        def react() -> None:
            place = 0
            for net in inputs:
                place = place << 2 | net.value
            value = value_of[place]
            y.inertial(value, delays[value])

    for net in dict.fromkeys(inputs):
        net.listen(process, react)
    process.notify(react)
