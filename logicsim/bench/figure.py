"""The figure of a race."""

from matplotlib.figure import Figure

from logicsim.bench.race import Race
from logicsim.bench.speed import draw_speeds


def draw(race: Race) -> Figure:
    """Steps a second against edges, each engine's crossing with the bench's pace marked."""
    figure = Figure(figsize=(5.2, 3.6), dpi=200, layout="constrained")
    axes = figure.subplots()
    draw_speeds(axes, race.speeds, crossed=list(race.crossings()))
    figure.legend(*axes.get_legend_handles_labels(), loc="outside right upper")
    return figure
