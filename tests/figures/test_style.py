"""Colours for the colour-blind, and pictures on dark and light pages."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.image import imread
from numpy.typing import NDArray

from logicsim.board import load
from logicsim.campaign.picture import INKS
from logicsim.figures.picture import draw_board
from logicsim.figures.style import COLOURS, INPUT, OUTPUT

# Machado, Oliveira and Fernandes, IEEE Trans. Vis. Comput. Graph. 15, 1291 (2009), severity 1;
# for linear RGB.
EYES = {
    "usual": np.eye(3),
    "protanopic": np.array([
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]),
    "deuteranopic": np.array([
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]),
    "tritanopic": np.array([
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ]),
}  # fmt: skip
XYZ = np.array([
    [0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505],
])  # fmt: skip


def lab(colour: str, eyes: str) -> NDArray[np.float64]:
    """CIE L*a*b* of a colour as such eyes see it."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    x, y, z = np.cbrt(XYZ @ np.clip(EYES[eyes] @ linear, 0, 1) / XYZ.sum(axis=1))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("palette", [COLOURS, (INPUT, OUTPUT, "0.3"), tuple(INKS.values())])
def test_colours_of_one_picture_are_told_apart(eyes: str, palette: tuple[str, ...]) -> None:
    for one, other in combinations(palette, 2):
        assert np.linalg.norm(lab(one, eyes) - lab(other, eyes)) > 9, (one, other)


def test_a_picture_is_opaque(tmp_path: Path) -> None:
    draw_board(load("divider"), tmp_path / "n.png")
    pixels = imread(tmp_path / "n.png")
    assert pixels.shape[2] == 3 or pixels[..., 3].min() == 1
