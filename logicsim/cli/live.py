"""The panel of `run --live`: error, outputs and codes on the terminal, as they are learned."""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

import numpy as np
from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.text import Text

from logicsim.core.decimated import Decimated
from logicsim.tasks.allostery import Allostery
from logicsim.tasks.task_run import Step, Steps
from logicsim.training.run import Plan

_RATE: Final = 8  # refreshes a second
_BLOCKS: Final = " ▁▂▃▄▅▆▇█"
_ASCII: Final = " .:-=+*##"  # the same nine levels where the terminal has no blocks
_HIGHEST: Final = 6  # rows of the curve
_MOST_OUTPUTS: Final = 6
_LABEL: Final = 10  # columns left of every row


@contextmanager
def live(chosen: Plan, positions: int, console: Console) -> Iterator[Callable[[Steps], None]]:
    """What to call after each block of steps; `console` is a terminal that can move its cursor.

    Args:
        positions: of a potentiometer.
    """
    panel = _Panel(chosen, positions)
    with Live(console=console, get_renderable=lambda: panel, refresh_per_second=_RATE):
        yield panel.add


class _Panel:
    def __init__(self, chosen: Plan, positions: int) -> None:
        self._targets: Mapping[str, Mapping[int, float]] = {
            task.name: task.outputs for _, task, _ in chosen if isinstance(task, Allostery)
        }
        self._of = sum(steps for _, _, steps in chosen)
        self._positions = positions
        self._errors: Decimated[float] = Decimated(1000)
        self._last: Steps | None = None
        self._begun = time.perf_counter()

    def add(self, steps: Steps) -> None:
        """Take steps in; drawing is not its business."""
        self._errors.add(steps.error)
        self._last = steps

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Drawn in rich's own thread, between the run's steps."""
        if self._last is None:
            yield Text("waiting for the first step", "dim")
            return
        last = self._last[-1]
        levels = _ASCII if options.ascii_only else _BLOCKS
        width = max(options.max_width - _LABEL, 8)
        outputs = self._outputs(last, width)
        room = options.size.height - len(outputs) - 5
        yield self._head(last)
        yield from _curve(self._errors.items, width, min(room, _HIGHEST), levels)
        yield from outputs
        for side, codes in (("R free", last.codes_free), ("R clamped", last.codes_clamped)):
            yield _row(side, _strip(codes, self._positions, width, levels), "cyan")

    def _head(self, last: Step) -> Text:
        done, passed = self._errors.seen, time.perf_counter() - self._begun
        rate = done / passed if passed else 0.0
        told = [f"task {last.task}", f"step {last.step}", f"error {last.error:.2g} V²"]
        if last.accuracy is not None:
            told.append(f"{last.accuracy:.0%} right")
        told += [f"{done} of {self._of}", f"{rate:,.0f} steps/s"]
        return Text(", ".join(told), "bold", overflow="fold")

    def _outputs(self, last: Step, width: int) -> list[Text]:
        """A row an output: its voltage, the one wanted, and where both are on a track."""
        wanted = self._targets.get(last.task, {})
        volts_seen = [0.0, *last.outputs.values(), *wanted.values()]
        low, high = min(volts_seen), max(5.0, *volts_seen)
        rows = []
        for node, volts in list(last.outputs.items())[:_MOST_OUTPUTS]:
            told = f"{volts:6.3f} V"
            if node in wanted:
                told += f" of {wanted[node]:.4g} V"
            track = _track(volts, wanted.get(node), low, high, width - 19)
            rows.append(_row(f"node {node}", f"{told:<18} {track}", ""))
        if len(last.outputs) > _MOST_OUTPUTS:
            rows.append(_row("", f"and {len(last.outputs) - _MOST_OUTPUTS} outputs more", "dim"))
        return rows


def _row(label: str, text: str, style: str) -> Text:
    return Text.assemble(
        (f"{label:<{_LABEL}}", "dim"), (text, style), overflow="crop", no_wrap=True
    )


def _curve(errors: Sequence[float], width: int, height: int, levels: str) -> Iterator[Text]:
    """The error against the steps, on a logarithmic scale, as columns."""
    known = [error for error in errors if error > 0 and math.isfinite(error)]
    if not known or height < 1:
        return
    columns = np.array_split(np.log10(known), min(width, len(known)))
    curve = np.array([float(np.median(column)) for column in columns])
    bottom, top = math.floor(curve.min()), math.ceil(curve.max())
    filled = (curve - bottom) / max(top - bottom, 1) * height
    for row in range(height - 1, -1, -1):
        cells = np.clip(np.ceil((filled - row) * 8), 0, 8).astype(int)
        label = f"1e{top} V²" if row == height - 1 else f"1e{bottom} V²" if row == 0 else ""
        yield _row(label, "".join(levels[cell] for cell in cells), "yellow")


def _track(value: float, wanted: float | None, low: float, high: float, width: int) -> str:
    """Where a voltage is from low to high (o), and where it should be (|)."""
    if width < 8:
        return ""

    def place(volts: float) -> int:
        return round((volts - low) / (high - low or 1.0) * (width - 1))

    cells = ["-"] * width
    if wanted is not None:
        cells[place(wanted)] = "|"
    cells[place(value)] = "o"
    return "".join(cells)


def _strip(codes: Sequence[int], positions: int, width: int, levels: str) -> str:
    """A column an edge, as high as its code; of more edges than columns, means of neighbours."""
    groups = np.array_split(np.array(codes, dtype=float), min(width, len(codes)))
    return "".join(levels[1 + int(group.mean() * 8 / positions)] for group in groups)
