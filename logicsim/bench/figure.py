"""The figure of a comparison."""

from matplotlib.figure import Figure

from logicsim.bench.compare import Race
from logicsim.bench.speed import draw_speeds


def draw(race: Race) -> Figure:
    """Draw steps a second against edges, with each engine's crossing with the bench's pace."""
    figure = Figure(figsize=(6.8, 3.6), dpi=200, layout="constrained")
    axes = figure.subplots()
    draw_speeds(axes, race.speeds, crossed=list(race.crossings()))
    figure.legend(*axes.get_legend_handles_labels(), loc="outside right upper")
    return figure
