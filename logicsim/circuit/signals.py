"""The signals of a board, listed from the netlist for the recorder, the views and the probes.

They come in the order of the circuit files: the clock's nets as its parts drive them, the
supervisor, each edge's nets and drops, the nodes, the checks.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal

from logicsim.circuit.netlist import Netlist
from logicsim.core.names import CLOCK, LEVELS, SIDES, TRIGGER, Node, Side, scope
from logicsim.parts.part import Capture, Part
from logicsim.waveforms.layout import EdgeSignals, Layout, Listed, Moment, Role
from logicsim.waveforms.trace import Signal

# Further integer signals: scope, names, role.
_STEPS: Final = ("supervisor", ("step", "task"))
_CHECKS: Final = ("checks", ("edge", "hold", "missed_ps", "setup", "width"))
SUPERVISOR: Final = tuple(f"{_STEPS[0]}.{name}" for name in _STEPS[1])
CHECKS: Final = tuple(f"{_CHECKS[0]}.{name}" for name in _CHECKS[1])

_ON_NETS: Final = ("in", "out", "open", "code", "through")
_DRIVES: Final = ("out", "open", "code")
_INTEGER, _REAL = 32, 64  # bits


def nets(netlist: Netlist) -> dict[str, int]:
    """Every digital net and its width in bits, in the order in which pins name them."""
    found = dict.fromkeys(netlist.inputs, 1)
    for part in netlist.parts:
        for pin, role in part.chip.pins.items():
            if role in _ON_NETS:
                for net in part.pins[pin]:
                    found.setdefault(net, part.chip.widths.get(pin, 1))
    return {net: width for net, width in found.items() if net not in LEVELS}


def reals(nodes: int, edges: int) -> list[str]:
    """Voltages in the order of `Twin.voltages`, then drops in that of `Twin.drops`."""
    names = [Node(node, side).name for side in SIDES for node in range(1, nodes + 1)]
    return names + [drop(edge, side) for side in SIDES for edge in range(1, edges + 1)]


def drop(edge: int, side: str) -> str:
    """The voltage along an edge in one network."""
    return f"{scope(edge)}.drop_{side}"


def edge_nets(few: Netlist, edges: Iterable[int]) -> dict[int, list[str]]:
    """The nets of some edges (from 1), from a netlist that includes edge 1."""
    own = [label for net, label in _labels(few, scope(1)).items() if few.drivers.get(net)]
    return {edge: [f"{scope(edge)}.{label}" for label in own] for edge in edges}


def shared_nets(few: Netlist) -> Sequence[str]:
    """The nets that belong to no edge, from a netlist that includes edge 1."""
    own = _labels(few, scope(1))
    return [net for net in nets(few) if net not in own]


def _labels(netlist: Netlist, where: str) -> dict[str, str]:
    """The nets of a breadboard, each with its short name."""
    start = f"{where}."
    return {net: net.removeprefix(start) for net in nets(netlist) if net.startswith(start)}


def layout(netlist: Netlist) -> Layout:
    """All signals in order, with their roles, and the signals to measure of each edge."""
    return _Lister(netlist).layout()


class _Lister:
    """Collects the signals in one pass over the parts of a netlist."""

    def __init__(self, netlist: Netlist) -> None:
        self._netlist = netlist
        self._decided = netlist.decided
        self._widths = nets(netlist)
        self._roles: dict[str, set[Role]] = defaultdict(set)
        self._homes = self._found_homes()
        self._counters: dict[int, list[Part]] = defaultdict(list)
        self._sides: dict[str, Side] = {}  # the side of each counter's net
        self._comparators: dict[int, list[str]] = defaultdict(list)
        for part in netlist.parts:
            self._look_at(part)
        for net in self._decided:
            self._roles[net].add("chatters")

    def _found_homes(self) -> dict[str, str]:
        """Each net to its home: the breadboard it touches whose scope its name begins with."""
        homes = dict.fromkeys(self._netlist.inputs, CLOCK)
        for name, parts in self._netlist.scopes().items():
            start = f"{name}."
            for part in parts:
                for pin, role in part.chip.pins.items():
                    if role in _ON_NETS:
                        homes |= {net: name for net in part.pins[pin] if net.startswith(start)}
        return homes

    def _look_at(self, part: Part) -> None:
        chip, edge = part.chip, self._netlist.edge_of(part)
        for pin, role in chip.pins.items():
            if role in _ON_NETS:
                for net in part.pins[pin]:
                    own = self._homes.get(net)
                    if own == CLOCK:
                        self._roles[net] |= {"clock"} if edge is None else {"clock", "seen"}
            if role == "code":
                self._add(part, pin, "code")
        for pin, starts in chip.follows.items():
            if any(chip.pins[start] == "node" for start in starts):
                self._add(part, pin, "comparator")
                if edge is not None:
                    self._comparators[edge] += part.pins[pin]
        if chip.capture is not None:
            self._look_at_clocked(part, edge)

    def _look_at_clocked(self, part: Part, edge: int | None) -> None:
        capture = part.chip.capture
        assert capture is not None
        if "code" in part.chip.pins.values():
            self._add(part, capture.clock, "counts")
            for pin in capture.pins[:1]:
                self._add(part, pin, "latched")
            for pin in capture.pins[1:]:
                self._add(part, pin, "select")
            if edge is not None:
                self._counters[edge].append(part)
                net, side = self._counter(part)
                self._sides[net] = side
            return
        for pin, role in part.chip.pins.items():
            if role in _DRIVES:
                self._add(part, pin, "held")
        if any(part.pins[pin][0] in self._decided for pin in capture.pins):
            self._add(part, capture.pins[0], "decision")
            self._add(part, capture.clock, "latches")

    def _add(self, part: Part, pin: str, role: Role) -> None:
        for net in part.pins[pin]:
            self._roles[net].add(role)

    def layout(self) -> Layout:
        edges = {n: self._edge(n) for n in sorted(self._netlist.breadboards.values())}
        for edge in edges.values():
            if edge.decision is not None:
                self._roles[edge.decision].add("decision")
        return Layout(tuple(self._listed(list(edges))), edges)

    def _listed(self, numbers: Sequence[int]) -> Iterator[Listed]:
        by_home: dict[str, list[str]] = defaultdict(list)
        for net in self._in_order():
            by_home[self._homes.get(net, "")].append(net)
        self._roles[TRIGGER].add("trigger")
        yield from self._of_home(CLOCK, by_home.pop(CLOCK, []))
        yield from _numbers(*_STEPS, "supervisor")
        for number in numbers:
            where = scope(number)
            yield from self._of_home(where, by_home.pop(where, []), number)
            for side in SIDES:
                signal = Signal(drop(number, side), "real", _REAL)
                yield Listed(signal, where, f"drop_{side}", frozenset({"drop"}), number, side)
        for node in range(1, self._netlist.nodes + 1):
            for side in SIDES:
                signal = Signal(Node(node, side).name, "real", _REAL)
                yield Listed(
                    signal, "nodes", f"node{node} {side}", frozenset({"voltage"}), side=side
                )
        yield from _numbers(*_CHECKS, "check")
        for where, others in by_home.items():
            yield from self._of_home(where, others)

    def _in_order(self) -> list[str]:
        """All nets: first those driven from outside, then in the order of their drivers."""
        driven = (net for net in self._netlist.drivers if net in self._widths)
        return list(dict.fromkeys([
            *(net for net in self._netlist.inputs if net in self._widths), *driven, *self._widths
        ]))  # fmt: skip

    def _of_home(
        self, where: str, names: Iterable[str], edge: int | None = None
    ) -> Iterator[Listed]:
        for name in names:
            width = self._widths[name]
            signal = Signal(name, "wire" if width == 1 else "bus", width)
            label = name.removeprefix(f"{where}.")
            roles = frozenset(self._roles[name])
            yield Listed(signal, where or "others", label, roles, edge, self._sides.get(name))

    def _edge(self, number: int) -> EdgeSignals:
        counters = self._counters[number]
        sampled = [part.pins[pin][0] for part in counters[:1] for pin in _capture(part).pins]
        latched, select = [*sampled[:2], None, None][:2]
        latch = None if latched is None else self._latch_of(latched)
        if latch is not None:
            decision: str | None = latch.pins[_capture(latch).pins[0]][0]
            moment = self._moment(latch.pins[_capture(latch).clock][0], _capture(latch).edge)
        else:
            decision = None if latched is None else self._before(latched)
            moment = None if select is None else self._moment(select, "fall")
        count = next((self._moment(part.pins[_capture(part).clock][0], _capture(part).edge)
                      for part in counters), None)  # fmt: skip
        return EdgeSignals(
            number,
            comparators=tuple(self._comparators[number]),
            decision=decision if decision in self._widths else None,
            latched=latched if latched in self._widths else None,
            select=select if select in self._widths else None,
            codes=self._codes(counters),
            drops=tuple(drop(number, side) for side in SIDES),
            latch=moment,
            count=count,
            has_latch=latch is not None,
        )

    def _codes(self, counters: Sequence[Part]) -> tuple[str, ...]:
        """The counters' nets, free and clamped."""
        by_side = {side: net for net, side in map(self._counter, counters)}
        return tuple(by_side[side] for side in SIDES if side in by_side)

    def _counter(self, part: Part) -> tuple[str, Side]:
        """The net of a potentiometer's counter, and its network."""
        pins = {role: pin for pin, role in part.chip.pins.items()}
        return part.pins[pins["code"]][0], self._netlist.branch(part.pins[pins["branch"]][0]).side

    def _moment(self, net: str, edge: Literal["rise", "fall"]) -> Moment | None:
        """The rise or fall of a net; None for a tied net, which never changes."""
        return Moment(net, edge) if net in self._widths else None

    def _latch_of(self, net: str) -> Part | None:
        """The clocked part that holds a net, found back through unclocked parts.

        Of several in a row it is the one that samples the comparators' decision, or else the last.
        """
        waiting, seen, last = [net], {net}, None
        while waiting:
            here = waiting.pop(0)
            part = self._netlist.drivers.get(here)
            if part is None:
                continue
            capture = part.chip.capture
            if capture is not None and capture.pins:
                before = [part.pins[pin][0] for pin in capture.pins]
                if self._decided.intersection(before):
                    return part
                last = last or part
            else:
                before = self._followed(part, here)
            waiting += [each for each in before if each not in seen]
            seen.update(before)
        return last

    def _before(self, net: str) -> str:
        """The net that a net follows, if it follows only one; otherwise the net itself."""
        part = self._netlist.drivers.get(net)
        followed = [] if part is None else self._followed(part, net)
        return followed[0] if len(followed) == 1 else net

    @staticmethod
    def _followed(part: Part, net: str) -> list[str]:
        """The nets that an output of a part follows without a clock."""
        return [
            part.pins[start][0]
            for pin, starts in part.chip.follows.items() if net in part.pins[pin]
            for start in starts if part.chip.pins[start] in _ON_NETS
        ]  # fmt: skip


def _capture(part: Part) -> Capture:
    assert part.chip.capture is not None
    return part.chip.capture


def _numbers(where: str, names: Iterable[str], role: Role) -> Iterator[Listed]:
    for name in names:
        signal = Signal(f"{where}.{name}", "integer", _INTEGER)
        yield Listed(signal, where, name, frozenset({role}))
