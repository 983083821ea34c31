"""Undetectable faults, which cannot change the result of a task."""

from collections.abc import Sequence
from functools import cached_property

from logicsim.circuit.netlist import Netlist, Pin
from logicsim.circuit.waves import Row, Transition, Waves, waves
from logicsim.core.errors import NetlistError
from logicsim.core.logic import X
from logicsim.core.names import LEVELS
from logicsim.faults.equivalence import LEVEL_OF
from logicsim.faults.fault import Fault
from logicsim.faults.sites import is_potentiometer, only_pin, stuck
from logicsim.parts.kind import Corner
from logicsim.tasks import AnyTask


class Visibility:
    """The detectability of faults in a netlist that learns a task."""

    def __init__(self, netlist: Netlist, corner: Corner, task: AnyTask | None) -> None:
        self._netlist, self._corner = netlist, corner
        self._held = frozenset(task.nodes().get("inputs", ())) if task is not None else frozenset()

    def undetectable(self, fault: Fault) -> str:
        """The reason why a fault has no visible effect; '' if it may have one."""
        place = fault.place(self._netlist)
        if place.what == "net" and not place.pair and not self._netlist.wires[fault.site]:
            return "no part reads the net"
        level = LEVEL_OF.get(fault.kind)
        pin = self._netlist.pins.get(only_pin(self._netlist, fault.site))
        if level is not None and pin is not None:
            if LEVELS.get(pin.net) == level:
                return f"the pin is tied {'high' if level else 'low'}"
            if self._is_selected(pin, level):
                capture = pin.part.chip.capture
                assert capture is not None  # a part with a select is clocked
                return f"the potentiometer is always selected when the clock {capture.edge}s"
        if place.edge is None or place.pair or not self._ends(place.edge) <= self._held:
            return ""
        return "both ends of the edge are inputs of the task"

    def _ends(self, edge: int) -> set[int]:
        return {*self._netlist.edges[edge - 1]}

    def _is_selected(self, pin: Pin, level: int) -> bool:
        """Whether `level` at a pin selects a counter, and the pin has it at every clock edge."""
        capture = pin.part.chip.capture
        if capture is None or level >= X or not is_potentiometer(pin.part):
            return False
        words = [stuck(self._netlist, pin, each) for each in (level, 1 - level)]
        if words != ["", "frozen"]:
            return False
        clock = pin.part.pins[capture.clock][0]
        rows = [(each.rows.get(clock), each.rows.get(pin.net), each.resting.get(pin.net))
                for each in self._waves]  # fmt: skip
        return bool(rows) and all(
            clocks is not None and selects is not None and rests is not None
            and all(_at(edge, selects, rests) == level
                    for edge in clocks if edge.value == (capture.edge == "rise"))
            for clocks, selects, rests in rows
        )  # fmt: skip

    @cached_property
    def _waves(self) -> Sequence[Waves]:
        """The waves of the clock for both ways of the trigger; empty if they cannot be derived."""
        loads = self._netlist.loads()
        timings = [(part, part.chip.timing(part, self._corner, loads))
                   for part in self._netlist.parts]  # fmt: skip
        try:
            return [waves(timings, way) for way in (0, 1)]
        except NetlistError:
            return []


def _at(moment: Transition, row: Row, resting: int) -> int:
    """The level of a net at the time of another net's transition."""
    before = [each.value for each in row if each.place < moment.place]
    return before[-1] if before else resting
