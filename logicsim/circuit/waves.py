"""The transitions of every net of the clock after one flip of the trigger, early and late.

A net belongs to the clock if it follows only the trigger, through gates, wires and debouncers, on
the clock's breadboard or an edge's. It has a row of transitions in order for a rising trigger, and
one for a falling trigger.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter

from logicsim.core.errors import NetlistError
from logicsim.core.logic import Function
from logicsim.core.names import LEVELS, TRIGGER
from logicsim.parts.arcs import Arc, Timing
from logicsim.parts.debouncer import respond
from logicsim.parts.part import Part


@dataclass(frozen=True, slots=True)
class Stage:
    """An arc on a path: it takes `delay` ticks and its output goes to level `way`."""

    part: Part
    arc: Arc
    delay: int
    way: int
    note: str = ""


Stages = tuple[Stage, ...]


def total(stages: Sequence[Stage]) -> int:
    """The sum of their delays, in ticks."""
    return sum(stage.delay for stage in stages)


@dataclass(frozen=True, slots=True)
class Crossing:
    """The path from the trigger into the time of an oscillator of unknown phase.

    `before` are the stages up to the first debouncer; `early` and `late` include the debouncer.
    """

    before: Stages
    early: Stages
    late: Stages

    @property
    def stage(self) -> Stage:
        """The debouncer."""
        return self.late[-1]

    @property
    def period(self) -> int:
        """The period of the oscillator, in ticks."""
        return self.stage.arc.grid


@dataclass(frozen=True, slots=True)
class Transition:
    """A net goes to `value`, `early` or `late` after the trigger.

    If the transition passes a debouncer, `early` and `late` start after the `crossing`, since all
    transitions of a step share the oscillator's phase.
    """

    value: int
    early: Stages = ()
    late: Stages = ()
    crossing: Crossing | None = None

    def stages(self, *, phase_late: bool, late: bool) -> Stages:
        """All stages from the trigger."""
        stages = self.late if late else self.early
        if self.crossing is None:
            return stages
        return (*(self.crossing.late if phase_late else self.crossing.early), *stages)

    @property
    def place(self) -> tuple[bool, int]:
        """Its place in the order of a step."""
        return self.crossing is not None, total(self.late)

    def at(self, trigger: int, phase: float) -> int:
        """The latest time (ticks) of the transition if the trigger flips at `trigger`.

        Args:
            phase: the oscillator's phase at time 0, 0 to 1 of its period.
        """
        crossing = self.crossing
        if crossing is None:
            return trigger + total(self.late)
        entered = trigger + total(crossing.before)
        return entered + respond(entered, crossing.period, phase) + total(self.late)


Row = tuple[Transition, ...]


@dataclass(frozen=True, slots=True)
class Waves:
    """The transitions of every net of the clock, and its level before the trigger flips.

    `gated` has the rows of gated clocks, as they are while the data enable them.
    """

    rows: Mapping[str, Row]
    resting: Mapping[str, int]
    gated: Mapping[str, Row]


@dataclass(frozen=True, slots=True)
class _Follower:
    """An output that follows the clock: its part, arcs by input pin, and its truth table."""

    part: Part
    arcs: Mapping[str, Arc]
    function: Function
    nets: Mapping[str, str]  # input pin to net


def waves(parts: Sequence[tuple[Part, Timing]], way: int) -> Waves:
    """Derive the transitions of the clock's nets in a step whose trigger goes to `way`.

    Raises:
        NetlistError: the clock has two oscillators, gates form a loop, or a gate makes a pulse
            shorter than its delay.
    """
    followers = _followers(parts)
    resting = _resting(followers, 1 - way)
    rows: dict[str, Row] = {TRIGGER: (Transition(way),)}
    gated: dict[str, Row] = {}
    for net in _order(followers):
        follower = followers.get(net)
        if follower is None:
            continue
        if net in resting:
            rows[net] = _row(follower, resting, rows)
        elif row := _gated_row(follower, resting, rows, gated):
            gated[net] = row
    return Waves(rows, {net: resting[net] for net in rows}, gated)


def resting_levels(parts: Sequence[tuple[Part, Timing]]) -> Mapping[str, int]:
    """The level of every net of the clock while the trigger is low.

    Raises:
        NetlistError: gates form a loop.
    """
    resting = _resting(_followers(parts), 0)
    return {net: level for net, level in resting.items() if net not in LEVELS}


def _order(followers: Mapping[str, _Follower]) -> Sequence[str]:
    """All nets in topological order."""
    behind = {net: set(each.nets.values()) for net, each in followers.items()}
    try:
        return tuple(TopologicalSorter(behind).static_order())
    except CycleError as error:
        loop = " to ".join(f"'{net}'" for net in error.args[1][::-1])
        raise NetlistError(f"gates form a loop, {loop}; static timing needs none") from None


def _resting(followers: Mapping[str, _Follower], trigger: int) -> dict[str, int]:
    """The levels of the nets that follow only the trigger."""
    resting = {TRIGGER: trigger, **LEVELS}
    for net in _order(followers):
        follower = followers.get(net)
        if follower is not None and all(each in resting for each in follower.nets.values()):
            levels = [resting[follower.nets[pin]] for pin in follower.function.inputs]
            resting[net] = follower.function.value(levels)
    return resting


def _followers(parts: Sequence[tuple[Part, Timing]]) -> dict[str, _Follower]:
    found: dict[str, _Follower] = {}
    for part, timing in parts:
        for pin, function in timing.functions.items():
            arcs = {arc.start: arc for arc in timing.arcs if arc.end == pin and not arc.active}
            if all(
                part.chip.pins[each] in ("in", "through") for each in function.inputs
            ) and not any(arc.end == pin and arc.active for arc in timing.arcs):
                nets = {each: part.pins[each][0] for each in function.inputs}
                found[part.pins[pin][0]] = _Follower(part, arcs, function, nets)
    return found


def _row(follower: _Follower, resting: Mapping[str, int], rows: Mapping[str, Row]) -> Row:
    """The transitions of an output: look up its truth table after each change of an input."""
    inputs = sorted(
        (
            (transition, pin)
            for pin, net in follower.nets.items()
            for transition in rows.get(net, ())
        ),
        key=lambda each: each[0].place,
    )
    levels = {pin: resting[net] for pin, net in follower.nets.items()}
    value = follower.function.value([levels[pin] for pin in follower.function.inputs])
    row: list[Transition] = []
    for transition, pin in inputs:
        levels[pin] = transition.value
        after = follower.function.value([levels[each] for each in follower.function.inputs])
        if after != value:
            value = after
            row.append(_through(transition, follower, follower.arcs[pin], value))
            _refuse_glitch(row, follower)
    return tuple(row)


def _gated_row(
    follower: _Follower, resting: Mapping[str, int], rows: Mapping[str, Row],
    gated: Mapping[str, Row],
) -> Row:  # fmt: skip
    """The transitions that a gate passes from the only clock at its inputs; else empty."""
    moving = {**rows, **gated}
    clocks = [pin for pin, net in follower.nets.items() if moving.get(net) and pin in follower.arcs]
    still = {pin: resting[net] for pin, net in follower.nets.items()
             if net in resting and pin not in clocks}  # fmt: skip
    function = follower.function.tied(still)
    if len(clocks) != 1 or follower.arcs[clocks[0]].grid:
        return ()
    pin = clocks[0]
    unateness = function.unateness(pin)
    beside = len(function.inputs) > 1
    if unateness is None or (
        beside and (gating_level(function, pin) is None or follower.nets[pin] in gated)
    ):
        return ()
    turned = int(unateness == "negative")
    return tuple(
        _through(each, follower, follower.arcs[pin], each.value ^ turned)
        for each in moving[follower.nets[pin]]
    )


def gating_level(function: Function, pin: str) -> int | None:
    """The clock level at which the data at the gate do not matter: 0 for an AND, 1 for an OR."""
    levels = (level for level in (0, 1) if len(set(function.tied({pin: level}).table)) == 1)
    return next(levels, None)


def _through(transition: Transition, follower: _Follower, arc: Arc, value: int) -> Transition:
    if arc.grid:
        return _debounced(transition, follower, arc, value)
    span = arc.rise if value else arc.fall
    early = Stage(follower.part, arc, span.early, value, arc.early)
    late = Stage(follower.part, arc, span.late, value, arc.late)
    return replace(
        transition, value=value, early=(*transition.early, early), late=(*transition.late, late)
    )


def _debounced(transition: Transition, follower: _Follower, arc: Arc, value: int) -> Transition:
    """The transition at a debouncer's output: it enters oscillator time or continues in it."""
    part, period, before = follower.part, arc.grid, transition.crossing
    if before is None:
        span = arc.rise if value else arc.fall
        early = (*transition.early, Stage(part, arc, span.early, value, arc.early))
        late = (*transition.late, Stage(part, arc, span.late, value, arc.late))
        return Transition(value, crossing=Crossing(transition.late, early, late))
    if before.period != period:
        raise NetlistError(
            f"'{before.stage.part.name}' and '{part.name}' have oscillators of their own; "
            "static timing needs one"
        )

    def on(stages: Stages) -> Stages:
        # The output changes half a period after a tick of the oscillator.
        delay = respond(total(stages) + period // 2, period, 0.0)
        return (*stages, Stage(part, arc, delay, value, f"{delay / period:g} periods"))

    return replace(transition, value=value, early=on(transition.early), late=on(transition.late))


def _refuse_glitch(row: Sequence[Transition], follower: _Follower) -> None:
    """Refuse a pulse no longer than the gate's delay, since the gate may swallow it."""
    if len(row) < 2:
        return
    opens, closes = row[-2:]
    if (opens.crossing is None) != (closes.crossing is None):
        return
    if total(closes.early) - total(opens.late) <= 0 or _inputs(closes) - _inputs(opens) < _slowest(
        follower
    ):
        raise NetlistError(
            f"'{follower.part.name}' may make a pulse shorter than its own delay, as two of its "
            "inputs change at nearly one time; static timing cannot tell what follows"
        )


def _inputs(transition: Transition) -> int:
    """The time after the crossing at which the causing input changed."""
    return total(transition.late[:-1])


def _slowest(follower: _Follower) -> int:
    return max(max(arc.rise.late, arc.fall.late) for arc in follower.arcs.values())
