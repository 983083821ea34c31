"""Speed: this emulator's engines beside other programs, on the same boards in the same minutes."""

from typing import Final

SIZES: Final = (16, 160, 533, 1633, 9861, 99736)  # edges of the grids, unless others are asked for
