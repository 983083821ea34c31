"""What one flip of the trigger makes every net of the clock do: transitions, early and late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from logicsim.circuit.clock import TRIGGER
from logicsim.core.errors import NetlistError
from logicsim.parts.mc14490 import respond
from logicsim.timing.graph import Graph, Hop
from logicsim.timing.paths import Points, total


@dataclass(frozen=True, slots=True)
class Crossing:
    """From the trigger into the time of an oscillator of any phase: the stages, early and late."""

    early: Points
    late: Points
    hop: Hop


@dataclass(frozen=True, slots=True)
class Transition:
    """A net goes to `value`, `early` or `late` after the trigger.

    Where an oscillator has taken up the trigger, `early` and `late` begin behind its `crossing`:
    two transitions of one step have that phase in common.
    """

    value: int
    early: Points = ()
    late: Points = ()
    crossing: Crossing | None = None

    def points(self, *, phase_late: bool, late: bool) -> Points:
        """The stages from the trigger on."""
        points = self.late if late else self.early
        if self.crossing is None:
            return points
        return (*(self.crossing.late if phase_late else self.crossing.early), *points)

    @property
    def place(self) -> tuple[bool, int]:
        """Its place in the order of a step."""
        return self.crossing is not None, total(self.late)


@dataclass(frozen=True, slots=True)
class Change:
    """When a net of the clock goes to `value`, in ticks from the step's begin, for a picture."""

    early: int
    late: int
    value: int


Waves = Mapping[str, Sequence[Transition]]


def waves(graph: Graph, way: int) -> Waves:
    """The transitions in one step of every net that follows the trigger, if that goes to `way`.

    Raises:
        NetlistError: a gate mixes a clock with data, or the clock has two oscillators.
    """
    levels = {TRIGGER: 1 - way}
    made: dict[str, Sequence[Transition]] = {TRIGGER: (Transition(way),)}
    for net in graph.order:
        hops = [hop for hop in graph.into.get(net, ()) if hop.start in made]
        if not hops:
            continue
        if len(hops) < len(graph.into[net]):
            data = next(hop.start for hop in graph.into[net] if hop.start not in made)
            raise NetlistError(
                f"net '{net}': {hops[0].part.name} mixes the clock '{hops[0].start}' with the data "
                f"'{data}'; static timing cannot tell which way it goes"
            )
        levels[net] = (sum(levels[hop.start] for hop in hops) + hops[0].turned) % 2
        made[net] = _follow(hops, levels[net], made)
    return made


def _follow(hops: Sequence[Hop], level: int, made: Waves) -> Sequence[Transition]:
    """A gate's output, at `level` before the step: it turns over at each change of an input."""
    inputs = sorted(((t, hop) for hop in hops for t in made[hop.start]), key=lambda i: i[0].place)
    return tuple(
        _through(transition, hop, level ^ number % 2)
        for number, (transition, hop) in enumerate(inputs, start=1)
    )


def _through(transition: Transition, hop: Hop, value: int) -> Transition:
    if hop.arc.grid:
        return _debounced(transition, hop, value)
    early, late = (hop.point(value, late=late) for late in (False, True))
    return replace(
        transition, value=value, early=(*transition.early, early), late=(*transition.late, late)
    )


def _debounced(transition: Transition, hop: Hop, value: int) -> Transition:
    """A section's output: it crosses into oscillator time, or goes on in it."""
    period, before = hop.arc.grid, transition.crossing
    if before is None:
        early, late = (
            (*points, hop.point(value, late=is_late))
            for points, is_late in ((transition.early, False), (transition.late, True))
        )
        return Transition(value, crossing=Crossing(early, late, hop))
    if before.hop.arc.grid != period:
        raise NetlistError(
            f"'{before.hop.part.name}' and '{hop.part.name}' have oscillators of their own; "
            "static timing needs one"
        )

    def on(points: Points) -> Points:
        # An output of the oscillator's comes half a period behind one of its ticks.
        delay = respond(total(points) + period // 2, period, 0.0)
        return (*points, hop.stage(delay, value, f"{delay / period:g} periods"))

    return replace(transition, value=value, early=on(transition.early), late=on(transition.late))


def entries(graph: Graph, made: Waves) -> Sequence[Hop]:
    """The debouncers that take up the trigger."""
    hops = (hop for net in graph.order for hop in graph.into.get(net, ()) if hop.arc.grid)
    return [hop for hop in hops if hop.start in made and not made[hop.start][0].crossing]
