"""Discrete-event kernel on SimPy: integer picoseconds, four-valued nets, the four-phase instant.

An instant is COMMIT (transactions that are due change nets, all of them), SETTLE (one analog
solve if a wiper, a source or a switch changed), REACT (processes whose inputs changed run and
schedule transactions at least 1 ps ahead) and RECORD (the recorder sees the instant, settled).
It is one SimPy event, so nothing can run between its phases. All writes come before all reads, so
the order within a phase does not matter.
"""

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any, Final, Literal, Protocol

import simpy
from simpy.events import URGENT, Event

from logicsim.core.errors import SimulationError
from logicsim.core.logic import X, Z, resolve
from logicsim.core.units import seconds

React = Callable[[], None]
Resume = Callable[[None], object]
Edge = Literal["rise", "fall"]
Life = Generator[Event, Any, None]

_FIRST: Final = -1  # puts an instant before all other events of SimPy at its time
_FOREVER: Final = 10**30  # an int, which compares faster with times than infinity
NEVER: Final = -(10**30)  # the time of a change that has not happened: before any limit
_LISTED: Final = 1000  # the first violations are kept with their details; all are counted


@dataclass(frozen=True, slots=True)
class Violation:
    """A timing constraint that was not met: a result, never an exception.

    `time` is in ticks; `margin` (ticks) is negative, the amount by which it was missed.
    """

    time: int
    kind: str
    part: str
    pin: str
    margin: int


class Net:
    """A digital net: its resolved value, the times of its changes, and its listeners.

    A net wider than one bit is a bus with a single driver; its value is an int, or X.
    """

    __slots__ = (
        "_widest", "_widths", "changed", "drivers", "fell", "kernel", "moves", "name", "on_change",
        "on_fall", "on_hold", "on_rise", "place", "pull", "rose", "shared", "value", "width",
    )  # fmt: skip

    def __init__(self, kernel: "Kernel", name: str, width: int = 1, pull: int = Z) -> None:
        self.kernel = kernel
        self.name = name
        self.width = width
        self.place = -1  # index among the observed nets; -1 if not observed
        self.pull = pull  # the value when undriven: a resistor to the supply makes it 1
        self.value = pull
        self.changed = NEVER
        self.fell = NEVER
        self.rose = NEVER
        self.drivers: list[Driver] = []
        self.shared = False  # whether it has several drivers
        self.on_change: list[tuple[Process, React]] = []
        self.on_fall: list[tuple[Process, React]] = []
        self.on_rise: list[tuple[Process, React]] = []
        self.on_hold: list[tuple[Net, Edge, int, Process, React]] = []
        self.moves: Callable[[int], None] | None = None  # moves the wiper of a counter's bus
        self._widths: list[_Width] = []
        self._widest = (0, 0)  # by level

    def listen(self, process: "Process", react: React) -> None:
        """Run `react` in `process` at every instant in which this net changes."""
        self.on_change.append((process, react))

    def listen_edge(self, edge: Edge, process: "Process", react: React) -> None:
        """Run `react` in `process` at every fall, 1 to 0, or rise, 0 to 1, of this net."""
        (self.on_fall if edge == "fall" else self.on_rise).append((process, react))

    def listen_hold(
        self, clock: "Net", hold: int, process: "Process", react: React, edge: Edge = "fall"
    ) -> None:
        """Run `react` when this net changes less than `hold` ticks after an edge of `clock`.

        A change in the same instant as the edge counts as a setup violation.
        """
        self.on_hold.append((clock, edge, hold, process, react))

    def went(self, edge: Edge) -> int:
        """The time (ticks) of the last fall or rise."""
        return self.fell if edge == "fall" else self.rose

    def constrain_width(self, part: str, pin: str, level: int, minimum: int) -> None:
        """Record a violation whenever a pulse of `level` is shorter than `minimum` ticks."""
        self._widths.append(_Width(level, minimum, part, pin))
        low, high = self._widest
        self._widest = (low, max(high, minimum)) if level else (max(low, minimum), high)

    def change(self, value: int) -> None:  # noqa: C901, PLR0912  the hottest code avoids calls
        """Set a new value and wake the listeners; only drivers call this, in COMMIT."""
        kernel, old, moves = self.kernel, self.value, self.moves
        now = kernel.now
        self.value = value
        if moves is not None:
            moves(value)
        elif self.width == 1:
            if self._widths and old < X and now - self.changed < self._widest[old]:
                self._check_width(old, now - self.changed)
            if value == 0:
                if old == 1:
                    self.fell = now
                    if self.on_fall:
                        kernel.wake(self.on_fall)
            elif value == 1 and old == 0:
                self.rose = now
                if self.on_rise:
                    kernel.wake(self.on_rise)
            if self.on_hold:
                for clock, edge, hold, process, react in self.on_hold:
                    if 0 < now - (clock.fell if edge == "fall" else clock.rose) < hold:
                        process.notify(react)
        self.changed = now
        for process, react in self.on_change:  # `wake`, inlined because it runs often
            if not process.owed:
                kernel.woken.append(process.resume)
            process.owed.append(react)
        if self.place >= 0:
            kernel.changes.append((self.place, value))

    def _check_width(self, level: int, lasted: int) -> None:
        for limit in self._widths:
            if limit.level == level and lasted < limit.minimum:
                self.kernel.violate("width", limit.part, limit.pin, lasted - limit.minimum)


