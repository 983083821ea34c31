"""A timing analysis in the hand."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from logicsim.api import text
from logicsim.timing.report import as_json, as_text, lot_json, lot_text, sentence
from logicsim.timing.spread import Lot
from logicsim.timing.static import Analysis

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Timing:
    """What static timing found, and the lot of machines, if one was made.

    As text it is the report that timing engineers know.
    """

    analysis: Analysis
    lot: Lot | None

    @property
    def met(self) -> bool:
        """Whether every constraint is met at the rate asked about."""
        return self.analysis.met

    @property
    def max_rate(self) -> float:
        """The largest rate (Hz) at which every constraint is met; 0 if there is none."""
        return self.analysis.max_rate

    def as_json(self) -> dict[str, Any]:
        """Everything, in SI units, as `logicsim timing --json` writes it."""
        told = as_json(self.analysis)
        if self.lot is not None:
            told["yield"] = lot_json(self.lot, self.analysis.rate)
        return told

    def plot(self) -> "Figure":
        """The clock of a step, and the windows in which data must be still, with their margins."""
        from logicsim.figures.timing import timing_figure  # noqa: PLC0415  matplotlib is slow

        return timing_figure(self.analysis)

    def __str__(self) -> str:
        lot = "" if self.lot is None else "\n" + lot_text(self.lot, self.analysis.rate)
        return as_text(self.analysis) + lot

    def __repr__(self) -> str:
        analysis = self.analysis
        met = "met" if self.met else "not met"
        return f"<Timing of '{analysis.board}', corner {analysis.corner}: {met}>"

    def _repr_html_(self) -> str:
        analysis = self.analysis
        met = "timing is met" if self.met else "timing is not met"
        title = f"{analysis.board}, corner {analysis.corner}: {met}"
        return text.html(title, sentence(analysis), text.folded("report", str(self)))
