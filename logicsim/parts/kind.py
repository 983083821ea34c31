"""The base of all chip kinds: numbers with unit, source and mark, and the forms of a chip."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from numpy.typing import NDArray
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    model_serializer,
)

from logicsim.core.files import relative
from logicsim.core.table import Ratio, Table, in_file, physical
from logicsim.core.units import ticks, written
from logicsim.parts.arcs import Timing
from logicsim.parts.operations import Operation
from logicsim.parts.part import Capture, Part, Role
from logicsim.parts.spice import Place
from logicsim.parts.verilog import Instance, long

Corner = Literal["min", "typ", "max"]

# F read in a datasheet text, S read for a sibling part, M engineering memory of the datasheet's
# table, D derived here.
Mark = Literal["F", "S", "M", "D"]

# The values of the pieces of a chip, by name: one value for all pieces, or one for each edge.
Pieces = Mapping[str, "float | NDArray[Any]"]


class Limits(Table):
    """A datasheet row: minimum, typical and maximum, in SI units."""

    min: Ratio
    typ: Ratio
    max: Ratio

    def at(self, corner: Corner) -> float:
        """The value in a corner."""
        value: float = getattr(self, corner)
        return value

    def ticks(self, corner: Corner) -> int:
        """The value in a corner, as a number of ticks; for times."""
        return ticks(self.at(corner))


def _limits(unit: str) -> Callable[[Any], Any]:
    """Read '16 ns', the same in every corner, [min, typ, max], or a table of these three."""

    def read(value: Any) -> Limits:
        if isinstance(value, Limits):
            return _ordered(value, unit)
        if isinstance(value, list | tuple):
            if len(value) != 3:
                raise ValueError(f"{len(value)} values; give min, typ and max")
            value = dict(zip(("min", "typ", "max"), value, strict=True))
        if not isinstance(value, Mapping):
            same = physical(value, unit)
            value = {"min": same, "typ": same, "max": same}
        elif missing := {"min", "typ", "max"} - value.keys():
            raise ValueError(f"'{min(missing)}' is missing; give min, typ and max")
        limits = Limits(**{k: physical(v, unit) if k in Limits.model_fields else v
                           for k, v in value.items()})  # fmt: skip
        return _ordered(limits, unit)

    return read


def _ordered(limits: Limits, unit: str = "") -> Limits:
    if not limits.min <= limits.typ <= limits.max:
        told = ", ".join(f"{corner} {_told(value, unit)}" for corner, value in limits)
        raise ValueError(f"the corners contradict: {told}; they must not decrease")
    return limits


def _told(value: float, unit: str) -> str:
    return written(value, unit) if unit else f"{value:g}"


def _spread(value: Any) -> Any:
    """Read ratios to nominal: [min, typ, max], or any form that pydantic reads."""
    if isinstance(value, list | tuple) and len(value) == 3:
        return dict(zip(("min", "typ", "max"), value, strict=True))
    return value


def _at_least(least: float, unit: str, what: str) -> AfterValidator:
    def check(limits: Limits) -> Limits:
        if limits.min < 0:
            raise ValueError(f"{_told(limits.min, unit)} is negative; times are 0 or more")
        if limits.min < least:
            raise ValueError(f"{_told(limits.min, unit)} is too little; {what}")
        return limits

    return AfterValidator(check)


def _times(limits: Limits) -> Any:
    texts = {corner: written(value, "s") for corner, value in limits}
    return texts if len(set(texts.values())) > 1 else texts["typ"]


_Times = Annotated[Limits, BeforeValidator(_limits("s")), in_file(_times)]
Times = Annotated[_Times, _at_least(0, "s", "times are 0 or more")]
Delays = Annotated[_Times, _at_least(1e-12, "s", "every part takes at least 1 ps")]
Spread = Annotated[
    Limits,
    BeforeValidator(_spread),
    AfterValidator(_ordered),
    _at_least(1e-3, "", "a ratio to nominal is 0.001 or more"),
]


@dataclass(frozen=True, slots=True)
class Source:
    """The source of a number and its certainty (`Mark`)."""

    source: str
    mark: Mark


def number(what: str, **bounds: Any) -> Any:
    """Declare a number that every chip file of a kind must give.

    Args:
        what: one line.
        bounds: pydantic bounds (gt, ge, le) for plain quantities.
    """
    return Field(description=what, **bounds)


def declared(default: Any, what: str, source: str, mark: Mark, **bounds: Any) -> Any:
    """Declare a number that a chip file may leave out, with default, meaning, source and mark.

    Args:
        default: a quantity as in a board file, or a (min, typ, max) tuple of them.
        what: one line.
        source: the datasheet or equation.
        mark: F, S, M or D as in `Mark`.
        bounds: pydantic bounds (gt, ge, le) for plain quantities.
    """
    return Field(
        default=default,
        validate_default=True,
        description=what,
        json_schema_extra={"source": source, "mark": mark},
        **bounds,
    )


class Held(NamedTuple):
    """An output that stays at a level."""

    output: str
    level: int


class ChipKind(Table):
    """A chip of some kind, by its numbers; a board file can override every number.

    A kind is a subclass, in a file of its own; a chip is a TOML file of its numbers (`chips.py`).

    Attributes:
        kind: the kind's name in chip files.
        structure: keys of a chip file that are not numbers, such as its inputs or active edge.
        title: the description of the chip, one line.
        ties: pins that may be left out, and the level each is then tied to.
        follows: for each output, the inputs that it follows without a clock.
        untimed: the values of a piece that do not affect its timing.
        state_bits: the number of bits of its state that a particle may flip (`upset`).
    """

    kind: ClassVar[str]
    structure: ClassVar[tuple[str, ...]] = ()
    ties: ClassVar[Mapping[str, int]] = {}
    pins: ClassVar[Mapping[str, Role]]
    follows: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    untimed: ClassVar[frozenset[str]] = frozenset()
    state_bits: ClassVar[int] = 0

    model: str = ""
    _chip: "ChipFile | None" = PrivateAttr(default=None)

    @property
    def widths(self) -> Mapping[str, int]:
        """The number of bits at each pin that is a bus."""
        return {}

    @property
    def capture(self) -> Capture | None:
        """The clock pin, its active edge and the sampled pins; None for a chip without a clock."""
        return None

    def source(self, key: str) -> Source | None:
        """The source of a number of this chip; None for a key that is not a number.

        A number that a board file overrides keeps the source of the original.
        """
        if self._chip is not None and key in self._chip.sources:
            return self._chip.sources[key]
        extra = type(self).model_fields[key].json_schema_extra
        return Source(**extra) if isinstance(extra, dict) else None  # type: ignore[arg-type]

    def __iter__(self) -> Generator[tuple[str, Any], None, None]:  # noqa: PYI058  as pydantic
        """Iterate over the keys and values, without the private attributes that pydantic lists."""
        yield from ((key, getattr(self, key)) for key in type(self).model_fields)

    def given(self) -> dict[str, Any]:
        """The keys a board file needs for this chip: its model and the overridden numbers."""
        if self._chip is None:
            return self.numbers()
        plain = self._chip.make({}).numbers()
        differing = {key: value for key, value in self.numbers().items() if value != plain[key]}
        return {"model": self._chip, **differing}

    def numbers(self) -> dict[str, Any]:
        """The value of every key that its file may have."""
        return {key: getattr(self, key) for key in type(self).model_fields}

    @model_serializer(mode="wrap")
    def _in_file(self, dump: SerializerFunctionWrapHandler, info: SerializationInfo) -> Any:
        if info.context is None or not info.exclude_defaults:
            whole = dump(self)
            if self._chip is not None and self._chip.path is not None:
                whole["model"] = str(self._chip.path)  # so that it is found again
            return whole
        full = self.model_dump(mode="json", context=info.context)
        if self._chip is not None:
            full["model"] = self._chip.seen_from(info.context)
        return {key: full[key] for key in self.given()}

    def stuck(self, pin: str, level: int) -> str | Held:
        """The behaviour of the chip with an input stuck at `level` (Z: open) from power-up on.

        Equal results mean equivalent faults: a word such as 'unclocked', or the output that is
        held at a level. '' means that no other fault is equivalent.
        """
        return ""

    def operations(self) -> Sequence[Operation]:
        """The operations of a step in the vector engine; empty if the kind has none."""
        return ()

    def timing(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Timing:
        """The arcs and checks of a soldered part, with `loads` (input pins) on its nets."""
        raise NotImplementedError

    def solder(self, socket: Any) -> Any:
        """Start a part of this chip in a run, connected through the socket."""
        raise NotImplementedError

    def verilog(self, part: Part, corner: Corner, loads: Mapping[str, int]) -> Instance | None:
        """The part in Verilog; None if it is left out and its outputs are played back.

        Raises:
            NotImplementedError: this kind has no Verilog.
        """
        raise NotImplementedError

    def spice(self, part: Part, place: Place) -> Iterator[str]:
        """The part's lines in a SPICE deck: elements, and the models that they use.

        Raises:
            NotImplementedError: this kind has no SPICE.
            Unshown: a number of this chip cannot be shown in SPICE.
        """
        raise NotImplementedError

    def times(self, corner: Corner) -> dict[str, str]:
        """All times of the chip as Verilog numbers, by key."""
        return {
            key.upper(): long(value.ticks(corner)) for key, value in self
            if isinstance(value, Limits)
        }  # fmt: skip

    @property
    def spread(self) -> bool:
        """Whether `pieces` draws random values."""
        return False

    def pieces(self, seed: int, edges: int, place: int, of: int) -> Pieces:
        """The values of each piece, such as its offset or R_AB.

        Args:
            edges: the number of breadboards.
            place: the index of this part, from 0, among those of its kind on a breadboard.
            of: the number of parts of its kind on a breadboard.
        """
        return {}


@dataclass(frozen=True, slots=True)
class ChipFile:
    """A chip as its file declares it: kind, numbers and their sources.

    `path` is the file's path; None for a shipped chip or one declared in a table.
    """

    name: str
    title: str
    kind: type[ChipKind]
    numbers: Mapping[str, Any]
    sources: Mapping[str, Source]
    package: Mapping[str, Any]
    path: Path | None = None

    def seen_from(self, folder: Path) -> str:
        """The name or path of this chip as a board file in `folder` writes it."""
        return self.name if self.path is None else relative(self.path, folder)

    def make(self, numbers: Mapping[str, Any], context: Any = None) -> ChipKind:
        """Build the chip with some numbers overridden.

        Raises:
            ValidationError: a number is unknown, of another unit or out of range.
        """
        made = self.kind.model_validate(
            {**self.numbers, **numbers, "model": self.name}, context=context
        )
        made._chip = self  # noqa: SLF001  only this class makes chips
        return made


def corrected(chip: ChipKind, numbers: Mapping[str, Any]) -> ChipKind:
    """A chip with some numbers overridden, as a circuit file gives them.

    Raises:
        ValidationError: a number is unknown, of another unit or out of range.
    """
    made = type(chip).model_validate({**chip.numbers(), **numbers})
    made._chip = chip._chip  # noqa: SLF001  it keeps the original's file
    return made