@dataclass(frozen=True, slots=True)
class _Width:
    level: int
    minimum: int
    part: str
    pin: str


class Driver:
    """One output pin on a net; only drivers change nets."""

    __slots__ = ("_due", "_kernel", "_serial", "name", "net", "target", "value")

    def __init__(self, net: Net, name: str, initial: int = X) -> None:
        self.net = net
        self.name = name
        self.value = initial
        self.target = initial
        self._serial = 0
        self._kernel, self._due = net.kernel, self._mature  # bound once for speed
        net.shared = bool(net.drivers)
        net.drivers.append(self)
        net.value = _resolved(net)

    def inertial(self, value: int, delay: int) -> None:
        """Go to `value` after `delay` ticks, unless a later call replaces this one.

        A pulse shorter than the delay is swallowed, as by a real gate.
        """
        if value == self.target:
            return
        self.target = value
        self._serial = serial = self._serial + 1  # cancels a waiting transaction
        if value == self.value:
            return
        kernel = self._kernel  # `schedule`, inlined because it runs often
        if delay < 1:
            raise kernel.too_soon(delay, self.name)
        due = kernel.now + delay
        acts = kernel.calendar.get(due)
        if acts is None:
            kernel.calendar[due] = [(self._due, serial)]
            heappush(kernel.queue, (due, URGENT, _FIRST, kernel.instant))
        else:
            acts.append((self._due, serial))

    def transport(self, value: int, delay: int) -> None:
        """Go to `value` after `delay` ticks in any case, as a wire does."""
        self._kernel.schedule(delay, self._arrive, value, self.name)

    def _arrive(self, value: int) -> None:
        self.target = value
        self._mature(self._serial)

    def _mature(self, serial: int) -> None:
        if serial != self._serial:
            return
        self.value = value = self.target
        net = self.net
        if net.shared:
            # Other drivers may change in this instant, too; nobody may see the values in between.
            net.kernel.contested[net] = None
            return
        if value == Z:
            value = net.pull
        if value != net.value:
            net.change(value)


def _resolved(net: Net) -> int:
    value = resolve(driver.value for driver in net.drivers)
    return net.pull if value == Z else value


class Process:
    """A SimPy process and its pending reactions in this instant.

    It always waits for the same event, which the kernel fires in the REACT phase.
    """

    __slots__ = ("kernel", "name", "owed", "resume", "wake")

    def __init__(self, kernel: "Kernel", name: str) -> None:
        self.kernel = kernel
        self.name = name
        self.owed: list[React] = []
        self.wake = _standing_event(kernel.env)
        self.resume: Resume = self.fire

    def notify(self, react: React) -> None:
        """Run `react` in this process, in the REACT phase of this instant."""
        if not self.owed:
            self.kernel.woken.append(self.resume)
        self.owed.append(react)

    def fire(self, _: None) -> None:
        """Resume the SimPy process, which then waits for the event again or ends."""
        callbacks = self.wake.callbacks
        assert callbacks is not None  # the event is never processed, so it always has them
        callbacks.pop()(self.wake)

    def react(self) -> Life:
        """The loop of a process made of chips: sleep, react to changes, sleep again."""
        life = self._react()
        # It waits only for its event, so the kernel resumes it without SimPy's bookkeeping, which
        # would take a tenth of a run.
        self.resume = life.send
        return life

    def _react(self) -> Life:
        wake, owed = self.wake, self.owed
        while True:
            yield wake
            for react in owed:  # it cannot grow meanwhile: nets change only in COMMIT
                react()
            owed.clear()

    def sleep(self, delay: int) -> Life:
        """Wait `delay` ticks; a sequential process uses `yield from process.sleep(n)`."""
        self.kernel.schedule(delay, self.kernel.woken.append, self.resume, self.name)
        yield self.wake


def _standing_event(env: simpy.Environment) -> Event:
    """An event with a value that can be waited for and fired repeatedly."""
    event = Event(env)
    event._ok, event._value = True, None  # noqa: SLF001  as simpy.Timeout does
    return event


class Observer(Protocol):
    """The observer of every instant, such as the recorder in `logicsim.event.recorder`."""

    def instant(self, now: int, changes: Sequence[tuple[int, int]], settled: bool) -> None:
        """Receive the changes at `now` (ticks).

        Args:
            changes: the indices of observed nets and their new values.
            settled: whether voltages may have changed.
        """


