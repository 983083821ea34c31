"""Discrete-event kernel on SimPy: integer picoseconds, four-valued nets, the four-phase instant.

An instant is COMMIT (transactions that are due change nets, all of them), SETTLE (one analog
solve if a wiper, a source or a switch changed), REACT (processes whose inputs changed run and
schedule transactions at least 1 ps ahead) and RECORD (the recorder sees the instant, settled).
It is one SimPy event, so nothing can come between its phases. Nobody reads before all have
written, so the order within a phase cannot matter.
"""

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any, Final, Protocol

import simpy
from simpy.events import URGENT, Event

from logicsim.core.errors import SimulationError
from logicsim.core.logic import X, Z, resolve
from logicsim.core.units import seconds

React = Callable[[], None]
Life = Generator[Event, Any, None]

NEVER: Final = -(10**30)  # the time of a change that has not happened: further back than any limit
_LISTED: Final = 1000  # violations kept with their details, the first; all are counted


@dataclass(frozen=True, slots=True)
class Violation:
    """A timing constraint that was not met: a result, never an exception.

    `time` is in ticks; `margin` (ticks, negative) is by how much it was missed.
    """

    time: int
    kind: str
    part: str
    pin: str
    margin: int


class Net:
    """A digital net: the value its drivers resolve to, when it changed, and who listens.

    A net wider than one bit is a bus with a single driver; its value is an int, or X.
    """

    __slots__ = (
        "_widest", "_widths", "changed", "drivers", "fell", "kernel", "moves", "name", "on_change",
        "on_fall", "on_hold", "place", "pull", "shared", "value", "width",
    )  # fmt: skip

    def __init__(self, kernel: "Kernel", name: str, width: int = 1, pull: int = Z) -> None:
        self.kernel = kernel
        self.name = name
        self.width = width
        self.place = -1  # among the nets observed; -1 if it is not
        self.pull = pull  # what an undriven net is pulled to: a resistor to the supply makes it 1
        self.value = pull
        self.changed = NEVER
        self.fell = NEVER
        self.drivers: list[Driver] = []
        self.shared = False  # by several drivers
        self.on_change: list[tuple[Process, React]] = []
        self.on_fall: list[tuple[Process, React]] = []
        self.on_hold: list[tuple[Net, int, Process, React]] = []
        self.moves: Callable[[int], None] | None = None  # of a bus: the wiper it stands for
        self._widths: tuple[list[_Width], list[_Width]] = ([], [])
        self._widest = [0, 0]

    def listen(self, process: "Process", react: React) -> None:
        """Run `react` in `process` at every instant in which this net changes."""
        self.on_change.append((process, react))

    def listen_fall(self, process: "Process", react: React) -> None:
        """Run `react` in `process` at every fall, 1 to 0, of this net."""
        self.on_fall.append((process, react))

    def listen_hold(self, clock: "Net", hold: int, process: "Process", react: React) -> None:
        """Run `react` when this net changes less than `hold` ticks after a fall of `clock`.

        A change in the very instant of the fall is a matter of setup.
        """
        self.on_hold.append((clock, hold, process, react))

    def constrain_width(self, part: str, pin: str, level: int, minimum: int) -> None:
        """Record a violation whenever a pulse of `level` is shorter than `minimum` ticks."""
        self._widths[level].append(_Width(minimum, part, pin))
        self._widest[level] = max(self._widest[level], minimum)

    def change(self, value: int) -> None:
        """Take a new value and wake whom it concerns; only drivers call this, in COMMIT."""
        kernel, old = self.kernel, self.value
        now = kernel.now
        self.value = value
        if self.moves is not None:
            self.moves(value)
        elif self.width == 1:
            if old < X and now - self.changed < self._widest[old]:
                self._check_width(old, now - self.changed)
            if value == 0 and old == 1:
                self.fell = now
                for process, react in self.on_fall:
                    process.notify(react)
            for clock, hold, process, react in self.on_hold:
                if 0 < now - clock.fell < hold:
                    process.notify(react)
        self.changed = now
        for process, react in self.on_change:  # each is notified, without a call: this is often
            if not process.owed:
                kernel.woken.append(process)
            process.owed.append(react)
        if self.place >= 0:
            kernel.changes.append((self.place, value))

    def _check_width(self, level: int, lasted: int) -> None:
        for limit in self._widths[level]:
            if lasted < limit.minimum:
                self.kernel.violate("width", limit.part, limit.pin, lasted - limit.minimum)


