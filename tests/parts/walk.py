"""A digital chip taken through all its inputs and states, one change of one input at a time."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from logicsim.core.logic import X, Z
from logicsim.parts.kind import ChipKind
from logicsim.parts.part import Part
from tests.bed import US, Bed, branch, part

STEP = 10 * US  # long enough for everything, a debouncer of this period too
PERIOD = 1.0  # us
VALUES = {
    "initial": 64, "end_to_end": 1e5, "piece": 0, "capacitance": 1.5e-6 * PERIOD * 1e-6,
    "phase": 0.3,
}  # fmt: skip

Levels = tuple[int, ...]
Move = tuple[str, int]  # a pin and the level it goes to
_Graph = dict["_Spot", dict[Move, "_Spot"]]


class _Spot(NamedTuple):
    """Where a chip stands: its inputs and outputs, in the order of its pins."""

    inputs: Levels
    outputs: Levels


class Taken(NamedTuple):
    """A move, what it began from, and what the outputs were a step later."""

    move: Move
    before: Mapping[str, int]
    outputs: Levels
    after: Levels
    conductance: float


@dataclass
class Walk:
    """All that a chip was asked, and what its event behaviour answered.

    Attributes:
        part: on nets 'chipN.pin', and on edge N.
        inputs, outputs: its pins.
        rest: outputs when all inputs were low for a step after power-up.
    """

    part: Part
    number: int
    inputs: list[str]
    outputs: list[str]
    rest: Levels = ()
    taken: list[Taken] = field(default_factory=list)

    @property
    def chip(self) -> ChipKind:
        assert isinstance(self.part.chip, ChipKind)
        return self.part.chip

    def net(self, pin: str) -> str:
        return self.part.pins[pin][0]

    def levels(self) -> dict[str, int]:
        """The nets that are driven, at power-up."""
        return {self.net(pin): 0 for pin in self.inputs}

    def stimuli(self) -> Iterator[tuple[int, str, int]]:
        """When which net goes where."""
        for place, (pin, level) in enumerate(each.move for each in self.taken):
            yield (place + 1) * STEP, self.net(pin), level


def walk(chip: ChipKind, number: int, *, known: bool = False, most: int = 20_000) -> Walk:
    """Take a chip from every state it comes to through every change of an input.

    Args:
        number: of the walk, for the names of nets.
        known: inputs are 0 or 1 alone.
        most: steps, so that a chip without an end is found out.
    """
    pins = {pin: f"chip{number}.{pin}" for pin, role in chip.pins.items() if role != "branch"}
    if "branch" in chip.pins.values():
        pins["ab"] = branch(number)
    made = Walk(
        part(chip, f"chip{number}.part", VALUES, **pins),
        number,
        [pin for pin, role in chip.pins.items() if role == "in"],
        [pin for pin, role in chip.pins.items() if role in ("out", "code")],
    )
    # An unknown up or down counts either way by chance, which no other form repeats.
    chance = "code" in chip.pins.values()
    values = (0, 1) if known or chance else (0, 1, X, Z) if len(made.inputs) <= 2 else (0, 1, X)
    edges = [(2 * place - 1, 2 * place) for place in range(1, number + 1)]
    bed = Bed(made.part, levels=made.levels(), edges=edges)
    bed.run(STEP - 1)
    made.rest = tuple(bed.value(made.net(pin)) for pin in made.outputs)
    spot, graph = _Spot((0,) * len(made.inputs), made.rest), _Graph()
    while (move := _next(graph, spot, made.inputs, values)) is not None:
        assert len(made.taken) < most, f"{chip.model} has more states than can be walked through"
        pin, level = move
        bed.change(bed.kernel.now + 1, **{made.net(pin): level})
        bed.run(bed.kernel.now + STEP)
        place = made.inputs.index(pin)
        inputs = (*spot.inputs[:place], level, *spot.inputs[place + 1 :])
        after = tuple(bed.value(made.net(pin)) for pin in made.outputs)
        made.taken.append(
            Taken(
                move, dict(zip(made.inputs, spot.inputs, strict=True)), spot.outputs, after,
                float(bed.twin.free.conductance[number - 1]),
            )
        )  # fmt: skip
        graph[spot][move] = spot = _Spot(inputs, after)
    assert not set(bed.kernel.violations) - {"width"}
    return made


def _next(graph: _Graph, spot: _Spot, pins: list[str], values: tuple[int, ...]) -> Move | None:
    """The first move towards the nearest that was never made; None if all were."""
    seen = {spot}
    ways: deque[tuple[_Spot, Move | None]] = deque([(spot, None)])
    while ways:
        at, first = ways.popleft()
        known = graph.setdefault(at, {})
        for pin, level in zip(pins, at.inputs, strict=True):
            for value in values:
                if value != level and (pin, value) not in known:
                    return first or (pin, value)
        for move, after in known.items():
            if after not in seen:
                seen.add(after)
                ways.append((after, first or move))
    return None
