"""What holds for all tests."""

from hypothesis import settings

# No test is timed: speed is for benchmarks, and a busy machine is no bug.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
