"""How a chip declares its numbers: limits per corner, with unit, source and sureness."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from logicsim.core.table import Ratio, Table, in_file, physical
from logicsim.core.units import ticks, written
from logicsim.parts.part import Role

Corner = Literal["min", "typ", "max"]

# F read in a datasheet text, S read for a sibling part, M engineering memory of the datasheet's
# table, D derived here.
Mark = Literal["F", "S", "M", "D"]


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
    """Read '16 ns' (the same in every corner) or {min = ..., typ = ..., max = ...}."""

    def read(value: Any) -> Limits:
        if isinstance(value, Limits):
            return _ordered(value, unit)
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
        raise ValueError(
            f"the corners contradict: min {limits.min:g}, typ {limits.typ:g}, "
            f"max {limits.max:g} {unit}; they must not decrease"
        )
    return limits


def _at_least(least: float, unit: str, what: str) -> AfterValidator:
    def check(limits: Limits) -> Limits:
        if limits.min < 0:
            raise ValueError(f"{limits.min:g}{unit} is negative; times are 0 or more")
        if limits.min < least:
            raise ValueError(f"{limits.min:g}{unit} is too little; {what}")
        return limits

    return AfterValidator(check)


def _times(limits: Limits) -> Any:
    texts = {corner: written(value, "s") for corner, value in limits}
    return texts if len(set(texts.values())) > 1 else texts["typ"]


_Times = Annotated[Limits, BeforeValidator(_limits("s")), in_file(_times)]
Times = Annotated[_Times, _at_least(0, " s", "times are 0 or more")]
Delays = Annotated[_Times, _at_least(1e-12, " s", "every part takes at least 1 ps")]
Spread = Annotated[
    Limits, AfterValidator(_ordered), _at_least(1e-3, "", "a ratio to nominal is 0.001 or more")
]


def declared(default: Any, what: str, source: str, mark: Mark, **bounds: Any) -> Any:
    """A number of a datasheet as a field: its default, what it is, whence, and how sure.

    Args:
        default: a quantity as a board file would give it, or a (min, typ, max) tuple of them.
        what: one line.
        source: the datasheet or equation.
        mark: F, S, M or D as in `Mark`.
        bounds: pydantic bounds (gt, ge, le) for plain quantities.
    """
    if isinstance(default, tuple):
        default = dict(zip(("min", "typ", "max"), default, strict=True))
    return Field(
        default=default,
        validate_default=True,
        description=what,
        json_schema_extra={"source": source, "mark": mark},
        **bounds,
    )


class Declaration(Table):
    """A chip's numbers; every one can be corrected in a board file."""

    pins: ClassVar[Mapping[str, Role]]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Read the defaults once, so that what a board file need not say can be told by them."""
        for name, value in cls():
            cls.model_fields[name].default = value
        cls.model_rebuild(force=True)
