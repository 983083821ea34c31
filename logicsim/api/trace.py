"""A waveform in the hand: measured, compared, drawn, as a table."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from logicsim.board import Board
from logicsim.circuit.signals import layout
from logicsim.core.errors import TraceError
from logicsim.core.extras import pandas
from logicsim.core.names import edge_in_file
from logicsim.core.units import TICKS_PER_SECOND, engineering, quantity, seconds
from logicsim.event.recorder import matching
from logicsim.waveforms import read, trace
from logicsim.waveforms.layout import Layout
from logicsim.waveforms.measure import GLITCH, POSITIONS, Measures, measure
from logicsim.waveforms.trace import Difference, History, compare

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


class Trace(trace.Trace):
    """A recorded waveform: `histories` by name ('edge1.up'), and the tick (1 ps) it ends at.

    A history has `times` in ticks and `values`: '0' '1' 'x' 'z' of wires, int64 of buses and
    integers, float64 (V) of nodes and drops; each value holds until the next.
    """

    __slots__ = ()

    def measure(
        self,
        *,
        board: Board | None = None,
        glitch: float | str = GLITCH,
        positions: int | None = None,
    ) -> Measures:
        """Delays, chatter, glitches and mis-steps, as `logicsim measure` finds them.

        Args:
            board: what was recorded; without it signals are looked for by the names of the
                paper's circuit.
            glitch: shorter pulses are glitches, in seconds or as '20 ns'.
            positions: of a potentiometer, at either end it may stay; the board's, or 128.

        Raises:
            ValueError: `glitch` is no time.
            TraceError: the trace has an edge that the board has not.
        """
        if positions is None:
            positions = POSITIONS if board is None else board.positions
        signals = _layout(self, board)
        return measure(self, signals, glitch=quantity(glitch, "s"), positions=positions)

    def diff(self, other: trace.Trace, *, tolerance: float | str = 0.0) -> list[Difference]:
        """The first difference of every signal, as `logicsim diff` finds them; empty if equal.

        Args:
            tolerance: how far apart voltages may be, in volts or as '1 mV'.

        Raises:
            ValueError: `tolerance` is no voltage.
        """
        return compare(self, other, quantity(tolerance, "V"))

    def plot(self, *signals: str, between: tuple[float, float] | None = None) -> "Figure":
        """Signals against time: digital ones in steps, voltages (V) of a node or edge together.

        Args:
            signals: names or patterns with * and ?; all if none are given.
            between: from when to when, in seconds; all of it if not given.

        Raises:
            TraceError: a pattern matches no signal, or there are more than can be drawn.
        """
        from logicsim.api.wave import wave_figure  # noqa: PLC0415  matplotlib is slow to import

        return wave_figure(self.only(*signals), between)

    def only(self, *signals: str) -> "Trace":
        """The same waveform of those signals.

        Raises:
            TraceError: a pattern matches no signal.
        """
        wanted = matching(list(self.histories), signals)
        return Trace({n: h for n, h in self.histories.items() if n in wanted}, self.end)

    def table(self, *signals: str) -> "pd.DataFrame":
        """A column a signal, a row for every instant at which one of them changes.

        The index is the time in seconds; signals that are not recorded yet are missing.

        Args:
            signals: names or patterns with * and ?; all if none are given.

        Raises:
            TraceError: a pattern matches no signal.
            LogicsimError: pandas is not installed.
        """
        frames = pandas()
        chosen = self.only(*signals).histories
        times = np.unique(np.concatenate([h.times for h in chosen.values()] or [np.array([], int)]))
        columns = {name: _held(history, times) for name, history in chosen.items()}
        index = frames.Index(times / TICKS_PER_SECOND, name="time_s")
        return frames.DataFrame(columns, index=index)

    def __repr__(self) -> str:
        changes = sum(len(history.times) for history in self.histories.values())
        end = engineering(seconds(self.end), "s")
        return f"<Trace: {len(self.histories)} signals, {changes:,} values, to {end}>"


def _layout(recorded: trace.Trace, board: Board | None) -> Layout:
    """What the signals of a trace are, of those edges of which it has any."""
    numbers = {number for name in recorded if (number := edge_in_file(name)) is not None} or {1}
    edges = sorted(numbers)
    if board is None:
        network = {"nodes": 2, "edges": [[1, 2]] * edges[-1]}
        board = Board.model_validate({"name": "trace", "network": network})
    elif edges[-1] > len(board.network.edges):
        raise TraceError(
            f"the trace has an edge {edges[-1]}, board '{board.name}' has edges 1 to "
            f"{len(board.network.edges)}; name the board that was recorded"
        )
    return layout(board.netlist(included=edges))


def _held(history: History, times: NDArray[np.int64]) -> Any:
    """What a signal is at each of these ticks, at which it may change or not."""
    series = pandas().Series(history.values, index=history.times)
    return series[~series.index.duplicated(keep="last")].reindex(times, method="ffill").array


def read_trace(path: str | Path) -> Trace:
    """Read a VCD or FST waveform of ours.

    Raises:
        TraceError: the file cannot be read or is neither; one that a crash cut off is read as
            far as it goes.
    """
    found = read.read_trace(Path(path))
    return Trace(found.histories, found.end)


def diff(
    first: str | Path | trace.Trace, second: str | Path | trace.Trace,
    *, tolerance: float | str = 0.0,
) -> list[Difference]:  # fmt: skip
    """Compare two waveforms, or files of them, by content: see `Trace.diff`."""
    one, other = (read_trace(each) if isinstance(each, str | Path) else each
                  for each in (first, second))  # fmt: skip
    return compare(one, other, quantity(tolerance, "V"))