@dataclass(frozen=True, slots=True)
class _Width:
    minimum: int
    part: str
    pin: str


class Driver:
    """One output pin on a net; the only way to change it."""

    __slots__ = ("_due", "_schedule", "_serial", "name", "net", "target", "value")

    def __init__(self, net: Net, name: str, initial: int = X) -> None:
        self.net = net
        self.name = name
        self.value = initial
        self.target = initial
        self._serial = 0
        self._schedule, self._due = net.kernel.schedule, self._mature  # bound once, used often
        net.shared = bool(net.drivers)
        net.drivers.append(self)
        net.value = _resolved(net)

    def inertial(self, value: int, delay: int) -> None:
        """Go to `value` after `delay` ticks, if nothing else is asked for in between.

        A pulse shorter than the delay is swallowed, as by a real gate.
        """
        if value == self.target:
            return
        self.target = value
        self._serial += 1  # makes the transaction that may be waiting stale
        if value != self.value:
            self._schedule(delay, self._due, self._serial, self.name)

    def transport(self, value: int, delay: int) -> None:
        """Go to `value` after `delay` ticks whatever follows, as a wire does."""
        self._schedule(delay, self._arrive, value, self.name)

    def _arrive(self, value: int) -> None:
        self.target = value
        self._mature(self._serial)

    def _mature(self, serial: int) -> None:
        if serial != self._serial:
            return
        self.value = value = self.target
        net = self.net
        if net.shared:
            # Others may change in this instant too; what lies between is nobody's to see.
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
    """A SimPy process and the reactions it owes in this instant.

    It always waits for one and the same event, which the kernel fires in the REACT phase.
    """

    __slots__ = ("kernel", "name", "owed", "resume", "wake")

    def __init__(self, kernel: "Kernel", name: str) -> None:
        self.kernel = kernel
        self.name = name
        self.owed: list[React] = []
        self.wake = _standing_event(kernel.env)
        self.resume: Callable[[], object] = self.fire

    def notify(self, react: React) -> None:
        """Have `react` run in this process, in the REACT phase of this instant."""
        if not self.owed:
            self.kernel.woken.append(self)
        self.owed.append(react)

    def fire(self) -> None:
        """Resume by SimPy, whose process comes to wait for the event again, or ends."""
        callbacks = self.wake.callbacks
        assert callbacks is not None  # the event is never processed, so it always has them
        callbacks.pop()(self.wake)

    def react(self) -> Life:
        """The life of a process made of chips: sleep, react to what changed, sleep again."""
        life = self._react()
        # It waits for nothing but its event, so the kernel may go on with it without SimPy's
        # bookkeeping, which would take a tenth of a run.
        self.resume = life.__next__
        return life

    def _react(self) -> Life:
        wake, owed = self.wake, self.owed
        while True:
            yield wake
            for react in owed:  # which cannot grow meanwhile: nets change in COMMIT alone
                react()
            owed.clear()

    def sleep(self, delay: int) -> Life:
        """Wait `delay` ticks; a process that tells a story uses `yield from process.sleep(n)`."""
        self.kernel.schedule(delay, self.kernel.woken.append, self, self.name)
        yield self.wake


def _standing_event(env: simpy.Environment) -> Event:
    """An event that has a value and can be waited for, and so fired, again and again."""
    event = Event(env)
    event._ok, event._value = True, None  # noqa: SLF001  as simpy.Timeout does
    return event


class Observer(Protocol):
    """What the kernel shows each instant to; `logicsim.event.recorder` has the one that writes."""

    def instant(self, now: int, changes: Sequence[tuple[int, int]], settled: bool) -> None:
        """See what changed at `now` (ticks).

        Args:
            changes: places of nets, among those observed, and their new values.
            settled: whether voltages may have changed.
        """


