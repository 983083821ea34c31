"""The golden waveforms of `traces/`: one or two steps each, with a GTKWave view and one picture.

python -m tests.goldens            show how today's waveforms differ from the golden ones
python -m tests.goldens --write    show it, then replace them and draw `traces/step.png`
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from matplotlib.figure import Figure

from logicsim.board import load
from logicsim.training.run import Waveform, plan, run
from logicsim.waveforms.trace import Difference, Trace, compare
from logicsim.waveforms.vcd import read_vcd

FOLDER = Path(__file__).parent.parent / "traces"

# Voltages are solved by the machine's own LAPACK, whose last bits are its own.
TOLERANCE = 1e-9  # V


@dataclass(frozen=True)
class Golden:
    """How a golden waveform is made."""

    board: str
    window: tuple[int, int]
    probes: Sequence[str] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
    seed: int = 1


GOLDENS = {
    # Both polarities of the trigger.
    "clock": Golden("divider", (1, 2), ("clock.*", "supervisor.*")),
    # One step up, on the bench.
    "edge": Golden("edge", (1, 1)),
    # Near balance, with all the chatter, clocked a thousand times a second.
    "divider": Golden(
        "divider",
        (37, 37),
        settings={
            "clock.rate": "1 kHz",
            "clock.capacitance": "100 pF",
            "parts.comparator.chatter": "full",
        },
    ),
}


def make(name: str, folder: Path) -> Path:
    """Record one golden's waveform, and its view, into a folder."""
    golden = GOLDENS[name]
    board = load(golden.board, golden.settings)
    path = folder / f"{name}.vcd"
    first_task = plan(board)[:1]
    steps = [(number, task, golden.window[1]) for number, task, _ in first_task]
    run(board, steps, seed=golden.seed,
        waveform=Waveform(path, golden.probes, golden.window))  # fmt: skip
    return path


def differences(name: str, path: Path) -> list[Difference]:
    """How a fresh waveform differs in content from the golden one."""
    return compare(read_vcd(FOLDER / f"{name}.vcd"), read_vcd(path), TOLERANCE)


def draw_step(trace: Trace, path: Path) -> None:
    """Draw the latch before the step, for the README: clock, decision, latch and code."""
    rows = {
        "clock.trigger": "trigger", "clock.cs": "chip select", "clock.clk": "clock",
        "edge1.up": "XOR decides", "edge1.ud": "D-flop holds", "edge1.code_free": "code",
    }  # fmt: skip
    start = int(trace["clock.cs"].times[0])
    fall, step = (float(trace[name].times[1] - start) / 1e6 for name in ("clock.cs", "clock.clk"))
    figure = Figure(figsize=(8, 3.4), dpi=100, layout="constrained")
    axes = figure.subplots(len(rows), 1, sharex=True)
    for row, (name, label) in zip(axes, rows.items(), strict=True):
        history = trace[name]
        times = (np.append(history.times, trace.end) - start) / 1e6
        levels = np.array([float(value) for value in history.values])
        row.step(times, np.append(levels, levels[-1]), where="post", color="#0072B2", linewidth=1)
        row.set_ylabel(label, rotation=0, ha="right", va="center")
        row.set_yticks(sorted(set(levels)) if "code" in name else [])
        row.margins(y=0.3)
        row.spines[:].set_visible(False)
        row.tick_params(bottom=row is axes[-1])
        row.axvline(fall, color="#D55E00", linestyle="--", linewidth=0.8)
        row.axvline(step, color="#009E73", linestyle="--", linewidth=0.8)
    for time, word, colour in ((fall, "latch", "#D55E00"), (step, "step", "#009E73")):
        axes[0].annotate(word, (time, 1.5), color=colour, ha="center", annotation_clip=False)
    axes[-1].set_xlabel("time in the step (µs)")
    axes[-1].set_xlim(0, float(trace.end - start) / 1e6)
    figure.savefig(path)


def main(write: bool) -> None:
    """Show the differences and, if asked, take the new ones."""
    with TemporaryDirectory() as temporary:
        for name in GOLDENS:
            fresh = make(name, Path(temporary))
            known = (FOLDER / f"{name}.vcd").exists()
            found = differences(name, fresh) if known else []
            print(f"{name}: {'new' if not known else f'{len(found)} signals differ'}")
            for difference in found:
                print(f"  {difference}")
            if write:
                for suffix in (".vcd", ".gtkw"):
                    made = fresh.with_suffix(suffix)
                    (FOLDER / made.name).write_bytes(made.read_bytes())
    if write:
        draw_step(read_vcd(FOLDER / "divider.vcd"), FOLDER / "step.png")


if __name__ == "__main__":
    main(write="--write" in sys.argv[1:])
