"""Builds a cell from a circuit file and a board's chips."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from logicsim.circuit.cell import (
    DRIVES,
    Across,
    Cell,
    CellPart,
    End,
    Own,
    Reference,
    Shared,
    outputs,
)
from logicsim.circuit.file import Circuit, check_name
from logicsim.core import toml
from logicsim.core.errors import BoardError, nearest, shown
from logicsim.core.names import CLOCK, HIGH, LOW, SIDES, Side
from logicsim.parts.chips import Tables, check_chips, chip_file
from logicsim.parts.kind import ChipKind, corrected
from logicsim.parts.part import Role

_ENDS: Final = ("first", "second")
_SUPPLY: Final = {"high": HIGH, "low": LOW}


def edge_cell(circuit: Circuit, slots: Mapping[str, ChipKind], tables: Tables, clock: Cell) -> Cell:
    """The cell of an edge.

    Args:
        slots: the chips of the board's `[parts]`.
        tables: the board's own chips.
        clock: the clock, whose nets the edge may read.

    Raises:
        BoardError: the circuit is wrong: file, key path, value and valid choices.
    """
    shared = {net: Shared(f"{CLOCK}.{net}") for net in ("trigger", *outputs(clock))}
    analog: dict[str, Reference] = {
        f"{end}.{side}": End(place, side)  # type: ignore[arg-type]  # place is 0 or 1
        for place, end in enumerate(_ENDS) for side in SIDES
    }  # fmt: skip
    branches: dict[str, Reference] = {side: Across(side) for side in SIDES}
    cell = _Reader(circuit, slots, tables, shared, analog, branches).read()
    _check_branches(cell)
    return cell


def clock_cell(circuit: Circuit, slots: Mapping[str, ChipKind], tables: Tables) -> Cell:
    """The parts of the clock, whose input is the trigger.

    Raises:
        BoardError: the circuit is wrong: file, key path, value and valid choices.
    """
    shared = {"trigger": Shared(f"{CLOCK}.trigger")}
    return _Reader(circuit, slots, tables, shared, {}, {}).read()


class _Reader:
    """Reads the parts of a circuit file, given the names that pins may use."""

    def __init__(
        self, circuit: Circuit, slots: Mapping[str, ChipKind], tables: Tables,
        shared: Mapping[str, Shared], analog: Mapping[str, Reference],
        branches: Mapping[str, Reference],
    ) -> None:  # fmt: skip
        self._circuit = circuit
        self._slots, self._tables = slots, tables
        self._shared = {**shared, **{name: Shared(net) for name, net in _SUPPLY.items()}}
        self._analog, self._branches = analog, branches
        check_chips(circuit.chips, f"{circuit.place}: ")
        self._chips = {label: self._chip(label, data) for label, data in circuit.parts.items()}
        self._own = self._driven()  # to what drives each

    def read(self) -> Cell:
        return Cell(
            tuple(self._part(label, data) for label, data in self._circuit.parts.items()),
            self._circuit.place,
        )

    def _refusal(self, key: str, text: str) -> BoardError:
        return BoardError(f"{self._circuit.place}: parts.{key}: {text}")

    def _chip(self, label: str, data: Mapping[str, Any]) -> ChipKind:
        chip = self._slots.get(data["chip"]) or self._named(label, data["chip"])
        keys = {"chip", *chip.pins}
        numbers = {key: value for key, value in data.items() if key not in keys}
        for key in numbers:
            fixed = ("model", *chip.structure)
            if key not in type(chip).model_fields or key in fixed:
                valid = [*chip.pins, *(k for k in type(chip).model_fields if k not in fixed)]
                raise self._refusal(
                    f"{label}.{key}",
                    f"'{chip.model or chip.kind}' has no such pin or number; {nearest(key, valid)}",
                )
        if not numbers:
            return chip
        try:
            return corrected(chip, numbers)
        except ValidationError as mistakes:
            text = toml.first(mistakes, numbers)  # it starts with the number's key
            raise BoardError(f"{self._circuit.place}: parts.{label}.{text}") from None

    def _named(self, label: str, name: str) -> ChipKind:
        """A chip that is not in a slot: from the circuit or board file, shipped, or by path."""
        tables = {**self._tables, **self._circuit.chips}
        try:
            return chip_file(name, self._circuit.folder, tables, self._slots).make({})
        except BoardError as error:
            raise self._refusal(f"{label}.chip", str(error)) from None

    def _driven(self) -> dict[str, Role]:
        """The nets of this circuit; each has one driver, or several open collectors."""
        drivers: dict[str, tuple[str, Role]] = {}
        for label, chip in self._chips.items():
            for pin, role in chip.pins.items():
                net = self._circuit.parts[label].get(pin)
                if role not in DRIVES or net is None:
                    continue
                place = f"{label}.{pin}"
                if not isinstance(net, str):
                    raise self._refusal(place, f"{shown(net)} is not the name of a net")
                if net in self._shared or net in self._analog or net in self._branches:
                    what = "a net of the clock" if net in self._shared else "a node or branch"
                    if net in ("trigger", *_SUPPLY):
                        what = "a net that is driven from outside"
                    raise self._refusal(
                        place, f"'{net}' is the name of {what}; choose another for this net"
                    )
                check_name(net, f"{self._circuit.place}: parts.{place}")
                if net in drivers and not role == drivers[net][1] == "open":
                    raise self._refusal(
                        place, f"net '{net}' has two drivers: {drivers[net][0]} and {place}"
                    )
                drivers[net] = place, role
        return {net: role for net, (_, role) in drivers.items()}

    def _part(self, label: str, data: Mapping[str, Any]) -> CellPart:
        chip = self._chips[label]
        pins: dict[str, tuple[Reference, ...]] = {}
        for pin, role in chip.pins.items():
            if pin in data:
                pins[pin] = self._connected(f"{label}.{pin}", role, data[pin])
            elif pin in chip.ties:
                pins[pin] = (Shared(HIGH if chip.ties[pin] else LOW),)
            else:
                valid = nearest("", self._valid(role)) if role not in DRIVES else "name its net"
                raise self._refusal(
                    f"{label}.{pin}",
                    f"this pin is left out; '{chip.model or chip.kind}' needs it; {valid}",
                )
        self._check_inputs(label, chip, pins)
        return CellPart(label, chip, pins)

    def _connected(self, place: str, role: Role, value: Any) -> tuple[Reference, ...]:
        """Resolve the names that a pin is connected to."""
        names = value if isinstance(value, list) else [value]
        valid = self._valid(role)
        if not valid:
            raise self._refusal(
                place, f"{shown(value)}: a clock has no {_WHAT[role]}; use this chip on an edge"
            )
        most = 2 if role == "node" else 1
        if not 1 <= len(names) <= most or not all(isinstance(name, str) for name in names):
            wanted = "a node or the two whose mean it sees" if most > 1 else "one name"
            raise self._refusal(place, f"{shown(value)} is not {wanted}; {nearest('', valid)}")
        for name in names:
            if role == "in" and self._own.get(name) == "code":
                text = f"{shown(name)} is the code of a counter, and this pin reads one bit"
                raise self._refusal(place, f"{text}; {nearest(name, valid)}")
            if name not in valid:
                text = f"there is no {_WHAT[role]} {shown(name)}; {nearest(name, valid)}"
                raise self._refusal(place, text)
        return tuple(valid[name] for name in names)

    def _valid(self, role: Role) -> Mapping[str, Reference]:
        if role == "node":
            return self._analog
        if role == "branch":
            return self._branches
        own: dict[str, Reference] = {net: Own(net) for net in sorted(self._own)}
        if role != "in":
            return own
        return {net: ref for net, ref in own.items() if self._own[net] != "code"} | self._shared

    def _check_inputs(
        self, label: str, chip: ChipKind, pins: Mapping[str, tuple[Reference, ...]]
    ) -> None:
        """Refuse a comparator that compares a node with itself."""
        nodes = [pin for pin, role in chip.pins.items() if role == "node"]
        for pin in nodes:
            if len(set(pins[pin])) < len(pins[pin]):
                text = f"both are one node, {shown(self._circuit.parts[label][pin][0])}; name one"
                raise self._refusal(f"{label}.{pin}", text)
        if len({len(pins[pin]) for pin in nodes}) > 1:
            text = f"{' and '.join(nodes)} see either a node each, or the mean of two each"
            raise self._refusal(f"{label}.{nodes[-1]}", text)
        if len(nodes) > 1 and len({frozenset(pins[pin]) for pin in nodes}) < len(nodes):
            pin = nodes[-1]
            others = [name for name, ref in self._analog.items() if ref not in pins[pin]]
            text = f"{shown(self._circuit.parts[label][pin])}: {' and '.join(nodes)} see the same"
            raise self._refusal(f"{label}.{pin}", f"{text}; {nearest('', others)}")


_WHAT: Final[Mapping[Role, str]] = {
    "in": "net", "out": "net", "open": "net", "code": "net", "node": "node", "branch": "branch",
}  # fmt: skip


def _check_branches(cell: Cell) -> None:
    """Check that each branch is the resistance of exactly one potentiometer."""
    owners: dict[Side, str] = {}
    for part in cell.parts:
        if "code" not in part.chip.pins.values():
            continue
        for pin, role in part.chip.pins.items():
            for ref in part.pins[pin] if role == "branch" else ():
                assert isinstance(ref, Across)
                if ref.side in owners:
                    others = [side for side in SIDES if side != ref.side]
                    raise BoardError(
                        f"{cell.place}: parts.{part.label}.{pin}: branch '{ref.side}' is that of "
                        f"'{owners[ref.side]}' already; {nearest('', others)}"
                    )
                owners[ref.side] = part.label
    for side in SIDES:
        if side not in owners:
            raise BoardError(
                f"{cell.place}: parts: branch '{side}' has no potentiometer; add a part with "
                f"chip = \"digipot\" and ab = '{side}'"
            )
