"""Settings for all tests."""

import os

from hypothesis import settings

# Workers of pytest-xdist have all cores at work already: linear algebra with threads of its own, in
# them and in each process that they start, would only wait for those. By itself, where speed may
# be measured, a process keeps its threads.
if "PYTEST_XDIST_WORKER" in os.environ:
    for library in ("OPENBLAS", "OMP", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")

# No test is timed: speed is for benchmarks, and a busy machine is no bug.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
