"""Pandas, an optional extra."""

from typing import Any

from logicsim.core.errors import LogicsimError


def pandas() -> Any:
    """Import pandas.

    Raises:
        LogicsimError: it is not installed.
    """
    try:
        import pandas as pd  # noqa: PLC0415  optional, and takes half a second
    except ImportError:
        raise LogicsimError("a table needs pandas: pip install 'logicsim[pandas]'") from None
    return pd
