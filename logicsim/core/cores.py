"""The number of processor cores."""

import os


def cores() -> int:
    """Count the cores this process may use, or all cores if the system does not say."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