class _Environment(simpy.Environment):
    """SimPy's, with a short way for the one event that stands for every instant."""

    def __init__(self, instant: Callable[[int], None], now: int) -> None:
        super().__init__(now)
        self._run_instant = instant
        self.instant = _standing_event(self)

    def schedule_instant(self, due: int) -> None:
        """Have the instant `due` come, ahead of what else is scheduled then."""
        heappush(self._queue, (due, URGENT, next(self._eid), self.instant))

    def step(self) -> None:
        """Process the next event."""
        queue = self._queue
        if queue and queue[0][3] is self.instant:
            self._now = now = heappop(queue)[0]
            self._run_instant(int(now))
        else:
            super().step()


class Kernel:
    """Nets, processes and the calendar of transactions on one SimPy environment.

    Args:
        now: when power comes up, in ticks.
    """

    def __init__(self, now: int = 0) -> None:
        self.env = _Environment(self._instant, now)
        self.now = now  # ticks; equals env.now, but costs no property call
        self.nets: dict[str, Net] = {}
        self.events = 0  # transactions that came due
        self.settle: React | None = None  # the analog side
        self.unsettled = False
        self.recorder: Observer | None = None
        self.changes: list[tuple[int, int]] = []  # as an observer sees them
        self.contested: dict[Net, None] = {}  # nets of several drivers, an ordered set
        self.violations: Counter[str] = Counter()
        self.violation_list: list[Violation] = []
        self.on_violation: Callable[[Violation], None] | None = None
        self.woken: list[Process] = []  # in this instant, in order
        self._calendar: dict[int, list[tuple[Callable[[Any], None], Any]]] = {now: []}
        self.env.schedule(self.env.instant)  # power-up, when every process has begun
        # Processes the next event of SimPy's: an instant, or the beginning or end of a process.
        self.step = self.env.step

    def net(self, name: str, width: int = 1, pull: int = Z) -> Net:
        """Make a net; `pull` is the level of a resistor on it.

        Raises:
            SimulationError: there is one of that name.
        """
        if name in self.nets:
            raise SimulationError(f"net '{name}' is made twice; give it another name")
        self.nets[name] = net = Net(self, name, width, pull)
        return net

    def process(self, name: str) -> Process:
        """Make a process; `start` gives it a life."""
        return Process(self, name)

    def start(self, life: Life) -> Event:
        """Hand the generator `life` to SimPy; the event fires when it ends."""
        return self.env.process(life)

    def schedule(self, delay: int, act: Callable[[Any], None], value: Any, owner: str) -> None:
        """Have `act(value)` done in the COMMIT phase `delay` ticks from now.

        Raises:
            SimulationError: the delay is less than one tick, which would make a delta cycle.
        """
        if delay < 1:
            raise SimulationError(
                f"at {seconds(self.now):.12f} s, REACT: '{owner}' has a delay of {delay} ps; "
                "every part takes at least 1 ps"
            )
        due = self.now + delay
        acts = self._calendar.get(due)
        if acts is None:
            self._calendar[due] = [(act, value)]
            self.env.schedule_instant(due)
        else:
            acts.append((act, value))

    def violate(self, kind: str, part: str, pin: str, margin: int) -> None:
        """Record that `part` missed a constraint of `kind` at `pin` by `margin` (< 0) ticks."""
        self.violations[kind] += 1
        violation = Violation(self.now, kind, part, pin, margin)
        if len(self.violation_list) < _LISTED:
            self.violation_list.append(violation)
        if self.on_violation is not None:
            self.on_violation(violation)

    def observe(self, observer: Observer, nets: Iterable[Net]) -> None:
        """Show each instant to `observer` alone, and in it what became of `nets`, by place."""
        for net in self.nets.values():
            net.place = -1
        for place, net in enumerate(nets):
            net.place = place
        self.recorder = observer

    def run(self, until: int) -> None:
        """Run up to, not including, the instant `until` (ticks)."""
        while self.env.peek() < until:
            self.env.step()

    def _instant(self, now: int) -> None:
        self.now = now
        acts = self._calendar.pop(now)
        self.events += len(acts)
        for act, value in acts:  # COMMIT
            act(value)
        if self.contested:
            self._resolve_contested()
        settled = self.unsettled
        if settled and self.settle is not None:  # SETTLE
            self.unsettled = False
            self.settle()
        if woken := self.woken:  # REACT
            for process in woken:
                process.resume()
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
