"""The recorder: sees every settled instant and streams what is probed to a waveform writer."""

import math
import re
from collections.abc import Callable, Sequence
from fnmatch import translate
from typing import Final

import numpy as np

from logicsim.analog.network import Floats
from logicsim.analog.twin import Twin
from logicsim.core.errors import TraceError, nearest
from logicsim.kernel.kernel import Kernel, Net
from logicsim.waveforms.trace import NO_REALS, Given, Reals, Signal, Writer

_PROPOSED: Final = 10_000  # of so many signals the nearest is looked for: more take minutes

# Makes the writer when the first recorded instant comes: signals, their values then, its time.
OpenWriter = Callable[[Sequence[Signal], Sequence[Given], int], Writer]


class Tee:
    """Writes one waveform to several writers."""

    def __init__(self, writers: Sequence[Writer]) -> None:
        self._writers = writers

    def changes(
        self, time: int, changes: Sequence[tuple[int, int]], reals: Reals = NO_REALS
    ) -> None:
        """Take what changes at `time` (ticks), everywhere."""
        for writer in self._writers:
            writer.changes(time, changes, reals)

    def close(self, time: int) -> None:
        """End all waveforms at `time` (ticks)."""
        for writer in self._writers:
            writer.close(time)


class Recorder:
    """Writes nets, node voltages and drops as they change; keeps nothing.

    Args:
        probes: name patterns with * and ?; none means everything.
        window: first and last step (from 1, over all tasks) to record; None means all time.

    Raises:
        TraceError: a probe matches no signal.
    """

    def __init__(
        self,
        kernel: Kernel,
        twin: Twin,
        edges: int,
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
        nets = [net for net in kernel.nets.values() if not net.name.startswith("supply.")]
        reals = real_names(twin.nodes, edges)
        wanted = matching([net.name for net in nets] + reals, probes)
        self._nets = [net for net in nets if net.name in wanted]
        # Where each probed real stands in the vector of voltages and drops.
        self._sources = np.array([i for i, name in enumerate(reals) if name in wanted], dtype=int)
        kernel.observe(self, self._nets)
        self.signals = [_net_signal(net) for net in self._nets]
        self.signals += [Signal(reals[source], "real", 64) for source in self._sources]
        self._last = np.full(len(self._sources), math.nan)
        names = [name for name in ("cs", "clk") if f"clock.{name}" in kernel.nets]
        self._marks = {name: kernel.nets[f"clock.{name}"] for name in names}  # still to fall
        self.first_falls: dict[str, int] = {}  # of chip select and clock in what was recorded

    def start(self) -> None:
        """Power-up: a recording of all time begins with it."""
        if self._recording and self._writer is None:
            self._begin(self._kernel.now)

    def step(self, number: int) -> None:
        """Step `number` (from 1, over all tasks) begins: open or shut the window."""
        if self._window is not None:
            first, last = self._window
            self._recording = first <= number <= last
            if number > last:
                self.close()

    def instant(self, now: int, changes: Sequence[tuple[int, int]], settled: bool) -> None:
        """Write what changed in an instant."""
        if not self._recording:
            return
        if self._writer is None:
            self._begin(now)
            return
        reals = self._changed_reals() if settled and len(self._sources) else NO_REALS
        if changes or reals[0]:
            self._writer.changes(now, changes, reals)
        if self._marks:
            self._mark(now)

    def _mark(self, now: int) -> None:
        for name in [name for name, net in self._marks.items() if net.fell == now]:
            del self._marks[name]
            self.first_falls[name] = now

    def _changed_reals(self) -> Reals:
        reals = self._reals()
        last, self._last = self._last, reals
        # Bit by bit, so that NaN, an island, equals itself.
        places = (reals.view(np.int64) != last.view(np.int64)).nonzero()[0]
        return (places + len(self._nets)).tolist(), reals[places].tolist()

    def _reals(self) -> Floats:
        twin = self._twin
        return np.concatenate([twin.voltages[:-1], twin.drops()]).take(self._sources)

    def _begin(self, now: int) -> None:
        """Open the writer with a snapshot of everything at this instant."""
        self._last = self._reals()
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


def real_names(nodes: int, edges: int) -> list[str]:
    """Names in the order of `Twin.voltages` and `Twin.drops`."""
    sides = ("free", "clamped")
    names = [f"node{node}.{side}" for side in sides for node in range(1, nodes + 1)]
    return names + [f"edge{edge}.drop_{side}" for side in sides for edge in range(1, edges + 1)]


def matching(names: Sequence[str], probes: Sequence[str]) -> set[str]:
    """The names that any of the probes matches; all if there are none.

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
