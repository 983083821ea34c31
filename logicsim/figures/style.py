"""How pictures look: colours the colour-blind can tell apart, type, and saving."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Literal

import matplotlib as mpl
from matplotlib.figure import Figure

from logicsim.core.files import replaced

# Okabe and Ito's colours and Tol's wine, told apart by colour-blind eyes; free is blue and clamped
# black as in the paper, inputs red and outputs purple.
COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#882255")
INPUT: Final = "#D55E00"
OUTPUT: Final = "#8E5EA2"

_STYLE: Final[dict[Any, Any]] = {
    "font.size": 9, "axes.spines.top": False, "axes.spines.right": False,
    "axes.titlesize": 9, "legend.frameon": False, "legend.fontsize": 8,
    "pdf.fonttype": 42,  # letters stay letters
}  # fmt: skip


class Picture(Figure):
    """A figure that a notebook shows by itself, whether or not it has pyplot."""

    def _repr_png_(self) -> bytes:
        buffer = BytesIO()
        with _boxes():
            self.savefig(buffer, format="png")
        return buffer.getvalue()


@contextmanager
def styled() -> Iterator[None]:
    """Draw and save in our style."""
    with mpl.rc_context(_STYLE):
        yield


def save(figure: Figure, path: Path, kind: Literal["png", "pdf"] = "png") -> None:
    """Write a figure; the same figure gives the same bytes.

    Raises:
        OutputError: `path` cannot be written; what was there before is left as it was.
    """
    metadata = {"CreationDate": None} if kind == "pdf" else None
    with replaced(path) as target, _boxes():
        figure.savefig(target, format=kind, metadata=metadata)


@contextmanager
def _boxes() -> Iterator[None]:
    """A script the font has not, in a title: boxes in the picture are all there is to say."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")
        yield


def plain(text: str, most: int) -> str:
    """A user's text as a label: not mathematics, and not longer than `most`."""
    return (text if len(text) <= most else text[: most - 1] + "…").replace("$", r"\$")
