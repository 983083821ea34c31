"""Speed comparisons of this emulator's engines with other programs, on the same boards."""

from typing import Final

SIZES: Final = (16, 160, 533, 1633, 9861, 99736)  # edges of the grids by default