class Kernel:
    """Nets, processes and the calendar of transactions on one SimPy environment.

    Args:
        now: when power comes up, in ticks.
    """

    def __init__(self, now: int = 0) -> None:
        self.env = simpy.Environment(now)
        self.now = now  # ticks; equals env.now, without the cost of a property
        self.nets: dict[str, Net] = {}
        self.events = 0  # transactions executed
        self.settle: React | None = None  # the analog side
        self.unsettled = False
        self.recorder: Observer | None = None
        self.changes: list[tuple[int, int]] = []  # in the observer's form
        self.contested: dict[Net, None] = {}  # an ordered set of the nets with several drivers
        self.violations: Counter[str] = Counter()
        self.violation_list: list[Violation] = []
        self.on_violation: Callable[[Violation], None] | None = None
        self.woken: list[Resume] = []  # of the processes in this instant, in order
        self.calendar: dict[int, list[tuple[Callable[[Any], None], Any]]] = {now: []}
        self.instant = _standing_event(self.env)  # the event of every instant
        self._paused = False
        self.queue: list[Any] = self.env._queue  # noqa: SLF001  `advance` is SimPy's loop, too
        self.env.schedule(self.instant)  # power-up, after every process has started

    def net(self, name: str, width: int = 1, pull: int = Z) -> Net:
        """Make a net; `pull` is the level of a resistor on it.

        Raises:
            SimulationError: the name is taken.
        """
        if name in self.nets:
            raise SimulationError(f"net '{name}' is made twice; give it another name")
        self.nets[name] = net = Net(self, name, width, pull)
        return net

    def process(self, name: str) -> Process:
        """Make a process; `start` runs it."""
        return Process(self, name)

    def start(self, life: Life) -> Event:
        """Run the generator `life` in SimPy; the returned event fires when it ends."""
        return self.env.process(life)

    def schedule(self, delay: int, act: Callable[[Any], None], value: Any, owner: str) -> None:
        """Call `act(value)` in the COMMIT phase `delay` ticks from now.

        Raises:
            SimulationError: the delay is less than one tick, which would make a delta cycle.
        """
        if delay < 1:
            raise self.too_soon(delay, owner)
        due = self.now + delay
        acts = self.calendar.get(due)
        if acts is None:
            self.calendar[due] = [(act, value)]
            heappush(self.queue, (due, URGENT, _FIRST, self.instant))
        else:
            acts.append((act, value))

    def too_soon(self, delay: int, owner: str) -> SimulationError:
        """The error of a delay that would make a delta cycle."""
        return SimulationError(
            f"at {seconds(self.now):.12f} s, REACT: '{owner}' has a delay of {delay} ps; "
            "every part takes at least 1 ps"
        )

    def wake(self, listeners: Iterable[tuple[Process, React]]) -> None:
        """Run each reaction in its process, in the REACT phase of this instant."""
        woken = self.woken
        for process, react in listeners:
            if not process.owed:
                woken.append(process.resume)
            process.owed.append(react)

    def violate(self, kind: str, part: str, pin: str, margin: int) -> None:
        """Record that `part` missed a constraint of `kind` at `pin` by `margin` (< 0) ticks."""
        self.violations[kind] += 1
        violation = Violation(self.now, kind, part, pin, margin)
        if len(self.violation_list) < _LISTED:
            self.violation_list.append(violation)
        if self.on_violation is not None:
            self.on_violation(violation)

    def observe(self, observer: Observer, nets: Iterable[Net]) -> None:
        """Show each instant to `observer`, the only one, with the changes of `nets` by index."""
        for net in self.nets.values():
            net.place = -1
        for place, net in enumerate(nets):
            net.place = place
        self.recorder = observer

    def run(self, until: int) -> None:
        """Run up to, not including, the instant `until` (ticks)."""
        while self.env.peek() < until:
            self.advance(until)

    def pause(self) -> None:
        """Make `advance` return at the end of this instant."""
        self._paused = True

    def advance(self, until: int = _FOREVER) -> None:
        """Run until `pause` is called, but not the instant `until` (ticks) or a later one."""
        env, queue, instant = self.env, self.queue, self.instant
        calendar, woken = self.calendar, self.woken
        self._paused = False
        while queue and queue[0][0] < until and not self._paused:
            if queue[0][3] is not instant:  # the start or end of a process
                env.step()
                continue
            self.now = env._now = now = heappop(queue)[0]  # noqa: SLF001  as SimPy's `step` does
            acts = calendar.pop(now)
            self.events += len(acts)
            for act, value in acts:  # COMMIT
                act(value)
            if self.contested:
                self._resolve_contested()
            settled = self.unsettled
            if settled and self.settle is not None:  # SETTLE
                self.unsettled = False
                self.settle()
            if woken:  # REACT
                for resume in woken:
                    resume(None)
                woken.clear()
            if self.recorder is not None and (settled or self.changes):  # RECORD
                changes, self.changes = self.changes, []
                self.recorder.instant(now, changes, settled)

    def _resolve_contested(self) -> None:
        nets, self.contested = self.contested, {}
        for net in nets:
            value = _resolved(net)
            if value != net.value:
                net.change(value)
