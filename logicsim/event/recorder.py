"""The recorder: sees every settled instant and streams probed signals to a waveform writer."""

import math
import re
from collections.abc import Callable, Sequence
from fnmatch import translate
from typing import Final

import numpy as np

from logicsim.analog.network import Floats
from logicsim.analog.twin import Twin
from logicsim.circuit import signals
from logicsim.circuit.netlist import Netlist
from logicsim.core.errors import TraceError, nearest
from logicsim.core.names import LEVELS
from logicsim.kernel.kernel import Kernel, Net
from logicsim.waveforms.layout import Moment
from logicsim.waveforms.trace import NO_REALS, Given, Reals, Signal, Writer

_PROPOSED: Final = 10_000  # the most signals to search for the nearest name: more take minutes

# Makes the writer at the first recorded instant, from the signals, their values and the time.
OpenWriter = Callable[[Sequence[Signal], Sequence[Given], int], Writer]


class Tee:
    """Writes one waveform to several writers."""

    def __init__(self, writers: Sequence[Writer]) -> None:
        self._writers = writers

    def changes(
        self, time: int, changes: Sequence[tuple[int, int]], reals: Reals = NO_REALS
    ) -> None:
        """Pass the changes at `time` (ticks) to all writers."""
        for writer in self._writers:
            writer.changes(time, changes, reals)

    def close(self, time: int) -> None:
        """End all waveforms at `time` (ticks)."""
        for writer in self._writers:
            writer.close(time)


class Recorder:
    """Writes nets, node voltages and drops as they change, and keeps nothing in memory.

    Args:
        netlist: the netlist whose signals are recorded.
        probes: name patterns with * and ?; none means everything.
        window: first and last step (from 1, over all tasks) to record; None means all time.

    Attributes:
        layout: all signals and their roles.
        signals: the recorded signals.
        marks: the times (ticks) at which the first recorded edge first latches ('latch') and then
            counts ('count') in the recording.

    Raises:
        TraceError: a probe matches no signal.
    """

    def __init__(
        self,
        kernel: Kernel,
        twin: Twin,
        netlist: Netlist,
        open_writer: OpenWriter,
        probes: Sequence[str] = (),
        window: tuple[int, int] | None = None,
    ) -> None:
        self._kernel = kernel
        self._twin = twin
        self._open = open_writer
        self._window = window
        self._writer: Writer | None = None
        self._recording = window is None
        self._since = 0  # marks come after the start of the recording
        nets = [net for net in kernel.nets.values() if net.name not in LEVELS]
        reals = signals.reals(twin.nodes, len(netlist.edges))
        wanted = matching([net.name for net in nets] + reals, probes)
        self._nets = [net for net in nets if net.name in wanted]
        # The index of each probed real in the vector of voltages and drops.
        self._sources = np.array([i for i, name in enumerate(reals) if name in wanted], dtype=int)
        kernel.observe(self, self._nets)
        self.signals = [_net_signal(net) for net in self._nets]
        self.signals += [Signal(reals[source], "real", 64) for source in self._sources]
        self._last = np.full(len(self._sources), math.nan)
        self.layout = signals.layout(netlist)
        self.marks: dict[str, int] = {}
        self._to_mark = self._moments()

    def start(self) -> None:
        """Start at power-up a recording that has no window."""
        if self._recording and self._writer is None:
            self._begin(self._kernel.now)

    def step(self, number: int) -> None:
        """Open or close the window as step `number` (from 1, over all tasks) begins."""
        if self._window is not None:
            first, last = self._window
            self._recording = first <= number <= last
            if number > last:
                self.close()

    def instant(self, now: int, changes: Sequence[tuple[int, int]], settled: bool) -> None:
        """Write the changes of an instant."""
        if not self._recording:
            return
        if self._writer is None:
            self._begin(now)
            return
        reals = self._changed_reals() if settled and len(self._sources) else NO_REALS
        if changes or reals[0]:
            self._writer.changes(now, changes, reals)
        if self._to_mark:
            self._mark()

    def _moments(self) -> list[tuple[str, Net, Moment]]:
        """The events to mark, in order: the latch of a decision, and its count."""
        edge = self.layout.first_edge(signal.name for signal in self.signals)
        if edge is None:
            return []
        moments = (("latch", edge.latch), ("count", edge.count))
        return [(name, self._kernel.nets[m.net], m) for name, m in moments if m is not None]

    def _mark(self) -> None:
        name, net, moment = self._to_mark[0]
        when = net.went(moment.edge)
        if when >= self._since:
            self.marks[name] = when
            self._since = when + 1
            self._to_mark.pop(0)

    def _changed_reals(self) -> Reals:
        reals = self._reals()
        last, self._last = self._last, reals
        # Compared as bits, so that NaN, an island's voltage, equals itself.
        places = (reals.view(np.int64) != last.view(np.int64)).nonzero()[0]
        return (places + len(self._nets)).tolist(), reals[places].tolist()

    def _reals(self) -> Floats:
        twin = self._twin
        return np.concatenate([twin.voltages[:-1], twin.drops()]).take(self._sources)

    def _begin(self, now: int) -> None:
        """Open the writer with the values of all signals at this instant."""
        self._last = self._reals()
        self._since = now + 1
        values = [*(net.value for net in self._nets), *self._last.tolist()]
        self._writer = self._open(self.signals, values, now)

    def close(self) -> None:
        """End the waveform at this instant; nothing is written after."""
        self._recording = False
        if self._writer is not None:
            self._writer.close(self._kernel.now)
            self._writer = None


def _net_signal(net: Net) -> Signal:
    if net.width == 1:
        return Signal(net.name, "wire")
    return Signal(net.name, "integer" if net.width == 32 else "bus", net.width)


def matching(names: Sequence[str], probes: Sequence[str]) -> set[str]:
    """The names that match any of the probes; all names if there are no probes.

    Raises:
        TraceError: a probe matches no signal.
    """
    if not probes:
        return set(names)
    wanted: set[str] = set()
    for probe in probes:
        match = re.compile(translate(probe)).match
        matches = {name for name in names if match(name)}
        if not matches:
            like = nearest(probe, names[:_PROPOSED])
            raise TraceError(f"probe '{probe}' matches no signal; {like}")
        wanted |= matches
    return wanted
