"""Tables as ours look."""

from rich.table import Table


def plain_table() -> Table:
    """A table without a frame, with bold heads."""
    return Table(box=None, header_style="bold", pad_edge=False)
